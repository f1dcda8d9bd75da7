//! Rows on their way from one engine to another: many in one allocation, so that millions of them
//! cost little and a channel of batches holds a bounded amount of memory.

use super::tables::{Column, Kind, Table};

/// One column of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Bool(bool),
    /// For [`Kind::Id`], too.
    Bytes(&'a [u8]),
    Text(&'a str),
}

/// A value does not fit into its column; names the place, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column} holds something that does not belong there")]
pub struct Unfit {
    pub table: &'static str,
    pub column: &'static str,
}

/// Whole rows of one table.
#[derive(Clone, Debug)]
pub struct Batch {
    table: &'static Table,
    cells: Vec<Cell>,
    bytes: Vec<u8>,
    text: String,
}

/// A value, or where it stands.
#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Integer(i64),
    Bool(bool),
    Bytes { start: usize, end: usize },
    Text { start: usize, end: usize },
}

/// Bytes and texts after which a batch is full, and rows.
const FULL_BYTES: usize = 256 << 10;
const FULL_ROWS: usize = 2048;

impl Batch {
    #[must_use]
    pub fn new(table: &'static Table) -> Self {
        Self { table, cells: Vec::new(), bytes: Vec::new(), text: String::new() }
    }

    #[must_use]
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len() / self.table.columns.len().max(1)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether it is time to send it and begin another.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes.len() + self.text.len() >= FULL_BYTES || self.len() >= FULL_ROWS
    }

    /// Appends a row, its values in the order of the table's columns.
    ///
    /// # Errors
    /// [`Unfit`] for a value of another kind than its column; nothing is appended.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<(), Unfit> {
        let Table { name: table, columns, .. } = *self.table;
        for (index, column) in columns.iter().enumerate() {
            if !row.get(index).is_some_and(|value| fits(value, column)) {
                return Err(Unfit { table, column: column.name });
            }
        }
        for value in row.iter().take(columns.len()) {
            let cell = match *value {
                Value::Null => Cell::Null,
                Value::Integer(number) => Cell::Integer(number),
                Value::Bool(truth) => Cell::Bool(truth),
                Value::Bytes(bytes) => {
                    let start = self.bytes.len();
                    self.bytes.extend_from_slice(bytes);
                    Cell::Bytes { start, end: self.bytes.len() }
                }
                Value::Text(text) => {
                    let start = self.text.len();
                    self.text.push_str(text);
                    Cell::Text { start, end: self.text.len() }
                }
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    /// The rows in the order they were appended; each gives its values in the order of the columns.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let width = self.table.columns.len().max(1);
        self.cells.chunks_exact(width).map(|cells| Row { batch: self, cells })
    }

    fn value(&self, cell: Cell) -> Value<'_> {
        match cell {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(number),
            Cell::Bool(truth) => Value::Bool(truth),
            Cell::Bytes { start, end } => {
                Value::Bytes(self.bytes.get(start..end).unwrap_or_default())
            }
            Cell::Text { start, end } => Value::Text(self.text.get(start..end).unwrap_or_default()),
        }
    }
}

/// One row of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    batch: &'a Batch,
    cells: &'a [Cell],
}

impl<'a> Row<'a> {
    pub fn values(self) -> impl Iterator<Item = Value<'a>> {
        self.cells.iter().map(move |cell| self.batch.value(*cell))
    }
}

fn fits(value: &Value<'_>, column: &Column) -> bool {
    match (value, column.kind) {
        (Value::Null, _) => column.nullable,
        (Value::Bytes(bytes), Kind::Id) => bytes.len() == 16,
        (Value::Integer(_), Kind::Integer)
        | (Value::Bool(_), Kind::Bool)
        | (Value::Bytes(_), Kind::Bytes)
        | (Value::Text(_), Kind::Text) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::bulk::tables::table;

    #[test]
    fn rows_read_back_as_they_were_appended() {
        let mut batch = Batch::new(table("former_codes").unwrap());
        let rows = [
            [Value::Bytes(&[1; 32]), Value::Bytes(&[2; 16])],
            [Value::Bytes(&[]), Value::Bytes(&[3; 16])],
        ];
        for row in &rows {
            batch.push(row).unwrap();
        }
        let read: Vec<Vec<Value<'_>>> = batch.rows().map(|row| row.values().collect()).collect();
        assert_eq!(read, rows);
        assert_eq!(batch.len(), 2);
    }

    #[test]
    fn a_value_of_another_kind_is_refused_and_leaves_nothing() {
        let mut batch = Batch::new(table("endpoints").unwrap());
        let id = Value::Bytes(&[1; 16]);
        for row in [
            &[id, Value::Integer(1)][..],
            &[id, Value::Null],
            &[Value::Bytes(&[1; 15]), Value::Bool(true)],
            &[id],
        ] {
            assert!(batch.push(row).is_err(), "{row:?}");
        }
        assert!(batch.is_empty());
    }
}
