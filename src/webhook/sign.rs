//! Standard Webhooks 1.0.0, symmetric scheme `v1`: HMAC-SHA256 over `id.timestamp.body`.

use std::time::Duration;

use crate::domain::clock::Timestamp;
use crate::domain::digest::{hmac_sha256, hmac_sha256_matches};
use crate::domain::encoding::{base64, from_base64};
use crate::domain::id::EventId;
use crate::domain::secret::Secret;

/// The message's id, the same at every attempt: receivers know repetitions by it.
pub const ID: &str = "webhook-id";
/// When it was signed, in Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// One or more `v1,<base64>`, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// How far a receiver's clock and the timestamp may differ, either way.
pub const TOLERANCE: Duration = Duration::from_secs(300);

/// What signs and verifies: 24 to 64 bytes, as the configuration checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey(Secret);

/// The three headers of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub id: String,
    pub timestamp: String,
    pub signature: String,
}

/// The three headers as they came in, not yet believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("the timestamp is not in Unix seconds")]
    Timestamp,
    #[error("the timestamp is more than 5 minutes away")]
    Stale,
    #[error("no signature matches")]
    Signature,
}

impl SigningKey {
    #[must_use]
    pub const fn new(bytes: Secret) -> Self {
        Self(bytes)
    }

    /// Signs an event's body, byte for byte as it will be sent. The id has no `.`, so the
    /// signed text reads in one way only.
    #[must_use]
    pub fn sign(&self, event: EventId, at: Timestamp, body: &[u8]) -> Signed {
        let id = event.to_string();
        let timestamp = at.seconds().to_string();
        let tag = hmac_sha256(self.0.expose(), &signed_text(&id, &timestamp, body));
        Signed { id, timestamp, signature: format!("v1,{}", base64(&tag)) }
    }

    /// Whether this message was signed with this key about now. In constant time per signature;
    /// signatures of other schemes are passed over.
    ///
    /// # Errors
    /// [`Unverified`] as its texts say.
    pub fn verify(
        &self,
        received: Received<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Unverified> {
        let Received { id, timestamp, signature } = received;
        let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let seconds =
            timestamp.parse::<i64>().ok().filter(|_| digits).ok_or(Unverified::Timestamp)?;
        if now.seconds().abs_diff(seconds) > TOLERANCE.as_secs() {
            return Err(Unverified::Stale);
        }
        let text = signed_text(id, timestamp, body);
        signature
            .split(' ')
            .filter_map(|one| one.strip_prefix("v1,").and_then(from_base64))
            .any(|tag| hmac_sha256_matches(self.0.expose(), &text, &tag))
            .then_some(())
            .ok_or(Unverified::Signature)
    }
}

/// Signs with every live key, newest first, so that a receiver may know any of them. `None`
/// without a key.
#[must_use]
pub fn sign_with(
    keys: &[SigningKey],
    event: EventId,
    at: Timestamp,
    body: &[u8],
) -> Option<Signed> {
    let (newest, others) = keys.split_first()?;
    let mut signed = newest.sign(event, at, body);
    for key in others {
        signed.signature.push(' ');
        signed.signature.push_str(&key.sign(event, at, body).signature);
    }
    Some(signed)
}

#[derive(serde::Serialize)]
struct Envelope<'a> {
    webhook_id: &'a str,
    webhook_timestamp: &'a str,
    webhook_signature: &'a str,
    payload: &'a str,
}

impl Signed {
    /// The event's body as a text inside of a body that says how it is signed: for receivers that
    /// see neither headers nor the bytes they were sent.
    ///
    /// # Errors
    /// None in practice: texts can be written as JSON.
    pub fn envelope(&self, payload: &str) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Envelope {
            webhook_id: &self.id,
            webhook_timestamp: &self.timestamp,
            webhook_signature: &self.signature,
            payload,
        })
    }

    /// Names and values, to be sent as they are.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, &str); 3] {
        [(ID, &self.id), (TIMESTAMP, &self.timestamp), (SIGNATURE, &self.signature)]
    }

    /// As a receiver sees it.
    #[must_use]
    pub fn received(&self) -> Received<'_> {
        Received { id: &self.id, timestamp: &self.timestamp, signature: &self.signature }
    }
}

