//! The `WebAuthn` relying party (Level 3, section 7): options, and strict checks of the answers.
//!
//! An answer is read once, from its bytes into strict structures. An assertion is checked here
//! whole (`docs/webauthn.md` has every step), its signature with `ring`; tests ask the library
//! about the same bytes and let nothing pass that it refuses. A registration is checked here
//! first; only then does the library see it, and what was not refused by both is accepted. The
//! only place that names `webauthn_rs`.

mod attestation;
mod authentication;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;
mod facts;
mod json;
mod library;
mod library_error;
mod options;
mod registration;
mod response;
mod self_test;
mod self_test_vectors;
mod signature;

use url::Url;

pub use self::authentication::Asserted;
pub use self::options::{NoActiveCredential, UserEntity};
pub use self::registration::Registered;
pub use self::self_test::SelfTestFailed;

use self::client_data::Expected;
use self::library::Library;
use crate::config::RelyingParty;
use crate::domain::ceremony::{Ceremony, Kind};
use crate::domain::credential::NewKey;
use crate::domain::digest::sha256;
use crate::domain::evidence::{Evidence, Proof};
use crate::domain::statement::Challenge;
use crate::domain::verdict::Binding;

/// One relying party's ceremonies. Holds no state between them; share it in an `Arc`.
#[derive(Clone, Debug)]
pub struct Passkeys {
    party: RelyingParty,
    rp_id_hash: [u8; 32],
    library: Library,
}

/// The relying party cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRelyingParty {
    #[error("ORIGIN must be written as browsers write it: scheme, host and port, nothing else")]
    Origin,
    #[error(
        "RP_ID must be the origin's host, which must be a name and no address, or a domain above it"
    )]
    Id,
}

/// An accepted answer, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub client_data_json: Vec<u8>,
    pub proof: Proof,
}

impl Passkeys {
    /// # Errors
    /// [`BadRelyingParty`] if browsers would not make passkeys for it at this origin.
    pub fn new(party: &RelyingParty) -> Result<Self, BadRelyingParty> {
        let origin = Url::parse(&party.origin).map_err(|_| BadRelyingParty::Origin)?;
        if origin.origin().ascii_serialization() != party.origin {
            return Err(BadRelyingParty::Origin);
        }
        Ok(Self {
            rp_id_hash: sha256(&[party.id.as_bytes()]),
            library: Library::new(party, &origin)?,
            party: party.clone(),
        })
    }

    /// Answers with the built-in vectors as a relying party should: some accepted, others refused
    /// for the right reason. To be run before serving, so that a build that verifies wrongly
    /// verifies nobody.
    ///
    /// # Errors
    /// [`SelfTestFailed`] with the first vector that came out otherwise.
    pub fn self_test() -> Result<(), SelfTestFailed> {
        self_test::run()
    }

    #[must_use]
    pub fn relying_party(&self) -> &RelyingParty {
        &self.party
    }

    /// The evidence that `answer` to `ceremony`, made with `key`, is.
    #[must_use]
    pub fn evidence(
        &self,
        ceremony: &Ceremony,
        answer: Answer,
        key: &NewKey,
        binding: Binding,
    ) -> Evidence {
        Evidence {
            statement: ceremony.statement.clone(),
            nonce: ceremony.nonce,
            client_data_json: answer.client_data_json,
            proof: answer.proof,
            public_key: key.public_key.clone(),
            credential_id: key.id.clone(),
            origin: self.party.origin.clone(),
            rp_id: self.party.id.clone(),
            binding,
        }
    }

    fn expected<'a>(&'a self, kind: Kind, challenge: &Challenge) -> Expected<'a> {
        Expected { kind, challenge: challenge.encoded(), origin: &self.party.origin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Line;

    fn party(id: &str, origin: &str) -> RelyingParty {
        RelyingParty {
            id: id.to_owned(),
            name: Line::parse("Example").unwrap(),
            origin: origin.to_owned(),
        }
    }

    #[test]
    fn a_relying_party_is_its_origins_host_or_a_domain_above_it() {
        for (id, origin) in [
            ("example.com", "https://example.com"),
            ("example.com", "https://verify.example.com"),
            ("example.com", "https://verify.example.com:8443"),
            ("localhost", "http://localhost:8080"),
        ] {
            assert!(Passkeys::new(&party(id, origin)).is_ok(), "{id} at {origin}");
        }
        for (id, origin) in [
            ("example.org", "https://example.com"),
            ("ample.com", "https://example.com"),
            ("verify.example.com", "https://example.com"),
            ("EXAMPLE.com", "https://example.com"),
            ("127.0.0.1", "http://127.0.0.1:8080"),
        ] {
            let built = Passkeys::new(&party(id, origin));
            assert_eq!(built.unwrap_err(), BadRelyingParty::Id, "{id} at {origin}");
        }
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for origin in [
            "example.com",
            "https://example.com/",
            "https://example.com:443",
            "https://EXAMPLE.com",
            "https://user@example.com",
            "https://example.com?",
            " https://example.com",
            "android:apk-key-hash:AAAA",
        ] {
            let built = Passkeys::new(&party("example.com", origin));
            assert_eq!(built.unwrap_err(), BadRelyingParty::Origin, "{origin}");
        }
    }
}
