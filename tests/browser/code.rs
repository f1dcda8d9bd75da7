//! The page for codes against the real server: an authenticator app is set up, and used.

use std::time::Duration;

use serde_json::{Value, json};
use vouchlink::domain::clock::Clock;

use super::page::{phone, url};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser};
use crate::support::totp::{AuthenticatorApp, STEP};

/// A server that takes codes, and a customer's phone.
pub(super) struct Stage {
    pub(super) app: TestApp,
    browser: TestBrowser,
    pub(super) tab: Tab,
}

impl Stage {
    pub(super) async fn set() -> Self {
        let app = TestApp::start_with(|config| config.verification.totp = true).await;
        let browser = TestBrowser::launch().await;
        let tab = phone(&browser).await;
        Self { app, browser, tab }
    }

    /// A link for who has no app yet, as an agent makes it in a call.
    pub(super) async fn first_link(&self, more: Value) -> Value {
        let mut body = json!({ "methods": ["passkey", "totp"], "enrolment": "call_code" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.app.link_with("12345", body).await
    }

    pub(super) async fn next_link(&self, more: Value) -> Value {
        let mut body = json!({ "methods": ["passkey", "totp"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.app.link_with("12345", body).await
    }

    pub(super) async fn open(&self, link: &Value) {
        self.tab.goto(&format!("{}/code", url(link))).await;
    }

    /// From the first screen to the secret; the app that was told it.
    pub(super) async fn add(&self, link: &Value) -> AuthenticatorApp {
        self.tab.click("#screen-start [data-do=begin]").await;
        self.fill("call-code", link["call_code"].as_str().unwrap()).await;
        self.tab.click("#screen-call [data-do=check]").await;
        self.tab.screen("add").await;
        let key = self.tab.evaluate("document.getElementById('key').textContent").await;
        AuthenticatorApp::told(key.as_str().unwrap())
    }

    pub(super) async fn fill(&self, field: &str, text: &str) {
        self.tab.click(&format!("#{field}")).await;
        self.tab.evaluate(&format!("document.getElementById('{field}').value = ''")).await;
        self.tab.type_text(text).await;
    }

    /// What the app shows now.
    pub(super) fn digits(&self, app: &AuthenticatorApp) -> String {
        app.code(self.app.clock.now(), 0)
    }

    pub(super) fn wrong(&self, app: &AuthenticatorApp) -> String {
        app.wrong(self.app.clock.now(), 0)
    }

    /// A customer with an app, and the recovery codes they were given.
    pub(super) async fn with_an_app(&self) -> (AuthenticatorApp, Vec<String>) {
        let link = self.first_link(json!({})).await;
        self.open(&link).await;
        let app = self.add(&link).await;
        self.tab.click("#screen-add [data-to=type]").await;
        self.fill("app-code", &self.digits(&app)).await;
        self.tab.press("Enter").await;
        self.tab.screen("keep").await;
        let codes = self.codes().await;
        assert_eq!(self.app.webhook().await["verified"], true);
        self.app.clock.advance(STEP);
        (app, codes)
    }

    pub(super) async fn codes(&self) -> Vec<String> {
        let codes = "[...document.querySelectorAll('#codes li')].map(it => it.textContent)";
        let codes = self.tab.evaluate(codes).await;
        codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    }

    pub(super) async fn end(self) {
        assert_eq!(self.tab.complaints(), Vec::<String>::new());
        self.browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_device_knows_no_passkeys_sets_an_app_up() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let link = stage
        .first_link(
            json!({"statement": "Close account 8841", "return_url": "https://bank.example/a"}),
        )
        .await;
    tab.before_every_page(
        "Object.defineProperty(window, 'PublicKeyCredential', { value: undefined })",
    )
    .await;
    tab.goto(url(&link)).await;
    tab.screen("open").await;
    tab.click("#use-app").await;
    tab.sees("#screen-start", "you need an authenticator app").await;
    assert_eq!(stage.app.shown(&link).await["status"], "pending", "looking opens nothing");

    tab.click("#screen-start [data-do=next]").await;
    tab.sees("#screen-statement", "Close account 8841").await;
    tab.click("#screen-statement [data-do=begin]").await;
    tab.screen("call").await;
    stage.fill("call-code", link["call_code"].as_str().unwrap()).await;
    tab.press("Enter").await;
    tab.screen("add").await;
    let shown = tab.evaluate("document.getElementById('key').textContent").await;
    let key = shown.as_str().unwrap();
    assert!(key.split(' ').count() == 8 && key.split(' ').all(|group| group.len() == 4), "{key}");
    let uri = tab.evaluate("document.getElementById('open-app').href").await;
    let uri = uri.as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Harbour%20Bank:"), "{uri}");
    assert!(uri.contains(&format!("secret={}&", key.replace(' ', ""))), "{uri}");
    tab.click("#screen-add summary").await;
    tab.until("document.querySelector('details img').naturalWidth > 0", |drawn| *drawn == true)
        .await;
    tab.click("#screen-add [data-to=type]").await;
    let focus = "document.activeElement.closest('section').id";
    assert_eq!(tab.evaluate(focus).await, "screen-type");

    let app = AuthenticatorApp::told(key);
    stage.fill("app-code", &stage.digits(&app)).await;
    tab.click("#screen-type [data-do=check]").await;
    tab.sees("#screen-keep h1", "Confirmed. Now keep these codes").await;
    let codes = stage.codes().await;
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 11 && code.as_bytes()[5] == b'-'), "{codes:?}");
    let event = stage.app.webhook().await;
    let facts = [&event["verified"], &event["data"]["method"], &event["data"]["assurance"]];
    assert_eq!(facts, [&json!(true), &json!("totp"), &json!(1)]);
    tab.click("#kept").await;
    tab.sees("#screen-success", "Confirmed with a code from your app.").await;
    assert_eq!(
        tab.evaluate("document.getElementById('return').href").await,
        "https://bank.example/a"
    );
    assert_eq!(tab.evaluate("document.getElementById('not-me').checkVisibility()").await, false);
    stage.open(&link).await;
    tab.sees("#screen-used h1", "All done, already confirmed").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_link_takes_a_code_of_the_app_after_one_that_was_wrong() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let (app, _) = stage.with_an_app().await;
    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    tab.click("#screen-start [data-do=begin]").await;
    tab.screen("type").await;
    stage.fill("app-code", "12 34").await;
    tab.press("Enter").await;
    tab.sees("#app-code-error", "all six digits").await;
    for _ in 0..2 {
        stage.fill("app-code", &stage.wrong(&app)).await;
        tab.click("#screen-type [data-do=check]").await;
        tab.sees("#app-code-error", "That code wasn’t right").await;
        tab.until("document.activeElement.id", |focus| focus == "app-code").await;
        let invalid = "document.getElementById('app-code').getAttribute('aria-invalid')";
        assert_eq!(tab.evaluate(invalid).await, "true");
    }
    // As an Arabic keyboard types it.
    let digits = stage.digits(&app);
    let arabic: String =
        digits.bytes().map(|digit| char::from_u32(0x630 + u32::from(digit)).unwrap()).collect();
    stage.fill("app-code", &arabic).await;
    tab.press("Enter").await;
    tab.sees("#screen-success", "Confirmed with a code from your app.").await;
    assert_eq!(stage.app.webhook().await["data"]["method"], "totp");

    // What somebody saw over a shoulder is good for nothing.
    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    tab.click("#screen-start [data-do=begin]").await;
    stage.fill("app-code", &digits).await;
    tab.press("Enter").await;
    tab.sees("#app-code-error", "or was used before").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_does_once_what_the_app_does() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let (_, codes) = stage.with_an_app().await;
    let typed = codes[3].replace('-', " ").to_lowercase();
    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    tab.click("#screen-start [data-do=begin]").await;
    tab.click("#screen-type [data-to=recovery]").await;
    stage.fill("recovery-code", "ABC").await;
    tab.press("Enter").await;
    tab.sees("#recovery-code-error", "all ten letters and digits").await;
    stage.fill("recovery-code", &typed).await;
    tab.click("#screen-recovery [data-do=check]").await;
    tab.sees("#screen-success", "Confirmed with a recovery code").await;
    let event = stage.app.webhook().await;
    let facts = [&event["data"]["method"], &event["data"]["assurance"]];
    assert_eq!(facts, [&json!("recovery_code"), &json!(0)]);

    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    tab.click("#screen-start [data-do=begin]").await;
    tab.click("#screen-type [data-to=recovery]").await;
    for code in [typed.as_str(), "!!!!! 00000"] {
        stage.fill("recovery-code", code).await;
        tab.press("Enter").await;
        if code == typed {
            tab.sees("#recovery-code-error", "or was used before").await;
        }
    }
    // Neither is left: staff are told, and nothing else happens.
    tab.click("#screen-recovery [data-do=lost]").await;
    tab.sees("#screen-told", "you can’t use your app any more").await;
    let shown = stage.app.shown(&link).await;
    assert_eq!(shown["status"], "opened");
    assert!(shown["new_phone_asked_at"].is_string(), "{shown}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_while_an_app_is_set_up_keeps_its_secret_and_time_may_pass() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let link = stage.first_link(json!({})).await;
    stage.open(&link).await;
    stage.add(&link).await;
    let key = tab.evaluate("document.getElementById('key').textContent").await;
    stage.open(&link).await;
    let app = stage.add(&link).await;
    assert_eq!(tab.evaluate("document.getElementById('key').textContent").await, key);
    // Longer than a challenge lives: the page asks for another without a word.
    stage.app.clock.advance(Duration::from_secs(360));
    tab.click("#screen-add [data-to=type]").await;
    stage.fill("app-code", &stage.digits(&app)).await;
    tab.press("Enter").await;
    tab.screen("keep").await;
    assert_eq!(stage.app.webhook().await["verified"], true);
    stage.end().await;
}
