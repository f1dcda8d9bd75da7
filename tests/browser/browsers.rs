//! Browsers that lack or refuse what others have, and computers that need no phone.

use serde_json::json;

use super::page::{phone, url};
use super::places::COMPUTER;
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser, View};

/// Confirms with a first and then with the same passkey, and looks at it.
async fn both_ceremonies(app: &TestApp, tab: &Tab) {
    for kind in ["register", "authenticate"] {
        let link = app.link_with("12345", json!({ "statement": "Close account 8841" })).await;
        tab.goto(url(&link)).await;
        assert_eq!(tab.evaluate("document.body.dataset.kind").await, kind);
        tab.click("#screen-start [data-do=next]").await;
        tab.click("#confirm").await;
        tab.screen("success").await;
        assert_eq!(app.webhook().await["verified"], true, "{kind}");
        assert_eq!(app.shown(&link).await["status"], "verified");
    }
    tab.click("#mine").await;
    tab.sees("#history", "Close account 8841").await;
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_from_before_the_helpers_completes_both_ceremonies() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    // What Safari on iOS 15 does not have, and what a browser may always lack.
    tab.before_every_page(
        "for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON', 'getClientCapabilities',
            'isConditionalMediationAvailable', 'signalUnknownCredential', 'signalAllAcceptedCredentials',
            'signalCurrentUserDetails']) delete PublicKeyCredential[name];
        for (const name of ['toJSON', 'authenticatorAttachment']) delete PublicKeyCredential.prototype[name];
        for (const name of ['getTransports', 'getPublicKey', 'getAuthenticatorData'])
            delete AuthenticatorAttestationResponse.prototype[name];
        for (const name of ['AbortSignal', 'structuredClone', 'trustedTypes', 'CSSLayerBlockRule', 'scheduler',
            'requestIdleCallback', 'navigation', 'cookieStore']) delete window[name];
        for (const [type, names] of [[Array, ['at', 'findLast', 'toSorted', 'with']], [String, ['at', 'replaceAll']]])
            for (const name of names) delete type.prototype[name];
        delete Object.hasOwn;
        delete Promise.withResolvers;
        delete Promise.any;
        Object.defineProperty(navigator, 'clipboard', { value: undefined });
        Object.defineProperty(navigator, 'userAgentData', { value: undefined });
        const format = Intl.NumberFormat;
        Intl.NumberFormat = function (lang, options) {
            if (options && options.style === 'unit') throw new RangeError('style');
            return new format(lang, options);
        };",
    )
    .await;
    both_ceremonies(&app, &tab).await;
    let gone = "'AbortSignal' in window || 'toJSON' in PublicKeyCredential.prototype";
    assert_eq!(tab.evaluate(gone).await, false);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_keeps_nothing_is_as_good_as_any() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    tab.before_every_page(
        "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore'])
            Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
        Object.defineProperty(Document.prototype, 'cookie', {
            get() { throw new DOMException('refused', 'SecurityError'); },
            set() { throw new DOMException('refused', 'SecurityError'); }
        });
        Object.defineProperty(navigator, 'cookieEnabled', { value: false });
        Object.defineProperty(navigator, 'serviceWorker', { value: undefined });",
    )
    .await;
    both_ceremonies(&app, &tab).await;
    let refused =
        "(() => { try { return String(localStorage); } catch (error) { return error.name; } })()";
    assert_eq!(tab.evaluate(refused).await, "SecurityError");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_that_can_confirms_there_or_hands_over_as_the_customer_likes() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = browser.tab().await;
    tab.call_itself(COMPUTER).await;
    tab.look_as(View::DESKTOP).await;
    let link = app.link("12345").await;
    tab.goto(url(&link)).await;
    tab.sees("#screen-start h1", "Set up this computer to confirm it’s you").await;
    tab.sees("#screen-start", "Your computer will ask for your fingerprint, face or PIN.").await;
    tab.click("#use-phone").await;
    tab.sees("#screen-phone h1", "Use your phone").await;
    tab.click("#screen-phone [data-do=stay]").await;
    tab.screen("start").await;
    assert_eq!(app.shown(&link).await["status"], "pending", "to and fro opens nothing");
    tab.click("#confirm").await;
    tab.sees("#screen-success", "Confirmed with this computer’s screen lock.").await;
    assert_eq!(app.webhook().await["verified"], true);
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}
