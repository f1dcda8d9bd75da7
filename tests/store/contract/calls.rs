//! What the customer says before a ceremony: the call code, and who called whom.

use serde_json::json;
use vouchlink::domain::call::{CODE_TTL, Guess, Outcome, Said};
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::{Refused, Standing};
use vouchlink::domain::link::{CallCode, CallInitiator, Link, Status};
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{Begun, Changed, Listened, NotLive, Store};

use super::answers::not_live;
use super::fresh;
use super::samples::{
    ANSWER, LINK_TTL, T0, actions, at, begin, bodies, ceremony, context, create_as, create_asking,
    enrol, guess, hear, new_link, not_verified, secret, standing_of,
};

const LAST: Timestamp = Timestamp::from_millis(T0.millis() + 299_999);

async fn try_to_begin(store: &dyn Store, link: &Link, now: Timestamp) -> Begun {
    store.begin_ceremony(ceremony(link, now), link, context(now)).await.unwrap()
}

async fn found(store: &dyn Store, link: &Link) -> Link {
    store.find_link(link.id).await.unwrap().unwrap()
}

/// A link about a call, as staff say who made it.
async fn create_about(store: &dyn Store, user_id: &str, initiator: Option<CallInitiator>) -> Link {
    let mut new = new_link(user_id, T0);
    new.link.request.call_initiator = initiator;
    create_as(store, new).await
}

