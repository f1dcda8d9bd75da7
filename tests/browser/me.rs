//! The customer's own view in a real browser.

use serde_json::{Value, json};

use super::page::phone;
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

async fn confirm(app: &TestApp, tab: &Tab) {
    let link = app.link_with("12345", json!({ "statement": "Change my address" })).await;
    tab.goto(link["url"].as_str().unwrap()).await;
    tab.click("#screen-start [data-do=next]").await;
    tab.click("#confirm").await;
    tab.screen("success").await;
    app.webhook().await;
}

/// Remembers what the page tells the device of passkeys, and lets it through.
const LISTEN: &str = "window.told = [];
    for (const name of ['signalUnknownCredential', 'signalAllAcceptedCredentials']) {
        const real = PublicKeyCredential[name];
        PublicKeyCredential[name] = function (options) {
            const entry = [name, options, 'asked'];
            told.push(entry);
            return (real ? real.call(PublicKeyCredential, options) : Promise.resolve()).then(
                () => { entry[2] = 'done'; },
                error => { entry[2] = String(error); throw error; });
        };
    }";

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_looks_then_may_remove_their_only_passkey_by_keyboard() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    tab.look_as(View { width: 320, height: 568, dark: false }).await;
    // Made in this very link: this one only looks.
    confirm(&app, &tab).await;
    tab.click("#mine").await;
    tab.sees("#screen-list", "You confirmed").await;
    tab.sees("#looks-only", "").await;
    let offered =
        "[...document.querySelectorAll('#screen-list button')].some(it => it.checkVisibility())";
    assert_eq!(tab.evaluate(offered).await, false);
    let place = tab.evaluate("location.pathname + location.hash").await;
    assert_eq!(place, "/me", "the session is in no address");

    confirm(&app, &tab).await;
    tab.click("#mine").await;
    tab.sees("#history", "Change my address").await;
    assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320);
    tab.evaluate(LISTEN).await;
    for _ in 0..20 {
        if tab.evaluate("document.activeElement.dataset.do === 'ask'").await == true {
            break;
        }
        tab.press("Tab").await;
    }
    tab.press("Enter").await;
    tab.sees("#removes-last", "only passkey").await;
    assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320);
    tab.press("Tab").await;
    assert_eq!(tab.evaluate("document.activeElement.id").await, "remove");
    tab.press("Enter").await;
    tab.screen("removed").await;
    assert_eq!(app.webhook().await["type"], "verification.lapsed");
    let told = tab.evaluate("Promise.resolve(told)").await;
    let customer = app.get("/api/customers/12345").await.expect(200);
    let id = &customer["credentials"][0]["credential_id"];
    assert_eq!(told[0][0], "signalUnknownCredential");
    assert_eq!((&told[0][1]["credentialId"], &told[0][1]["rpId"]), (id, &json!("localhost")));
    assert_eq!(told[1][0], "signalAllAcceptedCredentials");
    assert_eq!(told[1][1]["allAcceptedCredentialIds"], json!([]));

    // A reload has nothing to show.
    let address = tab.evaluate("location.href").await;
    tab.goto(address.as_str().unwrap()).await;
    tab.screen("over").await;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_adds_another_devices_passkey() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let first = phone(&browser).await;
    confirm(&app, &first).await;
    confirm(&app, &first).await;
    first.click("#mine").await;
    first.click("#add").await;
    first.sees("#screen-add", "/verify").await;
    first.until("document.getElementById('qr').naturalWidth", |drawn| *drawn == 240).await;

    let other = phone(&browser).await;
    let code = first.evaluate("document.getElementById('door-code').textContent").await;
    let door = first.evaluate("document.getElementById('door-url').textContent").await;
    other.goto(door.as_str().unwrap()).await;
    other.click("#code").await;
    other.type_text(code.as_str().unwrap()).await;
    other.press("Enter").await;
    other.click("#confirm").await;
    other.screen("success").await;
    let customer: Value = app.get("/api/customers/12345").await.expect(200);
    assert_eq!(customer["credentials"].as_array().unwrap().len(), 2);

    // One behind the other takes no input.
    first.bring_to_front().await;
    first.click("#screen-add [data-do=reload]").await;
    first.sees("#screen-list", "").await;
    let passkeys = "document.querySelectorAll('#passkeys li').length";
    assert_eq!(first.evaluate(passkeys).await, 2);

    // Whoever had the first one may have added the second.
    first.click("#passkeys li:has(.is-current:not([hidden])) [data-do=ask]").await;
    first.sees("#removes-added", "").await;
    first.click("#remove-added").await;
    first.screen("removed").await;
    let customer: Value = app.get("/api/customers/12345").await.expect(200);
    let gone = |key: &Value| !key["revoked_at"].is_null();
    assert!(customer["credentials"].as_array().unwrap().iter().all(gone), "{customer}");
    for tab in [first, other] {
        assert_eq!(tab.complaints(), Vec::<String>::new());
    }
    browser.close().await;
}
