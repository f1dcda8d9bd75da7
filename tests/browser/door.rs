//! The known door in a real browser: by keyboard, on the narrowest phone, without scripts.

use serde_json::json;

use super::page::phone;
use crate::support::app::TestApp;
use crate::support::browser::{TestBrowser, View};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_types_the_code_and_confirms_on_the_links_own_page() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    tab.look_as(View { width: 320, height: 568, dark: false }).await;
    let link = app.link_with("12345", json!({ "statement": "Change my address" })).await;
    tab.goto(link["door_url"].as_str().unwrap()).await;
    assert_eq!(tab.evaluate("document.scripts.length").await, 0);
    assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320);

    tab.press("Tab").await;
    assert_eq!(tab.evaluate("document.activeElement.id").await, "code");
    tab.type_text("0000 1111").await;
    tab.press("Enter").await;
    tab.sees("#door-said", "does not work").await;
    assert_eq!(tab.evaluate("document.activeElement.id").await, "code", "ready to be typed again");
    assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320);
    tab.type_text(link["door_code"].as_str().unwrap()).await;
    tab.press("Enter").await;
    tab.screen("start").await;
    assert_eq!(tab.evaluate("location.href").await, link["short_url"]);
    tab.click("#screen-start [data-do=next]").await;
    tab.sees("#statement", "Change my address").await;
    tab.click("#confirm").await;
    tab.screen("success").await;
    app.webhook().await;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}
