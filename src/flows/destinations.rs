//! Endpoints as they are kept, and as they can be sent to: what is sealed is opened here, and kept
//! open for as long as nobody changes it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::clock::{Clock, Timestamp};
use crate::domain::crm::Connection;
use crate::domain::digest::sha256;
use crate::domain::encoding::hex;
use crate::domain::endpoint::{
    BUILT_IN, BodyMode, CustomHeaders, Endpoint, EndpointUrl, KeptKey, Kind, Sealed,
};
use crate::domain::id::EndpointId;
use crate::domain::random::Random;
use crate::domain::secret::Secret;
use crate::seal::{Seal, SealError};
use crate::webhook::send::{Destination, Terms};
use crate::webhook::sign::SigningKey;

/// What of an endpoint is encrypted, all in one.
#[derive(Clone, PartialEq)]
pub struct Secrets {
    /// `None` for kinds whose URL follows from their settings.
    pub url: Option<EndpointUrl>,
    pub headers: CustomHeaders,
    /// What the CRM knows us by; what it holds is the kind's own.
    pub credentials: Map<String, Value>,
}

/// Why an endpoint cannot be sent to. That is ours to mend, not its own fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("what was sealed is none of ours")]
    Unreadable,
    #[error("it has no URL")]
    NoUrl,
    #[error("this process has no CRM_WEBHOOK_URL")]
    NotConfigured,
    #[error("this version does not take its settings or credentials")]
    Settings,
}

/// How [`Secrets`] are written before they are sealed.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    url: Option<Cow<'a, str>>,
    headers: Vec<(String, String)>,
    credentials: Cow<'a, Map<String, Value>>,
}

impl Secrets {
    /// # Errors
    /// As [`Seal::seal`].
    pub fn seal(
        &self,
        seal: &Seal,
        endpoint: EndpointId,
        random: &dyn Random,
    ) -> Result<Sealed, SealError> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let written = Written {
            url: self.url.as_ref().map(|url| url.expose().as_str().into()),
            headers: self
                .headers
                .iter()
                .map(|header| (header.name.clone(), text(header.value.expose())))
                .collect(),
            credentials: Cow::Borrowed(&self.credentials),
        };
        // Texts can always be written as JSON.
        let written = serde_json::to_vec(&written).map_err(|_| SealError::Damaged)?;
        seal.seal(Secret::new(written).expose(), &context(endpoint), random)
    }

    /// # Errors
    /// [`Unopened`]; the built-in endpoint has nothing to open.
    pub fn open(seal: &Seal, endpoint: &Endpoint) -> Result<Self, Unopened> {
        let sealed = endpoint.sealed.as_ref().ok_or(Unopened::Unreadable)?;
        let opened = seal.open(sealed, &context(endpoint.id))?;
        let written: Written<'_> =
            serde_json::from_slice(opened.expose()).map_err(|_| Unopened::Unreadable)?;
        let url = match written.url {
            Some(url) => Some(EndpointUrl::parse(&url).map_err(|_| Unopened::Unreadable)?),
            None => None,
        };
        let headers = written.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = CustomHeaders::parse(headers).map_err(|_| Unopened::Unreadable)?;
        Ok(Self { url, headers, credentials: written.credentials.into_owned() })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("url", &self.url).finish_non_exhaustive()
    }
}

fn context(endpoint: EndpointId) -> String {
    format!("endpoints/{endpoint}/sealed")
}

fn key_context(endpoint: EndpointId, fingerprint: &str) -> String {
    format!("endpoint_keys/{endpoint}/{fingerprint}")
}

/// Tells keys apart and gives none away: the first 8 bytes of the key's SHA-256, in hexadecimal.
#[must_use]
pub fn fingerprint(key: &Secret) -> String {
    let digest = sha256(&[key.expose()]);
    hex(digest.get(..8).unwrap_or(&digest))
}

/// A new signing key, as it is kept.
///
/// # Errors
/// As [`Seal::seal`].
pub fn keep_key(
    key: &Secret,
    endpoint: EndpointId,
    seal: &Seal,
    random: &dyn Random,
    now: Timestamp,
) -> Result<KeptKey, SealError> {
    let fingerprint = fingerprint(key);
    let sealed = seal.seal(key.expose(), &key_context(endpoint, &fingerprint), random)?;
    Ok(KeptKey { fingerprint, sealed, created_at: now, retires_at: None })
}

