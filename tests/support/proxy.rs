//! A way to a server on loopback that the test cuts, holds up and mends.

use std::sync::Arc;

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
}

impl Proxy {
    pub(crate) async fn start(to: &Host) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Arc::new(watch::Sender::new(Way::Open));
        let (to, watching) = ((to.name.clone(), to.port), Arc::clone(&way));
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                if *watching.borrow() == Way::Cut {
                    continue;
                }
                let Ok(to) = TcpStream::connect((to.0.as_str(), to.1)).await else { continue };
                tokio::spawn(carry(from, to, watching.subscribe()));
            }
        });
        Self { port, way }
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
}

/// Both ways until either side ends or the way is cut.
async fn carry(mut from: TcpStream, mut to: TcpStream, mut way: watch::Receiver<Way>) {
    let (mut there, mut back) = ([0; 8192], [0; 8192]);
    loop {
        let now = *way.borrow_and_update();
        if now == Way::Cut {
            return;
        }
        tokio::select! {
            changed = way.changed() => if changed.is_err() { return },
            read = from.read(&mut there), if now == Way::Open => match read {
                Ok(1..) if to.write_all(&there[..read.unwrap()]).await.is_ok() => {}
                _ => return,
            },
            read = to.read(&mut back), if now == Way::Open => match read {
                Ok(1..) if from.write_all(&back[..read.unwrap()]).await.is_ok() => {}
                _ => return,
            },
        }
    }
}
