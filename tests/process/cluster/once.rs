//! What happens once happens once, wherever it is asked for.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::customer::Instances;
use super::{A, B, C, Cluster};
use crate::support::app::finish_body;
use crate::support::authenticator::Authenticator;

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_once_happens_once_whoever_is_asked() {
    let cluster = Cluster::new(3).await;
    let servers = [A, B, C].map(|instance| cluster.start(instance, &[]));
    let instances = Arc::new(Instances::new(cluster.urls()));
    let call = |path: &'static str, body: String| {
        let instances = Arc::clone(&instances);
        async move { instances.send(Method::POST, path, body, None).await }
    };
    let order = |instance: usize, user: &'static str| {
        let body = json!({"user_id": user, "username": user}).to_string();
        let path = "/api/verification/link";
        let instances = Arc::clone(&instances);
        async move {
            let made = instances.try_at(instance, Method::POST, path, body, None).await;
            made.unwrap().1
        }
    };

    // The same answer, sent to all of them at once.
    let link = order(A, "once").await;
    let token = json!({"token": link["token"]}).to_string();
    let (_, options, _) = call("/api/ceremony/register/options", token).await;
    let mut phone = Authenticator::new();
    let credential = phone.register(&options["publicKey"], &instances.origin);
    let body = finish_body(&options, &credential);
    let answers =
        join_all((0..20).map(|_| call("/api/ceremony/register/verify", body.clone()))).await;
    let said = |code: &str| answers.iter().filter(|(_, answer, _)| answer["code"] == code).count();
    let ok = answers.iter().filter(|(status, ..)| *status == StatusCode::OK).count();
    assert!(ok >= 1, "{answers:?}");
    assert_eq!(ok + said("challenge_used"), 20, "{answers:?}");

    // Different right answers to one link, each at an instance of its own.
    let link = order(B, "once").await;
    let token = json!({"token": link["token"]}).to_string();
    let mut bodies = Vec::new();
    for _ in 0..4 {
        let options = call("/api/ceremony/authenticate/options", token.clone()).await.1;
        bodies.push(finish_body(
            &options,
            &phone.authenticate(&options["publicKey"], &instances.origin),
        ));
    }
    let path = "/api/ceremony/authenticate/verify";
    let answers = join_all(bodies.into_iter().rev().map(|body| call(path, body))).await;
    let ok = answers.iter().filter(|(status, ..)| *status == StatusCode::OK).count();
    assert_eq!(ok, 1, "only the newest challenge is live: {answers:?}");

    // Wrong answers to one link, wherever they are given, are counted together.
    let link = order(C, "wrong").await;
    let token = json!({"token": link["token"]}).to_string();
    let guess = |instance: usize| {
        let (instances, token) = (Arc::clone(&instances), token.clone());
        async move {
            let path = "/api/ceremony/register/options";
            let options =
                instances.try_at(instance, Method::POST, path, token, None).await.unwrap();
            if options.0 != StatusCode::OK {
                return options;
            }
            let (path, body) = ("/api/ceremony/register/verify", finish_body(&options.1, "{}"));
            instances.try_at(instance, Method::POST, path, body, None).await.unwrap()
        }
    };
    let guesses = join_all((0..12).map(|number| guess(number % 3))).await;
    let counted = guesses.iter().filter(|guess| guess.1["code"] == "not_confirmed").count();
    assert!(counted <= 5, "{guesses:?}");
    while cluster.count("SELECT count(*) FROM links WHERE status = 'failed'").await == 0 {
        guess(A).await;
    }
    for instance in [A, B, C] {
        let refused = guess(instance).await;
        assert_eq!((refused.0.as_u16(), &refused.1["code"]), (410, &json!("link_failed")));
    }

    for (what, sql) in [
        ("verdicts", "SELECT count(*) = 3 FROM verdicts"),
        (
            "events",
            "SELECT count(*) = 3 FROM events WHERE type IN ('verification.verified', 'verification.failed')",
        ),
        ("passkeys", "SELECT count(*) = 1 FROM credentials"),
        ("attempts", "SELECT max(attempts) = 5 FROM links"),
    ] {
        assert_eq!(cluster.rows(sql).await, [["t"]], "{what}");
    }
    for server in servers {
        assert!(server.terminate().success());
    }
}
