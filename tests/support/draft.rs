//! An authenticator's answer before it is put into bytes: every part can be changed, and what is
//! changed is signed as if it were meant.

use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::digest::sha256;
use vouchlink::domain::encoding::base64url;

use super::cbor;
use super::message::{Members, Message};

/// Flags of authenticator data (`WebAuthn` Level 3, section 6.1).
pub(crate) const UP: u8 = 0x01;
pub(crate) const UV: u8 = 0x04;
pub(crate) const BE: u8 = 0x08;
pub(crate) const BS: u8 = 0x10;
pub(crate) const AT: u8 = 0x40;
pub(crate) const ED: u8 = 0x80;

pub(crate) type Bytes = Vec<u8>;
/// A CBOR map's entries, as items.
pub(crate) type Entries = Vec<(Bytes, Bytes)>;
pub(crate) type Edit = fn(Bytes) -> Bytes;
/// Key, authenticator data and client data to a signature.
pub(crate) type Sign = fn(&SigningKey, &[u8], &[u8]) -> Bytes;

/// An answer in the making. The `edit_*` functions see the finished bytes of their part, before
/// anything is made of them.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) key: SigningKey,
    pub(crate) id: Bytes,
    pub(crate) user_handle: Option<Bytes>,
    pub(crate) transports: Vec<&'static str>,
    pub(crate) client_data: Members,
    pub(crate) edit_client_data: Edit,
    pub(crate) authenticator_data: AuthenticatorData,
    pub(crate) edit_authenticator_data: Edit,
    /// The format, as a CBOR item.
    pub(crate) fmt: Bytes,
    pub(crate) statement: Statement,
    pub(crate) edit_attestation: fn(&mut Entries),
    pub(crate) edit_attestation_object: Edit,
    pub(crate) sign: Sign,
}

#[derive(Clone, Debug)]
pub(crate) struct AuthenticatorData {
    pub(crate) rp_id_hash: [u8; 32],
    pub(crate) flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) attested: Option<Attested>,
    /// Extensions, and whatever else follows.
    pub(crate) tail: Bytes,
}

#[derive(Clone, Debug)]
pub(crate) struct Attested {
    pub(crate) aaguid: [u8; 16],
    /// What the length field says, if not the length.
    pub(crate) id_length: Option<u16>,
    pub(crate) id: Bytes,
    /// The key, as a CBOR item.
    pub(crate) key: Bytes,
}

/// An attestation statement.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// A CBOR item as it stands.
    Item(Bytes),
    /// A map made from the signature by the draft's `sign`.
    Packed(fn(&[u8]) -> Entries),
}

impl Draft {
    pub(crate) fn attested(&mut self) -> &mut Attested {
        self.authenticator_data.attested.as_mut().expect("a registration")
    }

    /// Gives the credential this id everywhere.
    pub(crate) fn rename(&mut self, id: Bytes) {
        if let Some(attested) = &mut self.authenticator_data.attested {
            attested.id.clone_from(&id);
        }
        self.id = id;
    }

    /// Makes bytes of everything, and the message that a browser would make of these.
    pub(crate) fn seal(&self) -> Message {
        let client_data = (self.edit_client_data)(self.client_data.to_json().into_bytes());
        let data = (self.edit_authenticator_data)(self.authenticator_data.to_bytes());
        let signature = (self.sign)(&self.key, &data, &client_data);
        let response = Members::default().with_text("clientDataJSON", &base64url(&client_data));
        let response = match self.kind {
            Kind::Register => response
                .with_text("attestationObject", &base64url(&self.attestation(&data, &signature)))
                .with("transports", serde_json::to_string(&self.transports).unwrap()),
            Kind::Authenticate => {
                let response = response
                    .with_text("authenticatorData", &base64url(&data))
                    .with_text("signature", &base64url(&signature));
                match &self.user_handle {
                    Some(handle) => response.with_text("userHandle", &base64url(handle)),
                    None => response,
                }
            }
        };
        let extensions = match self.kind {
            Kind::Register => r#"{"credProps":{"rk":true}}"#,
            Kind::Authenticate => "{}",
        };
        let outer = Members::default()
            .with_text("id", &base64url(&self.id))
            .with_text("rawId", &base64url(&self.id))
            .with("response", "")
            .with_text("authenticatorAttachment", "platform")
            .with("clientExtensionResults", extensions)
            .with_text("type", "public-key");
        Message { outer, response }
    }

    pub(crate) fn to_json(&self) -> String {
        self.seal().to_json()
    }

    fn attestation(&self, data: &[u8], signature: &[u8]) -> Bytes {
        let statement = match &self.statement {
            Statement::Item(item) => item.clone(),
            Statement::Packed(entries) => cbor::map(&entries(signature)),
        };
        let mut entries = vec![
            (cbor::text("fmt"), self.fmt.clone()),
            (cbor::text("attStmt"), statement),
            (cbor::text("authData"), cbor::bytes(data)),
        ];
        (self.edit_attestation)(&mut entries);
        (self.edit_attestation_object)(cbor::map(&entries))
    }
}

impl AuthenticatorData {
    fn to_bytes(&self) -> Bytes {
        let mut bytes = self.rp_id_hash.to_vec();
        bytes.push(self.flags);
        bytes.extend(self.sign_count.to_be_bytes());
        if let Some(attested) = &self.attested {
            let length = u16::try_from(attested.id.len()).unwrap();
            bytes.extend(attested.aaguid);
            bytes.extend(attested.id_length.unwrap_or(length).to_be_bytes());
            bytes.extend(&attested.id);
            bytes.extend(&attested.key);
        }
        bytes.extend(&self.tail);
        bytes
    }
}

/// What is signed: authenticator data, then the client data's hash (section 6.3.3).
pub(crate) fn signed_bytes(data: &[u8], client_data: &[u8]) -> Bytes {
    [data, &sha256(&[client_data])].concat()
}

pub(crate) fn sign(key: &SigningKey, data: &[u8], client_data: &[u8]) -> Bytes {
    sign_bytes(key, &signed_bytes(data, client_data))
}

/// ECDSA with SHA-256 as DER, as `WebAuthn` wants it (section 6.5.5).
pub(crate) fn sign_bytes(key: &SigningKey, bytes: &[u8]) -> Bytes {
    let signature: p256::ecdsa::Signature = key.sign(bytes);
    signature.to_der().as_bytes().to_vec()
}

/// Self attestation (section 8.2).
pub(crate) fn packed_self(signature: &[u8]) -> Entries {
    vec![(cbor::text("alg"), cbor::integer(-7)), (cbor::text("sig"), cbor::bytes(signature))]
}
