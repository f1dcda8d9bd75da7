//! The bounds over real connections, with poem's server behind them.

use std::net::SocketAddr;

use poem::listener::TcpAcceptor;
use poem::{Body, Route, Server, get, handler};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

use super::*;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(300);
/// Only the bound under test is shorter than a test may take.
const UNBOUNDED: Bounds = Bounds { request: LONG, idle: LONG, write: LONG, connections: 100 };
const PATIENCE: Duration = Duration::from_secs(30);
const REQUEST: &[u8] = b"GET /short HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[handler]
fn short() -> &'static str {
    "answered"
}

/// More than the kernel's buffers hold.
#[handler]
fn long() -> Vec<u8> {
    vec![b'a'; 64 << 20]
}

/// Goes on for ever without a word after the first.
#[handler]
fn endless() -> Body {
    let (mut write, read) = tokio::io::duplex(16);
    tokio::spawn(async move {
        write.write_all(b"begun").await.unwrap();
        std::future::pending::<()>().await;
    });
    Body::from_async_read(read)
}

/// Leaves time for whatever the peer does after asking.
#[handler]
async fn slow() -> &'static str {
    tokio::time::sleep(SHORT).await;
    "answered"
}

#[handler]
fn posted(body: String) -> String {
    body
}

async fn start(bounds: Bounds) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = Bounded::new(TcpAcceptor::from_tokio(listener).unwrap(), bounds);
    let routes = Route::new()
        .at("/short", get(short).post(posted))
        .at("/long", get(long))
        .at("/slow", get(slow))
        .at("/endless", get(endless));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
    address
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// What comes until the server closes, gently or not.
async fn until_closed(read: &mut (impl AsyncRead + Unpin)) -> String {
    let mut received = Vec::new();
    let read = timeout(PATIENCE, read.read_to_end(&mut received)).await;
    read.expect("the connection was not closed").ok();
    String::from_utf8(received).unwrap()
}

/// Reads an answer to its `end`.
async fn read_until(stream: &mut TcpStream, end: &str) {
    let mut received = Vec::new();
    while !received.ends_with(end.as_bytes()) {
        let byte = timeout(PATIENCE, stream.read_u8()).await.expect("no answer");
        received.push(
            byte.unwrap_or_else(|_| {
                panic!("closed after {:?}", String::from_utf8_lossy(&received))
            }),
        );
    }
}

/// Sends `head`, then a byte every few milliseconds until the server closes.
async fn drip(address: SocketAddr, head: &[u8]) -> String {
    let (mut read, mut write) = connect(address).await.into_split();
    write.write_all(head).await.unwrap();
    let dripping = async {
        let mut tick = interval(SHORT / 20);
        while write.write_all(b"a").await.is_ok() {
            tick.tick().await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        received = until_closed(&mut read) => received,
        () = dripping => unreachable!(),
    }
}

#[tokio::test]
async fn half_a_head_is_closed_and_not_before_its_time() {
    let begun = Instant::now();
    let mut stream = connect(start(Bounds { request: SHORT, ..UNBOUNDED }).await).await;
    stream.write_all(b"GET /short HTTP/1.1\r\nHost: loc").await.unwrap();
    assert_eq!(until_closed(&mut stream).await, "");
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_head_that_drips_in_is_closed_although_it_never_pauses() {
    let address = start(Bounds { request: SHORT, ..UNBOUNDED }).await;
    assert_eq!(drip(address, b"GET /short HTTP/1.1\r\nX: ").await, "");
}

#[tokio::test]
async fn half_a_second_head_is_closed_as_the_first() {
    let address = start(Bounds { request: SHORT, ..UNBOUNDED }).await;
    let received = drip(address, &[REQUEST, b"GET /short HTTP/1.1\r\nX: "].concat()).await;
    assert!(received.ends_with("answered"), "{received}");
}

#[tokio::test]
async fn a_body_that_drips_in_is_closed_although_it_was_asked_for() {
    let address = start(Bounds { request: SHORT, ..UNBOUNDED }).await;
    let head = b"POST /short HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
        Content-Length: 1000000\r\n\r\n";
    let received = drip(address, head).await;
    assert!(received.starts_with("HTTP/1.1 100 "), "{received}");
    assert!(!received.contains(" 200 "), "{received}");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let begun = Instant::now();
    let mut stream = connect(start(Bounds { idle: SHORT, ..UNBOUNDED }).await).await;
    assert_eq!(until_closed(&mut stream).await, "");
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_connection_that_says_nothing_more_is_closed() {
    let mut stream = connect(start(Bounds { idle: SHORT, ..UNBOUNDED }).await).await;
    stream.write_all(REQUEST).await.unwrap();
    let received = until_closed(&mut stream).await;
    assert!(received.starts_with("HTTP/1.1 200"), "{received}");
    assert!(received.ends_with("answered"), "{received}");
}

#[tokio::test]
async fn a_connection_that_goes_on_asking_outlives_every_bound() {
    let bound = Duration::from_secs(1);
    let bounds = Bounds { request: bound, idle: bound, write: bound, connections: 1 };
    let mut stream = connect(start(bounds).await).await;
    let begun = Instant::now();
    let mut tick = interval(bound / 10);
    while begun.elapsed() < bound * 2 {
        tick.tick().await;
        stream.write_all(REQUEST).await.unwrap();
        read_until(&mut stream, "answered").await;
    }
}

/// It holds the only place: that another is answered means that this one is gone.
#[tokio::test]
async fn who_never_reads_the_answer_is_cut_and_makes_room() {
    let bounds = Bounds { write: SHORT, connections: 1, ..UNBOUNDED };
    let address = start(bounds).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut deaf = socket.connect(address).await.unwrap();
    deaf.write_all(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    deaf.readable().await.unwrap();
    let mut next = connect(address).await;
    next.write_all(REQUEST).await.unwrap();
    read_until(&mut next, "answered").await;
    drop(deaf);
}

#[tokio::test]
async fn one_connection_too_many_waits_for_a_place() {
    let address = start(Bounds { connections: 1, ..UNBOUNDED }).await;
    let mut first = connect(address).await;
    first.write_all(REQUEST).await.unwrap();
    read_until(&mut first, "answered").await;
    let mut second = connect(address).await;
    second.write_all(REQUEST).await.unwrap();
    // The first is served again and again; the second not meanwhile.
    for _ in 0..20 {
        first.write_all(REQUEST).await.unwrap();
        read_until(&mut first, "answered").await;
        let early = second.try_read(&mut [0]);
        assert_eq!(early.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
    drop(first);
    read_until(&mut second, "answered").await;
}

#[tokio::test]
async fn who_hangs_up_on_an_answer_that_never_ends_makes_room() {
    let address = start(Bounds { connections: 1, ..UNBOUNDED }).await;
    let mut gone = connect(address).await;
    gone.write_all(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    read_until(&mut gone, "begun\r\n").await;
    drop(gone);
    let mut next = connect(address).await;
    next.write_all(REQUEST).await.unwrap();
    read_until(&mut next, "answered").await;
}

#[tokio::test]
async fn who_asks_and_says_at_once_that_nothing_follows_is_answered() {
    let mut stream = connect(start(UNBOUNDED).await).await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let received = until_closed(&mut stream).await;
    assert!(received.ends_with("answered"), "{received}");
}
