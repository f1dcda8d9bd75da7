//! The start-up self-test: vectors that must be accepted, and others, each changed in one thing,
//! that must be refused for just that.

use super::Passkeys;
use super::self_test_vectors::{
    AUTHENTICATION_CHALLENGE, Authentication, HANDLE, REGISTRATION_CHALLENGE, Registration,
    credential, foreign_key, key, relying_party,
};
use crate::domain::ceremony::Refusal;
use crate::domain::credential::Credential;

/// A built-in vector came out wrong: this build must not verify anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("self-test of the passkey verifier failed: {vector}")]
pub struct SelfTestFailed {
    /// Which vector.
    pub vector: &'static str,
    /// Why it was refused; `None` if it was accepted.
    pub refusal: Option<Refusal>,
}

type RegistrationCase = (&'static str, Option<Refusal>, fn(&mut Registration));
type AuthenticationCase = (&'static str, Option<Refusal>, fn(&mut Authentication, &mut Credential));

const REGISTRATIONS: [RegistrationCase; 4] = [
    ("honest registration", None, |_| {}),
    ("registration for another id", Some(Refusal::IdMismatch), |r| r.id = vec![7; 32]),
    ("registration with another challenge", Some(Refusal::ChallengeMismatch), |r| {
        r.client_data = r.client_data.replace("\"AQEB", "\"BQEB");
    }),
    ("registration with a byte behind", Some(Refusal::AttestationMalformed), |r| {
        r.attestation_object.push(0);
    }),
];

const AUTHENTICATIONS: [AuthenticationCase; 14] = [
    ("honest authentication", None, |_, _| {}),
    ("authentication with another challenge", Some(Refusal::ChallengeMismatch), |a, _| {
        a.client_data = a.client_data.replace("\"AgIC", "\"BgIC");
    }),
    ("authentication at another origin", Some(Refusal::OriginMismatch), |a, _| {
        a.client_data = a.client_data.replace("example.com", "example.net");
    }),
    ("authentication in a frame", Some(Refusal::CrossOrigin), |a, _| {
        a.client_data = a.client_data.replace("false", "true");
    }),
    ("authentication by another user", Some(Refusal::UserHandleMismatch), |a, _| {
        a.handle.0 = [8; 16];
    }),
    ("authentication for another relying party", Some(Refusal::RpIdMismatch), |a, _| {
        change_byte(&mut a.authenticator_data, 0, |byte| byte ^ 1);
    }),
    ("authentication without verification", Some(Refusal::UserNotVerified), |a, _| {
        change_byte(&mut a.authenticator_data, 32, |flags| flags & !0x04);
    }),
    ("authentication changed after signing", Some(Refusal::SignatureInvalid), |a, _| {
        a.client_data.push(' ');
    }),
    ("authentication counted after signing", Some(Refusal::SignatureInvalid), |a, _| {
        change_byte(&mut a.authenticator_data, 36, |count| count + 1);
    }),
    ("authentication with a wrong signature", Some(Refusal::SignatureInvalid), |a, _| {
        change_byte(&mut a.signature, 70, |byte| byte ^ 1);
    }),
    ("authentication by another key", Some(Refusal::SignatureInvalid), |_, credential| {
        credential.key.public_key = foreign_key();
    }),
    ("authentication that does not count", Some(Refusal::CloneSuspected), |_, credential| {
        credential.key.sign_count = 6;
    }),
    ("authentication by a changed passkey", Some(Refusal::PasskeyChanged), |_, credential| {
        credential.key.backup_eligible = false;
        credential.key.backup_state = false;
    }),
    ("authentication by a revoked key", Some(Refusal::CredentialRevoked), |_, credential| {
        credential.revoked_at = Some(credential.created_at);
    }),
];

pub(super) fn run() -> Result<(), SelfTestFailed> {
    let set_up = SelfTestFailed { vector: "relying party", refusal: None };
    let party = relying_party().map_err(|_| set_up)?;
    let passkeys = Passkeys::new(&party).map_err(|_| set_up)?;
    for (vector, expected, change) in REGISTRATIONS {
        let refusal = register(&passkeys, change);
        if refusal != expected {
            return Err(SelfTestFailed { vector, refusal });
        }
    }
    for (vector, expected, change) in AUTHENTICATIONS {
        let refusal = authenticate(&passkeys, change);
        if refusal != expected {
            return Err(SelfTestFailed { vector, refusal });
        }
    }
    Ok(())
}

fn register(passkeys: &Passkeys, change: fn(&mut Registration)) -> Option<Refusal> {
    let mut registration = Registration::honest();
    change(&mut registration);
    let json = registration.to_json();
    match passkeys.check_registration(json.as_bytes(), &REGISTRATION_CHALLENGE) {
        Ok(registered) if registered.key == key() => None,
        // Accepted, but not understood.
        Ok(_) => Some(Refusal::Rejected),
        Err(refused) => Some(refused.refusal),
    }
}

fn authenticate(
    passkeys: &Passkeys,
    change: fn(&mut Authentication, &mut Credential),
) -> Option<Refusal> {
    let mut authentication = Authentication::honest();
    let mut credential = credential();
    change(&mut authentication, &mut credential);
    let json = authentication.to_json();
    let credentials = [credential];
    passkeys
        .check_authentication(json.as_bytes(), &AUTHENTICATION_CHALLENGE, HANDLE, &credentials)
        .err()
        .map(|refused| refused.refusal)
}

fn change_byte(bytes: &mut [u8], place: usize, change: fn(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte = change(*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_self_test_passes() {
        assert_eq!(run(), Ok(()));
    }

    #[test]
    fn a_failure_names_its_vector() {
        let failed = SelfTestFailed { vector: "honest registration", refusal: None };
        assert_eq!(
            failed.to_string(),
            "self-test of the passkey verifier failed: honest registration"
        );
    }
}
