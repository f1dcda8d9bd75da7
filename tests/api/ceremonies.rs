//! The customer's side: registering, authenticating, declining.

use std::time::Duration;

use p256::ecdsa::signature::Verifier;
use serde_json::{Value, json};
use vouchlink::domain::digest::sha256;
use vouchlink::domain::encoding::{base64url, from_base64url};

use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;

#[tokio::test]
async fn a_customer_registers_the_first_time_and_signs_the_next() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();

    let link = app.link_with("12345", json!({"reference": "case-1"})).await;
    let options = app.options("register", &link).await.expect(200);
    assert_eq!(app.shown(&link).await["status"], "opened");
    let credential = device.register(&options["publicKey"], &app.origin);
    let mut verified = app.verify("register", &options, &credential).await.expect(200);
    assert!(verified.as_object_mut().unwrap().remove("session").is_some());
    assert_eq!(verified, json!({"verified": true, "status": "verified"}));
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.verified");
    assert_eq!(event["data"]["first_use"], true);
    assert_eq!(event["data"]["assurance"], 0);
    assert_eq!(event["data"]["reference"], "case-1");

    app.clock.advance(Duration::from_secs(60));
    let link = app.link_with("12345", json!({"return_url": "https://bank.example/"})).await;
    assert_eq!(app.shown(&link).await["kind"], "authenticate");
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let verified = app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(verified["return_url"], "https://bank.example/");
    let event = app.webhook().await;
    assert_eq!(event["user_id"], "12345");
    assert_eq!(event["verified"], true);
    assert_eq!(event["ts"], 1_795_255_260);
    assert_eq!(event["data"]["first_use"], false);
    assert_eq!(event["data"]["link_id"], link["id"]);

    let shown = app.shown(&link).await;
    assert_eq!(shown["verdict"]["verified"], true);
    assert_eq!(shown["verdict"]["method"], "passkey");
    assert_eq!(shown["verdict"]["verified_until"], "2026-11-21T11:01:00Z");
    let actions: Vec<_> =
        shown["timeline"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["link.created", "link.opened", "link.verified"]);
}

#[tokio::test]
async fn options_are_what_browsers_take() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let mut options = app.options("register", &link).await.expect(200)["publicKey"].take();
    assert!(!options.to_string().contains("null"), "{options}");
    assert_eq!(from_base64url(options["challenge"].take().as_str().unwrap()).unwrap().len(), 32);
    assert_eq!(from_base64url(options["user"]["id"].take().as_str().unwrap()).unwrap().len(), 16);
    assert_eq!(
        options,
        json!({
            "rp": {"id": "localhost", "name": "Harbour Bank"},
            "user": {"id": null, "name": "asaf@example.com", "displayName": "asaf@example.com"},
            "challenge": null,
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "timeout": 270_000,
            "excludeCredentials": [],
            "authenticatorSelection": {"authenticatorAttachment": "platform",
                "residentKey": "preferred", "requireResidentKey": false,
                "userVerification": "required"},
            "hints": ["client-device"],
            "attestation": "none",
            "extensions": {"credProps": true},
        })
    );

    let device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let mut options = app.options("authenticate", &link).await.expect(200)["publicKey"].take();
    assert!(!options.to_string().contains("null"), "{options}");
    assert_eq!(options["allowCredentials"][0]["id"].take(), base64url(&device.id));
    assert_eq!(from_base64url(options["challenge"].take().as_str().unwrap()).unwrap().len(), 32);
    assert_eq!(
        options,
        json!({
            "challenge": null,
            "timeout": 270_000,
            "rpId": "localhost",
            "allowCredentials": [
                {"type": "public-key", "id": null, "transports": ["internal", "hybrid"]},
            ],
            "userVerification": "required",
            "hints": ["client-device"],
        })
    );
}

#[tokio::test]
async fn a_link_is_for_one_kind_of_ceremony() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    assert_eq!(app.options("authenticate", &link).await.problem(409), "wrong_ceremony");
    let mut device = app.enrol("54321").await;
    let link = app.link("54321").await;
    assert_eq!(app.options("register", &link).await.problem(409), "wrong_ceremony");
    // A begun authentication cannot be finished as a registration either.
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let answer = app.verify("register", &options, &credential).await;
    assert_eq!(answer.problem(409), "wrong_ceremony");
    app.verify("authenticate", &options, &credential).await.expect(200);
}

