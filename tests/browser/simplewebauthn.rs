//! The official `@simplewebauthn/browser` against our API, on a page of ours and under its policy.

use serde_json::json;

use super::packages;
use super::page::{phone, url};
use crate::support::app::TestApp;
use crate::support::browser::TestBrowser;

const CEREMONY: &str = r#"(async (kind, start) => {
    const post = (step, body) => fetch("/api/ceremony/" + kind + "/" + step, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body)
    }).then(answer => answer.json());
    const options = await post("options", { token: document.body.dataset.token });
    const credential = await SimpleWebAuthnBrowser[start]({ optionsJSON: options.publicKey });
    return post("verify", { challenge_token: options.challenge_token, credential: credential });
})"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_library_completes_both_ceremonies() {
    let library = packages::read("@simplewebauthn/browser/dist/bundle/index.umd.min.js");
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    for (kind, start) in
        [("register", "startRegistration"), ("authenticate", "startAuthentication")]
    {
        let link = app.link("12345").await;
        tab.goto(url(&link)).await;
        tab.evaluate(&format!("{library};null")).await;
        let done = tab.evaluate(&format!("{CEREMONY}('{kind}', '{start}')")).await;
        assert_eq!(
            (&done["verified"], &done["status"]),
            (&json!(true), &json!("verified")),
            "{kind}"
        );
        assert_eq!(app.webhook().await["verified"], true);
    }
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}
