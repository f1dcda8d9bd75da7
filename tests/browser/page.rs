//! The customer's page against the real server: tap, unlock, and what the CRM then hears.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

pub(super) fn url(link: &Value) -> &str {
    link["url"].as_str().unwrap()
}

pub(super) const ANDROID: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/142.0.0.0 Mobile Safari/537.36";

pub(super) async fn phone(browser: &TestBrowser) -> Tab {
    let tab = browser.tab().await;
    tab.call_itself(ANDROID).await;
    tab.look_as(View::PHONE).await;
    tab
}

/// A link of a customer who is new, open on their phone.
pub(super) async fn open(more: Value) -> (TestApp, TestBrowser, Tab, Value) {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = app.link_with("12345", more).await;
    tab.goto(url(&link)).await;
    (app, browser, tab, link)
}

/// The page says that it is done, and the CRM is told the same.
pub(super) async fn verified(app: &TestApp, tab: &Tab) {
    tab.screen("success").await;
    assert_eq!(app.webhook().await["verified"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sets_a_phone_up_and_confirms_with_it_the_next_time() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let back = "https://bank.example/account";
    for (kind, more) in [("register", json!({ "return_url": back })), ("authenticate", json!({}))] {
        let link = app.link_with("12345", more).await;
        tab.goto(url(&link)).await;
        assert_eq!(tab.evaluate("document.body.dataset.kind").await, kind);
        assert_eq!(app.shown(&link).await["status"], "pending", "looking opens nothing");
        tab.click("#confirm").await;
        tab.sees("#screen-success", "Confirmed with this phone’s screen lock.").await;
        let focus = "document.activeElement.closest('section').id";
        assert_eq!(tab.evaluate(focus).await, "screen-success");
        assert_eq!(app.webhook().await["verified"], true);
        assert_eq!(app.shown(&link).await["status"], "verified");
        let way_back = tab.evaluate("document.getElementById('return').href").await;
        assert_eq!(way_back, if kind == "register" { back } else { "" });
        tab.goto(url(&link)).await;
        tab.sees("#screen-used h1", "All done, already confirmed").await;
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_the_passkey_is_told_so_and_nothing_is_confirmed() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.click("#confirm").await;
    tab.screen("no-passkey").await;
    assert_eq!(app.shown(&link).await["status"], "opened");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_does_not_unlock_can_try_again() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    tab.set_user_verified(false).await;
    tab.click("#confirm").await;
    tab.sees("#screen-open h1", "Try another browser").await;
    tab.set_user_verified(true).await;
    tab.click("#screen-open [data-do=confirm]").await;
    tab.screen("success").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_was_not_me_asks_once_more_and_then_closes_the_link() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = app.link_with("12345", json!({"call_initiator": "customer"})).await;
    tab.goto(url(&link)).await;
    tab.click("#call-customer").await;
    // While the device still asks: the ceremony under way must not win.
    tab.set_present(false).await;
    tab.click("#confirm").await;
    tab.sees("#confirm", "Waiting for your phone…").await;
    tab.click("#not-me").await;
    tab.click("#decline-stranger").await;
    tab.sees("#screen-declined h1", "You said this wasn’t you").await;
    let event = app.webhook().await;
    assert_eq!(event["data"]["reason"], "called_by_stranger");
    assert_eq!(app.shown(&link).await["status"], "declined");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ends_while_its_page_is_open_says_how_it_ended() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    let id = link["id"].as_str().unwrap();
    app.post(&format!("/api/verification/link/{id}/revoke"), &json!({})).await.expect(200);
    tab.click("#confirm").await;
    tab.sees("#screen-revoked h1", "This link was replaced or cancelled").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_real_tap_begins() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    tab.evaluate("document.getElementById('confirm').click()").await;
    assert_eq!(tab.evaluate("document.getElementById('confirm').disabled").await, false);
    assert_eq!(app.shown(&link).await["status"], "pending");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_cannot_is_shown_the_way_on_before_any_tap() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let mut tab = phone(&browser).await;
    tab.remove_screen_lock().await;
    tab.goto(url(&link)).await;
    tab.screen("lock").await;
    tab.add_screen_lock().await;
    tab.click("#screen-lock [data-do=look]").await;
    tab.screen("start").await;

    tab.remove_screen_lock().await;
    tab.call_itself(&format!("{ANDROID} [FB_IAB/FB4A;FBAV/500]")).await;
    tab.goto(url(&link)).await;
    tab.sees("#screen-open", "You are in an app’s built-in browser").await;
    let intent = tab.evaluate("document.getElementById('open-android').href").await;
    let bare = url(&link).strip_prefix("http://").unwrap();
    assert!(intent.as_str().unwrap().starts_with(&format!("intent://{bare}#Intent;scheme=http;")));

    tab.call_itself("Mozilla/5.0 (X11; Linux x86_64) Chrome/142").await;
    tab.look_as(View::DESKTOP).await;
    tab.goto(url(&link)).await;
    tab.sees("#screen-phone h1", "Use your phone").await;
    assert_eq!(app.shown(&link).await["status"], "pending");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_over_the_edge_of_a_small_phone_or_a_zoomed_page() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let name = "Wolfeschlegelsteinhausenbergerdorff-Papadopoulou".repeat(2);
    let more = json!({"statement": name, "reference": name, "call_initiator": "company",
        "enrolment": "call_code"});
    let link = app.link_with("12345", more).await;
    tab.look_as(View { width: 320, height: 568, dark: true }).await;
    tab.goto(url(&link)).await;
    let screens = tab
        .evaluate(
            "[...document.querySelectorAll('.screen')].map(shown => {
                document.querySelectorAll('.screen').forEach(it => { it.hidden = it !== shown; });
                const low = [...shown.querySelectorAll('button, a')]
                    .filter(it => it.checkVisibility() && it.getBoundingClientRect().height < 44);
                return [shown.id, document.documentElement.scrollWidth, low.length];
            })",
        )
        .await;
    let screens = screens.as_array().unwrap();
    assert!(screens.len() > 20);
    for screen in screens {
        assert_eq!((&screen[1], &screen[2]), (&json!(320), &json!(0)), "{screen}");
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_reply_is_lost_goes_out_again_as_it_was_and_counts_once() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    // The first answer reaches the server; its reply does not reach the page.
    let lossy = "const real = window.fetch;
        window.sent = [];
        window.fetch = (path, request) => real(path, request).then(reply => {
            if (path.endsWith('/verify') && window.sent.push(request.body) === 1) throw new TypeError();
            return reply;
        });";
    tab.evaluate(lossy).await;
    tab.click("#confirm").await;
    tab.screen("success").await;
    assert_eq!(tab.evaluate("sent.length === 2 && sent[0] === sent[1]").await, true);
    assert_eq!(app.webhook().await["verified"], true);
    assert_eq!(app.shown(&link).await["status"], "verified");
    browser.close().await;
}
