//! Transactions that meet others: they wait, or are done again where that is safe, and never where
//! it is not.

use std::sync::Arc;
use std::time::Duration;

use vouchlink::domain::ceremony::Refusal;
use vouchlink::domain::delivery::DeliveryStatus;
use vouchlink::domain::endpoint::EndpointStatus;
use vouchlink::domain::link::Status;
use vouchlink::domain::mail::EmailAddress;
use vouchlink::domain::verdict::Reason;
use vouchlink::store::{
    Alerts, Changed, Created, Deliveries, Endpoints, Idempotency, Links, Settled, Store, StoreError,
};

use super::contract::addressees::{add_endpoint, endpoint, set_status};
use super::contract::answers::settle;
use super::contract::samples::{
    T0, at, begin, binding, built_in, context, create, credential, lease, new_link, not_verified,
    user,
};
use super::fresh;
use crate::support::postgres::Place;

/// Makes each new audit entry do this, at once or with the commit; it counts how often it did.
async fn trouble(place: &Place, when: &str, what: &str) {
    place
        .raw()
        .await
        .batch_execute(&format!(
            "CREATE SEQUENCE troubles;
             CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN {what} RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER trouble AFTER INSERT ON audit
                 DEFERRABLE INITIALLY {when} FOR EACH ROW EXECUTE FUNCTION trouble();"
        ))
        .await
        .unwrap();
}

