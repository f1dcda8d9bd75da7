//! Customers in a hurry and connections that lie: quick taps, impatience, portals, missing scripts,
//! clocks that are wrong. The page says nothing that is not so, and always what to do next.

use serde_json::{Value, json};

use super::page::{ANDROID, open, phone, url, verified};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser};
use vouchlink::domain::text::Line;

/// Answers requests whose path ends in `stands for` as a hotel's portal does, while `portal` is set.
const PORTAL: &str = "window.portal = 200; window.asked = []; const real = window.fetch;
    window.fetch = (...it) => {
        window.asked.push(it[0]);
        return window.portal && /(decline|new-phone|verify|options)$/.test(it[0])
            ? Promise.resolve(new Response('<h1>Log in to our network</h1>', { status: window.portal }))
            : real(...it);
    };";

async fn shown(tab: &Tab) -> Value {
    tab.evaluate("document.body.dataset.screen").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_quick_taps_approves_nothing_unread() {
    let more = json!({ "call_initiator": "customer", "statement": "Close account 8841" });
    let (app, browser, tab, link) = open(more).await;
    tab.click_twice("#call-customer").await;
    assert_eq!(shown(&tab).await, "start");
    tab.click_twice("#screen-start [data-do=next]").await;
    assert_eq!(shown(&tab).await, "statement");
    assert_eq!(tab.evaluate("document.getElementById('confirm').disabled").await, false);
    assert_eq!(app.shown(&link).await["status"], "pending");
    tab.click("#confirm").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portals_page_is_not_taken_for_our_word_that_staff_were_told() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    app.enrol("12345").await;
    let link = app.link_with("12345", json!({ "call_initiator": "customer" })).await;
    for way in [
        &["#help", "#screen-help [data-do=new-phone]"][..],
        &["#not-me", "#decline"],
        &["#call-company"],
    ] {
        tab.goto(url(&link)).await;
        tab.evaluate(PORTAL).await;
        for button in way {
            tab.click(button).await;
        }
        tab.screen("offline").await;
        assert_eq!(app.shown(&link).await["status"], "pending", "{way:?}");
    }
    assert_eq!(app.shown(&link).await["new_phone_asked_at"], Value::Null);
    tab.evaluate("window.portal = 0").await;
    tab.click("#screen-offline [data-do=again]").await;
    tab.screen("hang-up").await;
    assert_eq!(app.shown(&link).await["status"], "declined");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_a_proxy_refused_is_kept_and_goes_out_again() {
    let (app, browser, tab, link) = open(json!({})).await;
    tab.evaluate(&PORTAL.replace("(decline|new-phone|verify|options)", "verify")).await;
    for status in [403, 404, 502] {
        tab.evaluate(&format!("window.portal = {status}; window.asked = []")).await;
        let button = if status == 403 { "#confirm" } else { "#screen-lost [data-do=again]" };
        tab.click(button).await;
        tab.until("window.asked.filter(it => it.endsWith('/verify')).length", |tries| *tries == 3)
            .await;
        tab.screen("lost").await;
        assert_eq!(app.shown(&link).await["status"], "opened", "{status}");
    }
    tab.evaluate("window.portal = 0").await;
    tab.set_user_verified(false).await;
    tab.click("#screen-lost [data-do=again]").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_one_of_its_scripts_says_what_it_says_without_any() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    for missing in ["Ceremony", "Device"] {
        let tab = phone(&browser).await;
        // A script that declares it again does not run.
        let taken = format!("Object.defineProperty(window, '{missing}', {{ value: undefined }})");
        tab.before_every_page(&taken).await;
        tab.goto(url(&link)).await;
        tab.sees("#no-script", "Hang up").await;
        let shown = "[...document.querySelectorAll('main button')].filter(it => it.checkVisibility()).length";
        assert_eq!(tab.evaluate(shown).await, 0, "{missing}");
        // Loading it again is what helps.
        let again = "document.querySelector('#no-script a').href === location.href";
        assert_eq!(tab.evaluate(again).await, true);
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_lock_is_on_and_is_not_seen_finds_other_ways() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let mut tab = phone(&browser).await;
    tab.remove_screen_lock().await;
    tab.goto(url(&link)).await;
    tab.screen("lock").await;
    tab.click("#screen-lock [data-do=look]").await;
    tab.sees("#screen-open", "It usually works in").await;
    tab.sees("#copy-open", "Copy link").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_that_calls_itself_a_computer_is_shown_the_way_out_of_an_app() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let mut tab = phone(&browser).await;
    tab.remove_screen_lock().await;
    tab.before_every_page(
        "Object.defineProperty(Navigator.prototype, 'maxTouchPoints', { get: () => 5 })",
    )
    .await;
    let mac =
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
    tab.call_itself(mac).await;
    tab.goto(url(&link)).await;
    tab.sees("#screen-open h1", "Open this page in your browser").await;
    tab.sees("#open-ios", "Open in Safari").await;
    tab.call_itself(ANDROID).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_confirmation_is_ours_whatever_the_phones_clock_says() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let now = tab.evaluate("Date.now()").await.as_f64().unwrap();
    tab.before_every_page(
        "const Right = Date; window.Date = class extends Right {
            constructor(...parts) { parts.length ? super(...parts) : super(Right.now() - 90000000); }
            static now() { return Right.now() - 90000000; }
        };",
    )
    .await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    tab.click("#confirm").await;
    tab.screen("success").await;
    let at = tab.evaluate("Date.parse(document.getElementById('confirmed-at').dateTime)").await;
    let off = (at.as_f64().unwrap() - now).abs();
    assert!(off < 120_000.0, "{off} ms from now");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_never_answers_can_be_asked_again() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    // Half a minute takes no longer than a test does.
    tab.before_every_page(
        "const real = window.setTimeout; window.setTimeout = (act, ms) => real(act, ms === 30000 ? 300 : ms);",
    )
    .await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    tab.set_present(false).await;
    tab.click("#confirm").await;
    tab.sees("#confirm", "Waiting for your phone…").await;
    tab.sees("#confirm", "Set up and confirm").await;
    tab.set_present(true).await;
    tab.click("#confirm").await;
    verified(&app, &tab).await;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_from_help_leads_to_where_the_answer_is_awaited() {
    let (app, browser, tab, _) = open(json!({})).await;
    tab.evaluate(
        "const real = window.fetch; window.fetch = (...it) => it[0].endsWith('/verify')
            ? new Promise(go => { window.let_go = () => go(real(...it)); }) : real(...it);",
    )
    .await;
    tab.click("#confirm").await;
    tab.screen("checking").await;
    tab.click("#help").await;
    tab.click("#screen-help [data-do=back]").await;
    tab.screen("checking").await;
    tab.evaluate("window.let_go()").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_their_link_used_is_told_whom_to_call() {
    let number = Line::parse("+49 30 1234 5678").unwrap();
    let app = TestApp::start_with(|config| config.brand.support_phone = Some(number)).await;
    let browser = TestBrowser::launch().await;
    let (tab, link) = (phone(&browser).await, app.link_with("12345", json!({})).await);
    tab.goto(url(&link)).await;
    let calls =
        "document.querySelector('.by-phone [href=\"tel:+493012345678\"]').checkVisibility()";
    assert_eq!(tab.evaluate(calls).await, false);
    let other = phone(&browser).await;
    other.goto(url(&link)).await;
    other.bring_to_front().await;
    other.click("#confirm").await;
    other.screen("success").await;
    tab.bring_to_front().await;
    // Too late to close it: what follows is up to a call.
    tab.click("#not-me").await;
    tab.click("#decline").await;
    tab.sees("#screen-used", "This wasn’t you?").await;
    assert_eq!(tab.evaluate(calls).await, true);
    tab.goto(url(&link)).await;
    tab.sees("#screen-used", "by a number you already know").await;
    assert_eq!(app.shown(&link).await["status"], "verified");
    browser.close().await;
}
