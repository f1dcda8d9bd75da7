//! Migrations as every engine has them: named as their files, in order, forward only, and applied
//! to a database only if what was applied before is what this program knows.

use crate::domain::digest::sha256;
use crate::domain::encoding::hex;

/// One step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Migration {
    pub(super) version: u32,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    /// The checksum of a text from before the first release that made the same tables.
    pub(super) former: Option<&'static str>,
}

impl Migration {
    pub(super) fn checksum(&self) -> String {
        hex(&sha256(&[self.sql.as_bytes()]))
    }

    /// Whether a database that carries this checksum had this migration.
    pub(super) fn is(&self, checksum: &str) -> bool {
        self.former == Some(checksum) || self.checksum() == checksum
    }
}

/// The list of an engine's migrations. A file that was released is never edited: databases know
/// its checksum.
macro_rules! migrations {
    ($engine:literal: $($version:literal $name:literal $(formerly $former:literal)?,)*) => {
        &[$($crate::store::migration::Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $engine, "/", $name, ".sql")),
            former: [$(Some($former),)? None][0],
        },)*]
    };
}
pub(super) use migrations;

/// What a database says was applied to it.
#[derive(Clone, Debug)]
pub(super) struct Applied {
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) checksum: String,
}

/// This program and this database do not belong together.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// A migration's text is not the one that was applied.
    #[error("migration {version} ({name}) is not the one this database was made with")]
    Changed { version: u32, name: String },
    #[error(
        "the database was made by a newer version (it has migration {version}, {name}): \
         run that version, or restore a backup from before it"
    )]
    Newer { version: u32, name: String },
}

/// Whether the database's history is the beginning of ours; what is missing.
///
/// # Errors
/// [`Misfit`] if it is not.
pub(super) fn missing<'a>(
    applied: &[Applied],
    migrations: &'a [Migration],
) -> Result<&'a [Migration], Misfit> {
    let mut ours = migrations.iter();
    for theirs in applied {
        let Applied { version, name, checksum } = theirs;
        let Some(known) = ours.next() else {
            return Err(Misfit::Newer { version: *version, name: name.clone() });
        };
        if known.version != *version || !known.is(checksum) {
            return Err(Misfit::Changed { version: *version, name: name.clone() });
        }
    }
    Ok(ours.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration =
        Migration { version: 1, name: "0001_a", sql: "CREATE TABLE a (x)", former: None };
    const TWO: Migration =
        Migration { version: 2, name: "0002_b", sql: "CREATE TABLE b (x)", former: None };

    fn applied(migration: Migration) -> Applied {
        let Migration { version, name, .. } = migration;
        Applied { version, name: name.to_owned(), checksum: migration.checksum() }
    }

    #[test]
    fn what_is_missing_is_what_comes_after_the_databases_history() {
        let left = |history: &[Applied]| missing(history, &[ONE, TWO]).unwrap().len();
        assert_eq!(left(&[]), 2);
        assert_eq!(left(&[applied(ONE)]), 1);
        assert_eq!(left(&[applied(ONE), applied(TWO)]), 0);
    }

    #[test]
    fn a_text_that_was_spelled_otherwise_before_is_known() {
        let former = applied(ONE);
        let respelled = Migration { sql: "CREATE TABLE a (x) -- again", ..ONE };
        assert!(missing(std::slice::from_ref(&former), &[respelled]).is_err());
        let checksum: &'static str = former.checksum.clone().leak();
        let respelled = Migration { former: Some(checksum), ..respelled };
        assert!(missing(&[former], &[respelled]).unwrap().is_empty());
        assert!(missing(&[applied(respelled)], &[respelled]).unwrap().is_empty());
    }

    #[test]
    fn a_history_that_is_longer_or_another_is_refused() {
        let newer = missing(&[applied(ONE), applied(TWO)], &[ONE]).unwrap_err();
        assert!(matches!(newer, Misfit::Newer { version: 2, .. }), "{newer}");
        let edited = Migration { sql: "CREATE TABLE a (y)", ..ONE };
        for other in [applied(edited), applied(TWO)] {
            let changed = missing(&[other], &[ONE, TWO]).unwrap_err();
            assert!(matches!(changed, Misfit::Changed { .. }), "{changed}");
        }
    }
}
