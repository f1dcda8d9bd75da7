//! `docs/assurance.md`, line by line against the running service: what each binding is worth, how a
//! passkey gets it, and what the gate makes of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use vouchlink::domain::audit::Actor;
use vouchlink::domain::binding::Way as Address;
use vouchlink::domain::clock::Clock;
use vouchlink::domain::id::MailId;
use vouchlink::domain::link::{Enrolment, Link};
use vouchlink::domain::mail::{EmailAddress, MailNext};
use vouchlink::domain::random::SystemRandom;
use vouchlink::domain::verdict::{Assurance, Binding, Method as Way};
use vouchlink::store::{Context, Created, MailLease, NewLink, NewMail, SendOrder, Sending};

use crate::repo::tree::text;
use crate::support::app::{SEASONING, TestApp};
use crate::support::authenticator::Authenticator;

/// The rows of the table whose head begins so, cell by cell.
fn table(document: &str, head: &str) -> Vec<Vec<String>> {
    let rows = document.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let cells = |line: &str| {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    rows.take_while(|line| line.starts_with('|')).map(cells).collect()
}

fn context(app: &TestApp) -> Context {
    let verification = &app.services.verify.verification;
    Context::new(app.clock.now(), Actor::System, verification)
}

pub(super) async fn found(app: &TestApp, link: &Value) -> Link {
    let id = link["id"].as_str().unwrap().parse().unwrap();
    app.services.store.find_link(id).await.unwrap().unwrap()
}

/// A mail server takes our mail with the link.
pub(super) async fn send(app: &TestApp, link: &Value) {
    let (store, link) = (&app.services.store, found(app, link).await);
    let id = MailId::new(app.clock.now(), &SystemRandom).unwrap();
    let recipient = EmailAddress::parse("noa@example.com").unwrap();
    let order = SendOrder::Mail(NewMail { id, recipient });
    let sending = store.send_link(link.id, order, context(app)).await.unwrap();
    assert!(matches!(sending, Sending::Queued(_)), "{sending:?}");
    let lease = MailLease { limit: 1, ttl: Duration::from_secs(60), overdue: Duration::ZERO };
    let [leased] = &store.lease_mails(lease, app.clock.now()).await.unwrap()[..] else {
        panic!("not one mail")
    };
    let sent = MailNext::Sent { jti: Some(link.secret.jti) };
    assert!(store.record_mail(leased, sent, String::new(), context(app)).await.unwrap());
}

/// The link as the page has it that the URL in our mail opens.
pub(super) async fn mailed(app: &TestApp, link: &Value) -> Value {
    let link = found(app, link).await;
    let code = app.services.verify.address(&link, Address::Mailed).unwrap();
    let token = app.opened(&format!("/l/{code}")).await;
    json!({ "id": link.id.to_string(), "token": token })
}

/// Finishes a link's ceremony; the webhook's body.
async fn finish(app: &TestApp, kind: &str, options: &Value, device: &mut Authenticator) -> Value {
    let credential = match kind {
        "register" => device.register(&options["publicKey"], &app.origin),
        _ => device.authenticate(&options["publicKey"], &app.origin),
    };
    app.verify(kind, options, &credential).await.expect(200);
    app.webhook().await
}

pub(super) async fn register(app: &TestApp, link: &Value, device: &mut Authenticator) -> Value {
    let options = app.options("register", link).await.expect(200);
    finish(app, "register", &options, device).await
}

/// A new link, answered with this device's passkey; the link and the webhook's body.
async fn again(app: &TestApp, user_id: &str, device: &mut Authenticator) -> (Value, Value) {
    let link = app.link(user_id).await;
    let options = app.options("authenticate", &link).await.expect(200);
    let told = finish(app, "authenticate", &options, device).await;
    (link, told)
}

/// Brings the customer's only passkey to this binding; their last link and its webhook's body.
async fn reach(app: &TestApp, binding: Binding, device: &mut Authenticator) -> (Value, Value) {
    match binding {
        Binding::Link => {
            let link = app.link("1").await;
            let told = register(app, &link, device).await;
            (link, told)
        }
        Binding::Channel => {
            let link = app.link("1").await;
            send(app, &link).await;
            let told = register(app, &mailed(app, &link).await, device).await;
            (link, told)
        }
        Binding::CallCode => {
            let link = super::calls::asking(app, "1").await;
            let options = super::calls::type_code(app, &link, &super::calls::code(&link)).await;
            let told = finish(app, "register", &options.expect(200), device).await;
            (link, told)
        }
        Binding::Seasoned => {
            Box::pin(reach(app, Binding::Channel, device)).await;
            app.clock.advance(SEASONING);
            // Taken: the first verdict lapses on the way.
            assert_eq!(app.webhook().await["type"], "verification.lapsed");
            let (_, told) = again(app, "1", device).await;
            assert_eq!(told["data"]["assurance"], 1, "written before the worker came by");
            bound_at(app, Binding::Seasoned).await;
            again(app, "1", device).await
        }
        Binding::Proofed => panic!("nobody can give it"),
    }
}

/// Once the worker has raised the customer's passkey.
async fn bound_at(app: &TestApp, binding: Binding) {
    let raised = async {
        while app.get("/api/customers/1").await.expect(200)["credentials"][0]["binding"]
            != binding.as_str()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), raised).await.expect("it was not raised");
}

