//! The move: every table from one engine to another, and proof that it arrived before anything
//! is kept.

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{Batch, BulkError, CHANNEL, Checksum, Counts, Export, Import, Result, Summing};
use crate::store::bulk::tables::{TABLES, Table};

/// Is told how far a move is.
pub trait Observer: Send {
    /// Before the first row: how many there are of each table.
    fn planned(&mut self, counts: &Counts);

    /// So many more rows of a table were read and passed on.
    fn copied(&mut self, table: &'static str, rows: usize);

    /// The rows are there; indexes are made and references checked.
    fn sealing(&mut self);

    /// So many more rows of a table were read back and compared.
    fn compared(&mut self, table: &'static str, rows: usize);
}

/// What was moved: each table with what both copies of it have in common.
pub type Moved = Vec<(&'static Table, Checksum)>;

/// Copies every table, reads all of them back and commits if they are the same. Dropping the
/// future before it is done rolls everything back.
///
/// # Errors
/// [`BulkError`]; nothing is kept in the target.
pub async fn transfer(
    source: &mut dyn Export,
    mut target: Box<dyn Import>,
    observer: &mut dyn Observer,
) -> Result<Moved> {
    observer.planned(&source.count().await?);
    let mut moved = Moved::new();
    for table in TABLES {
        let read = copy(source, &mut *target, table, observer).await?;
        moved.push((table, read));
    }
    observer.sealing();
    target.seal().await?;
    for (table, read) in &moved {
        let written = read_back(&mut *target, table, observer).await?;
        if written != *read {
            return Err(BulkError::Mismatch { table: table.name, read: *read, written });
        }
    }
    target.commit().await?;
    Ok(moved)
}

/// One table; the checksum of what was read.
async fn copy(
    source: &mut dyn Export,
    target: &mut dyn Import,
    table: &'static Table,
    observer: &mut dyn Observer,
) -> Result<Checksum> {
    let (out, read) = channel(CHANNEL);
    let (pass_on, passed) = channel(CHANNEL);
    let tell = |rows| observer.copied(table.name, rows);
    // Polled together: whoever fails first drops its end, and the others come to theirs.
    let (exported, checksum, imported) = tokio::join!(
        source.export(table, out),
        sum(read, Some(pass_on), tell),
        target.import(table, passed),
    );
    imported?;
    exported?;
    Ok(checksum)
}

async fn read_back(
    target: &mut dyn Import,
    table: &'static Table,
    observer: &mut dyn Observer,
) -> Result<Checksum> {
    let (out, read) = channel(CHANNEL);
    let tell = |rows| observer.compared(table.name, rows);
    let (exported, checksum) = tokio::join!(target.export(table, out), sum(read, None, tell));
    exported?;
    Ok(checksum)
}

/// The checksum of everything that comes; passed on as it is.
async fn sum(
    mut batches: Receiver<Batch>,
    pass_on: Option<Sender<Batch>>,
    mut tell: impl FnMut(usize),
) -> Checksum {
    let mut summing = Summing::default();
    while let Some(batch) = batches.recv().await {
        summing.take(&batch);
        tell(batch.len());
        if let Some(next) = &pass_on
            && next.send(batch).await.is_err()
        {
            break;
        }
    }
    summing.finish()
}
