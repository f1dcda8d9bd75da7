//! What the product does, one file per thing. A flow asks the layers below in order and decides
//! nothing the domain could decide; front doors (HTTP, command line, workers) only call flows.

mod app_secrets;
pub mod customers;
pub mod deliver;
pub mod destinations;
pub mod endpoints;
pub mod follow;
pub mod gate;
pub mod history;
mod insist;
pub mod issue;
pub mod keys;
pub mod mail;
pub mod me;
pub mod measure;
pub mod replay;
pub mod reseal;
pub mod send;
pub mod verify;
pub mod wake;

use crate::domain::random::NoEntropy;
use crate::seal::SealError;
use crate::store::StoreError;
use crate::token::SecretGone;

/// A flow could not do its work through no fault of the request; it may be sent again.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error(transparent)]
    SecretGone(#[from] SecretGone),
    /// A secret could not be sealed or opened: `DATA_KEY` is not what it was.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Something that cannot be written as JSON, or a relying party the library does not take:
    /// start-up checks rule it out.
    #[error("{0}")]
    Internal(&'static str),
}
