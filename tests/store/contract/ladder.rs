//! How much a passkey is bound at: by what its link's way bears out, by the passkey that asked for
//! it, and by time and use.

use std::time::Duration;

use vouchlink::domain::ceremony::Refusal;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::credential::Credential;
use vouchlink::domain::customer::Standing;
use vouchlink::domain::id::{CredentialId, MailId};
use vouchlink::domain::link::{Enrolment, Link};
use vouchlink::domain::mail::{EmailAddress, MailNext};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::verdict::{Binding, Reason, Verdict};
use vouchlink::store::{
    Changed, KeyChange, MailLease, NewMail, SendOrder, Sending, Settled, Store,
};

use super::answers::settle;
use super::fresh;
use super::samples::{
    SEASONING, T0, actions, at, begin, binding, bodies, context, create, create_as,
    create_replacing, credential, enrol, key_use, new_link, not_verified, secret, standing_of,
    user,
};

/// When a passkey made at `T0` is worth more if it is used again.
fn seasoned_at() -> Timestamp {
    T0.plus(SEASONING)
}

/// Our mail with the link as it is now is taken by a mail server.
pub(crate) async fn send(store: &dyn Store, link: &Link, now: Timestamp) -> Link {
    let id = MailId::new(now, &SystemRandom).unwrap();
    let recipient = EmailAddress::parse("noa@example.com").unwrap();
    let order = SendOrder::Mail(NewMail { id, recipient });
    let sending = store.send_link(link.id, order, context(now)).await.unwrap();
    assert!(matches!(sending, Sending::Queued(_)), "{sending:?}");
    deliver_mails(store, link.secret.jti, now).await;
    store.find_link(link.id).await.unwrap().unwrap()
}

async fn deliver_mails(store: &dyn Store, jti: [u8; 16], now: Timestamp) {
    let lease = MailLease { limit: 9, ttl: Duration::from_secs(60), overdue: Duration::ZERO };
    for leased in store.lease_mails(lease, now).await.unwrap() {
        let next = MailNext::Sent { jti: leased.link.map(|_| jti) };
        assert!(store.record_mail(&leased, next, String::new(), context(now)).await.unwrap());
    }
}

/// Enrols with a key of this binding, on a link that bears it.
async fn enrol_at(store: &dyn Store, user_id: &str, bound: Binding, now: Timestamp) -> Credential {
    let link = create(store, user_id, now).await;
    send(store, &link, now).await;
    bind(store, &link, bound, now).await.unwrap()
}

/// Answers a registration link with a key of this binding.
async fn bind(
    store: &dyn Store,
    link: &Link,
    bound: Binding,
    now: Timestamp,
) -> Result<Credential, Refusal> {
    let ceremony = begin(store, link, now).await;
    let mut credential = credential(link, now);
    credential.binding = bound;
    match settle(store, &ceremony, binding(credential.clone()), now).await {
        Settled::Done(_) => Ok(credential),
        Settled::Refused(refusal, _) => Err(refusal),
        closed @ Settled::LinkClosed(_) => panic!("{closed:?}"),
    }
}

/// A link that adds a key, as this one's owner asked.
async fn adding(store: &dyn Store, by: Option<CredentialId>, now: Timestamp) -> Link {
    let mut new = new_link("1", now);
    new.link.request.enrolment = Enrolment::Add;
    new.link.handover.authorised_by = by;
    create_as(store, new).await
}

async fn use_key(store: &dyn Store, credential: &Credential, user_id: &str, now: Timestamp) {
    let link = create(store, user_id, now).await;
    let ceremony = begin(store, &link, now).await;
    let used = KeyChange::Use(key_use(credential, 0));
    let settled = settle(store, &ceremony, used, now).await;
    assert!(matches!(settled, Settled::Done(_)), "{settled:?}");
}

async fn season(store: &dyn Store, now: Timestamp) -> usize {
    store.season_credentials(100, context(now)).await.unwrap()
}

async fn bound_at(store: &dyn Store, credential: &Credential) -> Binding {
    let keys = store.list_credentials(credential.customer).await.unwrap();
    keys.iter().find(|key| key.id == credential.id).unwrap().binding
}

