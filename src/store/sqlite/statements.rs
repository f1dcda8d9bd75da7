//! The writer's prepared statements, found by where their text stands. The library's own cache
//! hashes the text twice for every use, compares and copies it.

use std::cell::{OnceCell, RefCell, RefMut};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

use rusqlite::{Connection, PrepFlags, Statement};

use super::transaction::Tx;

/// More than twice as many as the engine has statements, and a power of two.
const PLACES: usize = 1 << BITS;
const BITS: u32 = 8;

/// Statements of one connection; each is prepared once. Must be [closed](Self::close), or its
/// connection cannot be.
pub(super) struct Statements<'c> {
    connection: &'c Connection,
    /// By what their keys come to, or behind it.
    places: [OnceCell<Kept<'c>>; PLACES],
}

struct Kept<'c> {
    key: Key,
    /// `None` once closed.
    statement: RefCell<Option<Box<Statement<'c>>>>,
}

/// Address and length of a text that never changes and never goes.
type Key = (usize, usize);

impl<'c> Statements<'c> {
    /// Not dropped by itself, so that what works with it may borrow it for as long as it borrows the
    /// connection, and needs no other lifetime.
    pub(super) const fn new(connection: &'c Connection) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self { connection, places: [const { OnceCell::new() }; PLACES] })
    }

    /// Gives all statements back to the engine.
    pub(super) fn close(&self) {
        for kept in self.places.iter().filter_map(OnceCell::get) {
            kept.statement.take();
        }
    }

    pub(super) const fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// The library resets it at the end of every use.
    pub(super) fn get(&self, sql: &'static str) -> rusqlite::Result<Ready<'_, 'c>> {
        let key = (sql.as_ptr().addr(), sql.len());
        let (before, after) = self.places.split_at_checked(place(key)).unwrap_or_default();
        for place in after.iter().chain(before) {
            let kept = match place.get() {
                Some(kept) if kept.key == key => kept,
                Some(_) => continue,
                None => {
                    let statement = RefCell::new(Some(Box::new(self.prepare(sql)?)));
                    place.get_or_init(|| Kept { key, statement })
                }
            };
            if let Ok(statement) = kept.statement.try_borrow_mut()
                && let Ok(statement) = RefMut::filter_map(statement, Option::as_deref_mut)
            {
                return Ok(Ready::Kept(statement));
            }
            break;
        }
        // In use already, or one too many.
        self.prepare(sql).map(Ready::Own)
    }

    fn prepare(&self, sql: &str) -> rusqlite::Result<Statement<'c>> {
        self.connection.prepare_with_flags(sql, PrepFlags::SQLITE_PREPARE_PERSISTENT)
    }
}

impl<'a> Tx<'a> {
    /// In place of the connection's, whose look-up costs more.
    pub(super) fn prepare_cached(&self, sql: &'static str) -> rusqlite::Result<Ready<'a, 'a>> {
        self.statements.get(sql)
    }
}

/// Spreads addresses by multiplication with the golden ratio (Knuth, volume 3, section 6.4).
fn place((address, length): Key) -> usize {
    let mixed = ((address ^ length) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (u64::BITS - BITS)).unwrap_or_default()
}

/// A statement to be used once.
pub(super) enum Ready<'s, 'c> {
    Kept(RefMut<'s, Statement<'c>>),
    Own(Statement<'c>),
}

impl<'c> Deref for Ready<'_, 'c> {
    type Target = Statement<'c>;

    fn deref(&self) -> &Statement<'c> {
        match self {
            Self::Kept(statement) => statement,
            Self::Own(statement) => statement,
        }
    }
}

impl DerefMut for Ready<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Kept(statement) => statement,
            Self::Own(statement) => statement,
        }
    }
}

impl Drop for Ready<'_, '_> {
    /// What it was bound to goes at once: it would take the small places of the connection's memory
    /// from all other statements.
    fn drop(&mut self) {
        if let Self::Kept(statement) = self {
            statement.clear_bindings();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "SELECT ?1 + 1";

    #[test]
    fn a_statement_is_prepared_once_and_bound_anew_with_every_use() {
        let connection = Connection::open_in_memory().unwrap();
        let statements = Statements::new(&connection);
        for value in 1..4 {
            let found: i64 =
                statements.get(SQL).unwrap().query_row([value], |row| row.get(0)).unwrap();
            assert_eq!(found, value + 1);
            assert!(statements.get(SQL).unwrap().query_row([], |_| Ok(())).is_err());
        }
        assert_eq!(statements.places.iter().filter(|place| place.get().is_some()).count(), 1);
        statements.close();
        connection.close().unwrap();
    }

    #[test]
    fn a_statement_that_is_in_use_is_prepared_once_more() {
        let connection = Connection::open_in_memory().unwrap();
        let statements = Statements::new(&connection);
        let mut outer = statements.get(SQL).unwrap();
        let mut rows = outer.query([1]).unwrap();
        let inner = |value: i64| -> i64 {
            statements.get(SQL).unwrap().query_row([value], |row| row.get(0)).unwrap()
        };
        assert_eq!((inner(4), inner(5)), (5, 6));
        assert_eq!(rows.next().unwrap().unwrap().get::<_, i64>(0).unwrap(), 2);
    }

    #[test]
    fn more_texts_than_there_are_places_are_served_all_the_same() {
        let connection = Connection::open_in_memory().unwrap();
        let statements = Statements::new(&connection);
        // Each from another place on is another text.
        let padding = " ".repeat(2 * PLACES);
        let text: &'static str = Box::leak(format!("{padding}SELECT 7").into_boxed_str());
        for from in 0..2 * PLACES {
            let sql = text.get(from..).unwrap();
            let found: i64 = statements.get(sql).unwrap().query_row([], |row| row.get(0)).unwrap();
            assert_eq!(found, 7);
        }
    }
}
