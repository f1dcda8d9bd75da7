//! One exchange with receivers that answer well, badly, or not at all.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::delivery::Class;
use vouchlink::domain::endpoint::{BodyMode, CustomHeaders, EndpointUrl};
use vouchlink::domain::id::EventId;
use vouchlink::domain::secret::Secret;
use vouchlink::webhook::client::{Client, Limits};
use vouchlink::webhook::exchange::Exchange;
use vouchlink::webhook::guard::Guard;
use vouchlink::webhook::send::{Destination, Message, Sender, Standard, Terms};
use vouchlink::webhook::sign::{Received, SigningKey};

use super::reach::client_with;
use crate::support::receiver::{Answer, Receiver};

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);
const BODY: &str = r#"{"type":"verification.verified","name":"Zoë"}"#;

/// Short enough to wait for, long enough for a busy machine.
pub(super) const LIMITS: Limits = Limits { connect: Duration::from_millis(800), idle: 8 };
const TOTAL: Duration = Duration::from_secs(1);

pub(super) fn guard(allow: &[&str]) -> Guard {
    Guard::new(allow.iter().map(|net| net.parse().unwrap()).collect())
}

fn client() -> Client {
    Client::new(guard(&["127.0.0.0/8"]), LIMITS).unwrap()
}

fn key() -> SigningKey {
    SigningKey::new("thirty-two characters of a key...".into())
}

pub(super) async fn post(client: &Client, url: &str) -> Exchange {
    let url = EndpointUrl::parse(url).unwrap();
    send(client, url, CustomHeaders::default()).await
}

async fn send(client: &Client, url: EndpointUrl, headers: CustomHeaders) -> Exchange {
    let standard = Standard { url, keys: vec![key()], body_mode: BodyMode::Standard, headers };
    let destination = Destination { timeout: TOTAL, terms: Terms::Standard(standard) };
    let message = Message { event: EventId::from_bytes([1; 16]), body: BODY, at: NOW };
    Sender::new(client.clone()).send(&destination, message).await
}

/// What the client makes of a receiver that answers so.
async fn exchange(answer: Answer) -> Exchange {
    let receiver = Receiver::start().await;
    receiver.script([answer]);
    let began = Instant::now();
    let exchange = post(&client(), &receiver.url("/hook")).await;
    assert!(began.elapsed() < TOTAL + Duration::from_secs(2), "the deadline was not kept");
    receiver.next().await;
    receiver.assert_nothing_unread();
    exchange
}

#[tokio::test]
async fn a_request_carries_what_the_receiver_needs_and_nothing_else() {
    let receiver = Receiver::start().await;
    let url = EndpointUrl::parse(&receiver.url("/hook?zapikey=1003.secret")).unwrap();
    let bearer = CustomHeaders::bearer(&Secret::from("token-of-the-crm"));
    let exchange = send(&client(), url, bearer).await;
    assert_eq!(exchange.class, Class::Success);
    assert_eq!(exchange.remote_addr, Some(receiver.addr.to_string()));

    let request = receiver.next().await;
    assert_eq!(request.line, "POST /hook?zapikey=1003.secret HTTP/1.1");
    assert_eq!(request.body, BODY.as_bytes());
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("authorization"), "Bearer token-of-the-crm");
    assert_eq!(request.header("host"), receiver.addr.to_string());
    assert_eq!(request.header("user-agent"), concat!("vouchlink/", env!("CARGO_PKG_VERSION")));
    let headers = Received {
        id: request.header("webhook-id"),
        timestamp: request.header("webhook-timestamp"),
        signature: request.header("webhook-signature"),
    };
    assert_eq!(key().verify(headers, &request.body, NOW), Ok(()));

    let mut names = request.header_names();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent",
            "webhook-id",
            "webhook-signature",
            "webhook-timestamp"
        ]
    );
}

