//! The contract suite on SQLite, and what only this engine promises.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use vouchlink::domain::random::SystemRandom;
use vouchlink::store::Store;
use vouchlink::store::sqlite::{OpenError, Options, SqliteStore};

#[path = "contract/mod.rs"]
mod contract;

mod damage;
mod grouping;
mod opening;
mod schema;
mod statements;
mod takers;

use contract::samples::{T0, built_in};

/// A fresh store for one test, gone with it.
struct TestStore {
    store: Arc<dyn Store>,
    _folder: TempDir,
}

impl std::ops::Deref for TestStore {
    type Target = Arc<dyn Store>;

    fn deref(&self) -> &Arc<dyn Store> {
        &self.store
    }
}

async fn fresh() -> TestStore {
    let place = Place::new();
    let store: Arc<dyn Store> = Arc::new(place.open());
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    TestStore { store, _folder: place.folder }
}

/// Where a database is, for tests that open it more than once.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data").join("vouchlink.db")
    }

    fn open(&self) -> SqliteStore {
        self.try_open().unwrap()
    }

    fn try_open(&self) -> Result<SqliteStore, OpenError> {
        self.open_with(Options::default())
    }

    fn open_with(&self, options: Options) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(&self.file(), options, Arc::new(SystemRandom), T0)
    }

    /// As another program would.
    fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }
}
