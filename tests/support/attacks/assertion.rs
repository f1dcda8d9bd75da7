//! Attacks on assertions: signatures, user handles, counters and backup bits (`WebAuthn` Level 3,
//! sections 6.1.1, 6.1.3 and 7.2).

use vouchlink::domain::ceremony::Refusal::{
    BackupStateInvalid, CloneSuspected, CredentialUnknown, Malformed, NotBase64Url, PasskeyChanged,
    SignatureInvalid, TooLarge, UserHandleMismatch,
};
use vouchlink::domain::digest::sha256;
use vouchlink::domain::encoding::{base64url, from_base64url};

use super::super::authenticator::random_key;
use super::super::draft::{BE, BS, UP, UV, sign, sign_bytes, signed_bytes};
use super::{Case, draft, message, padded, with_stray_bits};

pub(super) fn cases() -> Vec<Case> {
    [members(), signatures(), unsigned_changes(), handles(), counters(), backup()]
        .into_iter()
        .flatten()
        .collect()
}

fn members() -> Vec<Case> {
    vec![
        message("no signature", Malformed, |m| m.response.remove("signature")),
        message("signature null", Malformed, |m| m.response.set("signature", "null")),
        message("signature twice", Malformed, |m| m.response.repeat("signature")),
        message("no authenticator data", Malformed, |m| m.response.remove("authenticatorData")),
        message("authenticator data null", Malformed, |m| {
            m.response.set("authenticatorData", "null");
        }),
        message("authenticator data twice", Malformed, |m| m.response.repeat("authenticatorData")),
        message("user handle twice", Malformed, |m| m.response.repeat("userHandle")),
        message("user handle a number", Malformed, |m| m.response.set("userHandle", "7")),
        message("a registration's response", Malformed, |m| {
            m.response.remove("authenticatorData");
            m.response.remove("signature");
            m.response.set_text("attestationObject", "oA");
        }),
        message("signature padded", NotBase64Url, |m| m.response.edit_text("signature", padded)),
        message("authenticator data padded", NotBase64Url, |m| {
            m.response.edit_text("authenticatorData", padded);
        }),
        message("authenticator data with stray bits", NotBase64Url, |m| {
            m.response.edit_text("authenticatorData", with_stray_bits);
        }),
        message("another credential's id", CredentialUnknown, |m| {
            let other = base64url(&[9; 32]);
            m.outer.set_text("id", &other);
            m.outer.set_text("rawId", &other);
        }),
        draft("the id with a byte more", CredentialUnknown, |d| d.id.push(0)),
        draft("the id with a byte less", CredentialUnknown, |d| d.id.truncate(31)),
    ]
}

fn signatures() -> Vec<Case> {
    let invalid = |name, change| draft(name, SignatureInvalid, change);
    vec![
        invalid("signed by another key", |d| d.key = random_key()),
        invalid("signature empty", |d| d.sign = |_, _, _| vec![]),
        invalid("signature of zeros", |d| d.sign = |_, _, _| vec![0; 70]),
        invalid("signature wrong in its last bit", |d| {
            d.sign = |key, data, client_data| {
                let mut signature = sign(key, data, client_data);
                *signature.last_mut().unwrap() ^= 1;
                signature
            };
        }),
        invalid("signature cut off", |d| {
            d.sign = |key, data, client_data| {
                let signature = sign(key, data, client_data);
                signature[..signature.len() - 1].to_vec()
            };
        }),
        invalid("signature with a byte behind", |d| {
            d.sign = |key, data, client_data| [&sign(key, data, client_data)[..], &[0]].concat();
        }),
        invalid("signature as two plain numbers", |d| {
            d.sign = |key, data, client_data| {
                use p256::ecdsa::signature::Signer;
                let signature: p256::ecdsa::Signature = key.sign(&signed_bytes(data, client_data));
                signature.to_bytes().to_vec()
            };
        }),
        invalid("signature with r and s zero", |d| {
            d.sign = |_, _, _| vec![0x30, 6, 2, 1, 0, 2, 1, 0];
        }),
        invalid("signature with r and s one", |d| {
            d.sign = |_, _, _| vec![0x30, 6, 2, 1, 1, 2, 1, 1];
        }),
        invalid("signature with a longer length than needed", |d| {
            d.sign = |key, data, client_data| {
                let signature = sign(key, data, client_data);
                [&[0x30, 0x81], &signature[1..]].concat()
            };
        }),
        invalid("signature of indefinite length", |d| {
            d.sign = |key, data, client_data| {
                let signature = sign(key, data, client_data);
                [&[0x30, 0x80], &signature[2..], &[0, 0]].concat()
            };
        }),
        invalid("signed over authenticator data alone", |d| {
            d.sign = |key, data, _| sign_bytes(key, data);
        }),
        invalid("signed over the client data's hash alone", |d| {
            d.sign = |key, _, client_data| sign_bytes(key, &sha256(&[client_data]));
        }),
        invalid("signed over client data that is not hashed", |d| {
            d.sign = |key, data, client_data| sign_bytes(key, &[data, client_data].concat());
        }),
        invalid("signed in the wrong order", |d| {
            d.sign = |key, data, client_data| {
                sign_bytes(key, &[&sha256(&[client_data])[..], data].concat())
            };
        }),
        invalid("signed over a hash of everything", |d| {
            d.sign = |key, data, client_data| {
                sign_bytes(key, &sha256(&[&signed_bytes(data, client_data)]))
            };
        }),
        draft("signature of more than 600 bytes", TooLarge, |d| d.sign = |_, _, _| vec![0x30; 601]),
    ]
}