async fn troubles(place: &Place) -> i64 {
    let count = "SELECT last_value FROM troubles";
    place.raw().await.query_one(count, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_could_not_be_serialised_is_done_again() {
    let place = Place::new().await;
    trouble(
        &place,
        "IMMEDIATE",
        "IF nextval('troubles') <= 2 THEN RAISE EXCEPTION 'met' USING ERRCODE = '40001'; END IF;",
    )
    .await;
    let store = place.open().await;
    let link = create(&store, "1", T0).await;
    assert_eq!(troubles(&place).await, 3);
    assert_eq!(store.link_timeline(link.id).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_always_meets_another_is_given_up_as_busy() {
    let place = Place::new().await;
    trouble(
        &place,
        "IMMEDIATE",
        "PERFORM nextval('troubles'); RAISE EXCEPTION 'met' USING ERRCODE = '40001';",
    )
    .await;
    let store = place.open().await;
    let busy = store.create_link(new_link("1", T0), context(T0)).await;
    assert!(matches!(busy, Err(StoreError::Busy)), "{busy:?}");
    assert_eq!(troubles(&place).await, 5);
}

/// Whether it was committed nobody knows then, so that it must not be done again in here.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_not_done_again() {
    let place = Place::new().await;
    trouble(
        &place,
        "DEFERRED",
        "PERFORM nextval('troubles'); PERFORM pg_terminate_backend(pg_backend_pid());",
    )
    .await;
    let raw = place.raw().await;
    let store = place.open().await;
    let lost = store.create_link(new_link("1", T0), context(T0)).await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    assert_eq!(troubles(&place).await, 1);
    raw.batch_execute("DROP TRIGGER trouble ON audit").await.unwrap();
    create(&store, "1", T0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_the_server_ended_in_a_deadlock_is_done_again() {
    let place = Place::new().await;
    let store = Arc::new(place.open().await);
    let link = create(&*store, "1", T0).await;
    let raw = place.raw().await;
    // Another program that takes locks in the wrong order, and more patiently than we do.
    raw.batch_execute("SET deadlock_timeout = '60s'; BEGIN; SELECT 1 FROM links FOR UPDATE")
        .await
        .unwrap();
    let revoking = tokio::spawn({
        let (store, id) = (Arc::clone(&store), link.id);
        async move { store.end_link(id, not_verified(Reason::Revoked, T0), context(T0)).await }
    });
    until_waiting(&raw).await;
    raw.batch_execute("SELECT 1 FROM customers FOR UPDATE; COMMIT").await.unwrap();
    assert!(matches!(revoking.await.unwrap().unwrap(), Changed::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_for_two_customers_makes_one_link() {
    for _ in 0..5 {
        let store = fresh().await;
        let request = |user: &str, body: u8| {
            let mut new = new_link(user, T0);
            new.idempotency = Some(Idempotency { key: "k".to_owned(), body: [body; 32] });
            store.create_link(new, context(T0))
        };
        let (one, other) = tokio::join!(request("1", 1), request("2", 2));
        match (one.unwrap(), other.unwrap()) {
            (Created::New(..), Created::IdempotencyMismatch)
            | (Created::IdempotencyMismatch, Created::New(..)) => {}
            both => panic!("{both:?}"),
        }
        let customers = [
            store.find_customer(&user("1")).await.unwrap(),
            store.find_customer(&user("2")).await.unwrap(),
        ];
        assert_eq!(customers.iter().flatten().count(), 1, "nothing of the other is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_that_another_customer_binds_just_now_is_in_use() {
    let place = Place::new().await;
    let store = Arc::new(place.open().await);
    let other = create(&*store, "2", T0).await;
    let link = create(&*store, "1", T0).await;
    let ceremony = begin(&*store, &link, T0).await;
    let raw = place.raw().await;
    // As another instance does it, with time to look on before its commit.
    let id = |bytes: &[u8; 16]| uuid::Uuid::from_bytes(*bytes);
    raw.batch_execute(&format!(
        "BEGIN; INSERT INTO credentials (id, customer, credential_id, public_key, sign_count,
             backup_eligible, backup_state, transports, aaguid, fmt, binding, link, created_at)
         VALUES ('{}', '{}', decode(repeat('07', 16), 'hex'), '', 0, true, true, '',
             decode(repeat('00', 16), 'hex'), 'none', 'link', '{}', 0)",
        id(&[9; 16]),
        id(other.customer.as_bytes()),
        id(other.id.as_bytes()),
    ))
    .await
    .unwrap();
    let settling = tokio::spawn({
        let store = Arc::clone(&store);
        let mut key = credential(&link, T0);
        key.key.id = vec![7; 16];
        async move { settle(&*store, &ceremony, binding(key), at(1)).await }
    });
    until_waiting(&raw).await;
    raw.batch_execute("COMMIT").await.unwrap();
    match settling.await.unwrap() {
        Settled::Refused(Refusal::CredentialInUse, link) => {
            assert_eq!(link.state.status(), Status::Opened);
        }
        other => panic!("{other:?}"),
    }
}

/// Two instances on one database, as two processes are.
#[tokio::test(flavor = "multi_thread")]
async fn two_instances_that_sweep_at_once_end_each_link_once() {
    let place = Place::new().await;
    let (one, other) = (place.open().await, place.open().await);
    for number in 0..30 {
        create(&one, &number.to_string(), T0).await;
    }
    let late = context(T0.plus(super::contract::samples::LINK_TTL));
    let mut ended = 0;
    while ended < 30 {
        let (a, b) = tokio::join!(one.expire_links(20, late), other.expire_links(20, late));
        let (a, b) = (a.unwrap(), b.unwrap());
        ended += a + b;
        assert!(a + b > 0, "only {ended} ended");
    }
    assert_eq!(ended, 30);
    let verdicts = place.raw().await.query_one("SELECT count(*) FROM verdicts", &[]).await.unwrap();
    assert_eq!(verdicts.get::<_, i64>(0), 30);
    one.close().await.unwrap();
}

/// Old news that becomes due again just now must not be overtaken by newer.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_waits_for_held_deliveries_that_are_coming_back() {
    let place = Place::new().await;
    let store = Arc::new(place.open().await);
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let first = create(&*store, "1", T0).await;
    let second = create(&*store, "1", at(1)).await;
    create(&*store, "1", at(2)).await;
    let raw = place.raw().await;
    let hold = "UPDATE deliveries SET status = 'held', due_at = NULL WHERE sequence = 1";
    assert_eq!(raw.execute(hold, &[]).await.unwrap(), 1);
    // As `set_built_in_endpoint` does it, with time to look on in between.
    raw.batch_execute("BEGIN; UPDATE endpoints SET revision = revision").await.unwrap();
    let leasing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { lease(&*store, at(60)).await }
    });
    until_waiting(&raw).await;
    raw.batch_execute(
        "UPDATE deliveries SET status = 'pending', due_at = 0 WHERE status = 'held'; COMMIT",
    )
    .await
    .unwrap();
    let leased = leasing.await.unwrap();
    let [only] = &leased[..] else { panic!("{leased:?}") };
    assert!(only.body.contains(&first.id.to_string()), "{}", only.body);
    assert!(!only.body.contains(&second.id.to_string()));
}

/// A verdict that read its endpoints before one of them was disabled, and commits after.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_while_its_endpoint_is_disabled_or_removed_does_not_wait_for_ever() {
    for (status, becomes) in [
        (EndpointStatus::Disabled, DeliveryStatus::Held),
        (EndpointStatus::Removed, DeliveryStatus::Cancelled),
    ] {
        let place = Place::new().await;
        let store = Arc::new(place.open().await);
        let own = endpoint(1, &["verification.revoked"]);
        add_endpoint(&*store, &own).await;
        let link = create(&*store, "1", T0).await;
        let raw = place.raw().await;
        // It stops at its last statement, the audit's, until this lock is given back.
        raw.batch_execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN PERFORM pg_advisory_xact_lock(99); RETURN NULL; END $$;
             CREATE TRIGGER wait AFTER INSERT ON audit FOR EACH ROW
                 WHEN (NEW.action = 'link.revoked') EXECUTE FUNCTION wait();
             SELECT pg_advisory_lock(99)",
        )
        .await
        .unwrap();
        let revoking = tokio::spawn({
            let (store, id) = (Arc::clone(&store), link.id);
            async move { store.end_link(id, not_verified(Reason::Revoked, T0), context(T0)).await }
        });
        until_waiting(&raw).await;
        set_status(&*store, own.id, status, at(1)).await;
        raw.batch_execute("SELECT pg_advisory_unlock(99)").await.unwrap();
        assert!(matches!(revoking.await.unwrap().unwrap(), Changed::Done(_)));

        let stray = || async {
            let deliveries = store.link_deliveries(link.id).await.unwrap();
            deliveries.into_iter().find(|found| found.endpoint == own.id).unwrap().status
        };
        assert_eq!(stray().await, DeliveryStatus::Pending, "it saw nothing of it");
        assert_eq!(store.settle_strays(at(2)).await.unwrap(), 1);
        assert_eq!(stray().await, becomes);
        assert_eq!(store.settle_strays(at(3)).await.unwrap(), 0);
    }
}

/// What waits for the environment to name the built-in endpoint again goes on waiting.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_built_in_endpoint_that_is_gone_is_no_stray() {
    let place = Place::new().await;
    let store = place.open().await;
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let link = create(&store, "1", T0).await;
    store.end_link(link.id, not_verified(Reason::Revoked, T0), context(T0)).await.unwrap();
    store.set_built_in_endpoint(None, at(1)).await.unwrap();
    assert_eq!(store.settle_strays(at(2)).await.unwrap(), 0);
    store.set_built_in_endpoint(Some(built_in()), at(3)).await.unwrap();
    assert_eq!(lease(&store, at(3)).await.len(), 1);
}

/// Two instances look at the same news; the second has to wait for the first, and finds none.
#[tokio::test(flavor = "multi_thread")]
async fn news_that_another_instance_tells_just_now_is_not_told_twice() {
    let place = Place::new().await;
    let store = Arc::new(place.open().await);
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    let raw = place.raw().await;
    raw.batch_execute(&format!(
        "INSERT INTO alerts (endpoint, news, news_at) SELECT id, 'recovered', {} FROM endpoints",
        T0.millis()
    ))
    .await
    .unwrap();
    raw.batch_execute("BEGIN; SELECT 1 FROM alerts FOR NO KEY UPDATE").await.unwrap();
    let queueing = tokio::spawn({
        let (store, ops) = (Arc::clone(&store), EmailAddress::parse("ops@example.com").unwrap());
        async move { store.queue_alert(&[ops], at(120)).await }
    });
    until_waiting(&raw).await;
    raw.batch_execute("UPDATE alerts SET news = NULL, news_at = NULL; COMMIT").await.unwrap();
    assert_eq!(queueing.await.unwrap().unwrap(), 0);
}

async fn until_waiting(raw: &tokio_postgres::Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                   AND datname = current_database() AND application_name = 'vouchlink'";
    let asking = async {
        while raw.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("nobody waits");
}
