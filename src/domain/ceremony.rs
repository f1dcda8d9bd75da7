//! Ceremonies: one WebAuthn registration or authentication under a link.

use std::time::Duration;

use super::binding::{Grounds, Way};
use super::call::{Outcome, Said};
use super::clock::Timestamp;
use super::credential::Credential;
use super::id::{CeremonyId, CredentialId, LinkId};
use super::link::{Enrolment, Link};
use super::statement::{Challenge, Nonce, Statement};
use super::verdict::words;

/// How long a customer may take in the device's dialog; the device gives up before the challenge
/// does.
pub const TIMEOUT: Duration = Duration::from_secs(270);

/// How long a challenge lives: the timeout and the way back (WebAuthn Level 3, section 13.4.3).
pub const CHALLENGE_TTL: Duration = Duration::from_secs(300);

words! {
    /// Which ceremony a link asks for; fixed when the link is made.
    Kind { Register = "register", Authenticate = "authenticate", }
}

words! {
    /// With what a ceremony is answered; a link says which it takes.
    Means {
        Passkey = "passkey",
        /// A code of an authenticator app, or a recovery code.
        Totp = "totp",
    }
}

/// A begun ceremony. Its challenge follows from `nonce` and `statement`; nothing else is needed
/// to check the answer, so that any instance can finish what another began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    pub id: CeremonyId,
    pub link: LinkId,
    pub kind: Kind,
    pub means: Means,
    pub nonce: Nonce,
    pub statement: Statement,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Ceremony {
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge::new(&self.nonce, &self.statement)
    }
}

/// A ceremony as a customer wants to begin it, before anybody has read its link.
#[derive(Clone, Debug)]
pub struct Wish {
    pub id: CeremonyId,
    pub link: LinkId,
    /// Of the token that was shown.
    pub jti: [u8; 16],
    /// How its page was come to.
    pub way: Way,
    pub means: Means,
    pub kind: Kind,
    pub nonce: Nonce,
    pub rp_id: String,
    pub at: Timestamp,
}

impl Wish {
    /// The ceremony of a passkey, if nothing is in its way, nor anything that the customer must say
    /// first; `active`: the customer's passkeys.
    #[must_use]
    pub fn on(&self, link: &Link, active: &[Credential]) -> Option<Ceremony> {
        let free = self.means == Means::Passkey
            && link.secret.jti == self.jti
            && link.check_open(self.at).is_ok()
            && link.kind == self.kind
            && link.hear(Said::default(), self.at).outcome == Outcome::GoOn
            && self.fits(link, active);
        if free { self.ceremony(link).ok() } else { None }
    }

    /// Whether the customer's passkeys are what the link was made for.
    #[must_use]
    pub fn fits(&self, link: &Link, active: &[Credential]) -> bool {
        match (self.kind, link.request.enrolment) {
            (Kind::Authenticate, _) => !active.is_empty(),
            (Kind::Register, Enrolment::Add) => {
                Grounds::of(link, self.way, active, self.at).binding().is_ok()
            }
            (Kind::Register, enrolment) => active.is_empty() || enrolment.adds(),
        }
    }

    /// # Errors
    /// None in practice, as with [`Statement::of`].
    pub fn ceremony(&self, link: &Link) -> Result<Ceremony, serde_json::Error> {
        Ok(Ceremony {
            id: self.id,
            link: link.id,
            kind: self.kind,
            means: self.means,
            nonce: self.nonce,
            statement: Statement::of(link, &self.rp_id)?,
            created_at: self.at,
            expires_at: self.at.plus(CHALLENGE_TTL),
        })
    }
}

/// A refused answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub refusal: Refusal,
    /// With [`Refusal::CloneSuspected`]: the credential that signed.
    pub suspect: Option<CredentialId>,
    /// Facts for auditors: flags, counters, formats, sizes; no secrets, no texts of the client.
    pub detail: serde_json::Value,
}

words! {
    /// Why an answer was refused. For auditors only: the customer and the network read
    /// `not_confirmed`, whichever it is.
    Refusal {
        // The envelope: PublicKeyCredential's JSON form.
        Malformed = "malformed",
        TooLarge = "too_large",
        WrongCredentialType = "wrong_credential_type",
        IdNotCanonical = "id_not_canonical",
        IdMismatch = "id_mismatch",
        IdLength = "id_length",
        NotBase64Url = "not_base64url",
        // clientDataJSON (section 5.8.1).
        ClientDataMalformed = "client_data_malformed",
        ClientDataType = "client_data_type",
        ChallengeMismatch = "challenge_mismatch",
        OriginMismatch = "origin_mismatch",
        CrossOrigin = "cross_origin",
        TopOrigin = "top_origin",
        // Authenticator data (section 6.1) and the attestation object (section 6.5).
        AttestationMalformed = "attestation_malformed",
        AttestationFormat = "attestation_format",
        AttestationStatement = "attestation_statement",
        AuthenticatorDataMalformed = "authenticator_data_malformed",
        RpIdMismatch = "rp_id_mismatch",
        UserNotPresent = "user_not_present",
        UserNotVerified = "user_not_verified",
        BackupStateInvalid = "backup_state_invalid",
        KeyMalformed = "key_malformed",
        AlgorithmNotAllowed = "algorithm_not_allowed",
        // The credential and its owner.
        CredentialUnknown = "credential_unknown",
        CredentialInUse = "credential_in_use",
        CredentialRevoked = "credential_revoked",
        UserHandleMismatch = "user_handle_mismatch",
        SignatureInvalid = "signature_invalid",
        /// The counter did not rise: the key may have been copied.
        CloneSuspected = "clone_suspected",
        /// Backup eligibility is not what it was at registration.
        PasskeyChanged = "passkey_changed",
        /// The answer to a ceremony of the other kind.
        WrongCeremony = "wrong_ceremony",
        /// The customer got or lost a credential while the ceremony ran.
        CustomerChanged = "customer_changed",
        /// The code that the agent reads out was not given.
        CallCodeMissing = "call_code_missing",
        // Authenticator apps.
        CodeWrong = "code_wrong",
        /// The code, or one of a later step, was taken before.
        CodeUsed = "code_used",
        /// Too many were tried of this app, on whichever link.
        TooManyCodes = "too_many_codes",
        /// It was revoked, or there is none.
        AppUnknown = "authenticator_app_unknown",
        /// The library refused for a reason that none of the above names.
        Rejected = "rejected",
    }
}
