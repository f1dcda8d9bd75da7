//! What benchmarks take from the tests: the software authenticator, and a relying party's desk.

#![expect(dead_code, reason = "benchmarks need honest answers only")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests elsewhere, where they may"
)]

#[path = "../../tests/support/authenticator.rs"]
pub(crate) mod authenticator;
#[path = "../../tests/support/cbor.rs"]
pub(crate) mod cbor;
#[path = "../../tests/support/client.rs"]
pub(crate) mod client;
#[path = "../../tests/support/draft.rs"]
pub(crate) mod draft;
#[path = "../../tests/support/message.rs"]
pub(crate) mod message;
#[path = "../../tests/passkey/party.rs"]
pub(crate) mod party;
