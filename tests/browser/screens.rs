//! Every screen there is: accessible in light and dark and in both directions, within its bounds in
//! every language; and pictures of them for people, if asked.

use std::path::PathBuf;

use serde_json::{Value, json};
use vouchlink::words::Lang;

use super::packages;
use super::page::{phone, url};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

/// Shows one screen as the page's script would.
const REVEAL: &str = "window.reveal = name => {
    for (const it of document.querySelectorAll('.screen')) it.hidden = it.id !== 'screen-' + name;
    const here = document.getElementById('screen-' + name);
    document.body.dataset.screen = name;
    document.body.classList.toggle('at-end', here.classList.contains('over'));
    document.querySelectorAll('#code-error [data-when]').forEach(it => { it.hidden = it.dataset.when !== '2'; });
    document.querySelectorAll('.screen [hidden]:not(.screen):not(#code-error [data-when])').forEach(it => {
        if (!it.dataset.when) it.hidden = false;
    });
}; [...document.querySelectorAll('.screen')].map(it => it.id.slice(7))";

/// A link whose page has all screens.
async fn whole(app: &TestApp, locale: &str) -> Value {
    let more = json!({
        "call_initiator": "customer", "enrolment": "call_code", "locale": locale, "reference": "case-8841",
        "statement": "Change the payout account of order 8841 to the one ending in 4402",
    });
    app.link_with(&format!("customer-{locale}"), more).await
}

async fn screens(tab: &Tab, address: &str) -> Vec<String> {
    tab.goto(address).await;
    tab.until("document.body.dataset.probe", |probe| probe == "ready").await;
    let names = tab.evaluate(REVEAL).await;
    names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_violates_wcag_in_any_theme_or_direction() {
    let axe = packages::read("axe-core/axe.min.js");
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let mut violations = Vec::new();
    for lang in ["en", "he"] {
        let link = whole(&app, lang).await;
        for dark in [false, true] {
            tab.look_as(View { dark, ..View::PHONE }).await;
            let names = screens(&tab, url(&link)).await;
            assert!(names.len() > 35, "{names:?}");
            tab.evaluate(&format!("{axe};null")).await;
            for name in names {
                let found = tab
                    .evaluate(&format!(
                        "reveal('{name}'); axe.run(document, {{ resultTypes: ['violations'], runOnly:
                            ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }}).then(it =>
                            it.violations.map(it => it.id + ' ' + it.nodes.map(it => it.html).join()))"
                    ))
                    .await;
                assert!(found.is_array(), "{name}: {found}");
                let found = found.as_array().unwrap().iter();
                violations.extend(found.map(|it| format!("{lang} dark={dark} {name}: {it}")));
            }
        }
    }
    assert_eq!(violations, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_runs_over_in_any_language_on_a_small_phone_or_at_double_zoom() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let mut over = Vec::new();
    for lang in Lang::ALL {
        let link = whole(&app, lang.as_str()).await;
        // 640 pixels at 200 % are as many as 320.
        tab.look_as(View { width: 320, height: 568, dark: false }).await;
        screens(&tab, url(&link)).await;
        let html =
            tab.evaluate("[document.documentElement.lang, document.documentElement.dir]").await;
        assert_eq!(html, json!([lang.as_str(), lang.direction()]));
        let found = tab
            .evaluate(
                "[...document.querySelectorAll('.screen')].map(it => it.id.slice(7)).flatMap(name => {
                    reveal(name);
                    const wide = document.documentElement.scrollWidth;
                    const cut = [...document.querySelectorAll('main *')].filter(it => it.checkVisibility()
                        && !it.closest('svg, .away, .link') && it.scrollWidth > it.clientWidth + 1
                        && getComputedStyle(it).display !== 'inline');
                    return wide > 320 || cut.length ? [name + ' ' + wide + cut.map(it => it.outerHTML)] : [];
                })",
            )
            .await;
        over.extend(found.as_array().unwrap().iter().map(|it| format!("{lang:?} {it}")));
    }
    assert_eq!(over, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_for_those_who_asked_for_stillness() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = whole(&app, "en").await;
    screens(&tab, url(&link)).await;
    let moving = "reveal('checking'); document.getAnimations().length";
    assert_eq!(tab.evaluate(moving).await, 0);
    browser.close().await;
}

/// Writes a picture of every screen to the folder `SCREENSHOTS`, if that is set.
#[tokio::test(flavor = "multi_thread")]
async fn every_screen_can_be_looked_at() {
    let Some(folder) = std::env::var_os("SCREENSHOTS").map(PathBuf::from) else { return };
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    std::fs::create_dir_all(&folder).unwrap();
    let tab = phone(&browser).await;
    for (lang, dark, width) in [
        ("en", false, 390),
        ("en", true, 390),
        ("he", false, 390),
        ("en", false, 320),
        ("en", false, 1280),
        ("ar", true, 390),
        ("de", false, 320),
        ("hi", false, 390),
        ("ja", false, 390),
    ] {
        let link = whole(&app, lang).await;
        let view = View { width, height: if width > 600 { 800 } else { 720 }, dark };
        tab.look_as(view).await;
        for name in screens(&tab, url(&link)).await {
            // A picture of the whole page leaves the view as wide as it likes.
            tab.look_as(view).await;
            tab.evaluate(&format!("reveal('{name}')")).await;
            let theme = if dark { "dark" } else { "light" };
            tab.screenshot(&folder.join(format!("{lang}-{theme}-{width}-{name}.png"))).await;
        }
    }
    browser.close().await;
}