#[tokio::test]
async fn a_status_gives_the_class() {
    for (status, class) in [
        (200, Class::Success),
        (204, Class::Success),
        (400, Class::Config),
        (401, Class::Config),
        (404, Class::Config),
        (408, Class::Unavailable),
        (410, Class::Gone),
        (429, Class::Unavailable),
        (500, Class::Unavailable),
        (503, Class::Unavailable),
    ] {
        let exchange = exchange(Answer::status(status)).await;
        assert_eq!((exchange.class, exchange.http_status), (class, Some(status)));
    }
}

#[tokio::test]
async fn a_receiver_can_say_when_to_come_back() {
    for value in ["90", "Sat, 21 Nov 2026 10:01:30 GMT"] {
        let exchange = exchange(Answer::with_header(429, "Retry-After", value)).await;
        assert_eq!(exchange.class, Class::Unavailable);
        let wait = exchange.retry_after.map(|after| after.from_now(NOW));
        assert_eq!(wait, Some(Duration::from_secs(90)), "{value}");
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let target = Receiver::start().await;
    for status in [301, 302, 303, 307, 308] {
        let location = target.url("/other?key=secret");
        let exchange = exchange(Answer::with_header(status, "Location", &location)).await;
        assert_eq!((exchange.class, exchange.http_status), (Class::Redirect, Some(status)));
        assert_eq!(exchange.answer, format!("redirect to http://{}", target.addr));
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_silent_receiver_is_left_at_the_deadline() {
    let exchange = exchange(Answer::Silence).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Timeout, None));
}

#[tokio::test]
async fn dripping_headers_are_cut_at_the_deadline() {
    let exchange = exchange(Answer::Drip("HTTP/1.1 200 OK\r\nx-slow: ")).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Timeout, None));
}

#[tokio::test]
async fn a_dripping_body_is_cut_at_the_deadline() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
    let exchange = exchange(Answer::Drip(head)).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Timeout, Some(200)));
    assert!(exchange.answer.starts_with('x'), "what arrived is kept");
}

#[tokio::test]
async fn a_refusal_stays_one_even_if_its_body_never_ends() {
    let head = "HTTP/1.1 410 Gone\r\ncontent-length: 100000\r\n\r\n";
    let exchange = exchange(Answer::Drip(head)).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Gone, Some(410)));
}

#[tokio::test]
async fn an_endless_body_is_read_to_a_bound_and_kept_in_part() {
    let exchange = exchange(Answer::Endless).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Success, Some(200)));
    assert_eq!(exchange.answer, "x".repeat(4096));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_success() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec();
    let exchange = exchange(Answer::Bytes(half)).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Protocol, Some(200)));
}

#[tokio::test]
async fn what_is_no_http_is_a_protocol_error() {
    let many = "x-many: y\r\n".repeat(65);
    let long = format!("x-long: {}\r\n", "y".repeat(1_000_000));
    for bytes in [
        String::new(),
        "SSH-2.0-OpenSSH_9.9\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{many}\r\n"),
        format!("HTTP/1.1 200 OK\r\n{long}\r\n"),
    ] {
        let exchange = exchange(Answer::Bytes(bytes.clone().into_bytes())).await;
        let head = bytes.get(..20);
        assert_eq!((exchange.class, exchange.http_status), (Class::Protocol, None), "{head:?}");
    }
}

/// The library reads 400 KiB of a head; what else was sent lies in the system's buffers.
const BUFFERED: usize = 16 * 1024 * 1024;

#[tokio::test]
async fn headers_without_an_end_are_left_before_the_deadline() {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    for (head, more) in [
        (OK, "x-many: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n"),
        ("HTTP/1.1 200 OK\r\nx-long: ", "y"),
        ("HTTP/1.1 200 ", "y"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "y"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x-more: y\r\n"),
    ] {
        let receiver = Receiver::start().await;
        receiver.script([Answer::Flood(head, more)]);
        let began = Instant::now();
        let exchange = post(&client(), &receiver.url("/hook")).await;
        assert_eq!(exchange.class, Class::Protocol, "{head:?} {more:?}");
        assert!(began.elapsed() < TOTAL, "{head:?} {more:?}");
        assert!(receiver.flooded() < BUFFERED, "{} bytes of {more:?}", receiver.flooded());
        receiver.next().await;
    }
}

#[tokio::test]
async fn answers_before_the_answer_end_at_the_deadline() {
    let exchange = exchange(Answer::Flood("", "HTTP/1.1 100 Continue\r\n\r\n")).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Timeout, None));
}

