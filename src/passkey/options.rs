//! The options that the page hands to the browser, in their JSON forms (`WebAuthn` Level 3,
//! sections 5.1.8 and 5.1.9). No member is ever null: browsers throw on nulls.

use serde_json::{Value, json};

use super::Passkeys;
use crate::domain::ceremony::TIMEOUT;
use crate::domain::credential::Credential;
use crate::domain::customer::UserHandle;
use crate::domain::encoding::base64url;
use crate::domain::statement::Challenge;

/// Whom a new passkey is for (section 5.4.3).
#[derive(Clone, Copy, Debug)]
pub struct UserEntity<'a> {
    pub handle: UserHandle,
    /// What the device shows, now and ever after.
    pub username: &'a str,
}

/// There is no active credential to ask for. An empty list would ask for any passkey at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the customer has no active credential")]
pub struct NoActiveCredential;

impl Passkeys {
    /// `PublicKeyCredentialCreationOptionsJSON`. A device that holds one of the active
    /// credentials in `exclude` makes no second one.
    ///
    /// `residentKey: preferred` with a platform attachment is what brings Android to its screen
    /// lock; `discouraged` without one brings it to USB keys.
    #[must_use]
    pub fn registration_options(
        &self,
        user: &UserEntity<'_>,
        exclude: &[Credential],
        challenge: &Challenge,
    ) -> Value {
        json!({
            "rp": { "id": self.party.id, "name": self.party.name.as_str() },
            "user": {
                "id": base64url(&user.handle.0),
                "name": user.username,
                "displayName": user.username,
            },
            "challenge": challenge.encoded(),
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
            "timeout": timeout_millis(),
            "excludeCredentials": active_descriptors(exclude),
            "authenticatorSelection": {
                "authenticatorAttachment": "platform",
                "residentKey": "preferred",
                "requireResidentKey": false,
                "userVerification": "required",
            },
            "hints": ["client-device"],
            "attestation": "none",
            "extensions": { "credProps": true },
        })
    }

    /// `PublicKeyCredentialRequestOptionsJSON` for the active credentials in `allow`.
    ///
    /// # Errors
    /// [`NoActiveCredential`] if there is none.
    pub fn authentication_options(
        &self,
        allow: &[Credential],
        challenge: &Challenge,
    ) -> Result<Value, NoActiveCredential> {
        let allow = active_descriptors(allow);
        if allow.is_empty() {
            return Err(NoActiveCredential);
        }
        Ok(json!({
            "challenge": challenge.encoded(),
            "timeout": timeout_millis(),
            "rpId": self.party.id,
            "allowCredentials": allow,
            "userVerification": "required",
            "hints": ["client-device"],
        }))
    }
}

fn timeout_millis() -> u64 {
    u64::try_from(TIMEOUT.as_millis()).unwrap_or(u64::MAX)
}

/// `PublicKeyCredentialDescriptorJSON` (section 5.8.3) of each active credential.
fn active_descriptors(credentials: &[Credential]) -> Vec<Value> {
    credentials
        .iter()
        .filter(|credential| credential.revoked_at.is_none())
        .map(|credential| {
            let id = base64url(&credential.key.id);
            let transports = credential.key.transports.words();
            if transports.is_empty() {
                json!({ "type": "public-key", "id": id })
            } else {
                json!({ "type": "public-key", "id": id, "transports": transports })
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::self_test_vectors;
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::credential::Transports;

    const CHALLENGE: Challenge = Challenge::from_bytes([7; 32]);

    fn passkeys() -> Passkeys {
        Passkeys::new(&self_test_vectors::relying_party().unwrap()).unwrap()
    }

    fn credentials() -> Vec<Credential> {
        let plain = self_test_vectors::credential();
        let mut with_transports = plain.clone();
        with_transports.key.id = vec![0xff; 16];
        with_transports.key.transports = Transports::from_client(&["internal".to_owned()]);
        let mut revoked = plain.clone();
        revoked.key.id = vec![0xee; 16];
        revoked.revoked_at = Some(Timestamp::from_millis(1));
        vec![plain, with_transports, revoked]
    }

    fn descriptors() -> Value {
        json!([
            { "type": "public-key", "id": "-_-_FxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxc" },
            { "type": "public-key", "id": "_____________________w", "transports": ["internal"] },
        ])
    }

    #[test]
    fn registration_options_ask_for_a_verified_es256_passkey_of_this_device() {
        let user = UserEntity { handle: UserHandle([1; 16]), username: "ada@example.com" };
        let options = passkeys().registration_options(&user, &credentials(), &CHALLENGE);
        let expected = json!({
            "rp": { "id": "example.com", "name": "Example" },
            "user": {
                "id": "AQEBAQEBAQEBAQEBAQEBAQ",
                "name": "ada@example.com",
                "displayName": "ada@example.com",
            },
            "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
            "timeout": 270_000,
            "excludeCredentials": descriptors(),
            "authenticatorSelection": {
                "authenticatorAttachment": "platform",
                "residentKey": "preferred",
                "requireResidentKey": false,
                "userVerification": "required",
            },
            "hints": ["client-device"],
            "attestation": "none",
            "extensions": { "credProps": true },
        });
        assert_eq!(options, expected);
    }

    #[test]
    fn authentication_options_name_every_active_credential() {
        let options = passkeys().authentication_options(&credentials(), &CHALLENGE).unwrap();
        let expected = json!({
            "challenge": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
            "timeout": 270_000,
            "rpId": "example.com",
            "allowCredentials": descriptors(),
            "userVerification": "required",
            "hints": ["client-device"],
        });
        assert_eq!(options, expected);
    }

    #[test]
    fn no_active_credential_means_no_options() {
        let mut credentials = credentials();
        credentials.retain(|credential| credential.revoked_at.is_some());
        for allow in [&credentials[..], &[]] {
            let options = passkeys().authentication_options(allow, &CHALLENGE);
            assert_eq!(options, Err(NoActiveCredential));
        }
    }
}
