//! Customers with an authenticator app: where a link leads them, and what they see of themselves.

use reqwest::Method;
use serde_json::{Value, json};

use super::code::Stage;
use super::page::url;
use crate::support::app::TestApp;
use crate::support::browser::View;

impl Stage {
    /// A link without codes, answered with the phone's passkey; the first one makes it.
    async fn use_passkey(&self) {
        let link = self.app.link("12345").await;
        self.tab.goto(url(&link)).await;
        self.tab.click("#confirm").await;
        self.tab.screen("success").await;
        self.app.webhook().await;
    }

    async fn shown(&self, selector: &str) -> Value {
        let script = "[...document.querySelectorAll('SELECTOR')].some(it => it.checkVisibility())";
        self.tab.evaluate(&script.replace("SELECTOR", selector)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_looks_at_their_app_by_code_and_removes_it_by_passkey() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    tab.look_as(View { width: 320, height: 568, dark: false }).await;
    stage.with_an_app().await;
    tab.click("#kept").await;
    tab.sees("#mine", "See what you confirmed").await;
    tab.click("#mine").await;
    tab.sees("#screen-list h1", "Your authenticator app").await;
    tab.sees("#by-code", "With a code you can only look here").await;
    tab.sees("#apps", "Recovery codes left: 10").await;
    tab.sees("#apps", "You used it just now").await;
    for absent in ["#screen-list button", "#looks-only", ".if-passkeys", ".was-used"] {
        assert_eq!(stage.shown(absent).await, false, "{absent}");
    }
    assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320);

    stage.use_passkey().await;
    stage.use_passkey().await;
    tab.click("#mine").await;
    tab.sees("#screen-list h1", "Your passkeys").await;
    tab.sees("#screen-list", "Your authenticator app").await;
    for absent in ["#by-code", "#looks-only", "#apps .is-current"] {
        assert_eq!(stage.shown(absent).await, false, "{absent}");
    }
    // Of what is removed last, nothing is said while something else is left.
    tab.click("#passkeys [data-do=ask]").await;
    tab.screen("remove").await;
    assert_eq!(stage.shown("#removes-last").await, false);
    tab.click("#screen-remove [data-do=list]").await;
    for _ in 0..20 {
        if tab.evaluate("document.activeElement.dataset.do === 'askApp'").await == true {
            break;
        }
        tab.press("Tab").await;
    }
    tab.press("Enter").await;
    tab.sees("#screen-remove-app", "Remove this authenticator app?").await;
    tab.press("Tab").await;
    assert_eq!(tab.evaluate("document.activeElement.id").await, "remove-app");
    tab.press("Enter").await;
    tab.sees("#screen-app-removed h1", "The authenticator app is removed").await;
    let customer = stage.app.get("/api/customers/12345").await.expect(200);
    assert!(customer["authenticator_apps"][0]["revoked_at"].is_string(), "{customer}");
    assert_eq!(stage.app.gate("12345").await["verified"], true, "it rests on the passkey");
    tab.click("#screen-app-removed [data-do=reload]").await;
    tab.sees("#screen-list", "Your passkeys").await;
    assert_eq!(stage.shown(".if-app, .if-both").await, false);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_who_has_an_app_and_no_passkey_to_its_code_at_once() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let (app, _) = stage.with_an_app().await;
    let link = stage.next_link(json!({ "enrolment": "existing" })).await;
    tab.goto(link["short_url"].as_str().unwrap()).await;
    tab.sees("#screen-start h1", "Confirm with a code from your app").await;
    assert_eq!(stage.shown("#screen-start a").await, false, "there is no other way");
    tab.click("#screen-start [data-do=begin]").await;
    stage.fill("app-code", &stage.digits(&app)).await;
    tab.press("Enter").await;
    tab.screen("success").await;
    assert_eq!(stage.app.webhook().await["data"]["method"], "totp");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_passkey_is_taken_away_meanwhile_goes_on_with_a_code() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let (app, _) = stage.with_an_app().await;
    stage.use_passkey().await;
    let link = stage.next_link(json!({})).await;
    tab.goto(url(&link)).await;
    let customer = stage.app.get("/api/customers/12345").await.expect(200);
    let id = customer["credentials"][0]["id"].as_str().unwrap();
    let path = format!("/api/customers/12345/credentials/{id}");
    let request = stage.app.request(Method::DELETE, &path).bearer_auth(&stage.app.key);
    TestApp::send(request).await.expect(204);
    stage.app.webhook().await;
    tab.click("#confirm").await;
    tab.sees("#screen-new-link h1", "You need a new link").await;
    tab.click("#use-app").await;
    tab.sees("#screen-start h1", "Confirm with a code from your app").await;
    tab.click("#screen-start [data-do=begin]").await;
    stage.fill("app-code", &stage.digits(&app)).await;
    tab.press("Enter").await;
    tab.screen("success").await;
    assert_eq!(stage.app.webhook().await["verified"], true);
    stage.end().await;
}
