//! What a load goes without: constraints that look into other rows, and indexes. Each is taken off
//! as the catalogue writes it and put back just so; references are checked then, all at once.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::super::super::bulk::tables::TABLES;
use super::super::super::bulk::{BulkError, Result};
use super::super::migrate;
use super::{column, failed};
use crate::config::postgres::Postgres;

/// Statements that put back what was taken off, in order.
#[derive(Debug, Default)]
pub(super) struct TakenOff(Vec<String>);

fn names() -> Vec<&'static str> {
    TABLES.iter().map(|table| table.name).collect()
}

/// Keeps everybody else out of the tables, and others who move or migrate away, until the
/// transaction ends.
pub(super) async fn lock(client: &Client, server: &Postgres) -> Result<()> {
    let sql = format!(
        "-- lock_tables
         SET LOCAL lock_timeout = '10s';
         SELECT pg_advisory_xact_lock({});
         LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;
         SET LOCAL lock_timeout = 0;",
        migrate::LOCK,
        names().join(", ")
    );
    client.batch_execute(&sql).await.map_err(|error| match error.code() {
        Some(&SqlState::LOCK_NOT_AVAILABLE) => BulkError::InUse(server.to_string()),
        _ => failed(error),
    })
}

pub(super) async fn take_off(client: &Client) -> Result<TakenOff> {
    let mut off = Vec::new();
    let mut back = Vec::new();
    // References last: they need the keys that they refer to.
    let constraints = client
        .query(
            "-- constraints
             SELECT quote_ident(t.relname), quote_ident(c.conname), pg_get_constraintdef(c.oid)
             FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
             WHERE t.relnamespace = to_regnamespace(current_schema) AND t.relname = ANY ($1)
               AND c.contype IN ('p', 'u', 'f')
             ORDER BY c.contype = 'f', c.conname",
            &[&names()],
        )
        .await
        .map_err(failed)?;
    for row in &constraints {
        let (table, name, text): (&str, &str, &str) =
            (column(row, 0)?, column(row, 1)?, column(row, 2)?);
        off.insert(0, format!("ALTER TABLE {table} DROP CONSTRAINT {name}"));
        back.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {text}"));
    }
    let indexes = client
        .query(
            "-- indexes
             SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
             WHERE t.relnamespace = to_regnamespace(current_schema) AND t.relname = ANY ($1)
               AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
             ORDER BY 1",
            &[&names()],
        )
        .await
        .map_err(failed)?;
    for row in &indexes {
        let (name, text): (&str, &str) = (column(row, 0)?, column(row, 1)?);
        off.push(format!("DROP INDEX {name}"));
        back.push(text.to_owned());
    }
    client.batch_execute(&format!("-- take_off\n{}", off.join(";\n"))).await.map_err(failed)?;
    Ok(TakenOff(back))
}

pub(super) async fn put_back(client: &Client, TakenOff(statements): TakenOff) -> Result<()> {
    for statement in statements {
        client.batch_execute(&format!("-- put_back\n{statement}")).await.map_err(failed)?;
    }
    Ok(())
}
