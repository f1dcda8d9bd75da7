//! The secret that a link shows, and secrets at rest.

use vouchlink::domain::authenticator_app::Offer;
use vouchlink::domain::call::Guess;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::endpoint::Sealed;
use vouchlink::domain::id::CredentialId;
use vouchlink::domain::link::{Enrolment, Link};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::Changed;

use super::super::fresh;
use super::super::races::at_once;
use super::super::samples::{
    T0, at, context, create_as, guess, new_link, not_verified, random, secret,
};
use super::{bound, create, create_binding};

fn offer(link: &Link, now: Timestamp) -> Offer {
    Offer {
        link: link.id,
        app: CredentialId::new(now, &SystemRandom).unwrap(),
        jti: link.secret.jti,
        sealed: Sealed(random::<80>().to_vec()),
        created_at: now,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_offers_one_secret_until_it_is_reissued() {
    let store = fresh().await;
    let link = create_binding(&**store, "1", T0).await;
    let first = offer(&link, T0);
    let keep =
        async |offer: &Offer, now| store.offer_app(offer.clone(), context(now)).await.unwrap();
    assert_eq!(keep(&first, T0).await, Some(first.clone()));
    let all = at_once(&store, 20, |store, _| {
        let offer = offer(&link, T0);
        async move { store.offer_app(offer, context(T0)).await.unwrap() }
    })
    .await;
    assert!(all.iter().all(|kept| kept.as_ref() == Some(&first)));

    // What cannot be opened any more makes way once.
    let second = offer(&link, T0);
    assert!(store.renew_offer(first.clone(), second.clone()).await.unwrap());
    assert!(!store.renew_offer(first.clone(), offer(&link, T0)).await.unwrap());
    assert_eq!(store.find_offer(link.id).await.unwrap(), Some(second.clone()));

    let anew = store.reissue_link(link.id, secret(), at(600), context(at(1))).await.unwrap();
    let Changed::Done(anew) = anew else { panic!("{anew:?}") };
    assert_eq!(keep(&offer(&link, at(1)), at(1)).await, None, "the former URL's");
    let early = keep(&offer(&anew, at(1)), at(1)).await;
    assert_eq!(early, None, "the call code of the new one was not given");
    guess(&**store, &anew, Guess::Right, at(1)).await;
    let third = offer(&anew, at(1));
    assert_eq!(keep(&third, at(1)).await, Some(third));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_offered_where_no_app_may_be_bound() {
    let store = fresh().await;
    let owed = create(&**store, "1", Enrolment::CallCode, T0).await;
    let open = create(&**store, "2", Enrolment::Open, T0).await;
    let ended = create_binding(&**store, "3", T0).await;
    let over = not_verified(Reason::Revoked, T0);
    store.end_link(ended.id, over, context(T0)).await.unwrap();
    // The code was given, but the link takes no codes of apps.
    let mut without = new_link("5", T0);
    without.link.request.enrolment = Enrolment::CallCode;
    let without = create_as(&**store, without).await;
    guess(&**store, &without, Guess::Right, T0).await;
    for link in [owed, open, ended, without] {
        let kept = store.offer_app(offer(&link, T0), context(T0)).await.unwrap();
        assert_eq!(kept, None);
        assert_eq!(store.find_offer(link.id).await.unwrap(), None);
    }
    let late = create_binding(&**store, "4", T0).await;
    let kept = store.offer_app(offer(&late, T0), context(late.expires_at)).await.unwrap();
    assert_eq!(kept, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_sealed_anew_one_by_one() {
    let store = fresh().await;
    let (_, first) = bound(&**store, "1", T0).await;
    let (_, second) = bound(&**store, "2", at(1)).await;
    let (link, gone) = bound(&**store, "3", at(2)).await;
    store.revoke_app(link.customer, gone.id, context(at(3))).await.unwrap();
    let page = store.sealed_apps(None, 1).await.unwrap();
    assert_eq!(page, [(first.id, first.sealed.clone().unwrap())]);
    let page = store.sealed_apps(Some(first.id), 9).await.unwrap();
    assert_eq!(page, [(second.id, second.sealed.clone().unwrap())]);
    let (former, anew) = (second.sealed.unwrap(), Sealed(random::<60>().to_vec()));
    assert!(store.reseal_app(second.id, former.clone(), anew.clone()).await.unwrap());
    assert!(!store.reseal_app(second.id, former, Sealed(vec![1])).await.unwrap());
    let known = store.find_app(second.customer).await.unwrap().unwrap();
    assert_eq!(known.sealed, Some(anew));
}
