//! Reading a whole database as it is at one moment, a few thousand rows at a time.

use std::error::Error;

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Row};

use super::super::super::bulk::tables::{Column, Kind, TextOrder};
use super::super::super::bulk::{Batch, BulkError, Counts, Export, Result, Table, Unfit, Value};
use super::super::migrate;
use super::{column, count, failed, session};
use crate::config::postgres::Postgres;

/// A database that is read as a whole.
#[derive(Debug)]
pub struct PostgresExport {
    client: Client,
}

impl PostgresExport {
    /// Opens a database that must be up to date and in nobody else's use.
    ///
    /// # Errors
    /// [`BulkError::InUse`], [`BulkError::Behind`], [`BulkError::Open`].
    pub async fn open(server: &Postgres) -> Result<Self> {
        let client = session(server).await?;
        let found = migrate::applied_of_ours(&client).await?;
        if found < migrate::ALL.len() {
            return Err(BulkError::Behind { found, needed: migrate::ALL.len() });
        }
        client
            .batch_execute("-- begin_export\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await
            .map_err(failed)?;
        let others = client
            .query_one(
                "-- count_others
                 SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND usename = current_user",
                &[],
            )
            .await
            .map_err(failed)?;
        if column::<i64>(&others, 0)? > 0 {
            return Err(BulkError::InUse(server.to_string()));
        }
        Ok(Self { client })
    }
}

#[async_trait]
impl Export for PostgresExport {
    async fn count(&mut self) -> Result<Counts> {
        count(&self.client).await
    }

    async fn export(&mut self, table: &'static Table, batches: Sender<Batch>) -> Result<()> {
        export(&self.client, table, batches).await
    }
}

/// How a column is sent.
pub(super) const fn sent_as(kind: Kind) -> Type {
    match kind {
        Kind::Id => Type::UUID,
        Kind::Bytes => Type::BYTEA,
        Kind::Integer => Type::INT8,
        Kind::Bool => Type::BOOL,
        Kind::Text => Type::TEXT,
    }
}

pub(super) async fn export(
    client: &Client,
    table: &'static Table,
    batches: Sender<Batch>,
) -> Result<()> {
    let rows = table.select(TextOrder::CollateC);
    let declare = format!("-- begin_rows\nDECLARE whole_table NO SCROLL CURSOR FOR {rows}");
    client.batch_execute(&declare).await.map_err(failed)?;
    let fetch = client.prepare("-- fetch_rows\nFETCH 2000 FROM whole_table").await;
    let fetch = fetch.map_err(failed)?;
    let mut rows = client.query(&fetch, &[]).await.map_err(failed)?;
    while !rows.is_empty() {
        // The server is at the next rows while these go their way.
        let (next, taken) =
            tokio::join!(client.query(&fetch, &[]), pass_on(&rows, table, &batches));
        rows = next.map_err(failed)?;
        if !taken? {
            break;
        }
    }
    client.batch_execute("-- end_rows\nCLOSE whole_table").await.map_err(failed)
}

/// Whether anybody took them.
async fn pass_on(rows: &[Row], table: &'static Table, batches: &Sender<Batch>) -> Result<bool> {
    let mut batch = Batch::new(table);
    for row in rows {
        append(&mut batch, row)?;
        if batch.is_full() {
            let full = std::mem::replace(&mut batch, Batch::new(table));
            if batches.send(full).await.is_err() {
                return Ok(false);
            }
        }
    }
    Ok(batch.is_empty() || batches.send(batch).await.is_ok())
}

fn append(batch: &mut Batch, row: &Row) -> Result<()> {
    let table = batch.table();
    let mut values = Vec::with_capacity(table.columns.len());
    for (index, column) in table.columns.iter().enumerate() {
        let unfit = Unfit { table: table.name, column: column.name };
        let Raw(bytes) = row.try_get(index).map_err(failed)?;
        let kind = row.columns().get(index).map(tokio_postgres::Column::type_);
        if kind != Some(&sent_as(column.kind)) {
            return Err(unfit.into());
        }
        values.push(value(bytes, column).ok_or(unfit)?);
    }
    Ok(batch.push(&values)?)
}

fn value<'a>(bytes: Option<&'a [u8]>, column: &Column) -> Option<Value<'a>> {
    let Some(bytes) = bytes else { return Some(Value::Null) };
    match column.kind {
        Kind::Id | Kind::Bytes => Some(Value::Bytes(bytes)),
        Kind::Integer => bytes.try_into().ok().map(i64::from_be_bytes).map(Value::Integer),
        Kind::Bool => match bytes {
            [0] => Some(Value::Bool(false)),
            [1] => Some(Value::Bool(true)),
            _ => None,
        },
        Kind::Text => std::str::from_utf8(bytes).ok().map(Value::Text),
    }
}

/// A column as it was sent; `None` for NULL.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