/// What is changed after signing.
fn unsigned_changes() -> Vec<Case> {
    let invalid = |name, change| message(name, SignatureInvalid, change);
    vec![
        invalid("client data changed after signing", |m| {
            m.response.edit_text("clientDataJSON", |text| {
                let mut bytes = from_base64url(text).unwrap();
                bytes.push(b' ');
                base64url(&bytes)
            });
        }),
        invalid("counter raised after signing", |m| {
            m.response.edit_text("authenticatorData", |text| {
                let mut bytes = from_base64url(text).unwrap();
                bytes[33] = 0x7f;
                base64url(&bytes)
            });
        }),
        invalid("a reserved flag set after signing", |m| {
            m.response.edit_text("authenticatorData", |text| {
                let mut bytes = from_base64url(text).unwrap();
                bytes[32] ^= 0x20;
                base64url(&bytes)
            });
        }),
    ]
}

fn handles() -> Vec<Case> {
    vec![
        draft("user handle of another customer", UserHandleMismatch, |d| {
            d.user_handle = Some(vec![7; 16]);
        }),
        draft("user handle empty", UserHandleMismatch, |d| d.user_handle = Some(vec![])),
        draft("user handle with a byte more", UserHandleMismatch, |d| {
            d.user_handle.as_mut().unwrap().push(0);
        }),
        draft("user handle with a byte less", UserHandleMismatch, |d| {
            d.user_handle.as_mut().unwrap().pop();
        }),
        message("user handle padded", NotBase64Url, |m| m.response.edit_text("userHandle", padded)),
        message("user handle with stray bits", NotBase64Url, |m| {
            m.response.edit_text("userHandle", with_stray_bits);
        }),
        message("user handle as plain text", NotBase64Url, |m| {
            m.response.set_text("userHandle", "ada@example.com");
        }),
    ]
}

/// Honest twins count 11, 12, and so on.
fn counters() -> Vec<Case> {
    let suspected = |name, change| {
        draft(name, CloneSuspected, change).enrolled(|authenticator| authenticator.sign_count = 10)
    };
    let counting = |case: Case| case.enrolled(|authenticator| authenticator.sign_count = 10);
    vec![
        suspected("counter as it was", |d| d.authenticator_data.sign_count -= 1),
        suspected("counter gone back", |d| d.authenticator_data.sign_count = 3),
        suspected("counter back to one", |d| d.authenticator_data.sign_count = 1),
        suspected("counter back to zero", |d| d.authenticator_data.sign_count = 0),
        // Without a signature, nobody can say that a key was copied.
        counting(draft("counter gone back, signed by another key", SignatureInvalid, |d| {
            d.authenticator_data.sign_count = 3;
            d.key = random_key();
        })),
    ]
}

fn backup() -> Vec<Case> {
    let device_bound = |case: Case| case.enrolled(|authenticator| authenticator.flags = UP | UV);
    let not_backed_up =
        |case: Case| case.enrolled(|authenticator| authenticator.flags = UP | UV | BE);
    vec![
        device_bound(draft("became eligible for backup", PasskeyChanged, |d| {
            d.authenticator_data.flags |= BE;
        })),
        device_bound(draft("became backed up", PasskeyChanged, |d| {
            d.authenticator_data.flags |= BE | BS;
        })),
        device_bound(draft("became backed up without being eligible", BackupStateInvalid, |d| {
            d.authenticator_data.flags |= BS;
        })),
        device_bound(draft("became backed up, signed by another key", SignatureInvalid, |d| {
            d.authenticator_data.flags |= BE | BS;
            d.key = random_key();
        })),
        not_backed_up(draft("no more eligible for backup", PasskeyChanged, |d| {
            d.authenticator_data.flags &= !BE;
        })),
        draft("neither eligible nor backed up any more", PasskeyChanged, |d| {
            d.authenticator_data.flags &= !(BE | BS);
        }),
    ]
}
