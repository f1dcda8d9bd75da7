//! Every screen of the page for codes, as [`super::screens`] has it for the link's own page.

use std::path::PathBuf;

use serde_json::{Value, json};
use vouchlink::words::Lang;

use super::packages;
use super::page::{ANDROID, phone, url};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

/// Shows one screen as the page's script would.
const REVEAL: &str = "window.reveal = name => {
    for (const it of document.querySelectorAll('.screen')) it.hidden = it.id !== 'screen-' + name;
    const here = document.getElementById('screen-' + name);
    document.body.dataset.screen = name;
    document.body.classList.toggle('at-end', here.classList.contains('over'));
    document.querySelectorAll('.screen [hidden]:not(.screen, [data-when])').forEach(it => { it.hidden = false; });
}; [...document.querySelectorAll('.screen')].map(it => it.id.slice(7))";

/// What the server would fill in.
const FILL: &str = "document.getElementById('key').textContent = 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP';
    document.getElementById('codes').replaceChildren(...Array.from({ length: 10 }, () => {
        const code = document.createElement('li');
        code.textContent = 'ABCDE-FGHJK';
        return code;
    }));
    document.querySelectorAll('.wrong [data-when=wrong], .wrong [data-when=\"2\"]').forEach(it => { it.hidden = false; });
    document.getElementById('open-app').href = 'otpauth://totp/x';
    for (const name of ['return', 'mine']) document.getElementById(name).href = '/me';
    document.querySelector('#done [data-when]').hidden = false;
    document.querySelector('details').open = true;
    const square = 'data:image/svg+xml,' + encodeURIComponent(
        '<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><path d=\"M0 0h1v1H0zM1 1h1v1H1z\"/></svg>');
    document.querySelectorAll('.qr img').forEach(it => { it.src = square; });";

const COMPUTER: &str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/142";

async fn start() -> (TestApp, TestBrowser, Tab) {
    let app = TestApp::start_with(|config| config.verification.totp = true).await;
    let browser = TestBrowser::launch().await;
    let tab = phone(&browser).await;
    (app, browser, tab)
}

/// A link whose page for codes has all screens.
async fn whole(app: &TestApp, locale: &str) -> Value {
    let more = json!({
        "methods": ["passkey", "totp"], "call_initiator": "customer", "enrolment": "call_code",
        "locale": locale, "reference": "case-8841",
        "statement": "Change the payout account of order 8841 to the one ending in 4402",
    });
    app.link_with(&format!("customer-{locale}"), more).await
}

/// Opens the page; its screens.
async fn screens(tab: &Tab, link: &Value) -> Vec<String> {
    tab.goto(&format!("{}/code", url(link))).await;
    tab.until("document.body.dataset.client", Value::is_string).await;
    let names = tab.evaluate(REVEAL).await;
    tab.evaluate(FILL).await;
    names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_for_codes_violates_wcag_in_any_theme_or_direction() {
    let axe = packages::read("axe-core/axe.min.js");
    let (app, browser, tab) = start().await;
    let mut violations = Vec::new();
    for lang in ["en", "he"] {
        let link = whole(&app, lang).await;
        for dark in [false, true] {
            tab.look_as(View { dark, ..View::PHONE }).await;
            let names = screens(&tab, &link).await;
            assert!(names.len() > 25, "{names:?}");
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
async fn no_screen_for_codes_runs_over_in_any_language_on_a_small_phone() {
    let (app, browser, tab) = start().await;
    let mut over = Vec::new();
    for lang in Lang::ALL {
        let link = whole(&app, lang.as_str()).await;
        // 640 pixels at 200 % are as many as 320.
        tab.look_as(View { width: 320, height: 568, dark: false }).await;
        screens(&tab, &link).await;
        let html =
            tab.evaluate("[document.documentElement.lang, document.documentElement.dir]").await;
        assert_eq!(html, json!([lang.as_str(), lang.direction()]));
        let found = tab
            .evaluate(
                "[...document.querySelectorAll('.screen')].map(it => it.id.slice(7)).flatMap(name => {
                    reveal(name);
                    const wide = document.documentElement.scrollWidth;
                    const seen = [...document.querySelectorAll('main *')].filter(it => it.checkVisibility());
                    const cut = seen.filter(it => !it.closest('svg, .away') && it.scrollWidth > it.clientWidth + 1
                        && getComputedStyle(it).display !== 'inline');
                    const low = seen.filter(it => it.matches('button, a, summary')
                        && it.getBoundingClientRect().height < 44);
                    return wide > 320 || cut.length || low.length
                        ? [name + ' ' + wide + [...cut, ...low].map(it => it.outerHTML)] : [];
                })",
            )
            .await;
        over.extend(found.as_array().unwrap().iter().map(|it| format!("{lang:?} {it}")));
    }
    assert_eq!(over, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_links_page_shows_the_way_to_codes_on_stuck_screens_only() {
    let (app, browser, tab) = start().await;
    let link = whole(&app, "en").await;
    tab.goto(url(&link)).await;
    tab.until("document.body.dataset.probe", |probe| probe == "ready").await;
    tab.evaluate(REVEAL).await;
    let found = tab
        .evaluate(
            "[...document.querySelectorAll('.screen')].map(it => it.id.slice(7)).filter(name => {
                reveal(name);
                return document.getElementById('use-app').checkVisibility();
            })",
        )
        .await;
    assert_eq!(found, json!(["open", "phone", "lock", "no-passkey", "unable"]));
    browser.close().await;
}

/// Writes a picture of every screen to the folder `SCREENSHOTS`, if that is set.
#[tokio::test(flavor = "multi_thread")]
async fn every_screen_for_codes_can_be_looked_at() {
    let Some(folder) = std::env::var_os("SCREENSHOTS").map(PathBuf::from) else { return };
    let (app, browser, tab) = start().await;
    std::fs::create_dir_all(&folder).unwrap();
    for (lang, dark, width) in [
        ("en", false, 390),
        ("en", true, 390),
        ("he", false, 390),
        ("en", false, 320),
        ("en", false, 1280),
        ("de", false, 320),
        ("hi", false, 390),
        ("ja", true, 390),
    ] {
        let link = whole(&app, lang).await;
        let view = View { width, height: if width > 600 { 800 } else { 720 }, dark };
        tab.look_as(view).await;
        tab.call_itself(if width > 600 { COMPUTER } else { ANDROID }).await;
        for name in screens(&tab, &link).await {
            // A picture of the whole page leaves the view as wide as it likes.
            tab.look_as(view).await;
            tab.evaluate(&format!("reveal('{name}')")).await;
            let theme = if dark { "dark" } else { "light" };
            tab.screenshot(&folder.join(format!("code-{lang}-{theme}-{width}-{name}.png"))).await;
        }
    }
    browser.close().await;
}
