//! A software authenticator and the browser around it: a phone in the hands of a customer, or of
//! somebody else.

use p256::ecdsa::SigningKey;
use serde_json::Value;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::digest::sha256;
use vouchlink::domain::encoding::{base64url, from_base64url};
use vouchlink::domain::random::{self, SystemRandom};

use super::cbor;
use super::draft::{
    AT, Attested, AuthenticatorData, BE, BS, Bytes, Draft, Statement, UP, UV, sign,
};
use super::message::Members;

/// Holds one passkey. What it says about itself can be set.
#[derive(Clone, Debug)]
pub(crate) struct Authenticator {
    key: SigningKey,
    pub(crate) id: Bytes,
    /// As a registration set it; given back in assertions.
    pub(crate) user_handle: Option<Bytes>,
    /// Without `AT` and `ED`: these follow from what is sent.
    pub(crate) flags: u8,
    /// Counts assertions, unless it is zero: then it stays zero, as synced passkeys do.
    pub(crate) sign_count: u32,
    pub(crate) aaguid: [u8; 16],
    pub(crate) transports: Vec<&'static str>,
}

impl Authenticator {
    /// A phone with a synced passkey.
    pub(crate) fn new() -> Self {
        Self::with_key(random_key(), random::bytes(&SystemRandom).unwrap())
    }

    pub(crate) fn with_key(key: SigningKey, mut id: [u8; 32]) -> Self {
        // `-_-_` in base64url, so that every id shows which alphabet it is written in.
        id[..3].copy_from_slice(&[0xfb, 0xff, 0xbf]);
        // No CBOR item begins with it: a reader that takes an id one byte short always stumbles.
        id[31] = 0xff;
        Self {
            key,
            id: id.to_vec(),
            user_handle: None,
            flags: UP | UV | BE | BS,
            sign_count: 0,
            aaguid: [0; 16],
            transports: vec!["internal", "hybrid"],
        }
    }

    /// Answers `PublicKeyCredentialCreationOptionsJSON` as an honest device does.
    pub(crate) fn register(&mut self, options: &Value, origin: &str) -> String {
        self.draft_registration(options, origin).to_json()
    }

    /// Answers `PublicKeyCredentialRequestOptionsJSON` as an honest device does.
    pub(crate) fn authenticate(&mut self, options: &Value, origin: &str) -> String {
        let id = base64url(&self.id);
        let allowed = options["allowCredentials"].as_array().unwrap();
        assert!(allowed.iter().any(|allowed| allowed["id"] == id), "not asked for this passkey");
        self.draft_assertion(options, origin).to_json()
    }

    pub(crate) fn draft_registration(&mut self, options: &Value, origin: &str) -> Draft {
        let handle = options["user"]["id"].as_str().and_then(from_base64url);
        self.user_handle = Some(handle.expect("a user handle"));
        let attested = Attested {
            aaguid: self.aaguid,
            id_length: None,
            id: self.id.clone(),
            key: self.cose_key(),
        };
        self.draft(Kind::Register, options, &options["rp"]["id"], origin, Some(attested))
    }

    pub(crate) fn draft_assertion(&mut self, options: &Value, origin: &str) -> Draft {
        if self.sign_count > 0 {
            self.sign_count += 1;
        }
        self.draft(Kind::Authenticate, options, &options["rpId"], origin, None)
    }

    /// The public key as an authenticator writes it.
    pub(crate) fn cose_key(&self) -> Bytes {
        cbor::map(&cose_entries(&self.key))
    }

    fn draft(
        &self,
        kind: Kind,
        options: &Value,
        rp_id: &Value,
        origin: &str,
        attested: Option<Attested>,
    ) -> Draft {
        let ceremony = match kind {
            Kind::Register => "webauthn.create",
            Kind::Authenticate => "webauthn.get",
        };
        let rp_id = rp_id.as_str().expect("an RP ID");
        Draft {
            kind,
            key: self.key.clone(),
            id: self.id.clone(),
            user_handle: self.user_handle.clone(),
            transports: self.transports.clone(),
            client_data: Members::default()
                .with_text("type", ceremony)
                .with_text("challenge", options["challenge"].as_str().expect("a challenge"))
                .with_text("origin", origin)
                .with("crossOrigin", "false"),
            edit_client_data: |bytes| bytes,
            authenticator_data: AuthenticatorData {
                rp_id_hash: sha256(&[rp_id.as_bytes()]),
                flags: self.flags | if attested.is_some() { AT } else { 0 },
                sign_count: self.sign_count,
                attested,
                tail: Vec::new(),
            },
            edit_authenticator_data: |bytes| bytes,
            fmt: cbor::text("none"),
            statement: Statement::Item(cbor::map(&[])),
            edit_attestation: |_| {},
            edit_attestation_object: |bytes| bytes,
            sign,
        }
    }
}

pub(crate) fn random_key() -> SigningKey {
    loop {
        // Almost every number of 32 bytes is a key.
        let bytes: [u8; 32] = random::bytes(&SystemRandom).unwrap();
        if let Ok(key) = SigningKey::from_slice(&bytes) {
            return key;
        }
    }
}

/// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`, entry by entry.
pub(crate) fn cose_entries(key: &SigningKey) -> Vec<(Bytes, Bytes)> {
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = (point.x().unwrap(), point.y().unwrap());
    let pair = |label, value| (cbor::integer(label), value);
    vec![
        pair(1, cbor::integer(2)),
        pair(3, cbor::integer(-7)),
        pair(-1, cbor::integer(1)),
        pair(-2, cbor::bytes(x)),
        pair(-3, cbor::bytes(y)),
    ]
}
