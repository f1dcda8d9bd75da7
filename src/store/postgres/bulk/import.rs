//! Filling an empty database in one transaction, by `COPY`.

use std::error::Error;
use std::pin::pin;

use async_trait::async_trait;
use bytes::{BufMut, BytesMut};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::super::bulk::tables::TABLES;
use super::super::super::bulk::{Batch, BulkError, Counts, Export, Import, Result, Table, Value};
use super::super::{connection, migrate, tls};
use super::schema::TakenOff;
use super::{corrupt, count, export, failed, schema, session};
use crate::config::postgres::Postgres;
use crate::domain::clock::Timestamp;

/// A database that is filled.
#[derive(Debug)]
pub struct PostgresImport {
    client: Client,
    taken_off: TakenOff,
}

impl PostgresImport {
    /// Opens a database and brings it up to date; it must be empty, and nobody can use its tables
    /// until this is dropped. The user must own the tables, as whoever migrated them does.
    ///
    /// # Errors
    /// [`BulkError::NotEmpty`], [`BulkError::InUse`], [`BulkError::Open`].
    pub async fn open(server: &Postgres, now: Timestamp) -> Result<Self> {
        let connector = tls::Connector::new(&server.tls)?;
        let settings = connection::settings(server);
        migrate::run(&settings, connector, migrate::ALL, now).await?;
        let client = session(server).await?;
        client.batch_execute("-- begin_import\nBEGIN").await.map_err(failed)?;
        schema::lock(&client, server).await?;
        let counts = count(&client).await?;
        if !counts.is_empty() {
            return Err(BulkError::NotEmpty(counts));
        }
        // For the sorting of indexes; the server's own default is for many sessions at once.
        let memory = "-- sort_in_memory\nSET LOCAL maintenance_work_mem = '256MB'";
        client.batch_execute(memory).await.map_err(failed)?;
        let taken_off = schema::take_off(&client).await?;
        Ok(Self { client, taken_off })
    }
}

#[async_trait]
impl Export for PostgresImport {
    async fn count(&mut self) -> Result<Counts> {
        count(&self.client).await
    }

    async fn export(&mut self, table: &'static Table, batches: Sender<Batch>) -> Result<()> {
        export::export(&self.client, table, batches).await
    }
}

#[async_trait]
impl Import for PostgresImport {
    async fn import(&mut self, table: &'static Table, mut batches: Receiver<Batch>) -> Result<()> {
        let Table { name, columns, .. } = *table;
        let list = table.column_list();
        let sql = format!("-- import_{name}\nCOPY {name} ({list}) FROM STDIN (FORMAT binary)");
        let sink = self.client.copy_in(&sql).await.map_err(failed)?;
        let types: Vec<Type> = columns.iter().map(|column| export::sent_as(column.kind)).collect();
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        let mut rows = 0;
        while let Some(batch) = batches.recv().await {
            for row in batch.rows() {
                let fields: Vec<Field<'_>> = row.values().map(Field).collect();
                writer.as_mut().write_raw(fields.iter()).await.map_err(failed)?;
                rows += 1;
            }
        }
        let written = writer.finish().await.map_err(failed)?;
        if written == rows {
            Ok(())
        } else {
            Err(corrupt(format!("{name} took {written} rows instead of {rows}")))
        }
    }

    async fn seal(&mut self) -> Result<()> {
        schema::put_back(&self.client, std::mem::take(&mut self.taken_off)).await?;
        self.client
            .batch_execute(
                "-- number_audit
                 SELECT setval(pg_get_serial_sequence('audit', 'id'), max(id)) FROM audit",
            )
            .await
            .map_err(failed)
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.client.batch_execute("-- commit_import\nCOMMIT").await.map_err(failed)?;
        // So that the first plans are made for what is there.
        for table in TABLES {
            let sql = format!("-- analyze_{0}\nANALYZE {0}", table.name);
            self.client.batch_execute(&sql).await.map_err(failed)?;
        }
        Ok(())
    }
}

/// A value as it is sent.
#[derive(Debug)]
struct Field<'a>(Value<'a>);

impl ToSql for Field<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Integer(number) => out.put_i64(number),
            Value::Bool(truth) => out.put_u8(u8::from(truth)),
            Value::Bytes(bytes) => out.put_slice(bytes),
            Value::Text(text) => out.put_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