async fn gate(app: &TestApp, min_assurance: u8) -> Value {
    let path = format!("/api/verification/status?user_id=1&min_assurance={min_assurance}");
    app.get(&path).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_bindings_table_is_as_the_service_is() {
    let document = text("docs/assurance.md");
    let rows = table(&document, "| assurance | `binding` |");
    let named: Vec<&str> = rows.iter().map(|row| row[1].trim_matches('`')).collect();
    let all: Vec<&str> = Binding::ALL.iter().map(|binding| binding.as_str()).collect();
    assert_eq!(named, all, "a line each, weakest first");
    for row in &rows {
        assert!(row.len() == 6 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        let binding = Binding::parse(row[1].trim_matches('`')).unwrap();
        assert_eq!(row[0], binding.bears().level().to_string(), "{binding}");
        if binding == Binding::Proofed {
            assert!(row[2].contains("Nobody can give it yet") && row[3] == "none", "{row:?}");
            continue;
        }
        let app = TestApp::start().await;
        let (link, told) = reach(&app, binding, &mut Authenticator::new()).await;
        let worth = json!({ "method": "passkey", "binding": binding.as_str(),
            "assurance": row[0].parse::<u8>().unwrap() });
        let part = |whole: &Value| {
            json!({ "method": whole["method"], "binding": whole["binding"],
                "assurance": whole["assurance"] })
        };
        assert_eq!(part(&told["data"]), worth, "webhook");
        assert_eq!(part(&app.shown(&link).await["verdict"]), worth, "verdict");
        let path = format!("/api/verification/link/{}/evidence", link["id"].as_str().unwrap());
        assert_eq!(part(&app.get(&path).await.expect(200)), worth, "evidence");
        let meets: Vec<u8> = row[3].split(", ").map(|level| level.parse().unwrap()).collect();
        for level in 0..=4 {
            let answer = gate(&app, level).await;
            let met = meets.contains(&level);
            let reason = if met { "fresh" } else { "assurance" };
            assert_eq!(answer["verified"], met, "{binding} at {level}: {answer}");
            assert_eq!(answer["reason"], reason, "{binding} at {level}");
            assert_eq!(answer["assurance"], worth["assurance"]);
        }
    }
}

#[test]
fn every_line_of_the_methods_table_is_as_the_service_is() {
    let document = text("docs/assurance.md");
    let rows = table(&document, "| `method` | at most |");
    let named: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(named, Way::ALL.iter().map(|method| method.as_str()).collect::<Vec<_>>());
    for row in &rows {
        let method = Way::parse(row[0].trim_matches('`')).unwrap();
        assert_eq!(row[1], method.ceremony().level().to_string());
        for binding in Binding::ALL.iter().copied() {
            assert!(Assurance::of(method, binding) <= method.ceremony());
        }
    }
}

#[test]
fn the_advice_names_levels_that_somebody_can_reach() {
    let document = text("docs/assurance.md");
    let advice = table(&document, "| you are about to |");
    let levels: Vec<u8> = advice.iter().map(|row| row[1].parse().unwrap()).collect();
    assert_eq!(levels, [0, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_comes_after_the_ceremony_began_proves_nothing() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let options = app.options("register", &mailed(&app, &link).await).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    send(&app, &link).await;
    let told = finish(&app, "register", &options, &mut Authenticator::new()).await;
    assert_eq!((&told["data"]["binding"], &told["data"]["assurance"]), (&json!("link"), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_a_former_url_proves_nothing() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    send(&app, &link).await;
    let path = format!("/api/verification/link/{}/reissue", link["id"].as_str().unwrap());
    let reissued = app.post(&path, &json!({})).await.json();
    let told = register(&app, &mailed(&app, &reissued).await, &mut Authenticator::new()).await;
    assert_eq!(told["data"]["binding"], "link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_objected_is_never_raised_by_time() {
    let app = TestApp::start().await;
    let mut device = Authenticator::new();
    reach(&app, Binding::CallCode, &mut device).await;
    let link = app.link("1").await;
    let body = json!({ "token": link["token"], "reason": "not_me" }).to_string();
    app.post_from_page("/api/ceremony/decline", body).await.expect(200);
    assert_eq!(app.webhook().await["type"], "verification.declined");
    app.clock.advance(SEASONING);
    again(&app, "1", &mut device).await;
    // What the worker would do.
    let raised = app.services.store.season_credentials(9, context(&app)).await.unwrap();
    assert_eq!(raised, 0);
    assert_eq!(again(&app, "1", &mut device).await.1["data"]["assurance"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_phone_there_is_a_mark_until_the_waiting_period_is_over() {
    let app = TestApp::start().await;
    reach(&app, Binding::CallCode, &mut Authenticator::new()).await;
    assert_eq!(gate(&app, 0).await["recent_rebind"], false);
    let customer = app.get("/api/customers/1").await.expect(200);
    assert_eq!(
        (&customer["recent_rebind"], &customer["rebound_at"]),
        (&json!(false), &Value::Null)
    );

    let link = app.link_with("1", json!({ "enrolment": "replace" })).await;
    send(&app, &link).await;
    let mut device = Authenticator::new();
    let told = register(&app, &mailed(&app, &link).await, &mut device).await;
    let data = &told["data"];
    assert_eq!(
        (&data["recent_rebind"], &data["binding"], &data["first_use"]),
        (&json!(true), &json!("channel"), &json!(true))
    );
    let customer = app.get("/api/customers/1").await.expect(200);
    assert_eq!(
        (&customer["recent_rebind"], &customer["rebound_at"]),
        (&json!(true), &json!("2026-11-21T10:00:00Z"))
    );
    for (level, reason) in [(0, "fresh"), (1, "fresh"), (2, "assurance"), (3, "assurance")] {
        let answer = gate(&app, level).await;
        assert_eq!((&answer["reason"], &answer["recent_rebind"]), (&json!(reason), &json!(true)));
    }

    app.clock.advance(SEASONING.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!(app.webhook().await["data"]["recent_rebind"], true);
    assert_eq!(gate(&app, 0).await["recent_rebind"], true);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(gate(&app, 0).await["recent_rebind"], false);
    let (_, told) = again(&app, "1", &mut device).await;
    assert_eq!(told["data"]["recent_rebind"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_period_made_longer_closes_the_gate_for_who_was_rebound_in_it() {
    let app = TestApp::start_with(|config| {
        config.verification.seasoning = Duration::from_secs(1);
    })
    .await;
    let link = app.link_with("1", json!({ "enrolment": "replace" })).await;
    send(&app, &link).await;
    let mut device = Authenticator::new();
    register(&app, &mailed(&app, &link).await, &mut device).await;
    app.clock.advance(Duration::from_secs(1));
    again(&app, "1", &mut device).await;
    bound_at(&app, Binding::Seasoned).await;
    again(&app, "1", &mut device).await;
    assert_eq!(gate(&app, 3).await["reason"], "fresh");

    let mut longer = app.services.gate.clone();
    longer.seasoning = SEASONING;
    let user_id = vouchlink::domain::customer::UserId::parse("1").unwrap();
    let (answer, _) = longer.ask(&user_id, None, None, Assurance::new(3)).await.unwrap();
    assert!(!answer.verified() && answer.recent_rebind);
    let (answer, _) = longer.ask(&user_id, None, None, Assurance::new(2)).await.unwrap();
    assert!(answer.verified() && answer.recent_rebind);
}

/// A link that adds a passkey, as the owner of the customer's newest one asked.
async fn adding(app: &TestApp) -> Value {
    let (store, verify) = (&app.services.store, &app.services.verify);
    let template = app.link("1").await;
    let mut link = found(app, &template).await;
    let keys = store.list_credentials(link.customer).await.unwrap();
    let newest = keys.iter().rev().find(|key| key.revoked_at.is_none());
    link.handover.authorised_by = newest.map(|key| key.id);
    link.request.enrolment = Enrolment::Add;
    let random = &SystemRandom as &dyn vouchlink::domain::random::Random;
    link.id = vouchlink::domain::id::LinkId::new(app.clock.now(), random).unwrap();
    link.secret.jti = vouchlink::domain::random::bytes(random).unwrap();
    link.secret.code_hash.0 = vouchlink::domain::random::bytes(random).unwrap();
    link.secret.door = None;
    let new = NewLink {
        link,
        new_handle: vouchlink::domain::customer::UserHandle([9; 16]),
        if_open: vouchlink::domain::link::IfOpen::Supersede,
        idempotency: None,
        mail: None,
    };
    let Created::New(link, _) = store.create_link(new, context(app)).await.unwrap() else {
        panic!("no link")
    };
    assert_eq!(app.webhook().await["data"]["reason"], "superseded");
    json!({ "id": link.id.to_string(), "token": verify.tokens.sign_link(&link, Address::HandedOut).unwrap() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_is_added_is_worth_no_more_than_its_way_in() {
    for (first, added) in [(Binding::Link, 0), (Binding::Channel, 1), (Binding::CallCode, 1)] {
        let app = TestApp::start().await;
        let mut old = Authenticator::new();
        reach(&app, first, &mut old).await;
        let link = adding(&app).await;
        let options = app.options("register", &link).await.expect(200);
        let excluded = options["publicKey"]["excludeCredentials"].as_array().unwrap();
        assert_eq!(excluded.len(), 1, "the device that has one is not asked to make another");
        let mut new = Authenticator::new();
        let credential = new.register(&options["publicKey"], &app.origin);
        app.verify("register", &options, &credential).await.expect(200);
        let verdict = &app.shown(&link).await["verdict"];
        assert_eq!(verdict["assurance"], added, "added by {first}");
        // The agent's question stays answered as it was, and the CRM is told nothing new.
        let answer = gate(&app, first.bears().level()).await;
        assert_eq!((&answer["verified"], &answer["recent_rebind"]), (&json!(true), &json!(false)));
        assert_eq!(again(&app, "1", &mut new).await.1["data"]["assurance"], added);
        let (_, told) = again(&app, "1", &mut old).await;
        assert_eq!(told["data"]["assurance"], first.bears().level());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_passkey_is_added_once_the_one_that_asked_is_taken_away() {
    let app = TestApp::start().await;
    reach(&app, Binding::Channel, &mut Authenticator::new()).await;
    let link = adding(&app).await;
    let options = app.options("register", &link).await.expect(200);
    let customer = app.get("/api/customers/1").await.expect(200);
    let id = customer["credentials"][0]["id"].as_str().unwrap();
    let path = format!("/api/customers/1/credentials/{id}");
    let request = app.request(Method::DELETE, &path).bearer_auth(&app.key);
    TestApp::send(request).await.expect(204);
    assert_eq!(app.webhook().await["type"], "verification.lapsed");

    let credential = Authenticator::new().register(&options["publicKey"], &app.origin);
    let answer = app.verify("register", &options, &credential).await;
    assert_eq!(answer.problem(422), "not_confirmed");
    assert_eq!(app.options("register", &link).await.problem(409), "conflict");
}