#[tokio::test]
async fn a_success_with_more_than_16_kib_of_headers_is_none() {
    let with = |length: usize| {
        let (half, length) = ("y".repeat(length / 2), "content-length: 0");
        format!("HTTP/1.1 200 OK\r\nx-a: {half}\r\nx-b: {half}\r\n{length}\r\n\r\n")
    };
    for (length, class) in [(16_000, Class::Success), (16_500, Class::Protocol)] {
        let exchange = exchange(Answer::Bytes(with(length).into_bytes())).await;
        assert_eq!(exchange.class, class, "{length}: {}", exchange.answer);
    }
}

#[tokio::test]
async fn a_reset_is_a_protocol_error_and_not_tried_again() {
    let exchange = exchange(Answer::Reset).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Protocol, None));
}

#[tokio::test]
async fn a_closed_port_is_a_connection_error() {
    let receiver = Receiver::start().await;
    let url = receiver.url("/hook?zapikey=1003.secret");
    drop(receiver);
    // The listener's task is aborted, not yet gone: wait until the port is closed.
    let port = url.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    while TcpStream::connect(&port).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let exchange = post(&client(), &url).await;
    assert_eq!((exchange.class, exchange.http_status), (Class::Connect, None));
    assert!(exchange.answer.contains("refused"), "{}", exchange.answer);
    assert!(!exchange.answer.contains("secret"), "{}", exchange.answer);
}

#[tokio::test]
async fn a_receiver_that_speaks_no_tls_is_a_tls_error() {
    for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/hook", listener.local_addr().unwrap());
        let receiver = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            // Closing before all is read would take the answer back.
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut vec![]).await;
        });
        let exchange = post(&client(), &url).await;
        assert_eq!((exchange.class, exchange.http_status), (Class::Tls, None), "{answer}");
        receiver.await.unwrap();
    }
}

#[tokio::test]
async fn a_name_is_resolved_by_the_system() {
    let receiver = Receiver::start().await;
    let client = Client::new(guard(&["127.0.0.0/8", "::1/128"]), LIMITS).unwrap();
    let url = format!("http://localhost:{}/hook", receiver.addr.port());
    assert_eq!(post(&client, &url).await.class, Class::Success);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_delivery() {
    let receiver = Receiver::start().await;
    let client = client_with(&["127.0.0.0/8"], &[&["127.0.0.1"]]);
    let url = format!("http://crm.example.com:{}/hook", receiver.addr.port());
    for status in [200, 204, 500, 200] {
        receiver.script([Answer::Status(status, vec![], String::new())]);
        assert_eq!(post(&client, &url).await.http_status, Some(status));
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_key_in_the_url_is_not_kept_though_the_answer_repeats_it() {
    let receiver = Receiver::start().await;
    for said in [
        "1003.secret-key/+ is unknown".to_owned(),
        "POST /hook?zapikey=1003.secret-key%2F%2B is unknown".to_owned(),
        // What is kept ends in the middle of it.
        format!("{}1003.secret-key/+", "x".repeat(4096 - 10)),
    ] {
        receiver.script([Answer::Status(403, vec![], said.clone())]);
        let exchange = post(&client(), &receiver.url("/hook?zapikey=1003.secret-key%2F%2B")).await;
        assert_eq!(exchange.class, Class::Config);
        assert!(!exchange.answer.contains("1003"), "{said}: {}", exchange.answer);
        assert!(exchange.answer.contains("(hid"), "{}", exchange.answer);
    }
}

#[tokio::test]
async fn nothing_secret_shows_in_debug_output() {
    let bearer = CustomHeaders::bearer(&Secret::from("token-of-the-crm"));
    let url = EndpointUrl::parse("https://crm.example.com/hook?zapikey=1003.secret").unwrap();
    let shown = format!("{bearer:?} {url:?} {:?} {:?}", client(), key());
    for secret in ["token", "1003", "thirty-two"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
