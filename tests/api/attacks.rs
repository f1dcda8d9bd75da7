//! The attack table over HTTP: each case beside its valid twin. A refusal says nothing, burns its
//! challenge, and changes nothing but the count of attempts and the audit.

use serde_json::{Value, json};
use vouchlink::domain::ceremony::Kind;

use crate::support::app::TestApp;
use crate::support::attacks::{self, Attack};
use crate::support::authenticator::Authenticator;

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_is_refused_alike_and_leaves_nothing_behind() {
    // The attacks together are more than one customer's.
    let app = TestApp::start().await;
    let mut refusals = std::collections::HashSet::new();
    for (number, attack) in attacks::all().into_iter().enumerate() {
        let user = format!("{}-{number}", attack.kind);
        let mut device = attack.authenticator();
        if attack.kind == Kind::Authenticate {
            app.enrol_with(&user, &mut device).await;
        }
        if let Some(body) = attacked(&app, &user, &attack, &mut device).await {
            refusals.insert(body);
        }
    }
    // One answer for all of them.
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    app.crm.assert_nothing_unread();
}

/// Runs the attack, then its honest twin on the same link. The refusal's body, without its id;
/// `None` if what was sent is not even JSON.
async fn attacked(
    app: &TestApp,
    user: &str,
    attack: &Attack,
    device: &mut Authenticator,
) -> Option<String> {
    let name = format!("{}: {}", attack.kind, attack.name);
    let kind = attack.kind.as_str();
    let link = app.link(user).await;
    let before = passkeys(app, user).await;
    let options = app.options(kind, &link).await.expect(200);
    let credential = attack.make(&mut device.clone(), &options["publicKey"], &app.origin);
    let answer = app.verify(kind, &options, &credential).await;

    let read = serde_json::from_str::<&serde_json::value::RawValue>(&credential).is_ok();
    let body = if read && answer.status != 413 {
        assert_eq!(answer.problem(422), "not_confirmed", "{name}");
        let honest = honest(&mut device.clone(), kind, &options, &app.origin);
        let again = app.verify(kind, &options, &honest).await;
        assert_eq!(again.problem(409), "challenge_used", "{name}");
        let shown = app.shown(&link).await;
        assert_eq!(shown["status"], "opened", "{name}");
        assert_eq!(shown["attempts"], 1, "{name}");
        assert_eq!(shown["deliveries"], json!([]), "{name}");
        let last = shown["timeline"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["action"], "attempt.refused", "{name}");
        assert_eq!(last["detail"]["reason"], attack.expected.as_str(), "{name}");
        let mut body = answer.json();
        body["request_id"].take();
        Some(body.to_string())
    } else {
        // Refused at the door: nothing was consumed.
        assert!([400, 413, 422].contains(&answer.status.as_u16()), "{name}: {}", answer.text);
        assert_eq!(app.shown(&link).await["attempts"], 0, "{name}");
        None
    };
    assert_eq!(passkeys(app, user).await, before, "{name}");

    let options = app.options(kind, &link).await.expect(200);
    let credential = honest(device, kind, &options, &app.origin);
    let twin = app.verify(kind, &options, &credential).await;
    assert_eq!(twin.status, 200, "the honest twin of {name}: {}", twin.text);
    let event = app.webhook().await;
    assert_eq!(event["data"]["link_id"], link["id"], "{name}");
    body
}

fn honest(device: &mut Authenticator, kind: &str, options: &Value, origin: &str) -> String {
    match kind {
        "register" => device.register(&options["publicKey"], origin),
        _ => device.authenticate(&options["publicKey"], origin),
    }
}

/// The customer's passkeys, but for the suspicion that a refused counter leaves on purpose.
async fn passkeys(app: &TestApp, user: &str) -> Value {
    let answer = app.get(&format!("/api/customers/{user}/credentials")).await;
    if answer.status == 404 {
        return Value::Null;
    }
    let mut passkeys = answer.expect(200);
    for passkey in passkeys["items"].as_array_mut().unwrap() {
        passkey["suspected_at"].take();
    }
    passkeys
}
