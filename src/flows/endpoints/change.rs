//! Making and changing an endpoint: what was asked for is laid over what there is, all of it is
//! judged together, and nothing is kept that would not work.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::Unavailable;
use super::super::destinations::{Secrets, keep_key, open_key};
use super::{EndpointError, Endpoints, Made, Result, Seen, Wrong};
use crate::domain::audit::{Action, Actor};
use crate::domain::crm::Connection;
use crate::domain::endpoint::{
    BadHeader, BodyMode, CustomHeaders, Endpoint, EndpointStatus, EndpointUrl, Events, Health,
    Kind, draw_key,
};
use crate::domain::id::EndpointId;
use crate::domain::secret::Secret;
use crate::domain::text::Line;
use crate::store::{Idempotency, Once};

/// What becomes of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    #[default]
    Keep,
    /// To what it is if nobody says anything.
    Reset,
    To(T),
}

/// What staff want to be otherwise. Of headers, settings and credentials only those that are
/// named; `None` takes one away.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub name: Change<Line<64>>,
    pub url: Change<EndpointUrl>,
    pub events: Change<Events>,
    pub headers: Change<Vec<(String, Option<String>)>>,
    pub body_mode: Change<BodyMode>,
    pub timeout: Change<Duration>,
    /// 0 for unlimited.
    pub rate: Change<u32>,
    pub concurrency: Change<u32>,
    pub settings: Change<Map<String, Value>>,
    pub credentials: Change<Map<String, Value>>,
}

/// A new endpoint.
#[derive(Clone, Debug)]
pub struct Draft {
    pub kind: Kind,
    pub fields: Changes,
    /// What it signs with; drawn, if there is none.
    pub secret: Option<Secret>,
}

