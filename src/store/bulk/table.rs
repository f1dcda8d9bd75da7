//! What is said of a table: its columns, and how its rows are read in order.

/// What a column holds, whatever an engine calls its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier of ours, 16 bytes: `BLOB` in SQLite, `uuid` in PostgreSQL.
    Id,
    /// Any other bytes.
    Bytes,
    /// A number, or a time in milliseconds since the Unix epoch.
    Integer,
    /// 0 or 1 in SQLite.
    Bool,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    /// In the order of the schema.
    pub columns: &'static [Column],
    /// Columns that tell rows apart and give them their order.
    pub key: &'static [&'static str],
}

/// How an engine writes the order of texts by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextOrder {
    /// It is the engine's own.
    Natural,
    /// `COLLATE "C"`.
    CollateC,
}

impl Table {
    /// The columns' names, quoted, with commas.
    #[must_use]
    pub fn column_list(&self) -> String {
        let names: Vec<String> =
            self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        names.join(", ")
    }

    /// A named statement that reads all rows in the order of the key.
    #[must_use]
    pub fn select(&self, order: TextOrder) -> String {
        let text = |name: &&str| {
            self.columns.iter().any(|column| column.name == *name && column.kind == Kind::Text)
        };
        let key: Vec<String> = self
            .key
            .iter()
            .map(|name| match order {
                TextOrder::CollateC if text(name) => format!("\"{name}\" COLLATE \"C\""),
                TextOrder::CollateC | TextOrder::Natural => format!("\"{name}\""),
            })
            .collect();
        let Self { name, .. } = self;
        let (columns, key) = (self.column_list(), key.join(", "));
        format!("-- export_{name}\nSELECT {columns} FROM {name} ORDER BY {key}")
    }
}
