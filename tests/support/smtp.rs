//! A mail server in this process, over which tests have power: it takes mails and remembers them, or
//! answers, drops and hangs as it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;

pub(crate) use super::mail::Mail;

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
    /// Takes the mail, and says so only when it is [released](MailServer::release).
    Hold,
    Drop,
    Hang,
}

/// How a connection is secured.
#[derive(Clone)]
enum Security {
    Open,
    StartTls(TlsAcceptor),
    Implicit(TlsAcceptor),
}

struct State {
    security: Security,
    mechanisms: &'static str,
    tricks: Mutex<VecDeque<(Step, Trick)>>,
    /// A permit for each answer that is no longer held.
    released: Semaphore,
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
    /// Without encryption; logins are taken all the same.
    pub(crate) async fn start() -> Self {
        Self::start_as(Security::Open, "PLAIN LOGIN").await
    }

    /// TLS from the first byte. Logins by these mechanisms.
    pub(crate) async fn start_tls(config: Arc<ServerConfig>, mechanisms: &'static str) -> Self {
        Self::start_as(Security::Implicit(TlsAcceptor::from(config)), mechanisms).await
    }

    /// TLS after STARTTLS, and logins only then.
    pub(crate) async fn start_starttls(
        config: Arc<ServerConfig>,
        mechanisms: &'static str,
    ) -> Self {
        Self::start_as(Security::StartTls(TlsAcceptor::from(config)), mechanisms).await
    }

