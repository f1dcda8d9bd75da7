//! Everything at once: the description of the tables, made-up years, and the move between engines.

mod moving;
mod seeding;
mod source;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use vouchlink::domain::random::SystemRandom;
use vouchlink::store::bulk::{Counts, Import, Observer};
use vouchlink::store::sqlite::bulk::SqliteImport;
use vouchlink::store::sqlite::{Options, SqliteStore};

use crate::support::clock::ManualClock;
use crate::support::seed::{self, Seed};

/// Cache of imports, in KiB.
const CACHE: u32 = 8 << 10;

/// A year that is over when tests begin.
fn small_year() -> Seed {
    Seed {
        number: 7,
        customers: 300,
        links: 1500,
        until: ManualClock::START,
        rp_id: "localhost".to_owned(),
        origin: "http://localhost:8080".to_owned(),
    }
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("vouchlink.db")
}

fn import(path: &Path) -> Box<dyn Import> {
    Box::new(SqliteImport::open(path, CACHE, ManualClock::START).unwrap())
}

/// A file with the small year in it.
async fn seeded() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    seed::fill(small_year(), import(&path(&folder)), &mut Nobody).await.unwrap();
    folder
}

fn open(path: &Path) -> SqliteStore {
    let (options, random) = (Options::default(), Arc::new(SystemRandom));
    SqliteStore::open(path, options, random, ManualClock::START).unwrap()
}

/// Looks away.
struct Nobody;

impl Observer for Nobody {
    fn planned(&mut self, _: &Counts) {}
    fn copied(&mut self, _: &'static str, _: usize) {}
    fn sealing(&mut self) {}
    fn compared(&mut self, _: &'static str, _: usize) {}
}
