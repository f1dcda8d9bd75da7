//! A link's status, live.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use vouchlink::app::App;
use vouchlink::domain::api_key::Scope;
use vouchlink::domain::audit::Actor;
use vouchlink::domain::clock::Clock;
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::verdict::{Assurance, Reason, Verdict};
use vouchlink::http::{StreamBounds, Streams};
use vouchlink::store::sqlite::{Options, SqliteStore};
use vouchlink::store::{Context, Links, Store};

use crate::support::app::{SEASONING, TestApp};
use crate::support::events::{Block, Events};

const NEVER: Duration = Duration::from_secs(100_000);
const SOON: Duration = Duration::from_millis(5);

/// Streams that only announcements and the test end.
const STILL: StreamBounds = StreamBounds { at_once: 3, per_key: 2, heartbeat: NEVER, life: NEVER };

async fn start(bounds: StreamBounds, poll: Duration) -> TestApp {
    let tune = |app: &mut App| {
        app.services.streams = Streams::new(bounds);
        app.services.follow.poll = poll;
    };
    TestApp::start_tuned(Duration::ZERO, |_| {}, tune).await
}

fn events(app: &TestApp, link: &Value, key: &str) -> RequestBuilder {
    let path = format!("/api/verification/link/{}/events", link["id"].as_str().unwrap());
    app.request(Method::GET, &path).bearer_auth(key)
}

async fn follow(app: &TestApp, link: &Value) -> Events {
    Events::open(events(app, link, &app.key)).await
}

