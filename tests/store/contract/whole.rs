//! The store as a whole: ready, then closed.

use vouchlink::store::StoreError;

use super::fresh;
use super::samples::{T0, context, create, new_link};

#[tokio::test(flavor = "multi_thread")]
async fn an_open_store_is_ready() {
    let store = fresh().await;
    store.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_does_nothing_more() {
    let store = fresh().await;
    let link = create(&**store, "1", T0).await;
    store.close().await.unwrap();
    let gone = |error| matches!(error, StoreError::Unavailable(_));
    assert!(gone(store.ready().await.unwrap_err()));
    assert!(gone(store.find_link(link.id).await.unwrap_err()));
    assert!(gone(store.create_link(new_link("2", T0), context(T0)).await.unwrap_err()));
    store.close().await.unwrap();
}
