//! The page for codes when something is in the way: wrong codes, refusals, lost replies, no mouse.

use std::time::Duration;

use serde_json::json;
use vouchlink::domain::audit::Actor;
use vouchlink::store::Context;

use super::code::Stage;
use super::page::url;
use crate::support::totp::AuthenticatorApp;

/// What the page has sent so far, as paths and bodies.
const WATCH: &str = "window.sent = []; { const real = window.fetch;
    window.fetch = (path, request) => { sent.push([path, request.body]); return real(path, request); }; }";

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_end_the_link_in_the_end() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let (app, _) = stage.with_an_app().await;
    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    tab.click("#screen-start [data-do=begin]").await;
    let answered = "document.body.dataset.screen === 'failed' || (!document.querySelector('#screen-type [data-field]').disabled
        && !document.querySelector('#app-code-error [data-when=wrong]').hidden)";
    for tries in 1..=5 {
        stage.fill("app-code", &stage.wrong(&app)).await;
        tab.press("Enter").await;
        tab.until(answered, |done| *done == true).await;
        let failed = tab.evaluate("document.body.dataset.screen").await == "failed";
        assert_eq!(failed, tries == 5, "after {tries}");
    }
    tab.sees("#screen-failed h1", "This link can’t be used any more").await;
    let event = stage.app.webhook().await;
    let facts = [&event["verified"], &event["data"]["reason"]];
    assert_eq!(facts, [&json!(false), &json!("too_many_attempts")]);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_can_be_declined_with_the_code_half_typed() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    stage.with_an_app().await;
    let link = stage.next_link(json!({ "call_initiator": "customer" })).await;
    stage.open(&link).await;
    tab.click("#call-customer").await;
    tab.click("#screen-start [data-do=begin]").await;
    stage.fill("app-code", "123").await;
    tab.click("#not-me").await;
    tab.click("#decline-stranger").await;
    tab.sees("#screen-declined h1", "You said this wasn’t you").await;
    assert_eq!(stage.app.webhook().await["data"]["reason"], "called_by_stranger");
    assert_eq!(stage.app.shown(&link).await["status"], "declined");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whom_a_stranger_called_is_told_to_hang_up_here_too() {
    let stage = Stage::set().await;
    let link = stage.first_link(json!({ "call_initiator": "customer" })).await;
    stage.open(&link).await;
    stage.tab.click("#call-company").await;
    stage.tab.sees("#screen-hang-up h1", "Please hang up").await;
    assert_eq!(stage.app.webhook().await["data"]["reason"], "called_by_stranger");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_an_app_learns_that_this_link_cannot_add_one() {
    let stage = Stage::set().await;
    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    stage.tab.click("#screen-start [data-do=begin]").await;
    stage.tab.sees("#screen-none h1", "No app is set up yet").await;
    stage.tab.click("#screen-none a").await;
    stage.tab.sees("#screen-start h1", "Set up this phone").await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_links_page_shows_the_way_to_codes_on_stuck_screens_only() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let link =
        stage.first_link(json!({ "call_initiator": "customer", "statement": "Hello" })).await;
    tab.goto(url(&link)).await;
    tab.until("document.body.dataset.probe", |probe| probe == "ready").await;
    let found = tab
        .evaluate(
            "[...document.querySelectorAll('.screen')].map(it => it.id.slice(7)).filter(name => {
                Ceremony.show(name);
                return document.getElementById('use-app').checkVisibility();
            })",
        )
        .await;
    assert_eq!(found, json!(["open", "phone", "lock", "no-passkey", "unable", "new-link"]));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_wait_is_told_how_long() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    stage.with_an_app().await;
    let customer = stage.app.get("/api/customers/12345").await.expect(200);
    let id = customer["authenticator_apps"][0]["id"].as_str().unwrap().parse().unwrap();
    for _ in 0..10 {
        let verification = &stage.app.services.verify.verification;
        let context = Context::new(stage.app.now(), Actor::Customer, verification);
        assert!(stage.app.services.store.count_try(id, context).await.unwrap());
    }
    let link = stage.next_link(json!({})).await;
    for (passed, left) in [(0, "60 minutes"), (1200, "40 minutes"), (2310, "90 seconds")] {
        stage.app.clock.advance(Duration::from_secs(passed));
        let link = if passed > 0 { &stage.next_link(json!({})).await } else { &link };
        stage.open(link).await;
        tab.click("#screen-start [data-do=begin]").await;
        tab.sees("#wait-seconds", left).await;
        assert_eq!(tab.evaluate("document.getElementById('wait-over').disabled").await, true);
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_real_tap_sends_anything_and_two_are_one() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let (app, _) = stage.with_an_app().await;
    let link = stage.next_link(json!({})).await;
    stage.open(&link).await;
    tab.evaluate(WATCH).await;
    tab.evaluate("document.querySelector('[data-do=begin]').click()").await;
    tab.evaluate("document.getElementById('app-code').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))")
        .await;
    assert_eq!(tab.evaluate("sent.length").await, 0);
    assert_eq!(stage.app.shown(&link).await["status"], "pending");
    tab.click_twice("#screen-start [data-do=begin]").await;
    stage.fill("app-code", &stage.digits(&app)).await;
    tab.click_twice("#screen-type [data-do=check]").await;
    tab.screen("success").await;
    let paths = tab.evaluate("sent.map(it => it[0])").await;
    assert_eq!(paths, json!(["/api/ceremony/totp/options", "/api/ceremony/totp/verify"]));
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_reply_is_lost_goes_out_again_as_it_was_and_its_answer_comes_whole() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let link = stage.first_link(json!({})).await;
    stage.open(&link).await;
    let app = stage.add(&link).await;
    tab.click("#screen-add [data-to=type]").await;
    let lossy = "window.sent = []; { const real = window.fetch;
        window.fetch = (path, request) => real(path, request).then(reply => {
            if (path.endsWith('/verify') && window.sent.push(request.body) === 1) throw new TypeError();
            return reply;
        }); }";
    tab.evaluate(lossy).await;
    stage.fill("app-code", &stage.digits(&app)).await;
    tab.press("Enter").await;
    tab.screen("keep").await;
    assert_eq!(tab.evaluate("sent.length === 2 && sent[0] === sent[1]").await, true);
    assert_eq!(stage.codes().await.len(), 10);
    assert_eq!(stage.app.webhook().await["verified"], true);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_to_an_app_goes_by_keyboard_alone() {
    let stage = Stage::set().await;
    let tab = &stage.tab;
    let link =
        stage.first_link(json!({ "call_initiator": "customer", "statement": "Hello" })).await;
    stage.open(&link).await;
    let reach = async |wanted: &str| {
        for _ in 0..9 {
            tab.press("Tab").await;
            let here = "(it => it.id || it.dataset.to || it.dataset.do)(document.activeElement)";
            if tab.evaluate(here).await == wanted {
                let ring = "getComputedStyle(document.activeElement).outlineStyle";
                assert_eq!(tab.evaluate(ring).await, "solid", "{wanted} shows its focus");
                return;
            }
        }
        panic!("{wanted} cannot be reached");
    };
    for (screen, wanted) in
        [("direction", "call-customer"), ("start", "next"), ("statement", "begin")]
    {
        tab.screen(screen).await;
        reach(wanted).await;
        tab.press("Enter").await;
    }
    tab.screen("call").await;
    reach("call-code").await;
    tab.type_text(link["call_code"].as_str().unwrap()).await;
    reach("check").await;
    tab.press("Enter").await;
    tab.screen("add").await;
    let key = tab.evaluate("document.getElementById('key').textContent").await;
    reach("type").await;
    tab.press("Enter").await;
    reach("app-code").await;
    tab.type_text(&stage.digits(&AuthenticatorApp::told(key.as_str().unwrap()))).await;
    reach("check").await;
    tab.press("Enter").await;
    tab.screen("keep").await;
    reach("copy").await;
    reach("kept").await;
    tab.press("Enter").await;
    tab.screen("success").await;
    stage.end().await;
}