    async fn start_as(security: Security, mechanisms: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            security,
            mechanisms,
            tricks: Mutex::default(),
            released: Semaphore::new(0),
            said: Mutex::default(),
        });
        let (took, mails) = mpsc::unbounded_channel();
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (state, took) = (Arc::clone(&shared), took.clone());
                tokio::spawn(async move {
                    // A client that goes away is none of our business.
                    let _ = serve(stream, &state, &took).await;
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

    /// Says that a held mail was taken.
    pub(crate) fn release(&self) {
        self.state.released.add_permits(1);
    }

    /// The next mail.
    pub(crate) async fn next(&self) -> Mail {
        self.next_within(Duration::from_secs(20)).await
    }

    pub(crate) async fn next_within(&self, patience: Duration) -> Mail {
        let mut mails = self.mails.lock().await;
        let mail = tokio::time::timeout(patience, mails.recv()).await;
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

async fn serve(
    stream: TcpStream,
    state: &State,
    took: &mpsc::UnboundedSender<Mail>,
) -> std::io::Result<()> {
    let talk = |encrypted| Talk { state, took, encrypted };
    match &state.security {
        Security::Open => talk(false).converse(stream).await.map(drop),
        Security::Implicit(acceptor) => {
            talk(true).converse(acceptor.accept(stream).await?).await.map(drop)
        }
        Security::StartTls(acceptor) => {
            let Some(stream) = talk(false).converse(stream).await? else { return Ok(()) };
            talk(true).converse(acceptor.accept(stream).await?).await.map(drop)
        }
    }
}

/// One conversation; with STARTTLS the second of a connection.
struct Talk<'a> {
    state: &'a State,
    took: &'a mpsc::UnboundedSender<Mail>,
    encrypted: bool,
}

impl Talk<'_> {
    fn offers_tls(&self) -> bool {
        !self.encrypted && matches!(self.state.security, Security::StartTls(_))
    }

    /// The trick of a step, if it is its turn.
    fn trick(&self, step: Step, usual: &'static str) -> Trick {
        let mut tricks = self.state.tricks.lock().unwrap();
        if tricks.front().is_some_and(|(when, _)| *when == step) {
            tricks.pop_front().map(|(_, trick)| trick).unwrap()
        } else {
            Trick::Say(usual)
        }
    }

    /// The stream, if it is to be encrypted from here on.
    async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> std::io::Result<Option<S>> {
        let mut stream = BufReader::new(stream);
        let mut mail = Mail {
            from: String::new(),
            to: Vec::new(),
            login: None,
            mechanism: None,
            encrypted: self.encrypted,
            held: false,
            source: String::new(),
        };
        let second = self.encrypted && matches!(self.state.security, Security::StartTls(_));
        if !second && !self.act(&mut stream, Step::Greeting, "220 mail.test ESMTP").await? {
            return Ok(None);
        }
        while let Some(line) = line(&mut stream).await? {
            self.state.said.lock().unwrap().push(line.clone());
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    let more = if self.offers_tls() {
                        "STARTTLS".to_owned()
                    } else {
                        format!("AUTH {}", self.state.mechanisms)
                    };
                    say(&mut stream, &format!("250-mail.test\r\n250-8BITMIME\r\n250 {more}"))
                        .await?;
                }
                "STARTTLS" if self.offers_tls() => {
                    say(&mut stream, "220 2.0.0 go ahead").await?;
                    return Ok(Some(stream.into_inner()));
                }
                _ if self.offers_tls() => say(&mut stream, "530 5.7.0 STARTTLS first").await?,
                "AUTH" => {
                    mail.login = log_in(&mut stream, rest).await?;
                    mail.mechanism = rest.split(' ').next().map(str::to_owned);
                    say(&mut stream, "235 2.7.0 welcome").await?;
                }
                "MAIL" => {
                    rest.clone_into(&mut mail.from);
                    say(&mut stream, "250 2.1.0 ok").await?;
                }
                "RCPT" => {
                    mail.to.push(rest.to_owned());
                    if !self.act(&mut stream, Step::Recipient, "250 2.1.5 ok").await? {
                        return Ok(None);
                    }
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    mail.source = message(&mut stream).await?;
                    if !self.take(&mut stream, &mail).await? {
                        return Ok(None);
                    }
                }
                "QUIT" => {
                    self.act(&mut stream, Step::Quit, "221 2.0.0 bye").await?;
                    return Ok(None);
                }
                _ => say(&mut stream, "502 5.5.1 what?").await?,
            }
        }
        Ok(None)
    }

    /// Answers at a step; `false` if that ends the connection.
    async fn act(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        step: Step,
        usual: &'static str,
    ) -> std::io::Result<bool> {
        match self.trick(step, usual) {
            Trick::Say(text) => say(stream, text).await.map(|()| true),
            Trick::Drop => Ok(false),
            Trick::Hang | Trick::Hold => std::future::pending().await,
        }
    }

    async fn take(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        mail: &Mail,
    ) -> std::io::Result<bool> {
        const TAKEN: &str = "250 2.0.0 queued as 4711";
        match self.trick(Step::Message, TAKEN) {
            Trick::Say(text) => {
                if text.starts_with('2') {
                    self.took.send(mail.clone()).ok();
                }
                say(stream, text).await.map(|()| true)
            }
            Trick::Hold => {
                self.took.send(Mail { held: true, ..mail.clone() }).ok();
                self.state.released.acquire().await.unwrap().forget();
                say(stream, TAKEN).await.map(|()| true)
            }
            Trick::Drop => Ok(false),
            Trick::Hang => std::future::pending().await,
        }
    }
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> std::io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}

async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Up to the lonely dot.
async fn message(stream: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<String> {
    let mut source = String::new();
    while let Some(line) = line(stream).await? {
        if line == "." {
            break;
        }
        source.push_str(line.strip_prefix('.').unwrap_or(&line));
        source.push_str("\r\n");
    }
    Ok(source)
}

/// User and password, by PLAIN (RFC 4616) or LOGIN.
async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    rest: &str,
) -> std::io::Result<Option<(String, String)>> {
    let decode = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    if let Some(secret) = rest.strip_prefix("PLAIN ") {
        let text = decode(secret);
        let mut parts = text.split('\0').skip(1).map(str::to_owned);
        return Ok(parts.next().zip(parts.next()));
    }
    let mut answers = Vec::new();
    for question in ["Username:", "Password:"] {
        say(stream, &format!("334 {}", STANDARD.encode(question))).await?;
        answers.push(decode(&line(stream).await?.unwrap_or_default()));
    }
    let mut answers = answers.into_iter();
    Ok(answers.next().zip(answers.next()))
}
