//! A mail server in this process, over which tests have power: it takes mails and remembers them, or
//! answers, drops and hangs as it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// How far a client comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Greeting,
    Recipient,
    /// After the whole message.
    Message,
    /// The goodbye, when the mail is taken already.
    Quit,
}

/// What happens at a step, once.
#[derive(Clone, Debug)]
pub(crate) enum Trick {
    /// Answers so, `550 no` for example.
    Say(&'static str),
    Drop,
    Hang,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// User and password, if the client logged in.
    pub(crate) login: Option<(String, String)>,
    /// As it came, without dots doubled.
    pub(crate) source: String,
}

#[derive(Default)]
struct State {
    tricks: Mutex<VecDeque<(Step, Trick)>>,
    /// Everything that clients said, a line each.
    said: Mutex<Vec<String>>,
}

pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    mails: tokio::sync::Mutex<mpsc::UnboundedReceiver<Mail>>,
    /// Ends the server when dropped.
    _end: Ends,
}

/// A task that ends with its handle.
struct Ends(tokio::task::JoinHandle<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let (took, mails) = mpsc::unbounded_channel();
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (state, took) = (Arc::clone(&shared), took.clone());
                tokio::spawn(async move {
                    // A client that goes away is none of our business.
                    let _ = converse(stream, &state, &took).await;
                });
            }
        });
        let end = Ends(task);
        Self { address, state, mails: tokio::sync::Mutex::new(mails), _end: end }
    }

    /// What happens to the next clients, in this order, each at its step.
    pub(crate) fn script(&self, tricks: impl IntoIterator<Item = (Step, Trick)>) {
        self.state.tricks.lock().unwrap().extend(tricks);
    }

    /// The next mail.
    pub(crate) async fn next(&self) -> Mail {
        let mut mails = self.mails.lock().await;
        let mail = tokio::time::timeout(Duration::from_secs(20), mails.recv()).await;
        mail.expect("no mail came").unwrap()
    }

    #[track_caller]
    pub(crate) fn assert_nothing_unread(&self) {
        let mut mails = self.mails.try_lock().unwrap();
        assert!(mails.try_recv().is_err(), "a mail that nobody looked at");
    }

    /// What clients said so far.
    pub(crate) fn said(&self) -> Vec<String> {
        self.state.said.lock().unwrap().clone()
    }
}

async fn converse(
    stream: TcpStream,
    state: &State,
    took: &mpsc::UnboundedSender<Mail>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut mail = Mail { from: String::new(), to: Vec::new(), login: None, source: String::new() };
    // `None`: the trick ends the connection.
    let answer = |step: Step, usual: &'static str| {
        let mut tricks = state.tricks.lock().unwrap();
        if tricks.front().is_some_and(|(when, _)| *when == step) {
            tricks.pop_front().map(|(_, trick)| trick).unwrap()
        } else {
            Trick::Say(usual)
        }
    };
    macro_rules! answer {
        ($step:expr, $usual:expr) => {
            match answer($step, $usual) {
                Trick::Say(text) => write.write_all(format!("{text}\r\n").as_bytes()).await?,
                Trick::Drop => return Ok(()),
                Trick::Hang => std::future::pending().await,
            }
        };
    }
    answer!(Step::Greeting, "220 mail.test ESMTP");
    while let Some(line) = lines.next_line().await? {
        state.said.lock().unwrap().push(line.clone());
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let hello = b"250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n";
                write.write_all(hello).await?;
            }
            "AUTH" => {
                let secret =
                    rest.strip_prefix("PLAIN ").and_then(|text| STANDARD.decode(text).ok());
                let text = String::from_utf8(secret.unwrap_or_default()).unwrap();
                let mut parts = text.split('\0').skip(1).map(str::to_owned);
                mail.login = parts.next().zip(parts.next());
                write.write_all(b"235 2.7.0 welcome\r\n").await?;
            }
            "MAIL" => {
                rest.clone_into(&mut mail.from);
                write.write_all(b"250 2.1.0 ok\r\n").await?;
            }
            "RCPT" => {
                mail.to.push(rest.to_owned());
                answer!(Step::Recipient, "250 2.1.5 ok");
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    mail.source.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.source.push_str("\r\n");
                }
                match answer(Step::Message, "250 2.0.0 queued as 4711") {
                    Trick::Say(text) => {
                        if text.starts_with('2') {
                            took.send(mail.clone()).ok();
                        }
                        write.write_all(format!("{text}\r\n").as_bytes()).await?;
                    }
                    Trick::Drop => return Ok(()),
                    Trick::Hang => std::future::pending().await,
                }
            }
            "QUIT" => {
                answer!(Step::Quit, "221 2.0.0 bye");
                return Ok(());
            }
            _ => write.write_all(b"502 5.5.1 what?\r\n").await?,
        }
    }
    Ok(())
}

impl Mail {
    /// The headers before the first empty line, folded lines joined.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        headers(self.source.split("\r\n\r\n").next().unwrap())
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> String {
        let all = self.headers();
        let mut found = all.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = found.next().unwrap_or_else(|| panic!("no {name}: {}", self.source)).1.clone();
        assert!(found.next().is_none(), "{name} twice");
        value
    }

    /// The two parts' texts, plain text first, decoded.
    #[track_caller]
    pub(crate) fn parts(&self) -> (String, String) {
        let kind = self.header("content-type");
        assert!(kind.starts_with("multipart/alternative"), "{kind}");
        let boundary = kind.split("boundary=").nth(1).unwrap().trim_matches('"');
        let parts: Vec<&str> = self.source.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 4, "{}", self.source);
        assert_eq!(parts[3].trim(), "--");
        let part = |source: &str, kind: &str| {
            let (head, body) = source.trim_start().split_once("\r\n\r\n").unwrap();
            let head = headers(head);
            let of = |name: &str| {
                head.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1.clone()
            };
            assert_eq!(of("content-type"), format!("{kind}; charset=utf-8"));
            assert_eq!(of("content-transfer-encoding"), "quoted-printable");
            quoted_printable(body)
        };
        (part(parts[1], "text/plain"), part(parts[2], "text/html"))
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let line = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned(), value.trim().to_owned())
    };
    unfolded.split("\r\n").filter(|text| !text.is_empty()).map(line).collect()
}

/// RFC 2045, section 6.7.
fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
