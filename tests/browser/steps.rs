//! What comes before the device asks: who called whom, what is approved, the code that is read out.

use serde_json::json;

use super::page::{open, verified};

/// Six digits that are not these.
fn wrong(code: &str) -> String {
    code.chars().map(|digit| if digit == '1' { '2' } else { '1' }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_called_whom_is_asked_first_and_the_right_answer_leads_on() {
    let more = json!({"call_initiator": "company", "statement": "Close account 8841"});
    let (app, browser, tab, link) = open(more).await;
    tab.sees("#screen-direction", "or did someone call you?").await;
    tab.click("#call-company").await;
    tab.screen("start").await;
    assert_eq!(app.shown(&link).await["status"], "pending", "answers alone open nothing");
    tab.click("#screen-start [data-do=next]").await;
    tab.sees("#screen-statement", "Close account 8841").await;
    tab.click("#confirm").await;
    tab.sees("#screen-success", "You can go on with your call.").await;
    assert_eq!(app.webhook().await["verified"], true);
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whom_a_stranger_called_is_told_to_hang_up_and_the_link_ends() {
    let (app, browser, tab, link) = open(json!({"call_initiator": "customer"})).await;
    tab.click("#call-company").await;
    tab.sees("#screen-hang-up h1", "Please hang up").await;
    let event = app.webhook().await;
    assert_eq!(event["data"]["reason"], "called_by_stranger");
    assert_eq!(app.shown(&link).await["status"], "declined");
    assert_eq!(tab.evaluate("document.getElementById('not-me').checkVisibility()").await, false);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_is_in_no_call_reads_when_to_go_on() {
    let (app, browser, tab, _) = open(json!({"call_initiator": "customer"})).await;
    tab.click("#call-none").await;
    tab.sees("#screen-no-call", "If you asked").await;
    tab.click("#screen-no-call [data-do=next]").await;
    tab.click("#confirm").await;
    verified(&app, &tab).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_typed_as_it_is_heard_and_a_mistake_can_be_mended() {
    let (app, browser, tab, link) = open(json!({"enrolment": "call_code"})).await;
    let code = link["call_code"].as_str().unwrap();
    assert_eq!(code.len(), 6, "{link}");
    tab.click("#screen-start [data-do=next]").await;
    tab.click("#code").await;
    tab.type_text("12 34").await;
    tab.click("#confirm").await;
    tab.sees("#code-error", "all six digits").await;
    assert_eq!(tab.evaluate("document.activeElement.id").await, "code");
    assert_eq!(app.shown(&link).await["status"], "pending");

    tab.type_text(&wrong(code)).await;
    tab.press("Enter").await;
    tab.sees("#code-error", "You have 2 tries left.").await;
    // As an Arabic keyboard types it.
    let arabic: String =
        code.bytes().map(|digit| char::from_u32(0x630 + u32::from(digit)).unwrap()).collect();
    tab.evaluate(&format!("document.getElementById('code').value = '{arabic}'")).await;
    tab.set_user_verified(false).await;
    tab.click("#confirm").await;
    tab.screen("open").await;
    // It is remembered for another try.
    tab.set_user_verified(true).await;
    tab.click("#screen-open [data-do=confirm]").await;
    tab.screen("success").await;
    let event = app.webhook().await;
    assert_eq!(
        (&event["verified"], &event["data"]["binding"]),
        (&json!(true), &json!("call_code"))
    );
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_wrong_codes_the_link_is_dead_and_staff_are_told() {
    let (app, browser, tab, link) = open(json!({"enrolment": "call_code"})).await;
    let code = wrong(link["call_code"].as_str().unwrap());
    tab.click("#screen-start [data-do=next]").await;
    tab.click("#code").await;
    for left in ["You have 2 tries left.", "You have 1 try left."] {
        tab.type_text(&code).await;
        tab.click("#confirm").await;
        tab.sees("#code-error", left).await;
    }
    tab.type_text(&code).await;
    tab.click("#confirm").await;
    tab.screen("failed").await;
    let event = app.webhook().await;
    assert_eq!(
        (&event["verified"], &event["data"]["reason"]),
        (&json!(false), &json!("call_code_wrong"))
    );
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_goes_by_keyboard_alone() {
    let more =
        json!({"call_initiator": "customer", "enrolment": "call_code", "statement": "Hello"});
    let (app, browser, tab, link) = open(more).await;
    let reach = async |id: &str| {
        for _ in 0..8 {
            tab.press("Tab").await;
            if tab.evaluate("document.activeElement.id || document.activeElement.dataset.do").await
                == id
            {
                let ring = "getComputedStyle(document.activeElement).outlineStyle";
                assert_eq!(tab.evaluate(ring).await, "solid", "{id} shows its focus");
                return;
            }
        }
        panic!("{id} cannot be reached");
    };
    tab.screen("direction").await;
    reach("call-customer").await;
    tab.press("Enter").await;
    for screen in ["start", "statement"] {
        tab.screen(screen).await;
        reach("next").await;
        tab.press("Enter").await;
    }
    tab.screen("code").await;
    reach("code").await;
    tab.type_text(link["call_code"].as_str().unwrap()).await;
    reach("confirm").await;
    tab.press("Enter").await;
    verified(&app, &tab).await;
    browser.close().await;
}
