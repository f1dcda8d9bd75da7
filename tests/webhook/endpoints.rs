//! Endpoints that come, pause, go and lose their key while the service runs.

use vouchlink::config::{DataKeys, Database};
use vouchlink::domain::audit::{Action, Actor, Entry};
use vouchlink::domain::clock::Clock;
use vouchlink::domain::delivery::DeliveryStatus;
use vouchlink::domain::endpoint::{Endpoint, EndpointStatus};
use vouchlink::domain::id::{EndpointId, LinkId};
use vouchlink::domain::secret::Secret;

use super::hostile::{add, decline, endpoint};
use crate::support::app::{DATA_KEY, TestApp};
use crate::support::receiver::Receiver;

const OURS: EndpointId = EndpointId::from_bytes([1; 16]);
const NEW_KEY: &str = "a newer secret for tests, of about the same length";

async fn set_status(app: &TestApp, status: EndpointStatus) {
    let store = &app.services.store;
    let found = store.find_endpoint(OURS).await.unwrap().unwrap();
    let entry = Entry {
        at: app.clock.now(),
        actor: Actor::Operator,
        action: Action::EndpointChanged,
        link: None,
        customer: None,
        detail: serde_json::json!({}),
    };
    assert!(store.update_endpoint(Endpoint { status, ..found }, entry).await.unwrap());
}

async fn status(app: &TestApp, link: LinkId) -> (DeliveryStatus, usize) {
    let deliveries = app.services.store.link_deliveries(link).await.unwrap();
    let ours = deliveries.iter().find(|delivery| delivery.endpoint == OURS).unwrap();
    (ours.status, ours.attempts.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_paused_gets_what_waited_when_it_is_resumed() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    add(&app, endpoint(1, &receiver.url("/hook"), &app)).await;
    decline(&app, "1").await;
    receiver.next().await;
    set_status(&app, EndpointStatus::Paused).await;
    let waiting = decline(&app, "2").await;
    // The other endpoint has it.
    for _ in 0..2 {
        app.crm.next().await;
    }
    assert_eq!(status(&app, waiting).await, (DeliveryStatus::Pending, 0));
    receiver.assert_nothing_unread();
    set_status(&app, EndpointStatus::Active).await;
    let arrived = receiver.next().await;
    assert!(String::from_utf8_lossy(&arrived.body).contains(&waiting.to_string()));

    set_status(&app, EndpointStatus::Removed).await;
    decline(&app, "3").await;
    app.crm.next().await;
    receiver.assert_nothing_unread();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_key_is_changed_in_three_starts() {
    let receiver = Receiver::start().await;
    let app = TestApp::start().await;
    add(&app, endpoint(1, &receiver.url("/hook"), &app)).await;
    let database = app.database();
    let folder = app.stop().await;

    let start = |keys: &'static [&'static str]| {
        let database = database.clone();
        TestApp::start_with(move |config| {
            config.data_keys = DataKeys(keys.iter().map(|key| Secret::from(*key)).collect());
            config.database = Database::Sqlite(database);
        })
    };
    // Both keys: what the former sealed opens, and is sealed anew.
    let app = start(&[NEW_KEY, DATA_KEY]).await;
    decline(&app, "1").await;
    receiver.next().await;
    app.crm.next().await;
    app.stop().await;
    let app = start(&[NEW_KEY]).await;
    decline(&app, "2").await;
    receiver.next().await;
    app.crm.next().await;
    app.stop().await;

    // A key that opens nothing: it starts all the same, the other endpoint is served, and no
    // attempt is used up.
    let app = start(&[DATA_KEY]).await;
    let waiting = decline(&app, "3").await;
    app.crm.next().await;
    assert_eq!(status(&app, waiting).await, (DeliveryStatus::Pending, 0));
    receiver.assert_nothing_unread();
    assert_eq!(app.get("/readyz").await.status, 200);
    app.stop().await;

    let app = start(&[DATA_KEY, NEW_KEY]).await;
    receiver.next().await;
    app.stop().await;
    drop(folder);
}
