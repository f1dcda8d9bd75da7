//! From the configuration to the flows: what they stand on, and each of them.

use std::sync::Arc;

use super::StartError;
use crate::config::{Config, Database};
use crate::domain::clock::Clock;
use crate::domain::random::Random;
use crate::flows::customers::Customers;
use crate::flows::deliver::{self, Deliver};
use crate::flows::destinations::Destinations;
use crate::flows::endpoints::Endpoints;
use crate::flows::follow::Follow;
use crate::flows::gate::Gate;
use crate::flows::history::History;
use crate::flows::issue::{Issue, Lifetimes};
use crate::flows::keys::Keys;
use crate::flows::mail::Mailing;
use crate::flows::me::Me;
use crate::flows::measure::Measure;
use crate::flows::replay::Replays;
use crate::flows::verify::Verify;
use crate::flows::wake::Wake;
use crate::http::{self, Limits, Services, Settling, StreamBounds, Streams};
use crate::mail::letter::Company;
use crate::mail::mailer::{self, Mailer};
use crate::metrics::Metrics;
use crate::passkey::Passkeys;
use crate::seal::Seal;
use crate::store::Store;
use crate::store::postgres::{self, PostgresStore};
use crate::store::sqlite::{self, SqliteStore};
use crate::token::Tokens;
use crate::webhook::client::{self, Client};
use crate::webhook::guard::Guard;
use crate::webhook::send::Sender;

/// What flows share.
pub(super) struct Ground {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    metrics: Arc<Metrics>,
    tokens: Arc<Tokens>,
    pub(super) deliver: Arc<Deliver>,
    pub(super) destinations: Arc<Destinations>,
    pub(super) mailing: Mailing,
    pub(super) wake: Wake,
}

impl Ground {
    pub(super) async fn open(
        config: &Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, StartError> {
        let store = open_store(&config.database, &clock, &random).await?;
        let metrics = Arc::new(Metrics::new(&http::routes()));
        let deliver = Arc::new(Deliver {
            store: Arc::clone(&store) as _,
            sender: sender(config)?,
            schedule: config.delivery.schedule.clone(),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
            metrics: Arc::clone(&metrics),
        });
        let built_in = config.webhook.as_ref().map(deliver::built_in).transpose()?;
        let seal = Arc::new(Seal::new(&config.data_keys));
        let destinations = Arc::new(Destinations::new(seal, built_in, Arc::clone(&clock)));
        let wake = Wake::of(store.changes().clone());
        let tokens = Arc::new(Tokens::new(&config.tokens, &config.relying_party.id));
        let mailing = Mailing {
            store: Arc::clone(&store),
            tokens: Arc::clone(&tokens),
            mailer: mailer(config)?,
            company: Company {
                name: config.relying_party.name.clone(),
                phone: config.brand.support_phone.as_ref().map(ToString::to_string),
            },
            origin: config.relying_party.origin.clone(),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
            metrics: Arc::clone(&metrics),
            verification: config.verification.clone(),
        };
        Ok(Self { store, clock, random, metrics, tokens, deliver, destinations, mailing, wake })
    }

    /// Each flow, and what HTTP needs besides.
    pub(super) fn services(&self, config: &Config, passkeys: Arc<Passkeys>) -> Services {
        let Self { store, clock, random, metrics, tokens, deliver, destinations, wake, .. } = self;
        let keys =
            Keys { store: Arc::clone(store), clock: Arc::clone(clock), random: Arc::clone(random) };
        let issue = Issue {
            store: Arc::clone(store),
            tokens: Arc::clone(tokens),
            clock: Arc::clone(clock),
            random: Arc::clone(random),
            deliveries: wake.clone(),
            metrics: Arc::clone(metrics),
            verification: config.verification.clone(),
            lifetimes: Lifetimes::from(&config.tokens),
            origin: config.relying_party.origin.clone(),
            mails: config.mail.is_some(),
        };
        Services {
            issue: issue.clone(),
            verify: Verify {
                store: Arc::clone(store),
                tokens: Arc::clone(tokens),
                passkeys,
                seal: Arc::clone(&destinations.seal),
                clock: Arc::clone(clock),
                random: Arc::clone(random),
                deliveries: wake.clone(),
                metrics: Arc::clone(metrics),
                verification: config.verification.clone(),
            },
            gate: Gate {
                store: Arc::clone(store),
                clock: Arc::clone(clock),
                min_assurance: config.verification.gate_min_assurance,
                seasoning: config.verification.seasoning,
            },
            me: Me {
                store: Arc::clone(store),
                tokens: Arc::clone(tokens),
                clock: Arc::clone(clock),
                deliveries: wake.clone(),
                verification: config.verification.clone(),
                issue,
                company: config.relying_party.name.clone(),
            },
            customers: Customers {
                store: Arc::clone(store),
                clock: Arc::clone(clock),
                deliveries: wake.clone(),
                verification: config.verification.clone(),
            },
            endpoints: Endpoints {
                store: Arc::clone(store),
                destinations: Arc::clone(destinations),
                sender: deliver.sender.clone(),
                clock: Arc::clone(clock),
                random: Arc::clone(random),
            },
            history: History { store: Arc::clone(store), clock: Arc::clone(clock) },
            replays: Replays {
                store: Arc::clone(store),
                clock: Arc::clone(clock),
                random: Arc::clone(random),
                deliveries: wake.clone(),
                metrics: Arc::clone(metrics),
            },
            follow: Follow {
                store: Arc::clone(store),
                keys: keys.clone(),
                random: Arc::clone(random),
                poll: Follow::POLL,
            },
            keys,
            measure: Measure {
                store: Arc::clone(store),
                clock: Arc::clone(clock),
                metrics: Arc::clone(metrics),
            },
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            random: Arc::clone(random),
            limits: Limits::new(&config.http),
            settling: Settling::default(),
            streams: Streams::new(StreamBounds::default()),
        }
    }
}

async fn open_store(
    database: &Database,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Arc<dyn Store>, StartError> {
    let (random, now) = (Arc::clone(random), clock.now());
    match database {
        Database::Sqlite(path) => {
            let options = sqlite::Options::default();
            Ok(Arc::new(SqliteStore::open(path, options, random, now)?))
        }
        Database::Postgres(server) => {
            let options = postgres::Options::default();
            Ok(Arc::new(PostgresStore::open(server, options, random, now).await?))
        }
    }
}

/// `None` without `SMTP_URL`.
fn mailer(config: &Config) -> Result<Option<Arc<Mailer>>, StartError> {
    let mailer = config
        .mail
        .as_ref()
        .map(|mail| Mailer::new(mail, &config.relying_party, mailer::Limits::default()));
    Ok(mailer.transpose()?.map(Arc::new))
}

fn sender(config: &Config) -> Result<Sender, StartError> {
    let guard = Guard::new(config.delivery.allow_cidrs.clone());
    let own = config.relying_party.host();
    let guard = own.iter().fold(guard, |guard, own| guard.refusing(own));
    Ok(Sender::new(Client::new(guard, client::Limits::default())?))
}
