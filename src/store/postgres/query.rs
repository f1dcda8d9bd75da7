//! Questions: a statement with its values, and how the rows of its answer read. Nothing is asked
//! here; see [`super::transaction`].

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::failure::Done;

pub(super) type Param = Box<dyn ToSql + Sync + Send>;

/// Owned values for `$1`, `$2` and so on.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        vec![$(Box::new($value) as $crate::store::postgres::query::Param),*]
    };
}
pub(super) use params;

/// A statement whose rows are wanted, and how they read.
pub(super) struct Query<T> {
    pub(super) sql: &'static str,
    pub(super) params: Vec<Param>,
    pub(super) read: Box<dyn FnOnce(Vec<Row>) -> Done<T> + Send>,
}

impl<T: 'static> Query<T> {
    /// All rows, in their order.
    pub(super) fn list(
        sql: &'static str,
        params: Vec<Param>,
        from_row: fn(&Row) -> Done<T>,
    ) -> Query<Vec<T>> {
        Query { sql, params, read: Box::new(move |rows| rows.iter().map(from_row).collect()) }
    }

    /// The row, if there is one.
    pub(super) fn optional(
        sql: &'static str,
        params: Vec<Param>,
        from_row: fn(&Row) -> Done<T>,
    ) -> Query<Option<T>> {
        Query { sql, params, read: Box::new(move |rows| rows.first().map(from_row).transpose()) }
    }

    /// The same rows, read on.
    pub(super) fn map<U>(self, read: impl FnOnce(T) -> Done<U> + Send + 'static) -> Query<U> {
        let Self { sql, params, read: before } = self;
        Query { sql, params, read: Box::new(move |rows| read(before(rows)?)) }
    }
}

impl Query<bool> {
    /// Whether there is a row.
    pub(super) fn exists(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, read: Box::new(|rows| Ok(!rows.is_empty())) }
    }
}

impl Query<()> {
    /// For what it does, such as taking a lock.
    pub(super) fn silent(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, read: Box::new(|_| Ok(())) }
    }
}