/// Once the server has noticed that nobody follows any more.
async fn all_gone(app: &TestApp) {
    let gone = async {
        while app.services.streams.count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("a stream is left");
    assert_eq!(app.services.store.changes().watched_links(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_the_state_at_once_every_change_as_it_is_made_and_then_ends() {
    let app = start(STILL, NEVER).await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let mut stream = follow(&app, &link).await;
    assert_eq!(stream.block().await, Some(Block::Retry(3000)));
    let (first, state) = stream.status().await;
    let pending = json!({
        "id": link["id"], "status": "pending", "opened_at": null, "attempts": 0,
        "expires_at": link["expires_at"], "call_answer": null, "call_code_state": null,
        "new_phone_asked_at": null, "verdict": null,
    });
    assert_eq!(state, pending);

    app.options("authenticate", &link).await.expect(200);
    let (second, state) = stream.status().await;
    assert_eq!(
        (&state["status"], &state["opened_at"]),
        (&json!("opened"), &json!("2026-11-21T10:00:00Z"))
    );

    let options = app.options("authenticate", &link).await.expect(200);
    assert_eq!(app.verify("authenticate", &options, "{}").await.problem(422), "not_confirmed");
    let (third, state) = stream.status().await;
    assert_eq!((&state["status"], &state["attempts"]), (&json!("opened"), &json!(1)));

    app.clock.advance(Duration::from_secs(1));
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    let link = app.post(&path, &json!({})).await.expect(200);
    let (fourth, state) = stream.status().await;
    assert_eq!(state["expires_at"], link["expires_at"]);

    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    // The answer is taken, then settled: the two may be told as one.
    let (mut last, mut state) = stream.status().await;
    if state["status"] == "opened" {
        (last, state) = stream.status().await;
    }
    assert_eq!((&state["status"], &state["attempts"]), (&json!("verified"), &json!(2)));
    assert_eq!(state["verdict"], app.shown(&link).await["verdict"]);
    let ids = [first, second, third, fourth, last];
    assert!(ids.is_sorted_by(|earlier, later| earlier < later), "{ids:?}");
    stream.end().await;
    all_gone(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_live_how_the_call_goes() {
    let app = start(STILL, SOON).await;
    let order = json!({"enrolment": "call_code", "call_initiator": "company"});
    let link = app.link_with("12345", order).await;
    let mut stream = follow(&app, &link).await;
    assert_eq!(stream.status().await.1["call_code_state"]["tries_left"], 3);
    let right: u32 = link["call_code"].as_str().unwrap().parse().unwrap();
    let wrong = format!("{:06}", (right + 1) % 1_000_000);
    let mut seen = Vec::new();
    for word in [
        json!({"token": link["token"], "call_answer": "company"}),
        json!({"token": link["token"], "call_code": wrong}),
        json!({"token": link["token"], "call_code": link["call_code"]}),
    ] {
        app.post_from_page("/api/ceremony/register/options", word.to_string()).await;
        let (id, state) = stream.status().await;
        let code = &state["call_code_state"];
        let given = code["given_at"].is_string();
        seen.push((state["call_answer"].clone(), code["tries_left"].clone(), given, id));
    }
    assert!(seen.is_sorted_by(|earlier, later| earlier.3 < later.3), "{seen:?}");
    let seen: Vec<_> =
        seen.into_iter().map(|(answer, left, given, _)| (answer, left, given)).collect();
    let company = json!("company");
    assert_eq!(
        seen,
        [
            (company.clone(), json!(3), false),
            (company.clone(), json!(2), false),
            (company, json!(2), true),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_changed_unannounced_is_found_by_looking() {
    let app = start(STILL, SOON).await;
    let link = app.link("12345").await;
    let mut stream = follow(&app, &link).await;
    assert_eq!(stream.status().await.1["status"], "pending");
    let now = app.clock.now();
    let other = SqliteStore::open(&app.database(), Options::default(), Arc::new(SystemRandom), now);
    let other = other.unwrap();
    let verdict = Verdict::NotVerified { reason: Reason::Revoked, decided_at: now };
    let context = Context {
        now,
        actor: Actor::Operator,
        gate_min_assurance: Assurance::LOWEST,
        max_attempts: 5,
        seasoning: SEASONING,
    };
    let id = link["id"].as_str().unwrap().parse().unwrap();
    other.end_link(id, verdict, context).await.unwrap();
    assert_eq!(stream.status().await.1["status"], "revoked");
    stream.end().await;
    other.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_is_not_told_what_they_saw_and_not_kept_once_it_ended() {
    let app = start(STILL, NEVER).await;
    let link = app.link("12345").await;
    let (first, _) = follow(&app, &link).await.status().await;
    all_gone(&app).await;
    let again = events(&app, &link, &app.key).header("last-event-id", &first);
    let mut stream = Events::open(again).await;
    assert_eq!(stream.block().await, Some(Block::Retry(3000)));
    app.options("register", &link).await.expect(200);
    assert_eq!(stream.status().await.1["status"], "opened");
    // Who missed the change in between is told at once.
    let again = events(&app, &link, &app.key).header("last-event-id", &first);
    assert_eq!(Events::open(again).await.status().await.1["status"], "opened");

    let path = format!("/api/verification/link/{}/revoke", link["id"].as_str().unwrap());
    app.post(&path, &json!({})).await.expect(200);
    let (last, _) = stream.status().await;
    stream.end().await;
    all_gone(&app).await;
    let seen = TestApp::send(events(&app, &link, &app.key).header("last-event-id", last)).await;
    assert_eq!((seen.status.as_u16(), seen.text.as_str()), (204, ""));
    let mut whole = Events::open(events(&app, &link, &app.key).header("last-event-id", "x")).await;
    assert_eq!(whole.status().await.1["status"], "revoked");
    whole.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_shows_that_it_lives_until_its_key_is_revoked() {
    let app = start(StreamBounds { heartbeat: SOON, ..STILL }, NEVER).await;
    let link = app.link("12345").await;
    let key = app.key_for(&[Scope::LinksRead]).await;
    let mut stream = Events::open(events(&app, &link, &key)).await;
    stream.status().await;
    for _ in 0..3 {
        assert_eq!(stream.block().await, Some(Block::Comment));
    }
    let keys = app.services.keys.list().await.unwrap();
    let limited = keys.iter().find(|key| key.name.as_str() == "Limited").unwrap();
    assert!(app.services.keys.revoke(limited.id).await.unwrap());
    assert_eq!(stream.event().await, None, "it ends, and says not that the link did");
    assert_eq!(TestApp::send(events(&app, &link, &key)).await.problem(401), "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_does_not_live_for_ever() {
    let app = start(StreamBounds { life: SOON, ..STILL }, NEVER).await;
    let link = app.link("12345").await;
    let mut stream = follow(&app, &link).await;
    assert_eq!(stream.status().await.1["status"], "pending");
    assert_eq!(stream.event().await, None);
    all_gone(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_so_many_streams_and_each_place_comes_back() {
    let app = start(STILL, NEVER).await;
    let link = app.link("12345").await;
    let other = app.key_for(&[Scope::LinksRead]).await;
    let mut streams = vec![follow(&app, &link).await, follow(&app, &link).await];
    let too_many = TestApp::send(events(&app, &link, &app.key)).await;
    assert_eq!(too_many.problem(429), "rate_limited");
    assert_eq!(too_many.headers["retry-after"], "5");
    streams.push(Events::open(events(&app, &link, &other)).await);
    let full = TestApp::send(events(&app, &link, &other)).await;
    assert_eq!(full.problem(503), "unavailable");
    assert_eq!(full.headers["retry-after"], "5");

    // Whoever hangs up makes room at once.
    drop(streams);
    all_gone(&app).await;
    follow(&app, &link).await.status().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_does_not_wait_for_streams() {
    let app = start(STILL, NEVER).await;
    let link = app.link("12345").await;
    let mut stream = follow(&app, &link).await;
    stream.status().await;
    // Left open, it would keep the server for the ten seconds that requests may take.
    let stopped = tokio::time::timeout(Duration::from_secs(8), app.stop());
    assert!(stopped.await.is_ok(), "it waits");
    assert_eq!(stream.event().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_read_links_follow_those_that_exist() {
    let app = start(STILL, NEVER).await;
    let link = app.link("12345").await;
    let key = app.key_for(&[Scope::StatusRead, Scope::LinksWrite]).await;
    assert_eq!(TestApp::send(events(&app, &link, &key)).await.problem(403), "forbidden");
    assert_eq!(TestApp::send(events(&app, &link, "vl_wrong")).await.problem(401), "unauthorized");
    for id in ["lnk_01h2xcejqtf2nbrexx3vqjhp41", "12345"] {
        let unknown = events(&app, &json!({ "id": id }), &app.key);
        assert_eq!(TestApp::send(unknown).await.problem(404), "not_found");
    }
    all_gone(&app).await;
}
