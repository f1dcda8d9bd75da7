//! Every page that customers come to, in every state, for tests that look at all of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::config::{Brand, Logo, LogoFormat};
use vouchlink::domain::colour::Colour;
use vouchlink::domain::door::GUESSES_A_MINUTE;
use vouchlink::domain::text::Line;
use vouchlink::words::Lang;

use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;
use crate::support::browser::Tab;
use crate::support::totp::AuthenticatorApp;

/// Shows one screen as the page's script would: as it first is, or with all it can ever show.
const REVEAL: &str = "window.reveal = (name, first) => {
    const all = (selector, change) => document.querySelectorAll(selector).forEach(change);
    all('.screen', it => { it.hidden = it.id !== 'screen-' + name; });
    const here = document.getElementById('screen-' + name);
    if (!here) return;
    document.body.dataset.screen = name;
    document.body.classList.toggle('at-end', here.classList.contains('over'));
    all('#code-error [data-when], .wrong [data-when]', it => { it.hidden = !['2', 'wrong'].includes(it.dataset.when); });
    if (!first) all('#screen-' + name + ' [hidden]:not([data-when], [data-status])', it => { it.hidden = false; });
    all('time:empty', it => { it.textContent = '10:15'; });
    const texts = { '#wait-seconds': '10', '#removing': 'iCloud Keychain', '#door-code': '4821 9034 7755',
        '#door-url': location.origin + '/verify', '#key': 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP' };
    for (const selector in texts) all(selector + ':empty', it => { it.textContent = texts[selector]; });
    all('#mine:not([href]), #open-app:not([href])', it => { it.href = '/me'; });
    all('details', it => { it.open = true; });
    all('#codes:empty', it => { it.append(...Array.from({ length: 10 }, () => {
        const code = document.createElement('li');
        code.textContent = 'ABCDE-FGHJK';
        return code;
    })); });
    all('.qr img:not([src])', it => { it.src = 'data:image/svg+xml,' + encodeURIComponent(
        \"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M1 1h3v3H1zM5 5h3v3H5z'/></svg>\"); });
}; ";

/// What a page is when its script has shown the first screen.
const READY: &str =
    "document.readyState === 'complete' && document.body.dataset.screen !== 'loading'
    && (!document.querySelector('.step') || !!document.body.dataset.probe
        || (!!document.getElementById('app-code') && !!document.body.dataset.client))";

/// A customer's server and one whose door is closed for a while.
pub(super) struct Gallery {
    pub(super) app: TestApp,
    busy: TestApp,
    /// Each is somebody else.
    customers: AtomicUsize,
}

/// A page in one of its states.
pub(super) struct Room {
    pub(super) name: String,
    lang: Lang,
    address: String,
    /// What is typed at the door.
    typed: Option<&'static str>,
}

impl Gallery {
    pub(super) async fn open(branded: bool) -> Self {
        let brand = Brand {
            support_phone: Some(Line::parse("+49 30 1234 5678").unwrap()),
            colour: branded.then(|| Colour::parse("#0b6e4f").unwrap()),
            logo: branded.then(|| Logo { format: LogoFormat::Svg, bytes: LOGO.to_vec() }),
        };
        let app = TestApp::start_with(|config| {
            config.brand = brand.clone();
            config.verification.totp = true;
        })
        .await;
        let busy = TestApp::start_with(|config| config.brand = brand).await;
        for _ in 0..GUESSES_A_MINUTE {
            let form = busy
                .request(Method::POST, "/verify")
                .header("content-type", "application/x-www-form-urlencoded");
            assert_eq!(TestApp::send(form.body(format!("code={WRONG}"))).await.status, 422);
        }
        Self { app, busy, customers: AtomicUsize::new(0) }
    }

    /// Every page and state in one language.
    pub(super) async fn rooms(&self, lang: Lang) -> Vec<Room> {
        let room = |name: &str, address: String, typed| Room {
            name: name.to_owned(),
            lang,
            address,
            typed,
        };
        let link = url(&whole(&self.app, lang).await);
        let [own_view, by_code] = self.own_views(lang).await;
        let mut rooms = vec![
            room("link", link.clone(), None),
            room("me", own_view, None),
            // Between two that differ behind the `#` only, to which no page is loaded anew.
            room("codes", format!("{link}/code"), None),
            room("me-by-code", by_code, None),
            room("door", format!("{}/verify", self.app.origin), None),
            room("door-wrong", format!("{}/verify", self.app.origin), Some(WRONG)),
            room("door-wait", format!("{}/verify", self.busy.origin), Some(WRONG)),
            room("ended-unknown", format!("{}/v/nonsense", self.app.origin), None),
        ];
        for (name, link) in self.ended(lang).await {
            rooms.push(room(&format!("ended-{name}"), url(&link), None));
        }
        rooms
    }

    fn customer(&self) -> String {
        self.customers.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// The customer's own view, with a passkey, an app and a history; and that of who has the app
    /// only.
    async fn own_views(&self, lang: Lang) -> [String; 2] {
        let customer = self.customer();
        let by_code = enrol(&self.app, &customer).await;
        let mut device = self.app.enrol(&customer).await;
        let more = json!({ "statement": "Change my address to 5 Harbour Street" });
        let link = self.app.link_with(&customer, more).await;
        let session = confirm(&self.app, "authenticate", &link, &mut device).await;
        [session, by_code].map(|session| {
            format!("{}/me?lang={}#{}", self.app.origin, lang.as_str(), session.as_str().unwrap())
        })
    }

    /// One link for each way to end.
    async fn ended(&self, lang: Lang) -> Vec<(&'static str, Value)> {
        let app = &self.app;
        let mut links = Vec::new();
        for name in ["expired", "used", "revoked", "failed", "declined"] {
            let mut more = json!({ "locale": lang.as_str(), "reference": "case-8841" });
            if name == "expired" {
                more["ttl_seconds"] = json!(60);
            }
            if name == "failed" {
                more["enrolment"] = json!("call_code");
            }
            let link = app.link_with(&self.customer(), more).await;
            let id = link["id"].as_str().unwrap().to_owned();
            let page = async |path: &str, more: Value| {
                let mut body = json!({ "token": link["token"] });
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                app.post_from_page(&format!("/api/ceremony/{path}"), body.to_string()).await
            };
            match name {
                "expired" => app.clock.advance(Duration::from_secs(61)),
                "used" => {
                    confirm(app, "register", &link, &mut Authenticator::new()).await;
                }
                "revoked" => {
                    let path = format!("/api/verification/link/{id}/revoke");
                    app.post(&path, &json!({})).await.expect(200);
                }
                "failed" => {
                    let wrong = if link["call_code"] == "111111" { "222222" } else { "111111" };
                    for _ in 0..3 {
                        page("register/options", json!({ "call_code": wrong })).await;
                    }
                }
                _ => {
                    page("decline", json!({ "reason": "not_me" })).await.expect(200);
                }
            }
            links.push((name, link));
        }
        links
    }
}

impl Room {
    /// Goes there; the names of its screens.
    pub(super) async fn enter(&self, tab: &Tab) -> Vec<String> {
        tab.speak(self.lang.as_str()).await;
        tab.goto(&self.address).await;
        if let Some(code) = self.typed {
            tab.click("#code").await;
            tab.type_text(code).await;
            tab.press("Enter").await;
            tab.sees("#door-said", "").await;
        }
        tab.until(READY, |ready| *ready == true).await;
        let html =
            tab.evaluate("[document.documentElement.lang, document.documentElement.dir]").await;
        assert_eq!(html, json!([self.lang.as_str(), self.lang.direction()]), "{}", self.name);
        let names =
            format!("{REVEAL}[...document.querySelectorAll('.screen')].map(it => it.id.slice(7))");
        let names = tab.evaluate(&names).await;
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }
}

/// A link whose page has all screens.
async fn whole(app: &TestApp, lang: Lang) -> Value {
    let more = json!({
        "call_initiator": "customer", "enrolment": "call_code", "locale": lang.as_str(),
        "reference": "case-8841", "methods": ["passkey", "totp"],
        "statement": "Change the payout account of order 8841 to the one ending in 4402",
    });
    app.link_with(&format!("customer-{}", lang.as_str()), more).await
}

/// The whole ceremony with this device; the session for the customer's own view.
async fn confirm(app: &TestApp, kind: &str, link: &Value, device: &mut Authenticator) -> Value {
    let options = app.options(kind, link).await.expect(200);
    let credential = if kind == "register" {
        device.register(&options["publicKey"], &app.origin)
    } else {
        device.authenticate(&options["publicKey"], &app.origin)
    };
    app.verify(kind, &options, &credential).await.expect(200)["session"].clone()
}

/// Sets an authenticator app up; the session for the customer's own view.
async fn enrol(app: &TestApp, customer: &str) -> Value {
    let more = json!({ "enrolment": "call_code", "methods": ["passkey", "totp"] });
    let link = app.link_with(customer, more).await;
    let body = json!({ "token": link["token"], "call_code": link["call_code"] }).to_string();
    let options = app.post_from_page("/api/ceremony/totp/options", body).await.expect(200);
    let code = AuthenticatorApp::set_up(&options).code(app.now(), 0);
    let body = json!({ "challenge_token": options["challenge_token"], "code": code }).to_string();
    app.post_from_page("/api/ceremony/totp/verify", body).await.expect(200)["session"].clone()
}

fn url(link: &Value) -> String {
    link["url"].as_str().unwrap().to_owned()
}

/// A code that no link has.
const WRONG: &str = "0000 1111 2222";

/// A wide word mark.
const LOGO: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 32"><rect width="96" height="32" rx="8" fill="#0b6e4f"/><path d="M12 24l8-16 8 16M36 8v16h12M58 8v16M68 24V8l14 16V8" fill="none" stroke="#fff" stroke-width="3"/></svg>"##;
