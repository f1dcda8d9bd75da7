//! What webhooks say, and to whom.

use serde_json::json;
use vouchlink::domain::link::CrmRecord;
use vouchlink::domain::verdict::{Assurance, Reason};
use vouchlink::store::{Answered, Context, Settled};

use super::answers::{right, settle, settlement};
use super::fresh;
use super::samples::{
    ANSWER, ParseLine, T0, VERDICT_TTL, at, begin, binding, bodies, built_in, context, create,
    create_as, credential, enrol, new_link, not_verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_link_says_so_with_all_it_knows() {
    let store = fresh().await;
    let mut new = new_link("12345", T0);
    new.link.request.reference = Some("case-8841".parse_line());
    new.link.request.crm =
        Some(CrmRecord { module: "Contacts".parse_line(), record_id: "77".parse_line() });
    new.link.request.metadata.insert("tier".to_owned(), json!("gold"));
    let link = create_as(&**store, new).await;
    let ceremony = begin(&**store, &link, T0).await;
    settle(&**store, &ceremony, binding(credential(&link, T0)), T0).await;

    assert_eq!(
        bodies(&**store, T0).await,
        [json!({
            "type": "verification.verified",
            "timestamp": T0.to_string(),
            "user_id": "12345",
            "verified": true,
            "ts": T0.seconds(),
            "data": {
                "link_id": link.id.to_string(),
                "status": "verified",
                "reason": "ok",
                "method": "passkey",
                "assurance": 0,
                "binding": "link",
                "first_use": true,
                "recent_rebind": false,
                "verified_at": T0.to_string(),
                "verified_until": T0.plus(VERDICT_TTL).to_string(),
                "sequence": 2,
                "reference": "case-8841",
                "crm": { "module": "Contacts", "record_id": "77" },
                "metadata": { "tier": "gold" },
            },
        })]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_link_that_ends_without_a_word_does_not_close_the_gate() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    bodies(&**store, T0).await;
    let superseded = create(&**store, "1", at(1)).await;
    let expired = create(&**store, "1", at(2)).await;
    store.expire_links(10, context(expired.expires_at)).await.unwrap();
    // What has not arrived when the customer declines need not any more.
    let mut said = bodies(&**store, expired.expires_at).await;
    let declined = create(&**store, "1", at(1000)).await;
    let not_me = not_verified(Reason::NotMe, at(1001));
    store.end_link(declined.id, not_me, context(at(1001))).await.unwrap();

    said.extend(bodies(&**store, at(1001)).await);
    let said: Vec<_> = said
        .into_iter()
        .map(|body| {
            let data = &body["data"];
            json!([body["type"], body["verified"], data["link_id"], data["reason"]])
        })
        .collect();
    assert_eq!(
        said,
        [
            json!(["verification.revoked", true, superseded.id, "superseded"]),
            json!(["verification.expired", true, expired.id, "expired"]),
            json!(["verification.declined", false, declined.id, "not_me"]),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_demands_more_stays_closed_in_the_webhook() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let settlement = settlement(&ceremony, binding(credential(&link, T0)), T0);
    let strict = Context { gate_min_assurance: Assurance::new(1).unwrap(), ..context(T0) };
    let answered = Answered::new(ceremony.id, link.id, ANSWER);
    let settled = store.answer_ceremony(answered, right(settlement), strict).await.unwrap();
    assert!(matches!(settled, Ok(Settled::Done(_))), "{settled:?}");
    let [body] = &bodies(&**store, T0).await[..] else { panic!("not one webhook") };
    assert_eq!(
        (&body["type"], &body["verified"]),
        (&json!("verification.verified"), &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_events_are_numbered_without_gaps() {
    let store = fresh().await;
    enrol(&**store, "other", T0).await;
    bodies(&**store, T0).await;
    for second in 1..4 {
        create(&**store, "1", at(second)).await;
    }
    let numbers: Vec<_> = bodies(&**store, at(4))
        .await
        .into_iter()
        .map(|body| body["data"]["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_endpoint_nothing_is_queued() {
    let store = fresh().await;
    store.set_built_in_endpoint(None, T0).await.unwrap();
    let (link, _) = enrol(&**store, "1", T0).await;
    assert_eq!(store.link_deliveries(link.id).await.unwrap(), vec![]);
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let (link, _) = enrol(&**store, "2", T0).await;
    assert_eq!(store.link_deliveries(link.id).await.unwrap().len(), 1);
    assert_eq!(bodies(&**store, T0).await.len(), 1);
}
