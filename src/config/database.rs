//! Where everything is kept.

use std::path::PathBuf;

use super::data_folder::DataFolder;
use super::reader::Reader;
use super::variables::DATABASE_URL;

/// `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// `sqlite:` and the file's path.
    Sqlite(PathBuf),
}

pub(super) fn read(reader: &mut Reader<'_>, data: &DataFolder<'_>) -> Option<Database> {
    if !reader.is_set(&DATABASE_URL) {
        return Some(Database::Sqlite(data.path().join("vouchlink.db")));
    }
    reader.read(&DATABASE_URL, parse)
}

fn parse(text: &str) -> Result<Database, &'static str> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err("names PostgreSQL, which this version does not speak");
    }
    let path = text.strip_prefix("sqlite:").ok_or("does not begin with sqlite:")?;
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
        assert_eq!(parse("sqlite:data/a.db"), file("data/a.db"));
        assert_eq!(parse("sqlite:/var/lib/a.db"), file("/var/lib/a.db"));
        assert_eq!(parse("sqlite://data/a.db"), file("data/a.db"));
        assert_eq!(parse("sqlite:///var/lib/a.db"), file("/var/lib/a.db"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["sqlite:", "sqlite::memory:", "sqlite:data/", "data/a.db", "sqlite:a.db?mode=rw"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("postgres://user:pass@db/x").unwrap_err().contains("PostgreSQL"));
    }
}
