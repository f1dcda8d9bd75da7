//! What may not be reached is not, however it is spelled, whenever its name changes its mind.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use vouchlink::domain::delivery::Class;
use vouchlink::domain::endpoint::EndpointUrl;
use vouchlink::webhook::client::Client;
use vouchlink::webhook::guard::Reach;
use vouchlink::webhook::resolve::{Lookup, OncePerHost, Unresolved, resolve};

use super::client::{LIMITS, guard, post};
use crate::support::receiver::{Answer, Receiver};

#[tokio::test]
async fn private_addresses_are_not_reached_in_any_spelling() {
    let receiver = Receiver::start().await;
    let client = Client::new(guard(&[]), LIMITS).unwrap();
    let port = receiver.addr.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "①②⑦.0.0.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "localhost",
        "app.localhost",
    ] {
        for scheme in ["http", "https"] {
            let exchange = post(&client, &format!("{scheme}://{host}:{port}/hook")).await;
            assert_eq!(exchange.class, Class::SsrfBlocked, "{scheme}://{host}");
        }
    }
    assert_eq!(receiver.connections(), 0);
}

/// Answers each look-up from a list.
struct Answers(Mutex<Vec<Vec<&'static str>>>);

struct UnknownName;

#[async_trait]
impl Lookup for UnknownName {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::other("Name or service not known"))
    }
}

#[async_trait]
impl Lookup for Answers {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let mut answers = self.0.lock().unwrap();
        assert!(!answers.is_empty(), "an unexpected look-up");
        Ok(answers.remove(0).iter().map(|address| address.parse().unwrap()).collect())
    }
}

