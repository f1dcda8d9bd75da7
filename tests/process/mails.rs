//! Whoever mails is killed and frozen: what was promised arrives, and whoever took a mail whose
//! outcome was lost can tell its repetition by the Message-ID.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{KEY, Server, free_port};
use crate::support::app::finish_body;
use crate::support::authenticator::Authenticator;
use crate::support::client::client;
use crate::support::mail::Mail;
use crate::support::postgres::Place;
use crate::support::receiver::{Answer, Receiver};
use crate::support::smtp::{MailServer, Step, Trick};

/// A database, the mail server, and where processes live.
struct Post {
    folder: tempfile::TempDir,
    /// `None`: SQLite.
    postgres: Option<Place>,
    smtp: MailServer,
    port: u16,
}

impl Post {
    async fn new(postgres: Option<Place>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, postgres, smtp: MailServer::start().await, port: free_port() }
    }

    fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    fn start(&self, name: &str, port: u16, arguments: &[&str]) -> Server {
        let origin = self.origin();
        let smtp = format!("smtp://{}?tls=none", self.smtp.address);
        let mut environment = vec![
            ("ORIGIN", origin.as_str()),
            ("SMTP_URL", smtp.as_str()),
            ("MAIL_FROM", "no-reply@bank.example"),
            ("ALERT_EMAIL", "ops@bank.example"),
            ("JWT_SECRET", "the same in every process, and long enough"),
            ("LOG", "warn,vouchlink::flows::mail=debug"),
        ];
        let url = self.postgres.as_ref().map(Place::url);
        if let Some(url) = &url {
            environment.push(("DATABASE_URL", url));
        }
        let log = self.log(name);
        Server::start_as(arguments, self.folder.path(), port, &environment, Some(&log))
    }

    /// Lets the leases of all mails under way run out.
    async fn end_leases(&self) {
        self.shift("UPDATE mails SET due_at = due_at - 51000 WHERE status = 'in_flight'").await;
    }

    async fn shift(&self, sql: &str) {
        if let Some(place) = &self.postgres {
            return place.raw().await.batch_execute(sql).await.unwrap();
        }
        let database = self.folder.path().join("data/vouchlink.db");
        let connection = rusqlite::Connection::open(database).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// The only mail of a link, as staff see it.
    async fn sent(&self, link: &str) -> Value {
        let path = format!("/api/verification/link/{link}");
        let shown = call(&self.origin(), Method::GET, &path, String::new()).await.unwrap();
        assert_eq!(shown["sent"].as_array().map(Vec::len), Some(1), "{shown}");
        shown["sent"][0].clone()
    }

    async fn until_sent(&self, link: &str) -> Value {
        let mut pause = tokio::time::interval(Duration::from_millis(10));
        let waiting = async {
            loop {
                let sent = self.sent(link).await;
                if sent["status"] == "sent" {
                    return sent;
                }
                pause.tick().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("never sent")
    }
}

async fn call(
    origin: &str,
    method: Method,
    path: &str,
    body: String,
) -> Result<Value, reqwest::Error> {
    let request = client().build().unwrap().request(method, format!("{origin}{path}"));
    let request = request.bearer_auth(KEY).header("content-type", "application/json").body(body);
    let text = request.send().await?.text().await?;
    Ok(serde_json::from_str(&text).unwrap())
}

async fn mailed_link(origin: &str, user: &str, email: &str) -> Result<Value, reqwest::Error> {
    let body = json!({ "user_id": user, "username": user, "send": { "email": email } });
    call(origin, Method::POST, "/api/verification/link", body.to_string()).await
}

/// To whom, and whether it is a link or a notice.
type Subject = (String, bool);

/// What came and what was answered, over all rounds.
#[derive(Default)]
struct Seen {
    /// The Message-IDs of each mail that came.
    arrived: Mutex<HashMap<Subject, Vec<String>>>,
    /// What was promised, and the link that it is about.
    promised: Mutex<Vec<(Subject, String)>>,
    over: AtomicBool,
}

impl Seen {
    fn take(&self, mail: &Mail) {
        let subject = (mail.recipient().to_owned(), mail.url().is_some());
        let mut arrived = self.arrived.lock().unwrap();
        arrived.entry(subject).or_default().push(mail.header("message-id"));
    }

    fn has(&self, subject: &Subject) -> bool {
        self.arrived.lock().unwrap().contains_key(subject)
    }

    fn promise(&self, email: &str, is_link: bool, link: &Value) {
        let id = link["id"].as_str().unwrap_or_else(|| panic!("{link}")).to_owned();
        self.promised.lock().unwrap().push(((email.to_owned(), is_link), id));
    }
}

/// Customer after customer asks for a mail, waits for it and makes a passkey, until the server is
/// gone.
async fn customers(name: String, origin: String, seen: Arc<Seen>) {
    let mut number = 0;
    let mut pause = tokio::time::interval(Duration::from_millis(5));
    while !seen.over.load(Ordering::SeqCst) {
        number += 1;
        let user = format!("{name}-{number}");
        let email = format!("{user}@example.com");
        // An error means that the server died under this request.
        let Ok(link) = mailed_link(&origin, &user, &email).await else { return };
        seen.promise(&email, true, &link);
        let subject = (email.clone(), true);
        while !seen.has(&subject) {
            if seen.over.load(Ordering::SeqCst) {
                return;
            }
            pause.tick().await;
        }
        if register(&origin, &link).await.is_err() {
            return;
        }
        seen.promise(&email, false, &link);
    }
}

async fn register(origin: &str, link: &Value) -> Result<(), reqwest::Error> {
    let path = "/api/ceremony/register";
    let body = json!({ "token": link["token"] }).to_string();
    let options = call(origin, Method::POST, &format!("{path}/options"), body).await?;
    let credential = Authenticator::new().register(&options["publicKey"], origin);
    let body = finish_body(&options, &credential);
    let verified = call(origin, Method::POST, &format!("{path}/verify"), body).await?;
    assert_eq!(verified["verified"], true, "{verified}");
    Ok(())
}

const ROUNDS: usize = 6;
const CUSTOMERS: usize = 4;
/// A round ends once so many mails came in it, and one more is held.
const MAILS: usize = 6;

/// The mail server has said 250 to one mail whenever the process dies, and the process has not
/// read it: it is stopped before.
async fn kill_while_mailing(post: Post) {
    let seen = Arc::new(Seen::default());
    let mut repeated = Vec::new();
    for round in 0..ROUNDS {
        let server = post.start(&round.to_string(), post.port, &[]);
        seen.over.store(false, Ordering::SeqCst);
        let load: Vec<_> = (0..CUSTOMERS)
            .map(|number| format!("r{round}-c{number}"))
            .map(|name| tokio::spawn(customers(name, post.origin(), Arc::clone(&seen))))
            .collect();
        for _ in 0..MAILS {
            let mail = post.smtp.next().await;
            seen.take(&mail);
        }
        post.smtp.script([(Step::Message, Trick::Hold)]);
        let held = loop {
            let mail = post.smtp.next().await;
            seen.take(&mail);
            if mail.held {
                break mail;
            }
        };
        server.signal("STOP");
        post.smtp.release();
        server.kill();
        seen.over.store(true, Ordering::SeqCst);
        for customers in load {
            customers.await.unwrap();
        }
        repeated.push((held.recipient().to_owned(), held.url().is_some()));
    }

    // Once more in peace; the leases of the dead have to run out first.
    let server = post.start("last", post.port, &[]);
    let promised = seen.promised.lock().unwrap().clone();
    assert!(promised.len() >= ROUNDS * MAILS / 2, "{}", promised.len());
    let came = |subject: &Subject| {
        let least = 1 + repeated.iter().filter(|known| *known == subject).count();
        seen.arrived.lock().unwrap().get(subject).is_some_and(|ids| ids.len() >= least)
    };
    while !promised.iter().map(|(subject, _)| subject).chain(&repeated).all(came) {
        let mail = post.smtp.next_within(Duration::from_secs(90)).await;
        seen.take(&mail);
    }
    for ((_, is_link), link) in &promised {
        if *is_link {
            post.until_sent(link).await;
        }
    }
    assert!(server.terminate().success());
    let mut ids = HashMap::new();
    for (subject, tries) in seen.arrived.lock().unwrap().iter() {
        assert!(tries.iter().all(|id| *id == tries[0]), "{subject:?}: {tries:?}");
        let before = ids.insert(tries[0].clone(), subject.clone());
        assert_eq!(before, None, "{subject:?} has the Message-ID of another mail");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_whoever_mails_lose_no_mail_that_was_promised() {
    kill_while_mailing(Post::new(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_whoever_mails_lose_no_mail_that_was_promised_in_postgres_either() {
    kill_while_mailing(Post::new(Some(Place::new().await)).await).await;
}

/// One that mails is frozen when its mail was taken; another takes the lease over, and is still at
/// it when the first comes back.
async fn freeze_while_mailing(post: Post) {
    let web = post.start("web", post.port, &["--workers=off"]);
    let first = post.start("first", free_port(), &["--workers=only"]);
    post.smtp.script([(Step::Message, Trick::Hold)]);
    let link = mailed_link(&web.origin, "1", "dana@example.com").await.unwrap();
    let id = link["id"].as_str().unwrap();
    let mail = post.smtp.next().await;
    assert!(mail.held);
    first.signal("STOP");

    let second = post.start("second", free_port(), &["--workers=only"]);
    // It works, and leaves alone what is leased.
    let other = mailed_link(&web.origin, "2", "eve@example.com").await.unwrap();
    assert_eq!(post.smtp.next().await.recipient(), "eve@example.com");
    post.until_sent(other["id"].as_str().unwrap()).await;
    let state = post.sent(id).await;
    assert_eq!((&state["status"], &state["attempts"]), (&json!("in_flight"), &json!(1)));
    post.smtp.script([(Step::Message, Trick::Hold)]);
    post.end_leases().await;
    let again = post.smtp.next().await;
    assert!(again.held);
    assert_eq!(again.header("message-id"), mail.header("message-id"));
    assert_eq!(again.source, mail.source);

    // The first hears that its mail was taken, and is told that this is no longer its to say.
    post.smtp.release();
    first.signal("CONT");
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    let refused = async {
        while !std::fs::read_to_string(post.log("first")).unwrap().contains("the lease was lost") {
            pause.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("never refused");
    let state = post.sent(id).await;
    assert_eq!((&state["status"], &state["attempts"]), (&json!("in_flight"), &json!(2)));

    post.smtp.release();
    let sent = post.until_sent(id).await;
    assert_eq!(
        (&sent["attempts"], &sent["answer"]),
        (&json!(2), &json!("250 2.0.0 queued as 4711"))
    );
    let path = format!("/api/verification/link/{id}");
    let shown = call(&web.origin, Method::GET, &path, String::new()).await.unwrap();
    let timeline = shown["timeline"].as_array().unwrap();
    assert_eq!(timeline.iter().filter(|entry| entry["action"] == "link.sent").count(), 1);
    for server in [first, second, web] {
        assert!(server.terminate().success());
    }
    post.smtp.assert_nothing_unread();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_frozen_one_records_late_is_refused() {
    freeze_while_mailing(Post::new(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_frozen_one_records_late_is_refused_in_postgres_too() {
    freeze_while_mailing(Post::new(Some(Place::new().await)).await).await;
}

/// Killed between what befell an endpoint and the mail about it, and again when the mail was taken.
async fn kill_while_alerting(post: Post) {
    let crm = Receiver::start().await;
    crm.script([Answer::status(410)]);
    let server = post.start("first", post.port, &[]);
    let endpoint = json!({ "url": crm.url("/hook"), "name": "Orders" }).to_string();
    call(&server.origin, Method::POST, "/api/endpoints", endpoint).await.unwrap();
    let body = json!({ "user_id": "1", "username": "1" }).to_string();
    let path = "/api/verification/link";
    let link = call(&server.origin, Method::POST, path, body).await.unwrap();
    let body = json!({ "token": link["token"], "reason": "not_me" }).to_string();
    call(&server.origin, Method::POST, "/api/ceremony/decline", body).await.unwrap();
    crm.next().await;
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    let disabled = async {
        loop {
            let path = "/api/deliveries?status=held";
            let held = call(&server.origin, Method::GET, path, String::new()).await.unwrap();
            if held["items"][0].is_object() {
                return;
            }
            pause.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), disabled).await.expect("never disabled");
    server.kill();
    post.shift("UPDATE alerts SET news_at = news_at - 60000").await;

    post.smtp.script([(Step::Message, Trick::Hold)]);
    let server = post.start("second", post.port, &[]);
    let held = post.smtp.next().await;
    assert!(held.held && held.header("subject").contains("Orders is disabled"), "{held:?}");
    server.signal("STOP");
    post.smtp.release();
    server.kill();
    post.end_leases().await;

    let server = post.start("third", post.port, &[]);
    let again = post.smtp.next().await;
    assert_eq!(again.recipient(), "ops@bank.example");
    assert_eq!(again.source, held.source, "the same message, by its Message-ID and every word");
    assert!(server.terminate().success());
    post.smtp.assert_nothing_unread();
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_no_alert() {
    kill_while_alerting(Post::new(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_no_alert_in_postgres_either() {
    kill_while_alerting(Post::new(Some(Place::new().await)).await).await;
}
