//! A webhook receiver on loopback that answers as told, well or badly, and remembers what it got.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// One request, as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Method, target and version.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    /// It is not answered until others are held.
    pub(crate) held: bool,
    /// The answer to it is none, or no success.
    pub(crate) refused: bool,
    /// When it had been read.
    pub(crate) at: Instant,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The value of the only header of this (lower-case) name.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let values: Vec<_> = self
            .headers
            .iter()
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values.len(), 1, "{name} in {:?}", self.headers);
        values[0]
    }

    /// The first value of this (lower-case) name.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header_names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// What the receiver does after it has read a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A whole answer; the connection stays open.
    Status(u16, Vec<(&'static str, String)>, String),
    /// These bytes, and the connection is closed.
    Bytes(Vec<u8>),
    /// These bytes, and then for ever one more every 10 ms.
    Drip(&'static str),
    /// A 200 whose body never ends.
    Endless,
    /// These bytes, and then these others again and again, as fast as they are taken.
    Flood(&'static str, &'static str),
    /// The connection is reset.
    Reset,
    /// Nothing, with the connection held open.
    Silence,
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self::Status(status, vec![], String::new())
    }

    fn is_success(&self) -> bool {
        matches!(self, Self::Status(200..300, ..))
    }

    pub(crate) fn with_header(status: u16, name: &'static str, value: &str) -> Self {
        Self::Status(status, vec![(name, value.to_owned())], String::new())
    }
}

pub(crate) struct Receiver {
    pub(crate) addr: SocketAddr,
    received: tokio::sync::Mutex<UnboundedReceiver<Received>>,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What is answered where the script says nothing.
type Respond = Box<dyn Fn(&Received) -> Answer + Send + Sync>;

struct Shared {
    respond: Respond,
    script: Mutex<VecDeque<Answer>>,
    /// How long each answer takes.
    slowness: Mutex<Duration>,
    /// Whose requests are not answered.
    held: watch::Sender<Option<String>>,
    connections: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    flooded: AtomicUsize,
    sender: UnboundedSender<Received>,
}

impl Receiver {
    /// Answers 200 to everything until told otherwise.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| Answer::status(200)).await
    }

    /// Answers as a server would that reads what it is asked.
    pub(crate) async fn answering(
        respond: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            respond: Box::new(respond),
            script: Mutex::default(),
            slowness: Mutex::default(),
            held: watch::Sender::default(),
            connections: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            flooded: AtomicUsize::new(0),
            sender,
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { addr, received: tokio::sync::Mutex::new(received), shared, accepting }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// Answers the next requests so, one after another; then 200 again.
    pub(crate) fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.script.lock().unwrap().extend(answers);
    }

    /// Takes this long for each answer from now on.
    pub(crate) fn slow_down(&self, slowness: Duration) {
        *self.shared.slowness.lock().unwrap() = slowness;
    }

    /// Requests with this `Authorization` are read and not answered until others are held, or none.
    pub(crate) fn hold(&self, authorization: Option<&str>) {
        self.shared.held.send_replace(authorization.map(str::to_owned));
    }

    /// The next request nobody looked at yet; waits up to 10 s for it.
    #[track_caller]
    pub(crate) fn next(&self) -> impl Future<Output = Received> {
        self.next_within(Duration::from_secs(10))
    }

    /// The same with another patience.
    #[track_caller]
    pub(crate) fn next_within(&self, patience: Duration) -> impl Future<Output = Received> {
        let caller = std::panic::Location::caller();
        async move {
            let mut received = self.received.lock().await;
            match tokio::time::timeout(patience, received.recv()).await {
                Ok(Some(request)) => request,
                Ok(None) | Err(_) => panic!("no request arrived, awaited at {caller}"),
            }
        }
    }

    /// A request nobody looked at yet, if there is one.
    pub(crate) fn try_next(&self) -> Option<Received> {
        self.received.try_lock().expect("nobody else waits for requests").try_recv().ok()
    }

    /// Fails if there is a request nobody looked at.
    #[track_caller]
    pub(crate) fn assert_nothing_unread(&self) {
        let mut received = self.received.try_lock().expect("nobody else waits for requests");
        if let Ok(request) = received.try_recv() {
            panic!("an unexpected request: {}", request.line);
        }
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of floods were handed to the system to send.
    pub(crate) fn flooded(&self) -> usize {
        self.shared.flooded.load(Ordering::SeqCst)
    }

    /// The most requests that were being answered at the same time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

/// Until the other side closes or an answer ends the connection.
async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some(mut request) = read(&mut stream).await {
        let now = shared.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_at_once.fetch_max(now, Ordering::SeqCst);
        let scripted = shared.script.lock().unwrap().pop_front();
        let answer = scripted.unwrap_or_else(|| (shared.respond)(&request));
        let slowness = *shared.slowness.lock().unwrap();
        let mut held = shared.held.subscribe();
        let from = request.find("authorization").map(str::to_owned);
        request.refused = !answer.is_success();
        request.held = from.is_some() && *held.borrow_and_update() == from;
        let wait = request.held;
        let _ = shared.sender.send(request);
        tokio::time::sleep(slowness).await;
        if wait {
            let _ = held.wait_for(|held| *held != from).await;
        }
        shared.at_once.fetch_sub(1, Ordering::SeqCst);
        if !write(stream.get_mut(), answer, &shared.flooded).await {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { line, headers, body, held: false, refused: false, at: Instant::now() })
}

/// Whether the connection can go on. Errors mean that the client hung up, as it may.
async fn write(stream: &mut TcpStream, answer: Answer, flooded: &AtomicUsize) -> bool {
    match answer {
        Answer::Status(status, headers, body) => {
            let mut lines = vec![format!("HTTP/1.1 {status} Status")];
            lines.extend(headers.into_iter().map(|(name, value)| format!("{name}: {value}")));
            if status != 204 {
                lines.push(format!("content-length: {}", body.len()));
            }
            let head = lines.join("\r\n");
            stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.is_ok()
        }
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Answer::Drip(head) => {
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
                sent = stream.write_all(b"x").await;
            }
            false
        }
        Answer::Endless => {
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while sent.is_ok() {
                sent = stream.write_all(&[b'x'; 4096]).await;
            }
            false
        }
        Answer::Flood(head, more) => {
            let block = more.repeat(4096 / more.len() + 1);
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                flooded.fetch_add(block.len(), Ordering::SeqCst);
                sent = stream.write_all(block.as_bytes()).await;
            }
            false
        }
        Answer::Reset => {
            let _ = stream.set_zero_linger();
            false
        }
        Answer::Silence => {
            let _ = stream.read(&mut [0]).await;
            false
        }
    }
}