pub(super) fn client_with(allow: &[&str], answers: &[&[&'static str]]) -> Client {
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    let lookup: Arc<dyn Lookup> = Arc::new(Answers(Mutex::new(answers)));
    Client::with_lookup(guard(allow), LIMITS, &lookup).unwrap()
}

#[tokio::test]
async fn a_name_with_one_private_address_is_blocked() {
    for answer in [&["127.0.0.1"][..], &["8.8.8.8", "169.254.169.254"], &["fd00:ec2::254"]] {
        let client = client_with(&[], &[answer]);
        let exchange = post(&client, "https://crm.example.com/hook").await;
        assert_eq!(exchange.class, Class::SsrfBlocked, "{answer:?}");
        assert!(exchange.answer.contains(answer.last().unwrap()), "{}", exchange.answer);
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_blocked_when_it_does() {
    let receiver = Receiver::start().await;
    let client = client_with(&["127.0.0.1/32"], &[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://crm.example.com:{}/hook", receiver.addr.port());

    receiver.script([Answer::with_header(200, "connection", "close")]);
    assert_eq!(post(&client, &url).await.class, Class::Success);
    assert_eq!(post(&client, &url).await.class, Class::SsrfBlocked);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_name_that_was_public_when_it_was_saved_is_judged_again_when_it_is_dialled() {
    let receiver = Receiver::start().await;
    let port = "https://crm.example.com/hook";
    let url = EndpointUrl::parse(port).unwrap();
    for private in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"] {
        let client = client_with(&[], &[&["8.8.8.8"], &[private]]);
        client.look(&url).await.unwrap();
        assert_eq!(post(&client, port).await.class, Class::SsrfBlocked, "{private}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn what_may_not_be_reached_is_refused_when_it_is_saved() {
    for (url, answers) in [
        ("https://crm.example.com/hook", &[&["8.8.8.8", "10.0.0.1"][..]][..]),
        ("https://crm.example.com/hook", &[&["fd00:ec2::254"]]),
        ("http://crm.example.com/hook", &[]),
        ("https://crm.example.com:22/hook", &[]),
        ("https://localhost/hook", &[]),
        ("https://backend/hook", &[]),
        ("https://printer.local/hook", &[]),
        ("https://metadata.google.internal/hook", &[]),
        ("https://127.0.0.1/hook", &[]),
        ("https://0x7f.1/hook", &[]),
        ("https://[::ffff:10.0.0.1]/hook", &[]),
        ("https://8.8.8.8/hook", &[]),
    ] {
        let client = client_with(&[], answers);
        assert!(client.look(&EndpointUrl::parse(url).unwrap()).await.is_err(), "{url}");
    }
    let client = client_with(&[], &[&["8.8.8.8", "2606:4700::1111"]]);
    let url = EndpointUrl::parse("https://crm.example.com/hook").unwrap();
    client.look(&url).await.unwrap();
    // A name that leads nowhere yet may do so in a minute.
    client_with(&[], &[&[]]).look(&url).await.unwrap();
    let unknown: Arc<dyn Lookup> = Arc::new(UnknownName);
    Client::with_lookup(guard(&[]), LIMITS, &unknown).unwrap().look(&url).await.unwrap();
}

#[tokio::test]
async fn a_url_unfit_for_the_internet_needs_an_allowed_address() {
    for url in ["http://crm.example.com/", "https://crm.example.com:6379/", "https://backend/"] {
        let client = client_with(&["127.0.0.0/8"], &[&["8.8.8.8"]]);
        assert_eq!(post(&client, url).await.class, Class::SsrfBlocked, "{url}");
    }
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_a_dns_error() {
    let unknown: Arc<dyn Lookup> = Arc::new(UnknownName);
    for client in
        [Client::with_lookup(guard(&[]), LIMITS, &unknown).unwrap(), client_with(&[], &[&[]])]
    {
        let exchange = post(&client, "https://crm.example.com/hook?zapikey=1003.secret").await;
        assert_eq!((exchange.class, exchange.http_status), (Class::Dns, None));
        assert!(!exchange.answer.contains("secret"), "{}", exchange.answer);
    }
}

/// Knows some hosts at once, and others never.
#[derive(Default)]
struct Slow(Mutex<Vec<String>>);

#[async_trait]
impl Lookup for Slow {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().push(host.to_owned());
        if host.starts_with("slow") {
            std::future::pending::<()>().await;
        }
        Ok(vec!["127.0.0.1".parse().unwrap()])
    }
}

#[tokio::test]
async fn a_host_whose_name_server_is_slow_holds_up_nobody_else() {
    let receiver = Receiver::start().await;
    let port = receiver.addr.port();
    let slow = Arc::new(Slow::default());
    let lookup: Arc<dyn Lookup> = Arc::clone(&slow) as _;
    let client = Client::with_lookup(guard(&["127.0.0.1/32"]), LIMITS, &lookup).unwrap();
    // More attempts than look-ups may run, all of which are given up and leave theirs behind.
    for _ in 0..2 {
        let many = (0..100).map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                post(&client, &format!("http://slow.example.com:{port}/hook")).await.class
            })
        });
        for attempt in many.collect::<Vec<_>>() {
            let class = attempt.await.unwrap();
            assert!(matches!(class, Class::Timeout | Class::Dns | Class::Connect), "{class}");
        }
    }
    let url = format!("http://crm.example.com:{port}/hook");
    assert_eq!(post(&client, &url).await.class, Class::Success);
    assert_eq!(*slow.0.lock().unwrap(), ["slow.example.com", "crm.example.com"]);
}

/// Waits for a word before it answers.
struct Told(tokio::sync::Semaphore, std::sync::atomic::AtomicUsize);

#[async_trait]
impl Lookup for Told {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        self.0.acquire().await.unwrap().forget();
        Ok(vec!["127.0.0.1".parse().unwrap()])
    }
}

/// Who may not go where the answer leads does not go there because somebody else may.
#[tokio::test]
async fn an_answer_that_is_shared_is_judged_by_each_and_not_kept() {
    let told = Arc::new(Told(tokio::sync::Semaphore::new(0), 0.into()));
    let once = OncePerHost::new(Arc::clone(&told) as _);
    let (open, closed) = (guard(&["127.0.0.1/32"]), guard(&[]));
    let both = async {
        tokio::join!(
            resolve("crm.example.com", &once, &open, Reach::Public),
            resolve("crm.example.com", &once, &closed, Reach::Public),
        )
    };
    let word = async {
        tokio::task::yield_now().await;
        told.0.add_permits(1);
    };
    let ((may, may_not), ()) = tokio::join!(both, word);
    assert_eq!(may.unwrap(), ["127.0.0.1".parse::<IpAddr>().unwrap()]);
    assert!(matches!(may_not, Err(Unresolved::Blocked(_))), "{may_not:?}");
    told.0.add_permits(1);
    resolve("crm.example.com", &once, &open, Reach::Public).await.unwrap();
    assert_eq!(told.1.load(std::sync::atomic::Ordering::SeqCst), 2);
}
