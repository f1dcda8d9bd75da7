//! Every screen there is: accessible in light and dark and in both directions, within its bounds in
//! every language, whole in forced colours; and pictures of them for people, if asked.

use std::path::PathBuf;

use serde_json::Value;
use vouchlink::words::Lang;

use super::gallery::Gallery;
use super::packages;
use super::page::{ANDROID, phone};
use super::places::COMPUTER;
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

/// WCAG 2.0 to 2.2, levels A and AA.
pub(super) const WCAG: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']";
/// What of it the dark can break: a test of the style sheets makes sure that it changes colours only.
const COLOURS: &str = "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }";

/// What axe-core finds against some of its rules on what the page shows now.
pub(super) async fn violations(tab: &Tab, rules: &str) -> Vec<String> {
    let found = tab
        .evaluate(&format!(
            "axe.run(document, {{ resultTypes: ['violations'], runOnly: {rules} }}).then(it =>
                it.violations.map(it => it.id + ' ' + it.nodes.map(it => it.html).join()))",
        ))
        .await;
    assert!(found.is_array(), "{found}");
    texts(&found)
}

/// Makes [`violations`] possible until the page is left.
pub(super) async fn bring_axe(tab: &Tab) {
    tab.evaluate(&format!("{};null", packages::read("axe-core/axe.min.js"))).await;
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Every screen of every page, in light and in dark.
async fn inspect(lang: Lang, branded: bool) {
    let (gallery, browser) = (Gallery::open(branded).await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let (mut found, mut looked) = (Vec::new(), 0);
    for room in gallery.rooms(lang).await {
        let names = room.enter(&tab).await;
        bring_axe(&tab).await;
        for (dark, rules) in [(false, WCAG), (true, COLOURS)] {
            tab.look_as(View { dark, ..View::PHONE }).await;
            for name in &names {
                tab.evaluate(&format!("reveal('{name}', false)")).await;
                let violations = violations(&tab, rules).await.into_iter();
                found
                    .extend(violations.map(|it| format!("{} {name} dark={dark}: {it}", room.name)));
                looked += 1;
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
    assert!(looked > 100, "{looked}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_violates_wcag() {
    inspect(Lang::En, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_violates_wcag_from_right_to_left_in_the_companys_colours() {
    inspect(Lang::He, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_violates_no_wcag_either() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    tab.goto(&format!("{}/docs", app.origin)).await;
    // One operation and one schema are like another; there are too many to look at all.
    let few =
        "document.querySelectorAll('article').forEach((it, n) => { if (n % 15) it.remove(); });
        document.querySelectorAll('nav a').forEach(it => {
            if (!document.getElementById(it.hash.slice(1))) (it.closest('li') || it).remove();
        }); document.querySelectorAll('article').length";
    assert!(tab.evaluate(few).await.as_u64().unwrap() > 3);
    bring_axe(&tab).await;
    for (dark, rules) in [(false, WCAG), (true, COLOURS)] {
        tab.look_as(View { dark, ..View::PHONE }).await;
        assert_eq!(violations(&tab, rules).await, Vec::<String>::new(), "dark={dark}");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_runs_over_in_any_language_on_a_small_phone_or_at_double_zoom() {
    let (gallery, browser) = (Gallery::open(false).await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let mut over = Vec::new();
    for lang in Lang::ALL {
        // 640 pixels at 200 % are as many as 320.
        tab.look_as(View { width: 320, height: 568, dark: false }).await;
        for room in gallery.rooms(*lang).await {
            room.enter(&tab).await;
            let found = tab
                .evaluate(
                    "[...document.querySelectorAll('.screen')].map(it => it.id.slice(7)).flatMap(name => {
                        reveal(name, false);
                        const wide = document.documentElement.scrollWidth;
                        const shown = [...document.querySelectorAll('main *')].filter(it =>
                            it.checkVisibility() && !it.closest('svg, .away, .link'));
                        const cut = shown.filter(it => it.scrollWidth > it.clientWidth + 1
                            && getComputedStyle(it).display !== 'inline');
                        const low = shown.filter(it => it.matches('button, a, input, summary')
                            && it.getBoundingClientRect().height < 44);
                        return wide > 320 || cut.length || low.length
                            ? [name + ' ' + wide + [...cut, ...low].map(it => it.outerHTML)] : [];
                    })",
                )
                .await;
            over.extend(texts(&found).into_iter().map(|it| format!("{lang:?} {} {it}", room.name)));
        }
    }
    assert_eq!(over, Vec::<String>::new());
    browser.close().await;
}

/// What can be read and used on the screen that shows.
const SEEN: &str = "[...document.querySelectorAll('main *')].filter(it => it.checkVisibility({ visibilityProperty: true,
    opacityProperty: true }) && (it.matches('button, a, input, img') || [...it.childNodes].some(part =>
    part.nodeType === 3 && part.data.trim()))).map(it => it.outerHTML.slice(0, 80))";

#[tokio::test(flavor = "multi_thread")]
async fn forced_colours_hide_nothing() {
    let (gallery, browser) = (Gallery::open(true).await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let mut lost = Vec::new();
    for room in gallery.rooms(Lang::En).await {
        for name in room.enter(&tab).await {
            tab.look_as(View::PHONE).await;
            let usual = tab.evaluate(&format!("reveal('{name}', false); {SEEN}")).await;
            tab.force_colours().await;
            assert_eq!(tab.evaluate(SEEN).await, usual, "{} {name}", room.name);
            let faded = tab
                .evaluate(
                    "[...document.querySelectorAll('main *')].filter(it => it.checkVisibility() && it.innerText?.trim()).filter(it => {
                        const style = getComputedStyle(it);
                        let ground = it;
                        while (ground && /, 0\\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
                        const button = it.matches('.button:not(.quiet)') && parseFloat(style.borderTopWidth) === 0;
                        return button || (ground && getComputedStyle(ground).backgroundColor === style.color);
                    }).concat([...document.querySelectorAll('.qr')].filter(it => it.checkVisibility()
                        && getComputedStyle(it).backgroundColor !== 'rgb(255, 255, 255)')).map(it => it.outerHTML.slice(0, 80))",
                )
                .await;
            lost.extend(texts(&faded).into_iter().map(|it| format!("{} {name}: {it}", room.name)));
        }
    }
    assert_eq!(lost, Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_for_those_who_asked_for_stillness() {
    let (gallery, browser) = (Gallery::open(false).await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    for room in gallery.rooms(Lang::En).await {
        for name in room.enter(&tab).await {
            let moving = format!("reveal('{name}', false); document.getAnimations().length");
            assert_eq!(tab.evaluate(&moving).await, 0, "{} {name}", room.name);
        }
    }
    browser.close().await;
}

/// Writes a picture of every screen to the folder `SCREENSHOTS`, if that is set.
#[tokio::test(flavor = "multi_thread")]
async fn every_screen_can_be_looked_at() {
    let Some(folder) = std::env::var_os("SCREENSHOTS").map(PathBuf::from) else { return };
    let browser = TestBrowser::launch().await;
    std::fs::create_dir_all(&folder).unwrap();
    let tab = phone(&browser).await;
    let (plain, branded) = (Gallery::open(false).await, Gallery::open(true).await);
    for (lang, dark, width, brand) in [
        (Lang::En, false, 390, ""),
        (Lang::En, true, 390, ""),
        (Lang::En, false, 390, "brand-"),
        (Lang::En, true, 390, "brand-"),
        (Lang::He, false, 390, ""),
        (Lang::He, false, 1280, ""),
        (Lang::En, false, 320, ""),
        (Lang::En, false, 1280, ""),
        (Lang::En, true, 1280, ""),
        (Lang::Ar, true, 390, ""),
        (Lang::De, false, 320, ""),
        (Lang::Hi, false, 390, ""),
        (Lang::Ja, false, 390, ""),
    ] {
        let wide = width > 600;
        tab.call_itself(if wide { COMPUTER } else { ANDROID }).await;
        let view = View { width, height: if wide { 800 } else { 720 }, dark };
        let gallery = if brand.is_empty() { &plain } else { &branded };
        for room in gallery.rooms(lang).await {
            for name in room.enter(&tab).await {
                // A picture of the whole page leaves the view as wide as it likes.
                tab.look_as(view).await;
                let first = room.name.starts_with("me") && name == "list";
                tab.evaluate(&format!("reveal('{name}', {first})")).await;
                let (lang, theme) = (lang.as_str(), if dark { "dark" } else { "light" });
                let name = format!("{brand}{lang}-{theme}-{width}-{}-{name}.png", room.name);
                tab.screenshot(&folder.join(name)).await;
            }
        }
    }
    browser.close().await;
}