fn signed_text<'a>(id: &'a str, timestamp: &'a str, body: &'a [u8]) -> [&'a [u8]; 5] {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY_TEXT: &str = "Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM";
    const KEY_WHSEC: &str = "whsec_Wngza1E5dlQxbUI3ckxwVzRjWWhOOHNEZkcyalU2ZUthWDVvSGlWdFJxTQ==";
    const BODY: &[u8] = br#"{"type":"verification.completed","data":{"verified":true}}"#;
    const AT: Timestamp = Timestamp::from_millis(1_763_683_200_000);
    const VECTOR: Received<'_> = Received {
        id: "msg_01JD8Z3F6Q9V7Y2K4M5N6P7R8S",
        timestamp: "1763683200",
        signature: "v1,xrMvmDMtS/t6SxPUOFiWvt9XxHYE7WzOg3MNhp6UwCU=",
    };

    fn key() -> SigningKey {
        SigningKey::new(KEY_TEXT.into())
    }

    #[test]
    fn the_known_vector_verifies() {
        assert_eq!(key().verify(VECTOR, BODY, AT), Ok(()));
    }

    #[test]
    fn the_official_library_accepts_what_we_sign() {
        let official = standardwebhooks::Webhook::new(KEY_WHSEC).unwrap();
        let now = crate::domain::clock::Clock::now(&crate::domain::clock::SystemClock);
        let signed = key().sign(EventId::from_bytes([7; 16]), now, BODY);

        let verify = |body| {
            let headers = signed
                .headers()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            official.verify(body, &headers.into_iter().collect())
        };
        verify(BODY).unwrap();
        assert!(verify(b"{}").is_err());
    }

    #[test]
    fn we_accept_what_the_official_library_signs() {
        let official = standardwebhooks::Webhook::new(KEY_WHSEC).unwrap();
        let signature = official.sign("msg_1", AT.seconds(), BODY).unwrap();
        let received = Received { id: "msg_1", signature: &signature, ..VECTOR };
        assert_eq!(key().verify(received, BODY, AT), Ok(()));
    }

    #[test]
    fn any_change_is_noticed() {
        let other = SigningKey::new("another key of sufficient length".into());
        for (key, received, body) in [
            (key(), VECTOR, &b"{}"[..]),
            (key(), Received { id: "msg_2", ..VECTOR }, BODY),
            (key(), Received { timestamp: "1763683201", ..VECTOR }, BODY),
            (key(), Received { signature: "", ..VECTOR }, BODY),
            (key(), Received { signature: "v1,", ..VECTOR }, BODY),
            (key(), Received { signature: "v1,not base64", ..VECTOR }, BODY),
            (
                key(),
                Received { signature: VECTOR.signature.trim_start_matches("v1,"), ..VECTOR },
                BODY,
            ),
            (other, VECTOR, BODY),
        ] {
            assert_eq!(key.verify(received, body, AT), Err(Unverified::Signature), "{received:?}");
        }
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let several = format!("v1a,AAAA v1,AAAA {} junk", VECTOR.signature);
        let received = Received { signature: &several, ..VECTOR };
        assert_eq!(key().verify(received, BODY, AT), Ok(()));
    }

    #[test]
    fn five_minutes_either_way_are_tolerated_and_no_more() {
        let at = |offset: i64| Timestamp::from_millis(AT.millis() + offset * 1000);
        for offset in [-300, 0, 300] {
            assert_eq!(key().verify(VECTOR, BODY, at(offset)), Ok(()), "{offset}");
        }
        for offset in [-301, 301] {
            assert_eq!(key().verify(VECTOR, BODY, at(offset)), Err(Unverified::Stale), "{offset}");
        }
    }

    #[test]
    fn a_timestamp_is_digits_only() {
        for timestamp in
            ["", "+1763683200", "-1", " 1763683200", "1763683200.0", "99999999999999999999"]
        {
            let received = Received { timestamp, ..VECTOR };
            assert_eq!(key().verify(received, BODY, AT), Err(Unverified::Timestamp), "{timestamp}");
        }
    }

    #[test]
    fn an_event_keeps_its_id_while_time_and_signature_change() {
        let event = EventId::from_bytes([7; 16]);
        let first = key().sign(event, AT, BODY);
        let second = key().sign(event, AT.plus(Duration::from_secs(1)), BODY);
        assert_eq!(first.id, event.to_string());
        assert_eq!(first.id, second.id);
        assert!(!first.id.contains('.'));
        assert_ne!(first.timestamp, second.timestamp);
        assert_ne!(first.signature, second.signature);
        assert_eq!(key().verify(second.received(), BODY, AT), Ok(()));
    }

    #[test]
    fn while_keys_change_either_one_verifies() {
        let other = SigningKey::new("another key of sufficient length".into());
        let keys = [other.clone(), key()];
        let signed = sign_with(&keys, EventId::from_bytes([7; 16]), AT, BODY).unwrap();
        for known in &keys {
            assert_eq!(known.verify(signed.received(), BODY, AT), Ok(()));
        }
        let stranger = SigningKey::new("a third key of sufficient length".into());
        assert_eq!(stranger.verify(signed.received(), BODY, AT), Err(Unverified::Signature));
        assert_eq!(sign_with(&[], EventId::from_bytes([7; 16]), AT, BODY), None);
    }

    #[test]
    fn an_envelope_carries_the_signed_text_unchanged() {
        let payload = r#"{"user_id":"ü\"7"}"#;
        let signed = key().sign(EventId::from_bytes([7; 16]), AT, payload.as_bytes());
        let envelope: serde_json::Value =
            serde_json::from_str(&signed.envelope(payload).unwrap()).unwrap();
        let field = |name: &str| envelope[name].as_str().unwrap();
        let received = Received {
            id: field("webhook_id"),
            timestamp: field("webhook_timestamp"),
            signature: field("webhook_signature"),
        };
        assert_eq!(key().verify(received, field("payload").as_bytes(), AT), Ok(()));
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert!(!format!("{:?}", key()).contains(KEY_TEXT));
    }
}
