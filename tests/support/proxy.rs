//! A way to a server on loopback that the test cuts, holds up and mends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use vouchlink::config::postgres::Host;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Nothing goes through, and nobody is told.
    Held,
    /// What is there breaks off, what comes is turned away.
    Cut,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    way: Arc<watch::Sender<Way>>,
    marked: Marked,
}

/// What the next transaction to be lost carries.
#[derive(Clone, Default)]
struct Marked(Arc<Mutex<Option<Vec<u8>>>>);

impl Marked {
    fn mark(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is it; then no other is.
    fn is_in(&self, sent: &[u8]) -> bool {
        let mut mark = self.mark();
        let found = mark.as_ref().is_some_and(|mark| contains(sent, mark));
        if found {
            *mark = None;
        }
        found
    }
}

/// What PostgreSQL's answer to `COMMIT` ends with (section 55.7, `CommandComplete`).
const COMMITTED: &[u8] = b"COMMIT\0";

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

impl Proxy {
    pub(crate) async fn start(to: &Host) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Arc::new(watch::Sender::new(Way::Open));
        let marked = Marked::default();
        let (to, watching, marks) = ((to.name.clone(), to.port), Arc::clone(&way), marked.clone());
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                if *watching.borrow() == Way::Cut {
                    continue;
                }
                let Ok(to) = TcpStream::connect((to.0.as_str(), to.1)).await else { continue };
                tokio::spawn(carry(from, to, watching.subscribe(), marks.clone()));
            }
        });
        Self { port, way, marked }
    }

    pub(crate) fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    pub(crate) fn hold(&self) {
        self.way.send_replace(Way::Held);
    }

    pub(crate) fn mend(&self) {
        self.way.send_replace(Way::Open);
    }

    /// The transaction that sends these bytes is committed, and its connection breaks off instead of
    /// saying so.
    pub(crate) fn lose_commit_of(&self, bytes: &[u8]) {
        *self.marked.mark() = Some(bytes.to_vec());
    }

    /// Whether the transaction was seen.
    pub(crate) fn has_lost_it(&self) -> bool {
        self.marked.mark().is_none()
    }
}

/// Both ways until either side ends, the way is cut or a commit is to be lost.
async fn carry(
    mut from: TcpStream,
    mut to: TcpStream,
    mut way: watch::Receiver<Way>,
    marked: Marked,
) {
    let (mut there, mut back) = (vec![0; 65_536], vec![0; 65_536]);
    let mut losing = false;
    loop {
        let now = *way.borrow_and_update();
        if now == Way::Cut {
            return;
        }
        tokio::select! {
            changed = way.changed() => if changed.is_err() { return },
            read = from.read(&mut there), if now == Way::Open => {
                let Ok(length @ 1..) = read else { return };
                losing |= marked.is_in(&there[..length]);
                if to.write_all(&there[..length]).await.is_err() {
                    return;
                }
            }
            read = to.read(&mut back), if now == Way::Open => {
                let Ok(length @ 1..) = read else { return };
                let lost = losing && contains(&back[..length], COMMITTED);
                if lost || from.write_all(&back[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