async fn decline(store: &dyn Store, user_id: &str, reason: Reason, now: Timestamp) {
    let link = create(store, user_id, now).await;
    let ended = store.end_link(link.id, not_verified(reason, now), context(now)).await.unwrap();
    assert!(matches!(ended, Changed::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_bound_higher_than_its_links_way_bears() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    for bound in [Binding::Channel, Binding::CallCode, Binding::Seasoned, Binding::Proofed] {
        let refused = bind(&**store, &link, bound, at(1)).await;
        assert_eq!(refused.unwrap_err(), Refusal::CustomerChanged, "{bound}");
        if bound == Binding::CallCode {
            break;
        }
    }
    let link = create(&**store, "1", at(2)).await;
    send(&**store, &link, at(2)).await;
    let refused = bind(&**store, &link, Binding::CallCode, at(3)).await;
    assert_eq!(refused.unwrap_err(), Refusal::CustomerChanged);
    assert!(bind(&**store, &link, Binding::Channel, at(3)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_a_former_url_sends_nothing() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    let sent = send(&**store, &link, at(1)).await;
    assert_eq!(sent.handover.sent_at, Some(at(1)));
    // A second mail changes nothing.
    assert_eq!(send(&**store, &link, at(2)).await.handover.sent_at, Some(at(1)));
    let Changed::Done(reissued) =
        store.reissue_link(link.id, secret(), at(900), context(at(3))).await.unwrap()
    else {
        panic!("not reissued")
    };
    assert_eq!(reissued.handover.sent_at, None);
    assert_eq!(store.find_link(link.id).await.unwrap(), Some(reissued.clone()));
    let late = send(&**store, &Link { secret: link.secret.clone(), ..reissued }, at(4)).await;
    assert_eq!(late.handover.sent_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_waited_and_was_used_again_is_seasoned_once() {
    let store = fresh().await;
    let waited = enrol_at(&**store, "1", Binding::Channel, T0).await;
    let unused = enrol_at(&**store, "2", Binding::Channel, T0).await;
    let (_, weak) = enrol(&**store, "3", T0).await;
    let hasty = enrol_at(&**store, "4", Binding::Channel, T0).await;
    let before = Timestamp::from_millis(seasoned_at().millis() - 1);
    use_key(&**store, &hasty, "4", before).await;
    use_key(&**store, &weak, "3", seasoned_at()).await;
    // Used again, but not after the waiting period, or not at all, or bound too low.
    assert_eq!(season(&**store, seasoned_at()).await, 0);

    use_key(&**store, &waited, "1", seasoned_at()).await;
    assert_eq!(bound_at(&**store, &waited).await, Binding::Channel);
    assert_eq!(season(&**store, seasoned_at()).await, 1);
    assert_eq!(season(&**store, seasoned_at()).await, 0);
    let all = [(&waited, Binding::Seasoned), (&unused, Binding::Channel), (&weak, Binding::Link)];
    for (key, expected) in all.into_iter().chain([(&hasty, Binding::Channel)]) {
        assert_eq!(bound_at(&**store, key).await, expected);
    }
    // What was said stays said.
    let Some(Standing::Verified { verified, .. }) = standing_of(&**store, "1").await else {
        panic!("not verified")
    };
    assert_eq!(verified.binding, Binding::Link, "as the sample's verdict says");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_are_seasoned_at_once_as_asked_for() {
    let store = fresh().await;
    for user_id in ["1", "2", "3"] {
        let key = enrol_at(&**store, user_id, Binding::Channel, T0).await;
        use_key(&**store, &key, user_id, seasoned_at()).await;
    }
    for raised in [2, 1, 0] {
        let batch = store.season_credentials(2, context(seasoned_at())).await.unwrap();
        assert_eq!(batch, raised);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeps_at_once_season_each_key_once() {
    let store = fresh().await;
    for number in 0..12 {
        let user_id = number.to_string();
        let key = enrol_at(&**store, &user_id, Binding::Channel, T0).await;
        use_key(&**store, &key, &user_id, seasoned_at()).await;
    }
    let sweeps = (0..4).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut raised = 0;
            loop {
                match store.season_credentials(3, context(seasoned_at())).await.unwrap() {
                    0 => break raised,
                    some => raised += some,
                }
            }
        })
    });
    let mut raised = 0;
    for sweep in sweeps.collect::<Vec<_>>() {
        raised += sweep.await.unwrap();
    }
    raised += season(&**store, seasoned_at()).await;
    assert_eq!(raised, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_taken_away_or_may_be_copied_does_not_season() {
    let store = fresh().await;
    let revoked = enrol_at(&**store, "1", Binding::Channel, T0).await;
    use_key(&**store, &revoked, "1", seasoned_at()).await;
    store.revoke_credential(revoked.customer, revoked.id, context(seasoned_at())).await.unwrap();

    let link = create(&**store, "2", T0).await;
    send(&**store, &link, T0).await;
    let ceremony = begin(&**store, &link, T0).await;
    let mut copied = credential(&link, T0);
    (copied.binding, copied.key.sign_count) = (Binding::Channel, 7);
    settle(&**store, &ceremony, binding(copied.clone()), T0).await;
    for (count, accepted) in [(8, true), (8, false)] {
        let link = create(&**store, "2", seasoned_at()).await;
        let ceremony = begin(&**store, &link, seasoned_at()).await;
        let used = KeyChange::Use(key_use(&copied, count));
        let settled = settle(&**store, &ceremony, used, seasoned_at()).await;
        assert_eq!(matches!(settled, Settled::Done(_)), accepted, "{settled:?}");
    }
    assert_eq!(season(&**store, seasoned_at()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_objected_since_the_key_was_made_is_asked_by_staff_first() {
    let store = fresh().await;
    // The declined link closes the gate too; a later success opens it and seasons nothing.
    for (user_id, reason) in [("1", Reason::NotMe), ("2", Reason::CalledByStranger)] {
        let key = enrol_at(&**store, user_id, Binding::Channel, T0).await;
        decline(&**store, user_id, reason, at(60)).await;
        use_key(&**store, &key, user_id, seasoned_at()).await;
    }
    // After the waiting period, before the use: an objection all the same.
    let late = enrol_at(&**store, "3", Binding::Channel, T0).await;
    decline(&**store, "3", Reason::NotMe, seasoned_at()).await;
    use_key(&**store, &late, "3", seasoned_at()).await;
    assert_eq!(season(&**store, seasoned_at()).await, 0);

    // None of that is objecting: another reason, another customer, and before the key was made.
    decline(&**store, "5", Reason::NotMe, T0).await;
    for user_id in ["4", "5"] {
        let key = enrol_at(&**store, user_id, Binding::Channel, at(1)).await;
        decline(&**store, user_id, Reason::Other, at(60)).await;
        use_key(&**store, &key, user_id, at(1).plus(SEASONING)).await;
    }
    assert_eq!(season(&**store, at(1).plus(SEASONING)).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_key_stands_beside_the_one_that_asked_for_it() {
    let store = fresh().await;
    let first = enrol_at(&**store, "1", Binding::Channel, T0).await;
    let before = standing_of(&**store, "1").await;
    let link = adding(&**store, Some(first.id), at(1)).await;
    let second = bind(&**store, &link, Binding::Channel, at(2)).await.unwrap();

    let keys = store.list_credentials(first.customer).await.unwrap();
    let active: Vec<_> = keys.iter().map(|key| (key.id, key.revoked_at)).collect();
    assert_eq!(active, [(first.id, None), (second.id, None)]);
    // It answers nobody's question, and says nothing of a lost phone.
    assert_eq!(standing_of(&**store, "1").await, before);
    assert_eq!(store.standing(&user("1")).await.unwrap().unwrap().rebound_at, None);
    assert_eq!(
        actions(&**store, link.id).await,
        ["link.created", "link.opened", "credential.bound", "link.verified"]
    );
    let told = bodies(&**store, at(2)).await;
    assert!(told.iter().all(|body| body["data"]["link_id"] != link.id.to_string()), "{told:?}");
    // Both work.
    use_key(&**store, &first, "1", at(3)).await;
    use_key(&**store, &second, "1", at(4)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_adds_a_key_without_one_that_is_still_good() {
    let store = fresh().await;
    let first = enrol_at(&**store, "1", Binding::Channel, T0).await;
    let (_, stranger) = enrol(&**store, "2", T0).await;
    for by in [None, Some(stranger.id), Some(CredentialId::from_bytes([9; 16]))] {
        let link = adding(&**store, by, at(1)).await;
        let refused = bind(&**store, &link, Binding::Link, at(1)).await;
        assert_eq!(refused.unwrap_err(), Refusal::CustomerChanged, "{by:?}");
    }
    // More than the one that asked for it is worth.
    let link = adding(&**store, Some(first.id), at(2)).await;
    let refused = bind(&**store, &link, Binding::CallCode, at(2)).await;
    assert_eq!(refused.unwrap_err(), Refusal::CustomerChanged);

    // Taken away while the new one was made.
    let link = adding(&**store, Some(first.id), at(3)).await;
    let ceremony = begin(&**store, &link, at(3)).await;
    assert!(store.revoke_credential(first.customer, first.id, context(at(4))).await.unwrap());
    let added = binding(credential(&link, at(5)));
    let settled = settle(&**store, &ceremony, added, at(5)).await;
    assert!(matches!(settled, Settled::Refused(Refusal::CustomerChanged, _)), "{settled:?}");
    let keys = store.list_credentials(first.customer).await.unwrap();
    assert_eq!(keys.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_not_left_behind_by_adding_a_key() {
    let store = fresh().await;
    let first = enrol_at(&**store, "1", Binding::Channel, T0).await;
    decline(&**store, "1", Reason::NotMe, at(1)).await;
    let link = adding(&**store, Some(first.id), at(2)).await;
    let second = bind(&**store, &link, Binding::Channel, at(2)).await.unwrap();
    let late = at(2).plus(SEASONING);
    use_key(&**store, &second, "1", late).await;
    assert_eq!(season(&**store, late).await, 0);

    // Staff's own new enrolment starts anew.
    let link = create_replacing(&**store, "1", late).await;
    send(&**store, &link, late).await;
    let third = bind(&**store, &link, Binding::Channel, late).await.unwrap();
    use_key(&**store, &third, "1", late.plus(SEASONING)).await;
    assert_eq!(season(&**store, late.plus(SEASONING)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacing_key_is_on_record_with_the_customer() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let rebound_at = async || {
        let customer = store.find_customer(&user("1")).await.unwrap().unwrap();
        let footing = store.standing(&user("1")).await.unwrap().unwrap();
        assert_eq!(customer.rebound_at, footing.rebound_at);
        footing.rebound_at
    };
    assert_eq!(rebound_at().await, None);
    bodies(&**store, T0).await;
    let link = create_replacing(&**store, "1", at(1)).await;
    let refused = bind(&**store, &link, Binding::Channel, at(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::CustomerChanged);
    assert_eq!(rebound_at().await, None);
    bind(&**store, &link, Binding::Link, at(2)).await.unwrap();
    assert_eq!(rebound_at().await, Some(at(2)));
    let told = bodies(&**store, at(2)).await;
    let told = told.iter().rev().find(|body| body["type"] == "verification.verified").unwrap();
    assert_eq!(told["data"]["recent_rebind"], true);

    // Over after the waiting period; and not for everybody.
    let late = at(2).plus(SEASONING);
    decline(&**store, "1", Reason::Other, late).await;
    let told = bodies(&**store, late).await;
    assert_eq!(told.last().unwrap()["data"]["recent_rebind"], false);
    enrol(&**store, "2", at(3)).await;
    assert_eq!(store.standing(&user("2")).await.unwrap().unwrap().rebound_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phone_is_noted_once_and_changes_nothing_else() {
    let store = fresh().await;
    enrol(&**store, "1", T0).await;
    let link = create(&**store, "1", at(1)).await;
    let ask = async |jti, now| store.ask_new_phone(link.id, jti, context(now)).await.unwrap();
    assert_eq!(ask([9; 16], at(2)).await, Changed::NotFound);
    let Changed::Done(asked) = ask(link.secret.jti, at(2)).await else { panic!("not noted") };
    assert_eq!(asked.handover.new_phone_asked_at, Some(at(2)));
    assert_eq!(ask(link.secret.jti, at(3)).await, Changed::Done(asked.clone()));
    assert_eq!(store.find_link(link.id).await.unwrap().as_ref(), Some(&asked));
    let mut unmarked = asked;
    unmarked.handover.new_phone_asked_at = None;
    assert_eq!(unmarked, link);
    assert_eq!(actions(&**store, link.id).await, ["link.created", "link.new_phone_asked"]);

    let over = store.ask_new_phone(link.id, link.secret.jti, context(link.expires_at)).await;
    let Ok(Changed::Ended(ended)) = over else { panic!("{over:?}") };
    assert_eq!(ended.state.verdict().map(Verdict::reason), Some(Reason::Expired));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phone_is_not_noted_on_a_link_that_has_ended() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    decline(&**store, "1", Reason::NotMe, at(1)).await;
    let asked = store.ask_new_phone(link.id, link.secret.jti, context(at(2))).await.unwrap();
    let Changed::Ended(ended) = asked else { panic!("{asked:?}") };
    assert_eq!(ended.handover.new_phone_asked_at, None);
    let (_, key) = enrol(&**store, "2", T0).await;
    let link = create(&**store, "2", at(1)).await;
    let ceremony = begin(&**store, &link, at(2)).await;
    let used = KeyChange::Use(key_use(&key, 0));
    settle(&**store, &ceremony, used, at(2)).await;
    let asked = store.ask_new_phone(link.id, link.secret.jti, context(at(3))).await.unwrap();
    assert!(matches!(asked, Changed::Ended(_)));
}