fn answering(answer: CallInitiator) -> Said {
    Said { answer: Some(answer), code: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_of_who_has_no_passkey_and_for_five_minutes() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    let asked = CallCode { until: T0.plus(CODE_TTL), given_at: None, tries: 0 };
    assert_eq!((link.kind, link.handover.call_code), (Kind::Register, Some(asked)));
    assert_eq!(found(&**store, &link).await, link);

    enrol(&**store, "2", T0).await;
    let link = create_asking(&**store, "2", at(1)).await;
    assert_eq!((link.kind, link.handover.call_code), (Kind::Authenticate, None));
    assert_eq!(try_to_begin(&**store, &link, at(1)).await, Begun::Begun);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ceremony_begins_before_the_right_code() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    assert_eq!(try_to_begin(&**store, &link, at(1)).await, Begun::LinkClosed);
    let wrong = guess(&**store, &link, Guess::Wrong, at(1)).await;
    assert_eq!(wrong, Outcome::CodeWrong { tries_left: 2 });
    assert_eq!(found(&**store, &link).await.state.opened_at(), Some(at(1)));
    assert_eq!(try_to_begin(&**store, &link, at(2)).await, Begun::LinkClosed);

    assert_eq!(guess(&**store, &link, Guess::Right, LAST).await, Outcome::CodeAccepted);
    assert_eq!(try_to_begin(&**store, &link, LAST).await, Begun::Begun);
    // It stays good, and nothing more is written.
    assert_eq!(guess(&**store, &link, Guess::Right, at(600)).await, Outcome::GoOn);
    assert_eq!(try_to_begin(&**store, &link, at(600)).await, Begun::Begun);
    let code = CallCode { until: at(300), given_at: Some(LAST), tries: 1 };
    assert_eq!(found(&**store, &link).await.handover.call_code, Some(code));
    assert_eq!(
        actions(&**store, link.id).await,
        ["link.created", "link.opened", "call_code.refused", "call_code.accepted"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_third_wrong_code_ends_the_link_with_all_that_belongs_to_it() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    for left in [2, 1, 0] {
        let wrong = guess(&**store, &link, Guess::Wrong, at(1)).await;
        assert_eq!(wrong, Outcome::CodeWrong { tries_left: left });
    }
    let ended = found(&**store, &link).await;
    assert_eq!(ended.state.verdict(), Some(&not_verified(Reason::CallCodeWrong, at(1))));
    assert_eq!(ended.state.status(), Status::Failed);
    let refused = Standing::Refused(Refused { link: link.id, at: at(1) });
    assert_eq!(standing_of(&**store, "1").await, Some(refused));
    let told = bodies(&**store, at(1)).await;
    let last = told.last().unwrap();
    assert_eq!(last["type"], "verification.failed");
    assert_eq!(last["data"]["reason"], "call_code_wrong");
    assert_eq!(last["verified"], false);
    let timeline = store.link_timeline(link.id).await.unwrap();
    let of = |action: &str| timeline.iter().filter(|entry| entry.action == action).count();
    assert_eq!((of("link.opened"), of("call_code.refused"), of("link.failed")), (1, 3, 1));
    let third = timeline.iter().rfind(|entry| entry.action == "call_code.refused").unwrap();
    assert_eq!(third.detail, json!({ "reason": "call_code_wrong", "tries_left": 0 }));

    let right = Said { code: Some(Guess::Right), answer: None };
    assert_eq!(hear(&**store, &link, right, at(2)).await, Listened::LinkClosed);
    assert_eq!(try_to_begin(&**store, &link, at(2)).await, Begun::LinkClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_count_after_the_right_code_too_and_end_a_ceremony_under_way() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    guess(&**store, &link, Guess::Right, at(1)).await;
    let begun = begin(&**store, &link, at(1)).await;
    for _ in 0..3 {
        guess(&**store, &link, Guess::Wrong, at(400)).await;
    }
    let ended = found(&**store, &link).await;
    assert_eq!(ended.state.status(), Status::Failed);
    let late = not_live(&**store, &begun, ANSWER, at(2)).await;
    assert_eq!(late, NotLive::LinkClosed(Box::new(ended)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_too_late_is_noted_once_and_not_counted() {
    let store = fresh().await;
    let link = create_asking(&**store, "1", T0).await;
    for code in [Guess::Wrong, Guess::Right, Guess::Wrong, Guess::Wrong, Guess::Wrong] {
        assert_eq!(guess(&**store, &link, code, at(300)).await, Outcome::CodeExpired);
    }
    assert_eq!(try_to_begin(&**store, &link, at(300)).await, Begun::LinkClosed);
    let late = found(&**store, &link).await;
    assert_eq!(late.state.status(), Status::Opened);
    assert_eq!(late.handover.call_code.unwrap().tries, 0);
    let timeline = store.link_timeline(link.id).await.unwrap();
    let refused: Vec<_> =
        timeline.iter().filter(|entry| entry.action == "call_code.refused").collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].detail, json!({ "reason": "call_code_expired" }));

    // The next code's time is another one.
    store.reissue_link(link.id, secret(), at(1300), context(at(400))).await.unwrap();
    let link = found(&**store, &link).await;
    assert_eq!(guess(&**store, &link, Guess::Right, at(700)).await, Outcome::CodeExpired);
    let noted = actions(&**store, link.id).await;
    assert_eq!(noted.iter().filter(|action| *action == "call_code.refused").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reissue_asks_for_another_code_from_the_start() {
    let store = fresh().await;
    let mut new = new_link("1", T0);
    new.link.request.enrolment = vouchlink::domain::link::Enrolment::CallCode;
    new.link.request.call_initiator = Some(CallInitiator::Company);
    let link = create_as(&**store, new).await;
    guess(&**store, &link, Guess::Wrong, at(1)).await;
    let both = Said { answer: Some(CallInitiator::Company), code: Some(Guess::Right) };
    hear(&**store, &link, both, at(1)).await;
    let begun = begin(&**store, &link, at(2)).await;
    let expires_at = at(3).plus(LINK_TTL);
    let reissued = store.reissue_link(link.id, secret(), expires_at, context(at(3))).await.unwrap();
    let Changed::Done(reissued) = reissued else { panic!("{reissued:?}") };

    let asked = CallCode { until: at(303), given_at: None, tries: 0 };
    assert_eq!(reissued.handover.call_code, Some(asked));
    assert_eq!(reissued.handover.call_answer, None);
    assert_eq!(found(&**store, &link).await, reissued);
    // The old secret is heard no more, right or wrong, and what was begun under it is dead.
    for code in [Guess::Right, Guess::Wrong] {
        let said = Said { code: Some(code), answer: None };
        assert_eq!(hear(&**store, &link, said, at(4)).await, Listened::LinkClosed);
    }
    assert_eq!(found(&**store, &link).await, reissued);
    assert_eq!(not_live(&**store, &begun, ANSWER, at(4)).await, NotLive::Used);
    assert_eq!(try_to_begin(&**store, &reissued, at(4)).await, Begun::LinkClosed);
    assert_eq!(guess(&**store, &reissued, Guess::Right, at(4)).await, Outcome::CodeAccepted);
    assert_eq!(try_to_begin(&**store, &reissued, at(4)).await, Begun::Begun);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_called_whom_is_noted_once() {
    let store = fresh().await;
    let link = create_about(&**store, "1", Some(CallInitiator::Customer)).await;
    for second in 1..4 {
        let said = answering(CallInitiator::Customer);
        let heard = hear(&**store, &link, said, at(second)).await;
        assert!(matches!(heard, Listened::Heard(Outcome::GoOn, _)), "{heard:?}");
    }
    assert_eq!(found(&**store, &link).await.handover.call_answer, Some(CallInitiator::Customer));
    begin(&**store, &link, at(4)).await;
    assert_eq!(actions(&**store, link.id).await, ["link.created", "link.opened", "call.answered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contradiction_ends_the_link_whenever_it_comes() {
    let store = fresh().await;
    let cases = [
        ("1", CallInitiator::Customer, CallInitiator::Company),
        ("2", CallInitiator::Company, CallInitiator::Customer),
    ];
    for (user_id, staff, contrary) in cases {
        let link = create_about(&**store, user_id, Some(staff)).await;
        hear(&**store, &link, answering(staff), at(1)).await;
        let begun = begin(&**store, &link, at(1)).await;
        let heard = hear(&**store, &link, answering(contrary), at(2)).await;
        let ended = found(&**store, &link).await;
        assert_eq!(heard, Listened::Heard(Outcome::CalledByStranger, Box::new(ended.clone())));
        assert_eq!(ended.state.verdict(), Some(&not_verified(Reason::CalledByStranger, at(2))));
        assert_eq!(ended.handover.call_answer, Some(contrary));
        let late = not_live(&**store, &begun, ANSWER, at(3)).await;
        assert_eq!(late, NotLive::LinkClosed(Box::new(ended)));
        let refused = Standing::Refused(Refused { link: link.id, at: at(2) });
        assert_eq!(standing_of(&**store, user_id).await, Some(refused));
        let told = bodies(&**store, at(2)).await;
        let last = told.last().unwrap();
        assert_eq!(
            (&last["type"], &last["verified"]),
            (&json!("verification.declined"), &json!(false))
        );
        assert_eq!(last["data"]["reason"], "called_by_stranger");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contradiction_ends_the_link_before_the_code_is_looked_at() {
    let store = fresh().await;
    for (user_id, code) in [("1", Some(Guess::Right)), ("2", Some(Guess::Wrong)), ("3", None)] {
        let mut new = new_link(user_id, T0);
        new.link.request.enrolment = vouchlink::domain::link::Enrolment::CallCode;
        new.link.request.call_initiator = Some(CallInitiator::Customer);
        let link = create_as(&**store, new).await;
        let said = Said { answer: Some(CallInitiator::Company), code };
        let heard = hear(&**store, &link, said, at(1)).await;
        assert!(matches!(heard, Listened::Heard(Outcome::CalledByStranger, _)), "{heard:?}");
        let ended = found(&**store, &link).await;
        assert_eq!(ended.state.status(), Status::Declined);
        let untouched = CallCode { until: at(300), given_at: None, tries: 0 };
        assert_eq!(ended.handover.call_code, Some(untouched));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_staff_said_nothing_of_a_call_nothing_is_heard_of_it() {
    let store = fresh().await;
    let link = create_about(&**store, "1", None).await;
    for said in [CallInitiator::Customer, CallInitiator::Company] {
        let heard = hear(&**store, &link, answering(said), at(1)).await;
        assert_eq!(heard, Listened::Heard(Outcome::GoOn, Box::new(link.clone())));
    }
    // Nor of a code that nobody asked for.
    for code in [Guess::Right, Guess::Wrong] {
        assert_eq!(guess(&**store, &link, code, at(1)).await, Outcome::GoOn);
    }
    assert_eq!(found(&**store, &link).await, link);
    assert_eq!(actions(&**store, link.id).await, ["link.created"]);
}
