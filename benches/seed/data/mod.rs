//! A database as a year of use leaves it, made up: the same seed, size and end of the year give the
//! same rows, down to the last byte.
//!
//! Customer `n` has the `user_id` `c-0000001`, `c-0000002` ... The first [`passkeys::REAL`] are sure
//! to have a passkey one can sign with (see [`passkeys`]). Links were made all year round, each
//! customer's at random times; the newest of two in a hundred customers is open still. Every ended
//! link has its verdict, event, delivery and attempt; a few thousandths of the deliveries, the
//! newest, are to be tried again or held. Each passkey has the evidence and the ceremony it was made
//! in, and its event. A link has two audit entries, made and ended, and a third if it bound a passkey.
//!
//! What a real year would have besides is left out: events and audit entries of links that are
//! opened, verdicts that lapse, further ceremonies and their evidence.

mod deliveries;
mod dice;
pub(crate) mod passkeys;
mod plan;
mod rows;
mod story;

use std::sync::Arc;

use tokio::sync::mpsc::{Sender, channel};
use tokio::task::spawn_blocking;
use vouchlink::domain::clock::Timestamp;
use vouchlink::store::StoreError;
use vouchlink::store::bulk::tables::{TABLES, Table};
use vouchlink::store::bulk::{Batch, CHANNEL, Counts, Import, Observer, Result};

use plan::Left;

/// What is made up.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    pub(crate) number: u64,
    pub(crate) customers: u32,
    /// At least as many as customers.
    pub(crate) links: u32,
    /// The end of the year.
    pub(crate) until: Timestamp,
    pub(crate) rp_id: String,
    pub(crate) origin: String,
}

/// A seed with how its year left every customer.
#[derive(Debug)]
struct Year {
    seed: Seed,
    customers: Vec<Left>,
    /// Of the passkey that customers share who have none of their own.
    shared_key: Vec<u8>,
}

/// Fills an empty database.
pub(crate) async fn fill(
    seed: Seed,
    mut target: Box<dyn Import>,
    observer: &mut dyn Observer,
) -> Result<()> {
    let shared_key = passkeys::cose_key(&passkeys::signing_key(seed.number, 0));
    let customers = plan::outcome(&seed);
    let year = Arc::new(Year { seed, customers, shared_key });
    observer.planned(&expected(&year));
    for table in TABLES {
        let (out, mut made) = channel(CHANNEL);
        let (pass_on, batches) = channel(CHANNEL);
        let told = Arc::clone(&year);
        let tell = async {
            while let Some(batch) = made.recv().await {
                let batch: Batch = batch;
                observer.copied(table.name, batch.len());
                if pass_on.send(batch).await.is_err() {
                    break;
                }
            }
            drop(pass_on);
        };
        let (generated, (), imported) = tokio::join!(
            spawn_blocking(move || generate(&told, table, &out)),
            tell,
            target.import(table, batches),
        );
        imported?;
        let broken = |_| StoreError::Unavailable("the generator broke down".to_owned());
        generated.map_err(broken)??;
    }
    observer.sealing();
    target.seal().await?;
    target.commit().await
}

/// About how many rows there will be, for whoever waits.
fn expected(year: &Year) -> Counts {
    let links = u64::from(year.seed.links);
    let passkeys = year.customers.iter().filter(|left| left.enrolled.is_some()).count() as u64;
    Counts::from([
        ("customers", u64::from(year.seed.customers)),
        ("links", links),
        ("ceremonies", passkeys),
        ("credentials", passkeys),
        ("verdicts", links),
        ("evidence", passkeys),
        ("events", links + passkeys),
        ("deliveries", links),
        ("attempts", links),
        ("audit", 2 * links + passkeys),
    ])
}

fn generate(year: &Year, table: &'static Table, out: &Sender<Batch>) -> Result<()> {
    let mut batch = Batch::new(table);
    rows::of(year, table.name, &mut |row| {
        batch.push(row)?;
        if batch.is_full() {
            let full = std::mem::replace(&mut batch, Batch::new(table));
            let gone = |_| StoreError::Unavailable("nobody takes the rows".to_owned());
            out.blocking_send(full).map_err(gone)?;
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        let gone = |_| StoreError::Unavailable("nobody takes the rows".to_owned());
        out.blocking_send(batch).map_err(gone)?;
    }
    Ok(())
}
