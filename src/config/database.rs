//! Where everything is kept.

use std::fmt;
use std::path::PathBuf;

use super::data_folder::DataFolder;
use super::postgres::{self, Postgres};
use super::reader::Reader;
use super::variables::{DATABASE_POOL, DATABASE_URL};

/// `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// `sqlite:` and the file's path.
    Sqlite(PathBuf),
    /// `postgres://` or `postgresql://`, with `DATABASE_POOL`.
    Postgres(Box<Postgres>),
}

/// Where it is, without any password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(server) => server.fmt(f),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, data: &DataFolder<'_>) -> Option<Database> {
    let pool = reader.number(&DATABASE_POOL, 2..=500);
    if !reader.is_set(&DATABASE_URL) {
        return Some(Database::Sqlite(data.path().join("vouchlink.db")));
    }
    // White space around it, as an editor leaves at the end of a file, is no part of a URL.
    reader.read(&DATABASE_URL, |text| parse(text.trim(), pool.unwrap_or_default()))
}

impl Database {
    /// Reads what `DATABASE_URL` may say, with a pool of the default size.
    ///
    /// # Errors
    /// What is wrong with it, to be read after the variable's name; without the text, which may
    /// hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pool = DATABASE_POOL.default().and_then(|size| size.parse().ok());
        parse(text.trim(), pool.unwrap_or_default())
    }
}

fn parse(text: &str, pool: u32) -> Result<Database, String> {
    for scheme in ["postgres://", "postgresql://"] {
        if let Some(rest) = text.strip_prefix(scheme) {
            return postgres::parse(rest, pool).map(|server| Database::Postgres(Box::new(server)));
        }
    }
    sqlite(text).map_err(str::to_owned)
}

fn sqlite(text: &str) -> Result<Database, &'static str> {
    let path = text.strip_prefix("sqlite:").ok_or("does not begin with sqlite: or postgres://")?;
    // `sqlite://data/x.db` and `sqlite:///var/x.db` are how others write the same.
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.contains(":memory:") {
        return Err("keeps the database in memory, where verdicts would be lost");
    }
    if path.is_empty() || path.ends_with('/') || path.contains('?') {
        return Err("names no file");
    }
    Ok(Database::Sqlite(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_file_is_named_by_its_path() {
        let file = |path: &str| Ok(Database::Sqlite(path.into()));
        let parse_url = |text| parse(text, 16);
        assert_eq!(parse_url("sqlite:data/a.db"), file("data/a.db"));
        assert_eq!(parse_url("sqlite:/var/lib/a.db"), file("/var/lib/a.db"));
        assert_eq!(parse_url("sqlite://data/a.db"), file("data/a.db"));
        assert_eq!(parse_url("sqlite:///var/lib/a.db"), file("/var/lib/a.db"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["sqlite:", "sqlite::memory:", "sqlite:data/", "data/a.db", "sqlite:a.db?mode=rw"]
        {
            assert!(parse(text, 16).is_err(), "{text}");
        }
    }

    #[test]
    fn a_postgresql_server_is_named_by_either_scheme() {
        for scheme in ["postgres", "postgresql"] {
            let database = parse(&format!("{scheme}://me:hush@db/x"), 9).unwrap();
            assert_eq!(database.to_string(), "postgres://me@db:5432/x?sslmode=prefer");
            assert!(matches!(database, Database::Postgres(server) if server.pool == 9));
        }
    }
}
