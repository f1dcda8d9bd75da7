//! What whoever got hold of a link can do with it, if the call code was told to somebody else.

use futures_util::future::join_all;
use serde_json::json;

use super::calls::{asking, code, register, reissue, say, type_code, wrong};
use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;

/// Everything that whoever got hold of the first link can do without hearing the call.
#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_link_without_the_code_verifies_nobody() {
    let app = TestApp::start().await;
    let stolen = asking(&app, "12345").await;
    let own = app.link("thief").await;
    let coded = asking(&app, "thief-too").await;
    let mut device = Authenticator::new();

    // Without a code, with an empty one, with one of another shape or of another link.
    assert_eq!(app.options("register", &stolen).await.problem(403), "call_code_required");
    assert_eq!(app.options("authenticate", &stolen).await.problem(409), "wrong_ceremony");
    let null = json!({"call_code": null});
    assert_eq!(say(&app, "register", &stolen, null).await.problem(403), "call_code_required");
    for shape in ["", "12345", "1234567", "abcdef", "123456\u{0}", "1e5000"] {
        assert_eq!(type_code(&app, &stolen, shape).await.problem(422), "validation", "{shape:?}");
    }
    let number = json!({"call_code": 123_456});
    assert_eq!(say(&app, "register", &stolen, number).await.problem(422), "validation");
    if code(&coded) != code(&stolen) {
        assert_eq!(type_code(&app, &stolen, &code(&coded)).await.problem(403), "call_code_wrong");
    }
    // A ceremony of the thief's own link binds to the thief's link only.
    let options = app.options("register", &own).await.expect(200);
    register(&app, &options, &mut device).await.expect(200);
    assert_eq!(app.webhook().await["user_id"], "thief");
    let forged = json!({ "challenge_token": stolen["token"] });
    let credential = Authenticator::new().register(&options["publicKey"], &app.origin);
    let answer = app.verify("register", &forged, &credential).await;
    assert_eq!(answer.problem(404), "link_invalid");
    let answer = app.verify("register", &options, &credential).await;
    assert_eq!(answer.problem(410), "link_used");

    // An old code after a reissue, with the old link and with the new one.
    let before = code(&stolen);
    let renewed = reissue(&app, &stolen).await;
    assert_eq!(type_code(&app, &stolen, &before).await.problem(410), "link_revoked");
    assert_ne!(code(&renewed), before);
    let answer = type_code(&app, &renewed, &before).await;
    assert_eq!(answer.problem(403), "call_code_wrong");
    assert_eq!(answer.json()["tries_left"], 2, "counted anew");

    // Many at once: three guesses, then it is over, also for the right code.
    let guesses = (1..=50).map(|nth| {
        let guess = wrong(&renewed, nth);
        let (app, renewed) = (&app, &renewed);
        async move { type_code(app, renewed, &guess).await }
    });
    let answers = join_all(guesses).await;
    let count =
        |wanted: &str| answers.iter().filter(|answer| answer.json()["code"] == wanted).count();
    assert_eq!((count("call_code_wrong"), count("link_failed")), (1, 49));
    let right = code(&renewed);
    for answer in join_all((0..20).map(|_| type_code(&app, &renewed, &right))).await {
        assert_eq!(answer.problem(410), "link_failed");
    }
    assert_eq!(app.webhook().await["type"], "verification.failed");
    let gate = app.gate("12345").await;
    assert_eq!((&gate["verified"], &gate["reason"]), (&json!(false), &json!("refused")));
    assert_eq!(app.get("/api/customers/12345/credentials").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_ceremony_that_was_begun_before_cannot_settle() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    // Before a reissue.
    let link = asking(&app, "12345").await;
    let options = type_code(&app, &link, &code(&link)).await.expect(200);
    let renewed = reissue(&app, &link).await;
    assert_eq!(register(&app, &options, &mut device).await.problem(409), "challenge_used");
    assert_eq!(app.options("register", &renewed).await.problem(403), "call_code_required");
    // Before the third wrong code.
    let options = type_code(&app, &renewed, &code(&renewed)).await.expect(200);
    for nth in 1..=3 {
        type_code(&app, &renewed, &wrong(&renewed, nth)).await;
    }
    assert_eq!(register(&app, &options, &mut device).await.problem(410), "link_failed");
    assert_eq!(app.webhook().await["type"], "verification.failed");
    assert_eq!(app.gate("12345").await["verified"], false);
    // Before a contradiction.
    let link = app.link_with("2", json!({"call_initiator": "customer"})).await;
    let options = app.options("register", &link).await.expect(200);
    let answer = say(&app, "register", &link, json!({"call_answer": "company"})).await;
    assert_eq!(answer.problem(410), "link_declined");
    assert_eq!(register(&app, &options, &mut device).await.problem(410), "link_declined");
    assert_eq!(app.webhook().await["type"], "verification.declined");
}
