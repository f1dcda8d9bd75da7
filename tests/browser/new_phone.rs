//! "I have a new phone", from where the page offers it: staff are told at once, and nothing else
//! happens.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::page::{phone, url};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser};
use crate::support::events::Events;

/// What staff see and what they do not, after the tap on `button`.
async fn staff_are_told_and_nothing_is_enrolled(
    app: &TestApp,
    link: &Value,
    tab: &Tab,
    button: &str,
) {
    let path = format!("/api/verification/link/{}/events", link["id"].as_str().unwrap());
    let request = app.request(Method::GET, &path).bearer_auth(&app.key);
    let mut stream = Events::open(request).await;
    let (_, _, first) = stream.event().await.unwrap();
    assert_eq!(first["new_phone_asked_at"], json!(null));
    app.clock.advance(Duration::from_secs(7));

    tab.click(button).await;
    tab.sees("#screen-new-phone h1", "We told Harbour Bank").await;
    let (_, _, told) = stream.event().await.unwrap();
    let shown = app.shown(link).await;
    assert!(shown["new_phone_asked_at"].is_string(), "{shown}");
    assert_eq!(told["new_phone_asked_at"], shown["new_phone_asked_at"]);
    assert_eq!(told["status"], first["status"], "the link goes on");
    assert_eq!(shown["kind"], "authenticate");
    let customer = app.get("/api/customers/12345").await.expect(200);
    assert_eq!(customer["credentials"].as_array().unwrap().len(), 1, "the one from before");
    assert_eq!(app.options("register", link).await.problem(409), "wrong_ceremony");
    // The old phone opens this very link.
    let address = tab.evaluate("document.querySelector('#screen-new-phone .link').value").await;
    assert_eq!(address, link["url"]);
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_help_screen() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.click("#help").await;
    let button = "#screen-help [data-do=new-phone]";
    staff_are_told_and_nothing_is_enrolled(&app, &link, &tab, button).await;
    assert_eq!(app.shown(&link).await["status"], "pending");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_where_no_passkey_was_found() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.click("#confirm").await;
    tab.screen("no-passkey").await;
    let button = "#screen-no-passkey [data-do=new-phone]";
    staff_are_told_and_nothing_is_enrolled(&app, &link, &tab, button).await;
    assert_eq!(app.shown(&link).await["status"], "opened");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_sets_a_phone_up_does_not_offer_it() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.goto(url(&link)).await;
    tab.click("#help").await;
    tab.screen("help").await;
    let offered = "!!document.querySelector('#screen-help [data-do=new-phone]')";
    assert_eq!(tab.evaluate(offered).await, false);
    browser.close().await;
}
