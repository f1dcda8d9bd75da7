//! What two copies of a table must have in common: the number of rows, and SHA-256 over all their
//! values in the order of the key, written the same whatever engine they came from.

use std::fmt;

use super::batch::{Batch, Value};
use crate::domain::digest::Sha256Stream;
use crate::domain::encoding::hex;

/// A table's rows, counted and hashed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Checksum {
    pub rows: u64,
    pub sha256: [u8; 32],
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows, {}", self.rows, hex(&self.sha256))
    }
}

/// A checksum in the making.
#[derive(Debug, Default)]
pub struct Summing {
    rows: u64,
    hash: Sha256Stream,
    /// A batch as it is hashed; kept for its memory.
    canonical: Vec<u8>,
}

impl Summing {
    /// Takes the rows of the next batch in.
    ///
    /// A value is a byte for its kind and, for numbers, eight bytes, for bytes and texts, their
    /// length in eight bytes and themselves; all numbers are big-endian. No value is a beginning of
    /// another, and a table's rows have equally many, so different rows have different texts.
    pub fn take(&mut self, batch: &Batch) {
        self.canonical.clear();
        for row in batch.rows() {
            for value in row.values() {
                append(&mut self.canonical, value);
            }
            self.rows += 1;
        }
        self.hash.update(&self.canonical);
    }

    #[must_use]
    pub fn finish(self) -> Checksum {
        Checksum { rows: self.rows, sha256: self.hash.finish() }
    }
}

fn append(canonical: &mut Vec<u8>, value: Value<'_>) {
    let mut sized = |tag: u8, bytes: &[u8]| {
        canonical.push(tag);
        canonical.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        canonical.extend_from_slice(bytes);
    };
    match value {
        Value::Null => canonical.push(0),
        Value::Integer(number) => {
            canonical.push(1);
            canonical.extend_from_slice(&number.to_be_bytes());
        }
        Value::Bool(truth) => canonical.extend_from_slice(&[2, u8::from(truth)]),
        Value::Bytes(bytes) => sized(3, bytes),
        Value::Text(text) => sized(4, text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::bulk::tables::table;

    fn checksum(rows: &[[Value<'_>; 2]], split: usize) -> Checksum {
        let mut summing = Summing::default();
        for rows in rows.chunks(split) {
            let mut batch = Batch::new(table("former_codes").unwrap());
            for row in rows {
                batch.push(row).unwrap();
            }
            summing.take(&batch);
        }
        summing.finish()
    }

    #[test]
    fn it_depends_on_values_and_their_order_but_not_on_batches() {
        let link = Value::Bytes(&[7; 16]);
        let (one, two) = ([Value::Bytes(b"ab"), link], [Value::Bytes(b"c"), link]);
        let whole = checksum(&[one, two], 2);
        assert_eq!(checksum(&[one, two], 1), whole);
        assert_ne!(checksum(&[two, one], 2), whole);
        let other = [[Value::Bytes(b"a"), link], [Value::Bytes(b"bc"), link]];
        assert_ne!(checksum(&other, 2), whole);
        assert_eq!(whole.rows, 2);
    }
}
