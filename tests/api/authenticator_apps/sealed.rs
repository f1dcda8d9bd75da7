//! Apps' secrets when `DATA_KEY` changes.

use std::sync::Arc;

use vouchlink::config::DataKeys;
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::secret::Secret;
use vouchlink::flows::reseal::reseal;
use vouchlink::seal::Seal;

use super::{enrol, link, options, start, try_code, verify};
use crate::support::app::{DATA_KEY, TestApp};
use crate::support::totp::{AuthenticatorApp, STEP};

const OTHER: &str = "yet another secret for tests, of some length";

async fn reseal_with(app: &TestApp, keys: &[&str]) -> (usize, usize) {
    let keys = keys.iter().map(|key| Secret::from(*key)).collect();
    let seal = Arc::new(Seal::new(&DataKeys(keys)));
    let store = &*app.services.store;
    let done = reseal(store, &seal, &SystemRandom, app.now()).await.unwrap();
    (done.apps, done.unopened)
}

#[tokio::test]
async fn a_new_data_key_takes_apps_along_and_the_former_one_opens_them_no_more() {
    let app = start().await;
    let first = enrol(&app, "1").await;
    enrol(&app, "2").await;
    assert_eq!(reseal_with(&app, &[DATA_KEY]).await, (0, 0));
    assert_eq!(reseal_with(&app, &[OTHER]).await, (0, 2), "nobody can open them");
    assert_eq!(reseal_with(&app, &[OTHER, DATA_KEY]).await, (2, 0));
    assert_eq!(reseal_with(&app, &[OTHER, DATA_KEY]).await, (0, 0));
    let made = link(&app, "1", "open").await;
    let code = first.app.code(app.now(), 0);
    assert_eq!(try_code(&app, &made, &code).await.problem(503), "unavailable");
    // And back.
    assert_eq!(reseal_with(&app, &[DATA_KEY, OTHER]).await, (2, 0));
    app.clock.advance(STEP);
    try_code(&app, &made, &first.app.code(app.now(), 0)).await.expect(200);
}

/// The link's former secret is lost with the key: the customer scans again, and is not stuck.
#[tokio::test]
async fn an_offer_that_no_key_opens_is_made_anew() {
    let app = start().await;
    let made = link(&app, "1", "call_code").await;
    let begun = options(&app, &made).await.expect(200);
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let store = &app.services.store;
    let offer = store.find_offer(id).await.unwrap().unwrap();
    let damaged = vouchlink::domain::authenticator_app::Offer {
        sealed: vouchlink::domain::endpoint::Sealed(vec![7; 80]),
        ..offer.clone()
    };
    assert!(store.renew_offer(offer, damaged).await.unwrap());
    let code = AuthenticatorApp::set_up(&begun).code(app.now(), 0);
    assert_eq!(verify(&app, &begun, &code).await.problem(422), "not_confirmed");
    let anew = options(&app, &made).await.expect(200);
    assert_ne!(anew["secret"], begun["secret"]);
    let code = AuthenticatorApp::set_up(&anew).code(app.now(), 0);
    verify(&app, &anew, &code).await.expect(200);
}