#[tokio::test]
async fn the_same_answer_again_gets_the_stored_outcome_and_nothing_happens_twice() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    device.sign_count = 1;
    app.enrol_with("12345", &mut device).await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let mut first = app.verify("authenticate", &options, &credential).await.expect(200);
    app.webhook().await;
    app.clock.advance(Duration::from_secs(3000));
    // But for the customer's session, which was over long before.
    first.as_object_mut().unwrap().remove("session");
    assert_eq!(app.verify("authenticate", &options, &credential).await.expect(200), first);
    // Another answer to the same challenge is no repetition.
    let other = device.authenticate(&options["publicKey"], &app.origin);
    assert_eq!(app.verify("authenticate", &options, &other).await.problem(410), "link_used");
    let shown = app.shown(&link).await;
    assert_eq!(shown["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(shown["attempts"], 1);
}

#[tokio::test]
async fn only_the_newest_challenge_of_a_link_is_live() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let older = app.options("authenticate", &link).await.expect(200);
    let newer = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&older["publicKey"], &app.origin);
    let answer = app.verify("authenticate", &older, &credential).await;
    assert_eq!(answer.problem(409), "challenge_used");
    let credential = device.authenticate(&newer["publicKey"], &app.origin);
    app.verify("authenticate", &newer, &credential).await.expect(200);
}

#[tokio::test]
async fn a_challenge_has_a_time_of_its_own() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    app.clock.advance(Duration::from_secs(300));
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    let answer = app.verify("authenticate", &options, &credential).await;
    assert_eq!(answer.problem(410), "challenge_expired");
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
}

#[tokio::test]
async fn an_answer_that_comes_after_the_links_time_verifies_nothing() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link_with("12345", json!({"ttl_seconds": 60})).await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.clock.advance(Duration::from_secs(60));
    let answer = app.verify("authenticate", &options, &credential).await;
    assert_eq!(answer.problem(410), "link_expired");
    assert_eq!(app.webhook().await["type"], "verification.expired");
}

#[tokio::test]
async fn five_refused_answers_end_the_link_and_close_the_gate() {
    let app = TestApp::start().await;
    app.enrol("12345").await;
    assert_eq!(app.gate("12345").await["verified"], true);
    let link = app.link("12345").await;
    let mut stranger = Authenticator::new();
    for _ in 0..5 {
        let options = app.options("authenticate", &link).await.expect(200);
        let credential = stranger.draft_assertion(&options["publicKey"], &app.origin).to_json();
        let answer = app.verify("authenticate", &options, &credential).await;
        assert_eq!(answer.problem(422), "not_confirmed");
    }
    assert_eq!(app.options("authenticate", &link).await.problem(410), "link_failed");
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.failed");
    assert_eq!(event["verified"], false);
    assert_eq!(event["data"]["reason"], "too_many_attempts");
    let gate = app.gate("12345").await;
    assert_eq!((&gate["verified"], &gate["reason"]), (&json!(false), &json!("refused")));
    assert_eq!(gate["link_id"], link["id"]);
    let timeline = app.shown(&link).await["timeline"].clone();
    let refused = timeline.as_array().unwrap().iter().filter(|e| e["action"] == "attempt.refused");
    assert!(refused.clone().all(|entry| entry["detail"]["reason"] == "credential_unknown"));
    assert_eq!(refused.count(), 5);
}

#[tokio::test]
async fn this_was_not_me_ends_the_link_and_closes_the_gate() {
    let app = TestApp::start().await;
    app.enrol("12345").await;
    let link = app.link("12345").await;
    let body = json!({"token": link["token"], "reason": "not_me"}).to_string();
    let declined = app.post_from_page("/api/ceremony/decline", body.clone()).await.expect(200);
    assert_eq!(declined["status"], "declined");
    assert_eq!(app.post_from_page("/api/ceremony/decline", body).await.expect(200), declined);
    assert_eq!(app.options("authenticate", &link).await.problem(410), "link_declined");
    let event = app.webhook().await;
    assert_eq!(event["type"], "verification.declined");
    assert_eq!(event["data"]["reason"], "not_me");
    assert_eq!(app.gate("12345").await["reason"], "refused");
    let body = json!({"token": link["token"], "reason": "bored"}).to_string();
    let answer = app.post_from_page("/api/ceremony/decline", body).await;
    assert_eq!(answer.problem(422), "validation");
}

#[tokio::test]
async fn tokens_that_are_none_open_nothing() {
    let app = TestApp::start().await;
    let link = app.link("12345").await;
    let options = app.options("register", &link).await.expect(200);
    for token in ["", "x", "a.b.c", options["challenge_token"].as_str().unwrap()] {
        let answer = app.options("register", &json!({ "token": token })).await;
        assert_eq!(answer.problem(404), "link_invalid", "{token}");
    }
    let mut device = Authenticator::new();
    let credential = device.register(&options["publicKey"], &app.origin);
    let forged = json!({ "challenge_token": link["token"] });
    let answer = app.verify("register", &forged, &credential).await;
    assert_eq!(answer.problem(404), "link_invalid");
}

