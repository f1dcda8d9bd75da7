//! A customer's session: for a while after a verification they may look at what is theirs, and
//! change it if the verification bears that.

use std::time::Duration;

use super::credential::Credential;
use super::verdict::{Binding, Verified};

/// How long after the verification.
pub const LIFE: Duration = Duration::from_secs(600);

/// How long a link lives that adds another passkey.
pub const ADDING: Duration = Duration::from_secs(600);

/// With what a session was opened.
#[derive(Clone, Copy, Debug)]
pub enum Opener<'a> {
    Passkey(&'a Credential),
    /// A code of an authenticator app, or a recovery code.
    Code,
}

/// Whether a session may add passkeys, and remove them and apps; otherwise it only looks.
///
/// Whoever made their first passkey in a link that reached them in whatever way has proven that
/// they held the link, and nothing of who they are: were they to add more keys or remove others,
/// one intercepted link would be a lasting takeover. So it takes a passkey that was there before,
/// or one made by who had the agent's code. A passkey that may have been copied changes nothing
/// either: its copy may be what looks.
///
/// A code never changes anything: one that was typed on a look-alike site and passed on in time
/// would take the owner's passkeys away, and add the thief's.
#[must_use]
pub fn may_change(verified: &Verified, opener: Opener<'_>) -> bool {
    match opener {
        Opener::Passkey(credential) => {
            let known = !verified.first_use || verified.binding >= Binding::CallCode;
            known && credential.may_authorise().is_some()
        }
        Opener::Code => false,
    }
}
