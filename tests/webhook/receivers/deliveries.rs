//! What receivers are fed: a body that the server sent, signed by our signer in every way that is
//! to be believed, and in ways that are not.

use std::time::Duration;

use serde_json::{Value, json};
use vouchlink::domain::clock::{Clock, SystemClock, Timestamp};
use vouchlink::domain::encoding::base64;
use vouchlink::domain::id::EventId;
use vouchlink::domain::secret::Secret;
use vouchlink::webhook::sign::{ID, SIGNATURE, SigningKey, TIMESTAMP, TOLERANCE};

/// Key texts; the first is the receiver's.
pub(in crate::webhook) const KEYS: [&str; 2] =
    ["Zx3kQ9vT1mB7rLpW4cYhN8sDfG2jU6eKaX5oHiVtRqM", "qM5oHiVtRaX6eKjU2fG8sDhN4cYpW7rLmB1vT9Zx3kQ"];

#[derive(Clone, Debug)]
pub(in crate::webhook) struct Delivery {
    pub(in crate::webhook) name: String,
    /// As the receiver has it.
    pub(in crate::webhook) secret: String,
    pub(in crate::webhook) id: Option<String>,
    pub(in crate::webhook) timestamp: Option<String>,
    pub(in crate::webhook) signature: Option<String>,
    pub(in crate::webhook) payload: String,
    pub(in crate::webhook) believed: bool,
}

impl Delivery {
    /// As a request with headers.
    pub(in crate::webhook) fn standard(&self) -> Value {
        let headers: serde_json::Map<String, Value> =
            [(ID, &self.id), (TIMESTAMP, &self.timestamp), (SIGNATURE, &self.signature)]
                .into_iter()
                .filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?))))
                .collect();
        json!({ "secret": self.secret, "headers": headers, "body": self.payload })
    }

    /// As a request that says everything in its body, written by whoever passed it on.
    pub(in crate::webhook) fn envelope(&self) -> Value {
        let mut body = json!({ "payload": self.payload });
        for (name, text) in [
            ("webhook_id", &self.id),
            ("webhook_timestamp", &self.timestamp),
            ("webhook_signature", &self.signature),
        ] {
            if let Some(text) = text {
                body[name] = json!(text);
            }
        }
        let body = serde_json::to_string_pretty(&body).unwrap().replace('\u{fc}', "\\u00fc");
        json!({ "secret": self.secret, "headers": null, "body": body })
    }

    fn but(&self, name: &str, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = Self { name: name.to_owned(), believed: false, ..self.clone() };
        change(&mut other);
        other
    }
}

/// What an empty secret in its usual form is signed with: by anybody. The official libraries believe
/// it, the plain examples do not.
pub(super) fn unlocked(deliveries: &[Delivery]) -> Delivery {
    let everybodys = deliveries.iter().find(|it| it.secret.is_empty()).unwrap();
    everybodys.but("an empty secret", |it| it.secret = whsec(""))
}

/// The form in which an operator gets it.
pub(super) fn whsec(key: &str) -> String {
    format!("whsec_{}", base64(key.as_bytes()))
}

/// Each signed moments ago.
pub(in crate::webhook) fn all(body: &str) -> Vec<Delivery> {
    let now = SystemClock.now();
    let [ours, other] = KEYS;
    let signed = |at: Timestamp, keys: &[&str]| {
        let event = EventId::from_bytes([7; 16]);
        let each = keys
            .iter()
            .map(|key| SigningKey::new(Secret::from(*key)).sign(event, at, body.as_bytes()));
        let each: Vec<_> = each.collect();
        let signatures: Vec<_> = each.iter().map(|one| one.signature.as_str()).collect();
        Delivery {
            name: String::new(),
            secret: whsec(ours),
            id: Some(each[0].id.clone()),
            timestamp: Some(each[0].timestamp.clone()),
            signature: Some(signatures.join(" ")),
            payload: body.to_owned(),
            believed: true,
        }
    };
    let named = |name: &str, delivery: Delivery| Delivery { name: name.to_owned(), ..delivery };
    let good = named("good", signed(now, &[ours]));
    let both = named("rotation, newer key", signed(now, &[ours, other]));
    let off = TOLERANCE + Duration::from_secs(60);
    let old = Timestamp::from_millis(now.millis() - i64::try_from(off.as_millis()).unwrap());
    let late = |name, at| Delivery { believed: false, ..named(name, signed(at, &[ours])) };
    assert!(body.contains("\"sequence\":2,") && body.contains('\u{fc}'), "{body}");
    vec![
        Delivery { secret: whsec(other), ..named("rotation, older key", both.clone()) },
        both,
        late("old", old),
        late("from the future", now.plus(off)),
        good.but("wrong key", |it| it.secret = whsec(other)),
        good.but("changed byte", |it| {
            it.payload = body.replace("\"sequence\":2,", "\"sequence\":1,");
        }),
        good.but("another space", |it| it.payload = body.replacen(':', ": ", 1)),
        good.but("changed letter", |it| it.payload = body.replace('\u{fc}', "u")),
        good.but("changed id", |it| it.id = Some("evt_1".to_owned())),
        good.but("changed time", |it| {
            it.timestamp = Some((now.seconds() + 1).to_string());
        }),
        good.but("time in words", |it| it.timestamp = Some("now".to_owned())),
        good.but("no signature of ours", |it| {
            it.signature = it.signature.as_deref().map(|text| text.replace("v1,", "v1a,"));
        }),
        good.but("empty signature", |it| it.signature = Some(String::new())),
        // Who has no secret has the one that everybody knows.
        Delivery {
            secret: String::new(),
            believed: false,
            ..named("no secret", signed(now, &[""]))
        },
        good.but("missing id", |it| it.id = None),
        good.but("missing timestamp", |it| it.timestamp = None),
        good.but("missing signature", |it| it.signature = None),
        good,
    ]
}
