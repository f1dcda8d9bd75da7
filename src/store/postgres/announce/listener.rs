//! The connection that tells and hears: made again whenever it is lost.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, Socket};

use super::super::super::Changes;
use super::super::failure::text;
use super::super::tls::Connector;
use super::outbox::{Notice, Outbox};
use crate::domain::digest::sha256;
use crate::domain::encoding::hex;

/// How long changes are collected.
const COLLECT: Duration = Duration::from_millis(30);
/// How long a new connection may take.
const CONNECT: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Tells and hears on one connection after another.
pub(super) struct Listener {
    settings: Config,
    connector: Connector,
    /// Who speaks: the server gives us back what we said.
    me: String,
    changes: Changes,
    outbox: Arc<Outbox>,
    /// The last session heard something, if there was something to hear.
    listened: AtomicBool,
}

type TlsStream = <Connector as MakeTlsConnect<Socket>>::Stream;

/// A session's end.
enum Ended {
    Closed,
    Lost(String),
}

impl Listener {
    pub(super) const fn new(
        settings: Config,
        connector: Connector,
        me: String,
        changes: Changes,
        outbox: Arc<Outbox>,
    ) -> Self {
        Self { settings, connector, me, changes, outbox, listened: AtomicBool::new(false) }
    }

    /// Until the store is closed.
    pub(super) async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.session().await {
                Ended::Closed => return,
                Ended::Lost(why) => {
                    tracing::warn!(why, "other instances are not heard of at the moment");
                }
            }
            if self.listened.swap(false, Ordering::Relaxed) {
                pause = FIRST_PAUSE;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Tells and hears for as long as the connection lasts.
    async fn session(&self) -> Ended {
        let connecting = self.settings.connect(self.connector.clone());
        let (client, connection) = match timeout(CONNECT, connecting).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => return Ended::Lost(text(&error)),
            Err(_) => return Ended::Lost("the database server does not answer".to_owned()),
        };
        tokio::select! {
            why = self.hear(connection) => Ended::Lost(why),
            told = self.tell(client) => match told {
                Ok(()) => Ended::Closed,
                Err(error) => Ended::Lost(text(&error)),
            },
        }
    }

    /// Moves the connection on, and announces what it brings; why it ended.
    async fn hear(&self, mut connection: Connection<Socket, TlsStream>) -> String {
        loop {
            match poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    if let Some(notice) = Notice::read(notification.payload(), &self.me) {
                        self.announce(notice);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return text(&error),
                None => return "the connection was closed".to_owned(),
            }
        }
    }

    /// Listens, and tells the others until the store is closed.
    async fn tell(&self, client: Client) -> Result<(), Error> {
        let schema = client.query_one("-- schema\nSELECT current_schema()::text", &[]).await?;
        let channel = channel(schema.try_get::<_, Option<&str>>(0)?.unwrap_or_default());
        client.batch_execute(&format!("LISTEN {channel}")).await?;
        self.listened.store(true, Ordering::Relaxed);
        // What was said before is missed.
        self.announce(Notice { links: Vec::new(), all: true, queued: true });
        loop {
            self.outbox.filled.notified().await;
            sleep(COLLECT).await;
            let (notices, closed) = self.outbox.take();
            if !notices.is_empty() {
                let texts: Vec<String> =
                    notices.iter().map(|notice| notice.write(&self.me)).collect();
                let notify =
                    "-- notify\nSELECT pg_notify($1, told) FROM unnest($2::text[]) AS told";
                client.execute(notify, &[&channel, &texts]).await?;
            }
            if closed {
                return Ok(());
            }
        }
    }

    fn announce(&self, notice: Notice) {
        if notice.all {
            self.changes.announce_all();
        }
        self.changes.announce(notice.links);
        if notice.queued {
            self.changes.announce_queued();
        }
    }
}

/// Names are for a whole database; whoever keeps another installation in another schema of it
/// hears nothing of this one.
fn channel(schema: &str) -> String {
    let digest = hex(&sha256(&[schema.as_bytes()]));
    format!("vouchlink_{}", digest.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_has_a_name_that_needs_no_quotes_and_every_schema_another() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let name = channel("Strange \"schema\"; --");
        assert!(name.len() < 64 && name.chars().all(plain), "{name}");
        assert_ne!(name, channel("public"));
    }
}