/// The bytes of a signing key.
///
/// # Errors
/// As [`Seal::open`].
pub fn open_key(key: &KeptKey, endpoint: EndpointId, seal: &Seal) -> Result<Secret, SealError> {
    seal.open(&key.sealed, &key_context(endpoint, &key.fingerprint))
}

/// Opens endpoints, each once for as long as it stays as it is.
pub struct Destinations {
    pub seal: Arc<Seal>,
    /// What the environment says.
    pub built_in: Option<Arc<Destination>>,
    pub clock: Arc<dyn Clock>,
    opened: Mutex<HashMap<EndpointId, Opened>>,
}

struct Opened {
    revision: u32,
    /// When one of its keys retires.
    until: Option<Timestamp>,
    destination: Arc<Destination>,
}

impl fmt::Debug for Destinations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destinations").field("built_in", &self.built_in).finish_non_exhaustive()
    }
}

impl Destinations {
    #[must_use]
    pub fn new(seal: Arc<Seal>, built_in: Option<Destination>, clock: Arc<dyn Clock>) -> Self {
        Self { seal, built_in: built_in.map(Arc::new), clock, opened: Mutex::default() }
    }

    /// Everything that a message needs on its way to this endpoint.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn of(&self, endpoint: &Endpoint) -> Result<Arc<Destination>, Unopened> {
        if endpoint.id == BUILT_IN {
            return self.built_in.clone().ok_or(Unopened::NotConfigured);
        }
        let now = self.clock.now();
        if let Some(opened) = self.opened().get(&endpoint.id)
            && opened.revision == endpoint.revision
            && opened.until.is_none_or(|until| now < until)
        {
            return Ok(Arc::clone(&opened.destination));
        }
        let destination = Arc::new(open(&self.seal, endpoint, now)?);
        let opened = Opened {
            revision: endpoint.revision,
            until: endpoint.live_keys(now).filter_map(|key| key.retires_at).min(),
            destination: Arc::clone(&destination),
        };
        self.opened().insert(endpoint.id, opened);
        Ok(destination)
    }

    /// Forgets every other endpoint's secrets.
    pub fn keep_only(&self, endpoints: &[EndpointId]) {
        self.opened().retain(|id, _| endpoints.contains(id));
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<EndpointId, Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(seal: &Seal, endpoint: &Endpoint, now: Timestamp) -> Result<Destination, Unopened> {
    let secrets = Secrets::open(seal, endpoint)?;
    let keys = endpoint
        .live_keys(now)
        .map(|key| open_key(key, endpoint.id, seal).map(SigningKey::new))
        .collect::<Result<_, _>>()?;
    let terms = terms(endpoint.kind, &endpoint.settings, endpoint.body_mode, secrets, keys)?;
    Ok(Destination { timeout: endpoint.timeout, terms })
}

pub(super) fn terms(
    kind: Kind,
    settings: &Map<String, Value>,
    body_mode: BodyMode,
    secrets: Secrets,
    keys: Vec<SigningKey>,
) -> Result<Terms, Unopened> {
    let Secrets { url, headers, credentials } = secrets;
    let connection =
        Connection::parse(kind, settings, &credentials).map_err(|_| Unopened::Settings)?;
    Terms::of(connection, url, headers, keys, body_mode).ok_or(Unopened::NoUrl)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::config::DataKeys;
    use crate::domain::endpoint::{EndpointStatus, Events, Health};
    use crate::domain::random::SystemRandom;
    use crate::domain::text::Line;

    const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);
    const ID: EndpointId = EndpointId::from_bytes([7; 16]);

    #[derive(Debug, Default)]
    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(NOW.millis() + self.0.load(Ordering::SeqCst))
        }
    }

    fn seal(keys: &[&str]) -> Arc<Seal> {
        Arc::new(Seal::new(&DataKeys(keys.iter().map(|key| Secret::from(*key)).collect())))
    }

    fn secrets() -> Secrets {
        Secrets {
            url: Some(EndpointUrl::parse("https://crm.example.com/hook?zapikey=hush").unwrap()),
            headers: CustomHeaders::parse([("authorization", "Bearer hush")]).unwrap(),
            credentials: json!({ "client_secret": "hush" }).as_object().unwrap().clone(),
        }
    }

    fn endpoint(seal: &Seal, keys: Vec<KeptKey>) -> Endpoint {
        Endpoint {
            id: ID,
            name: Line::parse("CRM").unwrap(),
            kind: Kind::Standard,
            shown_url: String::new(),
            body_mode: BodyMode::Standard,
            events: Events::default(),
            timeout: Duration::from_secs(15),
            rate: None,
            concurrency: None,
            settings: Map::new(),
            sealed: Some(secrets().seal(seal, ID, &SystemRandom).unwrap()),
            keys,
            status: EndpointStatus::Active,
            disabled: None,
            health: Health::default(),
            created_at: NOW,
            revision: 0,
        }
    }

    fn key(seal: &Seal, text: &str) -> KeptKey {
        keep_key(&Secret::from(text), ID, seal, &SystemRandom, NOW).unwrap()
    }

    fn signs_with(destinations: &Destinations, endpoint: &Endpoint) -> usize {
        match &destinations.of(endpoint).unwrap().terms {
            Terms::Standard(standard) => standard.keys.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn secrets_read_back_as_they_were_sealed_and_do_not_show_themselves() {
        let seal = seal(&["one"]);
        let endpoint = endpoint(&seal, vec![]);
        assert_eq!(Secrets::open(&seal, &endpoint).unwrap(), secrets());
        assert!(!format!("{:?}", secrets()).contains("hush"));
        let key = key(&seal, "a key of at least 24 bytes");
        let opened = open_key(&key, ID, &seal).unwrap();
        assert_eq!(opened.expose(), b"a key of at least 24 bytes");
    }

    #[test]
    fn nothing_opens_in_anothers_place_or_without_its_key() {
        let one = seal(&["one"]);
        let endpoint = endpoint(&one, vec![]);
        let elsewhere = Endpoint { id: EndpointId::from_bytes([8; 16]), ..endpoint.clone() };
        let damaged = Err(Unopened::Seal(SealError::Damaged));
        assert_eq!(Secrets::open(&one, &elsewhere).map(drop), damaged);
        let unknown = Err(Unopened::Seal(SealError::UnknownKey));
        assert_eq!(Secrets::open(&seal(&["two"]), &endpoint).map(drop), unknown);
    }

    #[test]
    fn an_endpoint_is_opened_once_until_it_changes_or_a_key_retires() {
        let seal = seal(&["one"]);
        let retires_at = Some(NOW.plus(Duration::from_secs(60)));
        let former = KeptKey { retires_at, ..key(&seal, "the former key of our own") };
        // This kind has no credentials, and takes none.
        let plain = Secrets { credentials: Map::new(), ..secrets() };
        let kept = Endpoint {
            sealed: Some(plain.seal(&seal, ID, &SystemRandom).unwrap()),
            ..endpoint(&seal, vec![key(&seal, "the newest key of our own"), former])
        };
        let clock = Arc::new(Hands::default());
        let destinations = Destinations::new(seal, None, Arc::<Hands>::clone(&clock));
        let first = destinations.of(&kept).unwrap();
        assert!(Arc::ptr_eq(&first, &destinations.of(&kept).unwrap()));
        assert_eq!(signs_with(&destinations, &kept), 2);

        clock.0.store(60_000, Ordering::SeqCst);
        assert_eq!(signs_with(&destinations, &kept), 1);

        let changed = Endpoint { revision: 1, sealed: None, ..kept.clone() };
        assert_eq!(destinations.of(&changed).map(drop), Err(Unopened::Unreadable));
        destinations.keep_only(&[]);
        assert!(destinations.opened().is_empty());
    }

    #[test]
    fn the_built_in_endpoint_is_what_the_environment_says() {
        let seal = seal(&["one"]);
        let built_in = Endpoint { id: BUILT_IN, sealed: None, ..endpoint(&seal, vec![]) };
        let destinations = Destinations::new(seal, None, Arc::new(Hands::default()));
        assert_eq!(destinations.of(&built_in).map(drop), Err(Unopened::NotConfigured));
    }
}
