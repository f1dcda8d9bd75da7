//! The contract suite on PostgreSQL, and what only this engine promises.

use std::sync::Arc;

use vouchlink::store::Store;

#[expect(clippy::duplicate_mod, reason = "one suite, compiled once for each engine")]
#[path = "contract/mod.rs"]
mod contract;

mod announce;
mod damage;
mod failures;
mod opening;
mod races;
mod schema;
mod statements;
mod tls;

use contract::samples::{T0, built_in};

use crate::support::postgres::Place;

/// A fresh store for one test, gone with it.
struct TestStore {
    store: Arc<dyn Store>,
    _place: Place,
}

impl std::ops::Deref for TestStore {
    type Target = Arc<dyn Store>;

    fn deref(&self) -> &Arc<dyn Store> {
        &self.store
    }
}

async fn fresh() -> TestStore {
    let place = Place::new().await;
    let store: Arc<dyn Store> = Arc::new(place.open().await);
    store.set_built_in_endpoint(Some(built_in()), T0).await.unwrap();
    TestStore { store, _place: place }
}
