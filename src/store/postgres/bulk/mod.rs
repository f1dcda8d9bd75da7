//! Whole PostgreSQL databases: reading one, and filling an empty one. Each has a session of its own,
//! outside of the pool, that waits as long as it must.

mod export;
mod import;
mod schema;

use tokio_postgres::{Client, Error, Row};

pub use self::export::PostgresExport;
pub use self::import::PostgresImport;
use super::super::StoreError;
use super::super::bulk::tables::TABLES;
use super::super::bulk::{BulkError, Counts, Result};
use super::failure::text;
use super::{OpenError, connection, tls};
use crate::config::postgres::Postgres;

impl From<OpenError> for BulkError {
    fn from(error: OpenError) -> Self {
        Self::Open(error.to_string())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: Error) -> BulkError {
    StoreError::Unavailable(text(&error)).into()
}

fn corrupt(what: impl Into<String>) -> BulkError {
    StoreError::Corrupt(what.into()).into()
}

/// A connection with one transaction. Dropping it closes it, and the server rolls back.
async fn session(server: &Postgres) -> Result<Client> {
    let connector = tls::Connector::new(&server.tls)?;
    let (client, connection) =
        connection::settings(server).connect(connector).await.map_err(failed)?;
    // Ends when the client is dropped; what goes wrong before that, the client's next call is told.
    tokio::spawn(connection);
    client
        .batch_execute(
            "-- begin_session
             SET statement_timeout = 0;
             SET idle_in_transaction_session_timeout = 0;
             -- Who was killed in the middle of a long statement is noticed (PostgreSQL 14).
             SELECT set_config('client_connection_check_interval', '2s', false)
             WHERE current_setting('server_version_num')::int >= 140000;",
        )
        .await
        .map_err(failed)?;
    client.batch_execute(connection::DURABLE).await.map_err(failed)?;
    Ok(client)
}

async fn count(client: &Client) -> Result<Counts> {
    let mut counts = Counts::new();
    for table in TABLES {
        let sql = format!("-- count_{0}\nSELECT count(*) FROM {0}", table.name);
        let row = client.query_one(&sql, &[]).await.map_err(failed)?;
        let rows: i64 = column(&row, 0)?;
        if rows > 0 {
            counts.insert(table.name, rows.unsigned_abs());
        }
    }
    Ok(counts)
}

fn column<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T> {
    row.try_get(index).map_err(failed)
}
