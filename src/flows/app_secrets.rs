//! Authenticator apps' secrets at rest.

use crate::domain::endpoint::Sealed;
use crate::domain::id::CredentialId;
use crate::domain::random::Random;
use crate::domain::totp::TotpKey;
use crate::seal::{Seal, SealError};

/// Seals an app's secret.
///
/// # Errors
/// As [`Seal::seal`].
pub(super) fn keep(
    key: &TotpKey,
    app: CredentialId,
    seal: &Seal,
    random: &dyn Random,
) -> Result<Sealed, SealError> {
    seal.seal(key.expose(), &place(app), random)
}

/// What [`keep`] sealed.
///
/// # Errors
/// As [`Seal::open`].
pub(super) fn open(sealed: &Sealed, app: CredentialId, seal: &Seal) -> Result<TotpKey, SealError> {
    TotpKey::from_bytes(seal.open(sealed, &place(app))?.expose()).ok_or(SealError::Damaged)
}

/// What such a secret belongs to.
fn place(app: CredentialId) -> String {
    format!("authenticator_apps/{app}/sealed")
}
