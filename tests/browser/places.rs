//! Where a link opens, and what happens to it there: apps, computers, scanners, bad connections.

use serde_json::{Value, json};

use super::page::{ANDROID, phone, url, verified};
use crate::support::app::TestApp;
use crate::support::browser::{TestBrowser, View};

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
pub(super) const COMPUTER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36";

#[tokio::test(flavor = "multi_thread")]
async fn every_apps_own_browser_is_shown_the_way_out() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let mut tab = phone(&browser).await;
    tab.remove_screen_lock().await;
    let bare = url(&link).strip_prefix("http://").unwrap();
    for (agent, way, address) in [
        (format!("{IPHONE} Mobile/22F76 [FBAN/FBIOS;FBAV/500]"), "open-ios", "x-safari-http://"),
        (format!("{IPHONE} Mobile/22F76 Instagram 400.0"), "open-ios", "x-safari-http://"),
        (format!("{IPHONE} Mobile/22F76"), "open-ios", "x-safari-http://"),
        (format!("{IPHONE} Mobile/22F76 Safari/604.1 Line/15.1"), "open-ios", "x-safari-http://"),
        (format!("{ANDROID} [FB_IAB/FB4A;FBAV/500]"), "open-android", "intent://"),
        (format!("{ANDROID} Instagram 400.0"), "open-android", "intent://"),
        (ANDROID.replace("Pixel 9", "Pixel 9; wv"), "open-android", "intent://"),
        (format!("{ANDROID} MicroMessenger/8.0"), "open-android", "intent://"),
        (format!("{ANDROID} LinkedInApp"), "open-android", "intent://"),
        (
            format!("{IPHONE} Mobile/22F76 Safari/604.1 [WAiOS/2.25]"),
            "open-ios",
            "x-safari-http://",
        ),
        (format!("{ANDROID} [WA4A/2.25.30;]"), "open-android", "intent://"),
        (format!("{IPHONE} Mobile/22F76 musical_ly_40.0"), "open-ios", "x-safari-http://"),
        (format!("{ANDROID} trill_40 BytedanceWebview/d8a21c6"), "open-android", "intent://"),
        (format!("{IPHONE} Mobile/22F76 Safari/604.1 GSA/400.0"), "open-ios", "x-safari-http://"),
        (format!("{ANDROID} Snapchat/13.0"), "open-android", "intent://"),
        (format!("{ANDROID} Barcelona 400.0"), "open-android", "intent://"),
        (
            format!("{IPHONE} Mobile/22F76 Safari/604.1 Twitter for iPhone"),
            "open-ios",
            "x-safari-http://",
        ),
    ] {
        tab.call_itself(&agent).await;
        tab.goto(url(&link)).await;
        tab.sees("#screen-open h1", "Open this page in your browser").await;
        let href = tab.evaluate(&format!("document.getElementById('{way}').href")).await;
        let shown = format!("document.getElementById('{way}').checkVisibility()");
        assert_eq!(tab.evaluate(&shown).await, true, "{agent}");
        assert!(href.as_str().unwrap().starts_with(&format!("{address}{bare}")), "{agent}: {href}");
        tab.sees("#copy-open", "Copy link").await;
    }
    assert_eq!(app.shown(&link).await["status"], "pending");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_page_says_what_to_do_and_offers_nothing_that_does_not_work() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link_with("12345", json!({"call_initiator": "customer"})).await;
    let tab = phone(&browser).await;
    tab.set_scripts(false).await;
    tab.goto(url(&link)).await;
    tab.sees("#no-script", "This page needs JavaScript.").await;
    let buttons =
        "[...document.querySelectorAll('button')].filter(it => it.checkVisibility()).length";
    assert_eq!(tab.evaluate(buttons).await, 0);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_runs_scripts_and_clicks_everything_starts_nothing() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let more =
        json!({"call_initiator": "customer", "statement": "Hello", "enrolment": "call_code"});
    let link = app.link_with("12345", more).await;
    let tab = phone(&browser).await;
    tab.before_every_page(
        "window.sent = []; const real = window.fetch;
         window.fetch = (...asked) => { window.sent.push(asked[0]); return real(...asked); };",
    )
    .await;
    tab.goto(url(&link)).await;
    let clicked = "for (const it of document.querySelectorAll('button, a')) {
            it.click();
            it.dispatchEvent(new MouseEvent('click', { bubbles: true }));
            it.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        }
        new Promise(done => requestIdleCallback(done)).then(() => window.sent)";
    assert_eq!(tab.evaluate(clicked).await, json!([]));
    assert_eq!(app.shown(&link).await["status"], "pending");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_turns_green_when_the_phone_is_done() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let mut computer = browser.tab().await;
    computer.remove_screen_lock().await;
    computer.call_itself(COMPUTER).await;
    computer.look_as(View::DESKTOP).await;
    computer.goto(url(&link)).await;
    computer.sees("#screen-phone", "Point your phone’s camera").await;

    let tab = phone(&browser).await;
    tab.goto(link["short_url"].as_str().unwrap()).await;
    tab.click("#confirm").await;
    tab.screen("success").await;
    computer.bring_to_front().await;
    computer.sees("#screen-phone-done h1", "Confirmed on your phone").await;
    assert_eq!(app.webhook().await["verified"], true);
    assert_eq!(computer.complaints(), Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_loaded_again_goes_on_from_any_step() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let more = json!({"call_initiator": "customer", "statement": "Hello"});
    let link = app.link_with("12345", more).await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.click("#call-customer").await;
    tab.goto(url(&link)).await;
    tab.click("#call-customer").await;
    tab.click("#screen-start [data-do=next]").await;
    tab.goto(url(&link)).await;
    // While the device asks.
    tab.click("#call-customer").await;
    tab.click("#screen-start [data-do=next]").await;
    tab.set_present(false).await;
    tab.click("#confirm").await;
    tab.sees("#confirm", "Waiting for your phone…").await;
    tab.goto(url(&link)).await;
    tab.set_present(true).await;
    tab.click("#call-customer").await;
    tab.click("#screen-start [data-do=next]").await;
    tab.click("#confirm").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tabs_one_confirms_and_the_other_says_so() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let (first, second) = (phone(&browser).await, phone(&browser).await);
    first.goto(url(&link)).await;
    second.goto(url(&link)).await;
    second.bring_to_front().await;
    second.click("#confirm").await;
    second.screen("success").await;
    first.bring_to_front().await;
    first.click("#confirm").await;
    first.sees("#screen-used h1", "All done, already confirmed").await;
    assert_eq!(app.webhook().await["verified"], true);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_taps_are_one_ceremony() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.evaluate(
        "window.sent = []; const real = window.fetch;
         window.fetch = (...asked) => { window.sent.push(asked[0]); return real(...asked); };",
    )
    .await;
    tab.click_twice("#confirm").await;
    tab.screen("success").await;
    let sent = tab.evaluate("window.sent.filter(path => path.endsWith('/options')).length").await;
    assert_eq!(sent, 1);
    assert_eq!(app.webhook().await["verified"], true);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_signed_offline_is_sent_when_the_connection_is_back() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.evaluate(
        "window.down = true; const real = window.fetch;
         window.fetch = (...asked) => window.down && asked[0].endsWith('/verify')
            ? Promise.reject(new TypeError('offline')) : real(...asked);",
    )
    .await;
    tab.click("#confirm").await;
    tab.sees("#screen-lost h1", "We lost connection").await;
    assert_eq!(app.shown(&link).await["status"], "opened");
    // Without asking the device again.
    tab.set_user_verified(false).await;
    tab.evaluate("window.down = false").await;
    tab.click("#screen-lost [data-do=again]").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_a_connection_is_told_and_can_go_on_later() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.evaluate(
        "const real = window.fetch; window.down = true;
         window.fetch = (...asked) => window.down ? Promise.reject(new TypeError()) : real(...asked)",
    )
    .await;
    tab.click("#confirm").await;
    tab.sees("#screen-offline h1", "You seem to be offline").await;
    tab.evaluate("window.down = false").await;
    tab.click("#screen-offline [data-do=again]").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_refused_is_counted_without_a_word_about_whose_it_is() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.evaluate(
        "window.told = []; const real = window.fetch;
         window.fetch = (...asked) => real(...asked).then(answer => {
            if (asked[0].endsWith('/diagnostics')) window.told.push([asked[1].body, answer.status]);
            return answer;
         });",
    )
    .await;
    tab.set_user_verified(false).await;
    tab.click("#confirm").await;
    tab.screen("open").await;
    tab.until("window.told.length", |told| *told == 1).await;
    let told = tab.evaluate("window.told[0]").await;
    assert_eq!(told[1], 200);
    let mut body: Value = serde_json::from_str(told[0].as_str().unwrap()).unwrap();
    assert!(body["ms"].take().as_u64().unwrap() < 20_000);
    assert_eq!(
        body,
        json!({"screen": "open", "error": "NotAllowedError", "ms": null, "probe": "ready", "client": "android"})
    );
    browser.close().await;
}