impl Endpoints {
    /// A new endpoint, which gets events from this moment on, and its secret. The same request of
    /// the same caller within 24 hours gives the same endpoint, and its secret once more for as long
    /// as that is the newest: whoever lost our answer has no other way to it.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub async fn create(
        &self,
        draft: Draft,
        idempotency: Option<Idempotency>,
        actor: Actor,
    ) -> Result<Made> {
        let now = self.clock.now();
        let id = EndpointId::new(now, &*self.random).map_err(Unavailable::from)?;
        let kind = draft.kind;
        let mut made = Opened {
            endpoint: Endpoint {
                id,
                name: default_name(kind, None)?,
                kind,
                shown_url: String::new(),
                body_mode: kind.body_mode(),
                events: Events::default(),
                timeout: kind.timeout(),
                rate: None,
                concurrency: None,
                settings: Map::new(),
                sealed: None,
                keys: Vec::new(),
                status: EndpointStatus::Active,
                disabled: None,
                health: Health::default(),
                created_at: now,
                revision: 0,
            },
            secrets: Secrets {
                url: None,
                headers: CustomHeaders::default(),
                credentials: Map::new(),
            },
        };
        let mut fields = draft.fields;
        if fields.name == Change::Keep {
            fields.name = Change::Reset;
        }
        let mut wrong = made.apply(fields)?.1;
        if draft.secret.is_some() && !kind.signs() {
            wrong.push(("secret".to_owned(), "this kind of endpoint signs nothing".to_owned()));
        }
        self.judge(&mut made, wrong, true).await?;
        let secret = match (kind.signs(), draft.secret) {
            (false, _) => None,
            (true, Some(given)) => Some(given),
            (true, None) => Some(draw_key(&*self.random).map_err(Unavailable::from)?),
        };
        let seal = &self.destinations.seal;
        if let Some(secret) = &secret {
            made.endpoint.keys.push(keep_key(secret, id, seal, &*self.random, now)?);
        }
        made.endpoint.sealed = Some(made.secrets.seal(seal, id, &*self.random)?);
        let entry = self.entry(Action::EndpointCreated, id, json!({ "kind": kind }), actor);
        match self.store.insert_endpoint(made.endpoint, entry, idempotency).await? {
            None => Err(EndpointError::TooMany),
            Some(Once::New(id)) => Ok(Made { seen: self.show(id).await?, secret }),
            Some(Once::Repeated(id)) => self.made_before(id, actor).await,
            Some(Once::IdempotencyMismatch) => Err(EndpointError::IdempotencyMismatch),
        }
    }

    /// As it is now, and what it was made to sign with.
    async fn made_before(&self, id: EndpointId, actor: Actor) -> Result<Made> {
        let endpoint = self.store.find_endpoint(id).await?;
        let endpoint = endpoint.ok_or(EndpointError::MadeAndRemoved)?;
        let newest = endpoint.keys.iter().find(|key| key.retires_at.is_none());
        let secret = match newest.filter(|key| key.created_at == endpoint.created_at) {
            Some(key) => Some(open_key(key, id, &self.destinations.seal)?),
            None => None,
        };
        let detail = json!({ "kind": endpoint.kind, "repeated": true });
        self.store.append_audit(self.entry(Action::EndpointCreated, id, detail, actor)).await?;
        Ok(Made { seen: self.see(endpoint).await?, secret })
    }

    /// As it is after the change. `revision`: the one that the caller saw.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub async fn change(
        &self,
        id: EndpointId,
        changes: Changes,
        revision: Option<u32>,
        actor: Actor,
    ) -> Result<Seen> {
        let endpoint = self.own(id).await?;
        if revision.is_some_and(|seen| seen != endpoint.revision) {
            return Err(EndpointError::Changed);
        }
        let secrets = Secrets::open(&self.destinations.seal, &endpoint)?;
        let (former, settings) = (secrets.clone(), endpoint.settings.clone());
        let mut opened = Opened { endpoint, secrets };
        let (touched, wrong) = opened.apply(changes)?;
        let moved = former.url != opened.secrets.url || settings != opened.endpoint.settings;
        self.judge(&mut opened, wrong, moved).await?;
        let Opened { mut endpoint, secrets } = opened;
        if secrets != former {
            let seal = &self.destinations.seal;
            endpoint.sealed = Some(secrets.seal(seal, id, &*self.random)?);
        }
        let detail = json!({ "changed": touched });
        self.write(endpoint, Action::EndpointChanged, detail, actor).await
    }

    /// Refuses what would not work. A new address is looked at, for a friendly word now; it is
    /// judged again whenever it is dialled.
    async fn judge(&self, opened: &mut Opened, mut wrong: Vec<Wrong>, look: bool) -> Result<()> {
        let Opened { endpoint, secrets } = opened;
        let kind = endpoint.kind;
        let connection = Connection::parse(kind, &endpoint.settings, &secrets.credentials);
        let mut add = |field: &str, message: &str| {
            wrong.push((field.to_owned(), message.to_owned()));
        };
        match (kind.has_url(), &secrets.url) {
            (true, None) => add("url", "is required"),
            (false, Some(_)) => add("url", "follows from the settings of this kind of endpoint"),
            (true, Some(url)) => {
                let fits = connection.as_ref().map_or(Ok(()), |known| known.check_url(url));
                if let Err(bad) = fits {
                    add("url", bad);
                } else if look && let Err(blocked) = self.sender.client().look(url).await {
                    add("url", &blocked.to_string());
                }
            }
            (false, None) => {}
        }
        if endpoint.body_mode == BodyMode::Envelope && !kind.signs() {
            add("body_mode", "this kind of endpoint has a body of its own");
        }
        match connection {
            Err(problems) => wrong.extend(problems),
            Ok(connection) => {
                for origin in connection.origins().into_iter().filter(|_| look) {
                    if let Err(blocked) = self.sender.client().look(origin).await {
                        add("settings", &format!("{origin}: {blocked}"));
                    }
                }
                if let Some(event) = endpoint.events.iter().find(|event| !connection.takes(*event))
                {
                    add("events", &format!("{event} is nothing that this kind can write down"));
                }
                if let Some(shown) = connection.shown_url() {
                    endpoint.shown_url = shown;
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(EndpointError::Invalid(wrong)) }
    }
}

/// An endpoint with what is secret about it.
struct Opened {
    endpoint: Endpoint,
    secrets: Secrets,
}

impl Opened {
    /// The fields that were touched, and what is wrong with them.
    fn apply(&mut self, changes: Changes) -> Result<(Vec<&'static str>, Vec<Wrong>)> {
        let Self { endpoint, secrets } = self;
        let kind = endpoint.kind;
        let (mut touched, mut wrong) = (Vec::new(), Vec::new());
        let mut set = |field, is_touched: bool| {
            if is_touched {
                touched.push(field);
            }
        };
        let url = changes.url.map(Some);
        set("url", url.lay_over(&mut secrets.url, None));
        if let Some(url) = &secrets.url {
            endpoint.shown_url = url.shown();
        }
        let name = default_name(kind, secrets.url.as_ref())?;
        set("name", changes.name.lay_over(&mut endpoint.name, name));
        set("events", changes.events.lay_over(&mut endpoint.events, Events::default()));
        set("body_mode", changes.body_mode.lay_over(&mut endpoint.body_mode, kind.body_mode()));
        set("timeout_seconds", changes.timeout.lay_over(&mut endpoint.timeout, kind.timeout()));
        set("rate", changes.rate.map(Some).lay_over(&mut endpoint.rate, None));
        set("concurrency", changes.concurrency.map(Some).lay_over(&mut endpoint.concurrency, None));
        set("settings", merge(&mut endpoint.settings, changes.settings));
        set("credentials", merge(&mut secrets.credentials, changes.credentials));
        set("headers", changes.headers != Change::Keep);
        match with_headers(&secrets.headers, changes.headers) {
            Ok(headers) => secrets.headers = headers,
            Err(bad) => wrong.push(bad),
        }
        Ok((touched, wrong))
    }
}

impl<T> Change<T> {
    fn map<U>(self, to: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Reset => Change::Reset,
            Self::To(value) => Change::To(to(value)),
        }
    }

    /// Whether it changes anything.
    fn lay_over(self, field: &mut T, default: T) -> bool {
        match self {
            Self::Keep => return false,
            Self::Reset => *field = default,
            Self::To(value) => *field = value,
        }
        true
    }
}

