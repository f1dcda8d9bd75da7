//! A headless Chromium with virtual authenticators (WebAuthn Level 3, section 11), driven as a
//! person would: by looking and clicking. The one named by `CHROME`, or the first in the path.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetScriptExecutionDisabledParams,
};
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, InsertTextParams,
};
use chromiumoxide::cdp::browser_protocol::log::{EventEntryAdded, LogEntryLevel, LogEntrySource};
use chromiumoxide::cdp::browser_protocol::network::{
    Headers, SetExtraHttpHeadersParams, SetUserAgentOverrideParams,
};
use chromiumoxide::cdp::browser_protocol::web_authn::{
    AddVirtualAuthenticatorParams, AuthenticatorId, AuthenticatorProtocol, AuthenticatorTransport,
    Ctap2Version, EnableParams, RemoveVirtualAuthenticatorParams,
    SetAutomaticPresenceSimulationParams, SetUserVerifiedParams, VirtualAuthenticatorOptions,
};
use chromiumoxide::cdp::js_protocol::runtime::EventExceptionThrown;
use chromiumoxide::layout::Point;
use chromiumoxide::page::{Page, ScreenshotParams};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

/// How long a page may take to become what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(20);

pub(crate) struct TestBrowser {
    browser: Browser,
    events: JoinHandle<()>,
    /// Goes with the browser; a fresh one has no passkeys, caches or settings.
    profile: tempfile::TempDir,
}

/// A tab, whose device has a screen lock.
pub(crate) struct Tab {
    page: Page,
    authenticator: Option<AuthenticatorId>,
    complaints: Arc<Mutex<Vec<String>>>,
    listeners: Vec<JoinHandle<()>>,
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) dark: bool,
}

impl View {
    pub(crate) const PHONE: Self = Self { width: 390, height: 844, dark: false };
    pub(crate) const DESKTOP: Self = Self { width: 1280, height: 800, dark: false };
}

impl TestBrowser {
    pub(crate) async fn launch() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let config = BrowserConfig::builder()
            .new_headless_mode()
            .no_sandbox()
            .viewport(None)
            .user_data_dir(profile.path())
            .args(["disable-gpu", "disable-quic", "disable-component-update"])
            .build()
            .expect("the browser tests need Chromium: install it or name it in CHROME");
        let (browser, mut handler) = Browser::launch(config).await.unwrap();
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Self { browser, events, profile }
    }

    /// A new tab on a device with a screen lock, whose owner unlocks it when asked.
    pub(crate) async fn tab(&self) -> Tab {
        let page = self.browser.new_page("about:blank").await.unwrap();
        page.enable_log().await.unwrap();
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let listeners = listen(&page, &complaints).await;
        page.execute(EnableParams::default()).await.unwrap();
        let mut tab = Tab { page, authenticator: None, complaints, listeners };
        tab.add_screen_lock().await;
        tab
    }

    /// Closes the browser and waits until its process, and no other, is gone.
    pub(crate) async fn close(mut self) {
        let closed = async {
            self.browser.close().await.unwrap();
            self.browser.wait().await.unwrap();
        };
        if timeout(PATIENCE, closed).await.is_err() {
            self.browser.kill().await.unwrap().unwrap();
        }
        self.events.abort();
        // Left behind, if a last child still writes to it.
        let _ = self.profile.close();
    }
}

/// Collects what the console says of scripts that threw and of content that was refused.
async fn listen(page: &Page, complaints: &Arc<Mutex<Vec<String>>>) -> Vec<JoinHandle<()>> {
    let mut thrown = page.event_listener::<EventExceptionThrown>().await.unwrap();
    let mut entries = page.event_listener::<EventEntryAdded>().await.unwrap();
    let (of_thrown, of_entries) = (Arc::clone(complaints), Arc::clone(complaints));
    vec![
        tokio::spawn(async move {
            while let Some(event) = thrown.next().await {
                let details = &event.exception_details;
                let told = details.exception.as_ref().and_then(|it| it.description.clone());
                of_thrown.lock().unwrap().push(told.unwrap_or_else(|| details.text.clone()));
            }
        }),
        tokio::spawn(async move {
            while let Some(event) = entries.next().await {
                let entry = &event.entry;
                // A refusal's status is told as `Network`; it is no mistake of the page's.
                if entry.level == LogEntryLevel::Error && entry.source != LogEntrySource::Network {
                    of_entries.lock().unwrap().push(entry.text.clone());
                }
            }
        }),
    ]
}

