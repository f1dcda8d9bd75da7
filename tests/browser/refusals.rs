//! What a device or our server refuses with, name by name: each has its screen, its words and a next
//! step, and nobody is shown a browser's own words.

use std::time::Duration;

use serde_json::json;

use super::page::{ANDROID, open, phone, url, verified};
use crate::support::app::TestApp;
use crate::support::browser::{Tab, TestBrowser};

/// Makes the device refuse as `window.refusal` says, so many milliseconds after it was asked.
const REFUSING: &str = "window.told = []; let later = 0;
    const clock = performance.now.bind(performance);
    performance.now = () => { const now = clock() + later; later = 0; return now; };
    for (const ask of ['create', 'get']) {
        const real = navigator.credentials[ask].bind(navigator.credentials);
        navigator.credentials[ask] = it => {
            if (!window.refusal) return real(it);
            later = window.refusal[1];
            return Promise.reject(window.refusal[0] === 'TypeError' ? new TypeError('its own words')
                : new DOMException('its own words', window.refusal[0]));
        };
    }
    const fetched = window.fetch;
    window.fetch = (...it) => {
        if (it[0].endsWith('/diagnostics')) window.told.push(JSON.parse(it[1].body));
        return fetched(...it);
    };";

const REGISTER: &str = "register";
const AUTHENTICATE: &str = "authenticate";
const BOTH: &str = "";

/// Which ceremony, the error's name, after how many milliseconds; the screen, what it says, and
/// the next step that it offers first.
const REFUSALS: &[(&str, &str, u32, &str, &str, &str)] = &[
    (AUTHENTICATE, "NotAllowedError", 5, "no-passkey", "couldn’t find your passkey", "confirm"),
    (REGISTER, "NotAllowedError", 5, "open", "couldn’t start the check", "copy"),
    (BOTH, "NotAllowedError", 1_100, "cancelled", "nothing was confirmed", "again"),
    (BOTH, "NotAllowedError", 29_000, "cancelled", "when you’re ready", "again"),
    (BOTH, "NotAllowedError", 30_500, "timeout", "That took a while", "again"),
    (BOTH, "AbortError", 5, "timeout", "Take your time", "again"),
    (BOTH, "TimeoutError", 300_000, "timeout", "That took a while", "again"),
    (REGISTER, "InvalidStateError", 900, "already", "nothing new was confirmed", "again"),
    (AUTHENTICATE, "InvalidStateError", 900, "trouble", "Nothing was confirmed", "again"),
    (BOTH, "SecurityError", 5, "misfit", "It’s nothing you did", "again"),
    (BOTH, "ConstraintError", 5, "unable", "in another way", "copy"),
    (BOTH, "NotSupportedError", 5, "unable", "This phone can’t do this check", "copy"),
    (BOTH, "UnknownError", 2_000, "trouble", "Close other windows", "again"),
    (BOTH, "TypeError", 1, "trouble", "Close other windows", "again"),
    (BOTH, "EncodingError", 1, "trouble", "Close other windows", "again"),
    (BOTH, "OperationError", 4_000, "trouble", "Close other windows", "again"),
];