#[tokio::test]
async fn replace_binds_a_new_passkey_and_revokes_the_old_ones() {
    let app = TestApp::start().await;
    let mut old = app.enrol("12345").await;
    let link = app.link_with("12345", json!({"enrolment": "replace"})).await;
    assert_eq!(app.shown(&link).await["kind"], "register");
    let mut new = Authenticator::new();
    let options = app.options("register", &link).await.expect(200);
    let credential = new.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);

    let link = app.link("12345").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = old.draft_assertion(&options["publicKey"], &app.origin).to_json();
    let answer = app.verify("authenticate", &options, &credential).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = new.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
}

#[tokio::test]
async fn a_passkey_of_one_customer_is_refused_for_another() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    app.enrol("54321").await;
    let link = app.link("54321").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.draft_assertion(&options["publicKey"], &app.origin).to_json();
    let answer = app.verify("authenticate", &options, &credential).await;
    assert_eq!(answer.problem(422), "not_confirmed");

    // Nor can it be bound to a second customer.
    let link = app.link("67890").await;
    let options = app.options("register", &link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    let answer = app.verify("register", &options, &credential).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    let timeline = app.shown(&link).await["timeline"].clone();
    assert_eq!(timeline[2]["detail"]["reason"], "credential_in_use");
}

/// Checks an authentication's evidence as a third party would: with nothing of ours but the
/// document, SHA-256 and ECDSA.
#[tokio::test]
async fn evidence_can_be_checked_without_us() {
    let app = TestApp::start().await;
    let mut device = app.enrol("12345").await;
    let link = app.link_with("12345", json!({"statement": "Move my savings"})).await;
    let path = format!("/api/verification/link/{}/evidence", link["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.problem(404), "not_found");
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);

    let evidence = app.get(&path).await.expect(200);
    let bytes = |field: &str| from_base64url(evidence[field].as_str().unwrap()).unwrap();
    let statement = evidence["statement"].as_str().unwrap();
    let challenge =
        sha256(&[b"vouchlink/challenge/v1\0", &bytes("nonce"), &sha256(&[statement.as_bytes()])]);
    assert_eq!(bytes("challenge"), challenge);
    let client_data: Value = serde_json::from_slice(&bytes("client_data_json")).unwrap();
    assert_eq!(client_data["challenge"], evidence["challenge"]);
    assert_eq!(client_data["origin"], evidence["origin"]);
    assert_eq!(client_data["type"], "webauthn.get");
    let data = bytes("authenticator_data");
    assert_eq!(data[..32], sha256(&[evidence["rp_id"].as_str().unwrap().as_bytes()]));
    assert_eq!(data[32] & 0b101, 0b101, "user present and verified");

    // The COSE_Key's coordinates: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    let key = bytes("public_key");
    let [x, y] = [&key[10..42], &key[45..77]];
    let point = [&[4][..], x, y].concat();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).unwrap();
    let signature = p256::ecdsa::Signature::from_der(&bytes("signature")).unwrap();
    let message = [&data[..], &sha256(&[&bytes("client_data_json")])].concat();
    key.verify(&message, &signature).unwrap();

    let statement: Value = serde_json::from_str(statement).unwrap();
    assert_eq!(statement["text"], "Move my savings");
    assert_eq!(statement["user_id"], "12345");
    assert_eq!(statement["link_id"], link["id"]);
    assert_eq!(statement["requester"], "Support desk");
    let last = app.shown(&link).await["timeline"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "evidence.read");
}

#[tokio::test]
async fn a_registrations_evidence_holds_what_was_bound() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    let link = app.link("12345").await;
    let options = app.options("register", &link).await.expect(200);
    let credential = device.register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    let path = format!("/api/verification/link/{}/evidence", link["id"].as_str().unwrap());
    let evidence = app.get(&path).await.expect(200);
    assert_eq!(evidence["signature"], json!(null));
    assert_eq!(evidence["credential_id"], base64url(&device.id));
    assert_eq!(evidence["binding"], "link");
    let sent: Value = serde_json::from_str(&credential).unwrap();
    assert_eq!(evidence["attestation_object"], sent["response"]["attestationObject"]);
    assert_eq!(evidence["client_data_json"], sent["response"]["clientDataJSON"]);
}