impl Tab {
    /// Goes to `url` and waits until it is loaded.
    pub(crate) async fn goto(&self, url: &str) {
        self.evaluate("window.left = true").await;
        self.page.goto(url).await.unwrap();
        self.until("!window.left && document.readyState", |value| value == "complete").await;
    }

    /// A real, trusted click on the middle of what `selector` finds, once its page is there and it
    /// shows, is enabled and lies on top, and the page no longer takes a click for a second tap.
    pub(crate) async fn click(&self, selector: &str) {
        let point = self.point(selector).await;
        self.page.click(point).await.unwrap();
    }

    /// Makes it the tab that the device's owner looks at.
    pub(crate) async fn bring_to_front(&self) {
        self.page.bring_to_front().await.unwrap();
    }

    /// Two real clicks as fast as they go.
    pub(crate) async fn click_twice(&self, selector: &str) {
        let point = self.point(selector).await;
        for _ in 0..2 {
            self.page.click(point).await.unwrap();
        }
    }

    /// Where a finger would go for what `selector` finds, which is looked up and scrolled to in one
    /// step: a page that is being left has no second.
    async fn point(&self, selector: &str) -> Point {
        let middle = format!(
            "(() => {{
                const it = {};
                const calm = !(performance.now() <= document.body.dataset.calm);
                if (document.readyState !== 'complete' || !it?.checkVisibility() || it.disabled || !calm) return null;
                it.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                const box = it.getClientRects()[0];
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                return it.contains(document.elementFromPoint(x, y)) ? [x, y] : 'covered';
            }})()",
            find(selector)
        );
        let found = self.until(&middle, Value::is_array).await;
        Point::new(found[0].as_f64().unwrap(), found[1].as_f64().unwrap())
    }

    /// Types `text` into what has the focus.
    pub(crate) async fn type_text(&self, text: &str) {
        self.page.execute(InsertTextParams::new(text)).await.unwrap();
    }

    /// Presses one key, `Tab` or `Enter`.
    pub(crate) async fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, None),
            "Enter" => (13, Some("\r")),
            other => panic!("{other} is no key of ours"),
        };
        for kind in [DispatchKeyEventType::KeyDown, DispatchKeyEventType::KeyUp] {
            let mut event = DispatchKeyEventParams::builder()
                .r#type(kind.clone())
                .key(key)
                .code(key)
                .windows_virtual_key_code(code);
            if let Some(text) = text.filter(|_| kind == DispatchKeyEventType::KeyDown) {
                event = event.text(text);
            }
            self.page.execute(event.build().unwrap()).await.unwrap();
        }
    }

    /// Whether pages may run scripts, from the next `goto` on.
    pub(crate) async fn set_scripts(&self, on: bool) {
        self.page.execute(SetScriptExecutionDisabledParams::new(!on)).await.unwrap();
    }

    /// A script that runs in every page from now on, before the page's own.
    pub(crate) async fn before_every_page(&self, script: &str) {
        self.page.evaluate_on_new_document(script).await.unwrap();
    }

    /// Waits until what `selector` finds shows and its text contains `text`.
    pub(crate) async fn sees(&self, selector: &str, text: &str) {
        let shown = format!("{}?.checkVisibility() && {0}.innerText", find(selector));
        self.until(&shown, |value| value.as_str().is_some_and(|shown| shown.contains(text))).await;
    }

    /// Waits until the customer's page shows the screen `name`.
    pub(crate) async fn screen(&self, name: &str) {
        self.sees(&format!("#screen-{name} h1"), "").await;
    }

    /// What a JavaScript expression gives; its promise is awaited.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        let result = timeout(PATIENCE, self.page.evaluate(expression)).await;
        let result = result.unwrap_or_else(|_| panic!("{expression} is not done")).unwrap();
        result.value().cloned().unwrap_or(Value::Null)
    }

    /// Waits until `expression` gives what `is_right` takes, and gives that; says what it gave last
    /// if it never does.
    pub(crate) async fn until(&self, expression: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let watched = async {
            let mut glances = interval(GLANCE);
            loop {
                glances.tick().await;
                // While a page is being left there is nothing to evaluate in.
                if let Ok(result) = self.page.evaluate(expression).await {
                    last = result.value().cloned().unwrap_or(Value::Null);
                    if is_right(&last) {
                        break;
                    }
                }
            }
        };
        if timeout(PATIENCE, watched).await.is_err() {
            let screen = self.evaluate("document.body.dataset.screen").await;
            let said = self.complaints();
            panic!("waited for {expression}: {last}; screen {screen}; console {said:?}");
        }
        last
    }

    /// Whether the device's owner proves to be the owner when asked.
    pub(crate) async fn set_user_verified(&self, verified: bool) {
        let id = self.authenticator.clone().unwrap();
        self.page.execute(SetUserVerifiedParams::new(id, verified)).await.unwrap();
    }

    /// Whether the device's owner answers at all.
    pub(crate) async fn set_present(&self, present: bool) {
        let id = self.authenticator.clone().unwrap();
        self.page.execute(SetAutomaticPresenceSimulationParams::new(id, present)).await.unwrap();
    }

    /// Turns the device's screen lock on: an internal authenticator without passkeys.
    pub(crate) async fn add_screen_lock(&mut self) {
        let options = VirtualAuthenticatorOptions::builder()
            .protocol(AuthenticatorProtocol::Ctap2)
            .ctap2_version(Ctap2Version::Ctap21)
            .transport(AuthenticatorTransport::Internal)
            .has_resident_key(true)
            .has_user_verification(true)
            .is_user_verified(true)
            .automatic_presence_simulation(true)
            .build()
            .unwrap();
        let added = self.page.execute(AddVirtualAuthenticatorParams::new(options)).await.unwrap();
        self.authenticator = Some(added.result.authenticator_id);
    }

    /// Turns it off; its passkeys are lost.
    pub(crate) async fn remove_screen_lock(&mut self) {
        let id = self.authenticator.take().unwrap();
        self.page.execute(RemoveVirtualAuthenticatorParams::new(id)).await.unwrap();
    }

    pub(crate) async fn look_as(&self, view: View) {
        let mobile = view.width < 600;
        let scale = if mobile { 2.0 } else { 1.0 };
        let metrics = SetDeviceMetricsOverrideParams::new(view.width, view.height, scale, mobile);
        self.page.execute(metrics).await.unwrap();
        let scheme = if view.dark { "dark" } else { "light" };
        let features = vec![
            MediaFeature::new("prefers-color-scheme", scheme),
            // Nothing moves, so that pictures are taken of the end and clicks land.
            MediaFeature::new("prefers-reduced-motion", "reduce"),
        ];
        self.page.emulate_media_features(features).await.unwrap();
    }

    /// What the page takes the browser for, from the next `goto` on.
    pub(crate) async fn call_itself(&self, user_agent: &str) {
        self.page.execute(SetUserAgentOverrideParams::new(user_agent)).await.unwrap();
    }

    /// The language that the browser asks for, from the next `goto` on.
    pub(crate) async fn speak(&self, lang: &str) {
        let headers = Headers::new(serde_json::json!({ "Accept-Language": lang }));
        self.page.execute(SetExtraHttpHeadersParams::new(headers)).await.unwrap();
    }

    /// The few colours of the device's owner instead of the page's, until the next `look_as`.
    pub(crate) async fn force_colours(&self) {
        let features = vec![
            MediaFeature::new("forced-colors", "active"),
            MediaFeature::new("prefers-color-scheme", "dark"),
            MediaFeature::new("prefers-reduced-motion", "reduce"),
        ];
        self.page.emulate_media_features(features).await.unwrap();
    }

    /// A PNG of the whole page.
    pub(crate) async fn screenshot(&self, file: &Path) {
        let whole = ScreenshotParams::builder().full_page(true).build();
        self.page.save_screenshot(whole, file).await.unwrap();
    }

    /// Exceptions that no script caught, and what a policy refused.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap().clone()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.listeners.iter().for_each(JoinHandle::abort);
    }
}

fn find(selector: &str) -> String {
    format!("document.querySelector({})", Value::from(selector))
}
