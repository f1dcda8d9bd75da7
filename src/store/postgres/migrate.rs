//! Bringing a database up to date: under a lock that instances which start together wait for, one
//! transaction per migration.

use tokio_postgres::{Client, Config, Error};

use super::super::migration::{Applied, Migration, migrations, missing};
use super::OpenError;
use super::failure::text;
use super::tls::Connector;
use crate::domain::clock::Timestamp;

pub(super) const ALL: &[Migration] = migrations! { "postgres":
    1 "0001_customers_and_links",
    2 "0002_ceremonies_and_verdicts",
    3 "0003_events_and_deliveries",
    4 "0004_keys_and_audit",
    5 "0005_parked_deliveries",
    6 "0006_links_by_maker_and_status",
    7 "0007_endpoints",
    8 "0008_calls_and_contacts",
    9 "0009_repeats",
    10 "0010_authenticator_apps",
    11 "0011_alerts",
    12 "0012_ended_links",
};

/// Names our advisory lock; "vouchlnk" in ASCII.
pub(super) const LOCK: i64 = 0x766f_7563_686c_6e6b;

/// Applies what is missing, on a connection of its own: a migration may take its time, and so may
/// the instance that is at it.
pub(super) async fn run(
    settings: &Config,
    connector: Connector,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<(), OpenError> {
    let (mut client, connection) = settings.connect(connector).await.map_err(server)?;
    let connection = tokio::spawn(connection);
    let migrated = migrate(&mut client, migrations, now).await;
    // The lock goes with the session.
    drop(client);
    match (migrated, connection.await) {
        (Ok(()), Ok(Err(error))) => Err(server(error)),
        (migrated, _) => migrated,
    }
}

async fn migrate(
    client: &mut Client,
    migrations: &[Migration],
    now: Timestamp,
) -> Result<(), OpenError> {
    let encoding: String = client
        .query_one("SHOW server_encoding", &[])
        .await
        .map_err(server)?
        .try_get(0)
        .map_err(server)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding(encoding));
    }
    client
        .batch_execute("SET statement_timeout = 0; SET lock_timeout = '10min'")
        .await
        .map_err(server)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(server)?;
    for migration in missing(&applied(client).await.map_err(server)?, migrations)? {
        let Migration { version, name, .. } = *migration;
        apply(client, migration, now).await.map_err(|error| OpenError::Migration {
            version,
            name,
            why: text(&error),
        })?;
    }
    Ok(())
}

/// How many of our migrations a database has that is not to be changed.
pub(super) async fn applied_of_ours(client: &Client) -> Result<usize, OpenError> {
    if !is_prepared(client).await.map_err(server)? {
        return Ok(0);
    }
    let applied = read_applied(client).await.map_err(server)?;
    missing(&applied, ALL)?;
    Ok(applied.len())
}

/// A table of this name elsewhere on the search path is not ours.
async fn is_prepared(client: &Client) -> Result<bool, Error> {
    let present = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema AND tablename = $1";
    Ok(client.query_opt(present, &[&"migrations"]).await?.is_some())
}

async fn applied(client: &Client) -> Result<Vec<Applied>, Error> {
    if !is_prepared(client).await? {
        client
            .batch_execute(
                "CREATE TABLE migrations (
                     version     bigint  NOT NULL PRIMARY KEY,
                     name        text    NOT NULL,
                     -- SHA-256 of the file, in hexadecimal.
                     checksum    text    NOT NULL,
                     applied_at  bigint  NOT NULL
                 )",
            )
            .await?;
    }
    read_applied(client).await
}

async fn read_applied(client: &Client) -> Result<Vec<Applied>, Error> {
    let rows = client
        .query("SELECT version, name, checksum FROM migrations ORDER BY version", &[])
        .await?;
    let read = |row: &tokio_postgres::Row| {
        let version: i64 = row.try_get(0)?;
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        Ok(Applied { version, name: row.try_get(1)?, checksum: row.try_get(2)? })
    };
    rows.iter().map(read).collect()
}

async fn apply(client: &mut Client, migration: &Migration, now: Timestamp) -> Result<(), Error> {
    let tx = client.transaction().await?;
    tx.batch_execute(migration.sql).await?;
    tx.execute(
        "INSERT INTO migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
        &[&i64::from(migration.version), &migration.name, &migration.checksum(), &now.millis()],
    )
    .await?;
    tx.commit().await
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn server(error: Error) -> OpenError {
    OpenError::Server(text(&error))
}
