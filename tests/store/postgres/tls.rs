//! `sslmode`, against a server whose certificate is its own and for `localhost`.

use vouchlink::store::Store;
use vouchlink::store::postgres::{OpenError, Options, PostgresStore};

use crate::support::postgres::{Place, open, server};

fn certificate() -> String {
    std::env::var("TEST_POSTGRES_CERT")
        .expect("TEST_POSTGRES_CERT is not set: run the tests with tests/run")
}

/// Opens the place by this name of its host.
async fn open_as(place: &Place, host: &str, query: &str) -> Result<PostgresStore, OpenError> {
    let url = format!("{}?{query}&application_name=tls", place.url()).replace("127.0.0.1", host);
    open(&server(&url), Options::default()).await
}

/// Whether the sessions of the store are encrypted.
async fn is_encrypted(place: &Place, store: &PostgresStore) -> bool {
    store.ready().await.unwrap();
    let sessions = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                    WHERE a.application_name = 'tls' AND a.datname = current_database()";
    place.raw().await.query_one(sessions, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_unless_that_is_switched_off() {
    let place = Place::new().await;
    for (query, encrypted) in
        [("sslmode=disable", false), ("sslmode=prefer", true), ("sslmode=require", true)]
    {
        let store = open_as(&place, "127.0.0.1", query).await.unwrap();
        assert_eq!(is_encrypted(&place, &store).await, encrypted, "{query}");
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_verified_against_the_named_authority() {
    let place = Place::new().await;
    let root = certificate();
    for (host, mode) in
        [("localhost", "verify-full"), ("localhost", "verify-ca"), ("127.0.0.1", "verify-ca")]
    {
        let query = format!("sslmode={mode}&sslrootcert={root}");
        let store = open_as(&place, host, &query).await.unwrap();
        assert!(is_encrypted(&place, &store).await, "{host} {mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_proves_nothing_is_refused() {
    let place = Place::new().await;
    let root = certificate();
    let named = format!("sslmode=verify-full&sslrootcert={root}");
    for (host, query) in [
        // Nobody the system trusts vouches for it.
        ("localhost", "sslmode=verify-full"),
        ("localhost", "sslmode=verify-ca"),
        // It is for another name.
        ("127.0.0.1", named.as_str()),
    ] {
        let refused = open_as(&place, host, query).await.unwrap_err();
        let text = refused.to_string();
        assert!(text.contains("TLS") && text.contains("certificate"), "{host} {query}: {text}");
    }
}

#[tokio::test]
async fn a_file_that_holds_no_certificate_is_named() {
    let place = Place::new().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
        .unwrap();
    let query = format!("sslmode=verify-full&sslrootcert={}", file.path().display());
    let refused = open_as(&place, "localhost", &query).await.unwrap_err();
    assert!(matches!(refused, OpenError::Roots { .. }), "{refused}");
}