/// The screen has these words and this step, and a way to say that it was not the customer.
async fn offers(tab: &Tab, screen: &str, words: &str, step: &str) {
    tab.screen(screen).await;
    tab.sees(&format!("#screen-{screen}"), words).await;
    let shows =
        |selector: &str| format!("document.querySelector(\"{selector}\").checkVisibility()");
    assert_eq!(tab.evaluate(&shows(&format!("#screen-{screen} [data-do={step}]"))).await, true);
    assert_eq!(tab.evaluate(&shows("#not-me")).await, true, "{screen}");
    let text = tab.evaluate("document.body.innerText").await;
    let text = text.as_str().unwrap();
    assert!(!text.contains("Error") && !text.contains("its own words"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_and_time_of_a_devices_refusal_has_its_words_and_a_next_step() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    let tab = phone(&browser).await;
    tab.before_every_page(REFUSING).await;
    for kind in [REGISTER, AUTHENTICATE] {
        let link = app.link("12345").await;
        for (only, name, ms, screen, words, step) in REFUSALS {
            if *only != BOTH && *only != kind {
                continue;
            }
            tab.goto(url(&link)).await;
            tab.evaluate(&format!("window.refusal = ['{name}', {ms}]")).await;
            tab.click("#confirm").await;
            offers(&tab, screen, words, step).await;
            let told = tab.until("window.told[0]", |told| !told.is_null()).await;
            assert_eq!(
                (&told["screen"], &told["error"]),
                (&json!(screen), &json!(name)),
                "{kind} {name} {ms}"
            );
            let after = told["ms"].as_u64().unwrap();
            assert!(after >= u64::from(*ms) && after < u64::from(*ms) + 900, "{name} {told}");
        }
        assert_eq!(app.shown(&link).await["status"], "opened", "{kind}");
        // Whatever it was, the next tap may work; the passkey is what the second ceremony asks for.
        if kind == REGISTER {
            tab.evaluate("window.refusal = null").await;
            tab.click("#screen-trouble [data-do=again]").await;
            verified(&app, &tab).await;
        }
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_apps_browser_a_quick_refusal_leads_out_of_it() {
    let (app, browser) = (TestApp::start().await, TestBrowser::launch().await);
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let tab = phone(&browser).await;
    tab.before_every_page(REFUSING).await;
    tab.call_itself(&format!("{ANDROID} Instagram 400.0")).await;
    tab.goto(url(&link)).await;
    // It says that it can: let it try.
    tab.screen("start").await;
    tab.evaluate("window.refusal = ['NotAllowedError', 20]").await;
    tab.click("#confirm").await;
    offers(&tab, "open", "You are in an app’s built-in browser", "copy").await;
    tab.sees("#open-android", "Open in my browser").await;
    browser.close().await;
}

/// Our server's refusals: status and code, and the screen, words and next step for each.
const ANSWERS: &[(u16, &str, &str, &str, &str)] = &[
    (410, "challenge_expired", "once-more", "One more tap", "again"),
    (409, "challenge_used", "once-more", "One more tap", "again"),
    (422, "not_confirmed", "not-confirmed", "screen lock you normally use", "again"),
    (403, "forbidden_origin", "misfit", "your link still works", "again"),
    (422, "validation", "server", "Your link still works", "again"),
    (429, "rate_limited", "wait", "Just a moment", "again"),
];
/// The same where nothing is left to be tapped; an end says what to do.
const ENDS: &[(u16, &str, &str, &str)] = &[
    (404, "link_invalid", "unknown", "open the link again from the message"),
    (410, "link_expired", "expired", "ask the person you are talking with"),
    (410, "link_used", "used", "by a number you already know"),
    (410, "link_revoked", "revoked", "sent you a newer link"),
    (410, "link_failed", "failed", "ask the person you are talking with"),
    (410, "link_declined", "declined", "use a number you already know"),
    (409, "wrong_ceremony", "new-link", "ask the person you are talking with"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_our_own_refusals_has_its_words_and_a_next_step() {
    let (_app, browser, tab, link) = open(json!({})).await;
    let answer = async |step: &str, status: u16, code: &str| {
        tab.goto(url(&link)).await;
        tab.evaluate(&format!(
            "const real = window.fetch; window.fetch = (...it) => it[0].endsWith('/{step}')
                ? Promise.resolve(new Response('{{\"code\":\"{code}\"}}', {{ status: {status} }})) : real(...it);",
        ))
        .await;
        tab.click("#confirm").await;
    };
    for step in ["options", "verify"] {
        for (status, code, screen, words, next) in ANSWERS {
            answer(step, *status, code).await;
            offers(&tab, screen, words, next).await;
        }
        for (status, code, screen, words) in ENDS {
            answer(step, *status, code).await;
            tab.screen(screen).await;
            tab.sees(&format!("#screen-{screen}"), words).await;
        }
    }
    answer("options", 503, "unavailable").await;
    offers(&tab, "server", "try again in a moment", "again").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_slept_while_its_owner_was_asked_asks_for_one_more_tap() {
    let (app, browser, tab, link) = open(json!({ "ttl_seconds": 3_600 })).await;
    tab.evaluate(
        "const real = window.fetch; window.slept = false;
        window.fetch = (...it) => it[0].endsWith('/verify') && !window.slept
            ? new Promise(go => { window.wake = () => { window.slept = true; go(real(...it)); }; }) : real(...it);",
    )
    .await;
    tab.click("#confirm").await;
    tab.until("!!window.wake", |asleep| *asleep == true).await;
    app.clock.advance(Duration::from_secs(600));
    tab.evaluate("window.wake()").await;
    offers(&tab, "once-more", "This page was open for a while", "again").await;
    assert_eq!(app.shown(&link).await["status"], "opened");
    tab.click("#screen-once-more [data-do=again]").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_or_a_call_code_whose_time_ends_while_the_page_is_open_says_so() {
    let (app, browser, tab, link) = open(json!({ "ttl_seconds": 60 })).await;
    app.clock.advance(Duration::from_secs(61));
    tab.click("#confirm").await;
    tab.sees("#screen-expired h1", "This link has ended").await;
    assert_ne!(app.shown(&link).await["status"], "verified");

    let link = app.link_with("other", json!({ "enrolment": "call_code" })).await;
    tab.goto(url(&link)).await;
    tab.click("#screen-start [data-do=next]").await;
    app.clock.advance(Duration::from_secs(301));
    tab.click("#code").await;
    tab.type_text(link["call_code"].as_str().unwrap()).await;
    tab.click("#confirm").await;
    tab.sees("#screen-code-late", "Nothing was confirmed").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_devices_that_ask_at_once_the_newer_one_counts_and_the_other_is_told() {
    let (app, browser, first, link) = open(json!({})).await;
    let second = phone(&browser).await;
    second.goto(link["short_url"].as_str().unwrap()).await;
    let hold = "const real = window.fetch; window.fetch = (...it) => it[0].endsWith('/verify')
        ? new Promise(go => { window.let_go = () => go(real(...it)); }) : real(...it);";
    for tab in [&first, &second] {
        tab.bring_to_front().await;
        tab.evaluate(hold).await;
        tab.click("#confirm").await;
        tab.until("!!window.let_go", |held| *held == true).await;
    }
    first.bring_to_front().await;
    first.evaluate("window.let_go()").await;
    first.screen("once-more").await;
    second.bring_to_front().await;
    second.evaluate("window.let_go()").await;
    second.screen("success").await;
    first.bring_to_front().await;
    first.click("#screen-once-more [data-do=again]").await;
    first.sees("#screen-used", "already confirmed").await;
    assert_eq!(app.webhook().await["verified"], true);
    browser.close().await;
}
