//! `/api/verification/link/{id}/events`: a link's status, live, as Server-Sent Events.

use poem::http::{StatusCode, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::param::{Header, Path};
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, OpenApi};
use std::pin::Pin;
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval, sleep};

use super::caller::Caller;
use super::chunks::{Chunks, Source};
use super::link_view::LinkStatus;
use super::links::{Tag, link_id};
use super::problem::{Code, Problem};
use super::streams::{Place, Streams};
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::link::Link;
use crate::flows::follow::{Follow, Following, Version};

#[derive(Debug)]
pub(super) struct LinkEventsApi {
    pub follow: Follow,
    pub streams: Streams,
}

#[OpenApi(prefix_path = "/api/verification", tag = "Tag::Links")]
impl LinkEventsApi {
    /// Follow a link
    ///
    /// Its status as Server-Sent Events: at once as it is, then after every change (opened, a
    /// call code typed, an answer taken, reissued, ended). `event: status` has a `LinkStatus` as `data` and an `id` that
    /// is the same for the same state on every instance and greater, as text, for a later one:
    /// drop what you saw. After the last state comes `event: end`, and the stream ends: do not come
    /// back. If it ends without one, come back with `Last-Event-ID`: it does so after ten minutes,
    /// when the server stops, and when the API key is revoked.
    ///
    /// A comment every 15 seconds says that it lives. The key goes into the `Authorization` header,
    /// which a browser's `EventSource` cannot send: use `fetch` and read the body.
    #[oai(path = "/link/:id/events", method = "get", operation_id = "followLink")]
    async fn follow(
        &self,
        caller: Caller,
        /// The link's id.
        id: Path<String>,
        /// The `id` of the last event that was seen: that state is not told again.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<String>>,
    ) -> Result<Events, Problem> {
        caller.may(Scope::LinksRead)?;
        let id = link_id(&id)?;
        let place = self.streams.enter(caller.key().id)?;
        let begun = self.follow.begin(id).await?;
        let (link, following) =
            begun.ok_or_else(|| Problem::new(Code::NotFound, "no such link"))?;
        let seen = last_event_id.0.is_some_and(|seen| seen == Version::of(&link).to_string());
        if seen && ended(&link) {
            return Ok(Events::Over);
        }
        let (follow, key) = (self.follow.clone(), caller.key().clone());
        let first = First { link, seen };
        Ok(Events::Stream(Box::new(Stream::new(first, following, follow, key, place))))
    }
}

/// The answer.
pub(super) enum Events {
    Stream(Box<Stream>),
    /// The caller saw the last state: 204, which keeps clients from coming back.
    Over,
}

/// A stream that has begun.
pub(super) struct Stream {
    phase: Phase,
    following: Following,
    follow: Follow,
    key: ApiKey,
    place: Place,
    heartbeat: Interval,
    life: Pin<Box<Sleep>>,
}

enum Phase {
    Begin(Box<First>),
    Going,
    Over,
}

struct First {
    link: Link,
    /// The caller has seen it.
    seen: bool,
}

impl Stream {
    fn new(first: First, following: Following, follow: Follow, key: ApiKey, place: Place) -> Self {
        let bounds = place.bounds();
        let mut heartbeat = interval(bounds.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let life = Box::pin(sleep(bounds.life));
        let phase = Phase::Begin(Box::new(first));
        Self { phase, following, follow, key, place, heartbeat, life }
    }

    async fn begin(&mut self, first: First) -> String {
        // The first tick comes at once.
        self.heartbeat.tick().await;
        let First { link, seen } = first;
        let state = if seen { String::new() } else { self.tell(&link) };
        format!("{RETRY}{state}")
    }

    /// What to send next; `None` if the stream ends here.
    async fn go_on(&mut self) -> Option<String> {
        tokio::select! {
            biased;
            () = self.place.closed() => None,
            () = &mut self.life => None,
            link = self.following.changed() => Some(self.tell(&link)),
            _ = self.heartbeat.tick() => match self.follow.may_go_on(&self.key).await {
                Ok(true) => Some(HEARTBEAT.to_owned()),
                Ok(false) => None,
                Err(error) => {
                    tracing::debug!(%error, "a stream ends: its key could not be checked");
                    None
                }
            },
        }
    }

    /// The state of the link, and that it was the last if it was.
    fn tell(&mut self, link: &Link) -> String {
        // Words, numbers and times: it can always be written.
        let data = serde_json::to_string(&LinkStatus::from(link)).unwrap_or_default();
        let version = Version::of(link);
        let last = if ended(link) { END } else { "" };
        self.phase = if ended(link) { Phase::Over } else { Phase::Going };
        format!("id: {version}\nevent: status\ndata: {data}\n\n{last}")
    }
}

const RETRY: &str = "retry: 3000\n\n";
const HEARTBEAT: &str = ":\n\n";
const END: &str = "event: end\ndata: {}\n\n";

impl Source for Stream {
    async fn next(mut self) -> Option<(Vec<u8>, Self)> {
        let text = match std::mem::replace(&mut self.phase, Phase::Going) {
            Phase::Begin(first) => self.begin(*first).await,
            Phase::Going => self.go_on().await?,
            Phase::Over => return None,
        };
        Some((text.into_bytes(), self))
    }
}

const fn ended(link: &Link) -> bool {
    link.state.verdict().is_some()
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        let response = Response::builder().header(header::CACHE_CONTROL, "no-store");
        match self {
            Self::Stream(stream) => response
                .header(header::CONTENT_TYPE, EVENT_STREAM)
                // nginx would hold events back.
                .header("x-accel-buffering", "no")
                .body(Body::from_async_read(Chunks::new(*stream))),
            Self::Over => response.status(StatusCode::NO_CONTENT).finish(),
        }
    }
}

const EVENT_STREAM: &str = "text/event-stream";

impl ApiResponse for Events {
    fn meta() -> MetaResponses {
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![],
        };
        let events = MetaSchema {
            items: Some(Box::new(LinkStatus::schema_ref())),
            ..MetaSchema::new_with_format("array", "event-stream")
        };
        let schema = MetaSchemaRef::Inline(Box::new(events));
        let stream = vec![MetaMediaType { content_type: EVENT_STREAM, schema }];
        let over = "The link has ended, and `Last-Event-ID` is its last state: do not come back.";
        MetaResponses {
            responses: vec![
                answer(200, "Events, until the link ends", stream),
                answer(204, over, vec![]),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        LinkStatus::register(registry);
    }
}