/// Members that are named replace those of the same name, null takes one away (RFC 7396, one level
/// deep). Whether anything is named.
fn merge(map: &mut Map<String, Value>, change: Change<Map<String, Value>>) -> bool {
    match change {
        Change::Keep => return false,
        Change::Reset => map.clear(),
        Change::To(members) => {
            for (name, value) in members {
                if value.is_null() {
                    map.remove(&name);
                } else {
                    map.insert(name, value);
                }
            }
        }
    }
    true
}

/// The same for headers, whose names are alike in upper and lower case.
fn with_headers(
    former: &CustomHeaders,
    change: Change<Vec<(String, Option<String>)>>,
) -> std::result::Result<CustomHeaders, Wrong> {
    let changes = match change {
        Change::Keep => return Ok(former.clone()),
        Change::Reset => return Ok(CustomHeaders::default()),
        Change::To(changes) => changes,
    };
    let text = |value: &Secret| String::from_utf8_lossy(value.expose()).into_owned();
    let mut headers: Vec<(String, String)> = former
        .iter()
        .filter(|header| !changes.iter().any(|(name, _)| name.eq_ignore_ascii_case(&header.name)))
        .map(|header| (header.name.clone(), text(&header.value)))
        .collect();
    headers.extend(changes.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    CustomHeaders::parse(pairs).map_err(|(place, bad)| match (bad, headers.get(place)) {
        (BadHeader::TooMany, _) | (_, None) => ("headers".to_owned(), bad.to_string()),
        (_, Some((name, _))) => {
            let name: String = name.chars().take(64).collect();
            (format!("headers.{name}"), bad.to_string())
        }
    })
}

/// The host that it leads to, or the kind.
fn default_name(kind: Kind, url: Option<&EndpointUrl>) -> Result<Line<64>> {
    let host = url.and_then(|url| url.expose().host_str()).unwrap_or_default();
    let host: String = host.chars().take(64).collect();
    Line::parse(&host)
        .or_else(|_| Line::parse(kind.as_str()))
        .map_err(|_| Unavailable::Internal("a kind is no name").into())
}
