//! The whole way by keyboard alone, from the known door to the customer's own view: every stop
//! shows that it has the focus.

use serde_json::json;

use super::page::{phone, verified};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

/// What has the focus: its id, or what it does.
const FOCUSED: &str = "document.activeElement.id || document.activeElement.dataset.do || ''";

/// Goes on with the Tab key until what is named has the focus; each stop before it must be visible.
async fn reach(tab: &Tab, name: &str) {
    for _ in 0..20 {
        tab.press("Tab").await;
        let ring = tab
            .evaluate(
                "(() => {
                    const it = document.activeElement;
                    const style = getComputedStyle(it);
                    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                    return it === document.body || (it.checkVisibility() && (ring || style.boxShadow !== 'none'));
                })()",
            )
            .await;
        let focused = tab.evaluate(FOCUSED).await;
        assert_eq!(ring, true, "{focused} shows no focus");
        if focused == name {
            return;
        }
    }
    panic!("{name} cannot be reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_door_to_the_customers_own_view() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    for dark in [false, true] {
        tab.look_as(View { dark, ..View::PHONE }).await;
        let more = json!({ "call_initiator": "company", "statement": "Close account 8841" });
        let link = app.link_with("12345", more).await;
        tab.goto(link["door_url"].as_str().unwrap()).await;
        reach(&tab, "code").await;
        tab.type_text(link["door_code"].as_str().unwrap()).await;
        // The button has no name of its own; it is the next stop.
        tab.press("Tab").await;
        assert_eq!(tab.evaluate("document.activeElement.type").await, "submit");
        tab.press("Enter").await;
        tab.screen("direction").await;
        reach(&tab, "call-company").await;
        tab.press("Enter").await;
        tab.screen("start").await;
        reach(&tab, "next").await;
        tab.press("Enter").await;
        tab.screen("statement").await;
        reach(&tab, "confirm").await;
        tab.press("Enter").await;
        verified(&app, &tab).await;
        reach(&tab, "mine").await;
        tab.press("Enter").await;
        tab.sees("#screen-list", "Close account 8841").await;
    }
    // The second time the passkey was there before: it may be looked after.
    reach(&tab, "ask").await;
    tab.press("Enter").await;
    tab.screen("remove").await;
    reach(&tab, "list").await;
    tab.press("Enter").await;
    reach(&tab, "add").await;
    tab.press("Enter").await;
    tab.screen("add").await;
    reach(&tab, "add-here").await;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}
