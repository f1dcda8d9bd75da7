//! `/api/deliveries`: what was sent where, what came of it, and sending it again.

use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};

use super::body::{JsonBody, JsonReply};
use super::caller::Caller;
use super::delivery_request::{CreateReplay, Listed, ReplayOne, page};
use super::delivery_view::{DeliveryDetail, DeliveryList, ReplayList, ReplayView};
use super::idempotency::idempotency;
use super::links::Tag;
use super::problem::{Code, Problem};
use crate::domain::api_key::Scope;
use crate::domain::id::{DeliveryId, ReplayId};
use crate::flows::history::History;
use crate::flows::replay::Replays;

#[derive(Debug)]
pub(super) struct DeliveriesApi {
    pub history: History,
    pub replays: Replays,
}

#[OpenApi(prefix_path = "/api/deliveries", tag = "Tag::Webhooks")]
impl DeliveriesApi {
    /// List deliveries
    ///
    /// Newest first. Every filter that is given must match. A page looks at a bounded number of
    /// deliveries: it may hold few, or none, and still have a `next_cursor`.
    #[oai(path = "/", method = "get", operation_id = "listDeliveries")]
    #[expect(clippy::too_many_arguments, reason = "one a query parameter, as the framework wants")]
    async fn list(
        &self,
        caller: Caller,
        /// Only those to this endpoint (its id).
        endpoint: Query<Option<String>>,
        /// Only those in this state.
        status: Query<Option<String>>,
        /// Only those of this type of event.
        r#type: Query<Option<String>>,
        /// Only this customer's.
        user_id: Query<Option<String>>,
        /// Only those of this link's events (its id).
        link_id: Query<Option<String>>,
        /// Only those of events from this moment on (RFC 3339).
        since: Query<Option<String>>,
        /// Only those of events before this moment (RFC 3339).
        until: Query<Option<String>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// 1 to 200; 50 if absent.
        limit: Query<Option<u32>>,
    ) -> Result<JsonReply<DeliveryList>, Problem> {
        caller.may(Scope::WebhooksManage)?;
        let (filter, after, limit) = Listed {
            endpoint: endpoint.0,
            status: status.0,
            event: r#type.0,
            user_id: user_id.0,
            link_id: link_id.0,
            since: since.0,
            until: until.0,
            cursor: cursor.0,
            limit: limit.0,
        }
        .parse()?;
        Ok(JsonReply(self.history.list(&filter, after, limit).await?.into()))
    }

    /// Replay deliveries
    ///
    /// Sends chosen ones again, or all of an endpoint that match: those that did not arrive, or
    /// those with the `status` you name. They keep their `webhook-id`, are signed anew and have the
    /// whole schedule before them; each takes its old place among its customer's. Five a second, by
    /// itself, however often we are restarted.
    #[oai(path = "/replay", method = "post", operation_id = "replayDeliveries")]
    async fn replay(
        &self,
        caller: Caller,
        /// Sent again with the same body within 24 hours, answers with the same replay.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        body: JsonBody<CreateReplay>,
    ) -> Result<JsonReply<ReplayView, 202>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let idempotency = idempotency(idempotency_key.0, &[&body.bytes])?;
        let (selection, reason) = body.value.parse()?;
        Ok(JsonReply(self.replays.create(selection, reason, idempotency, actor).await?.into()))
    }

    /// List replays
    ///
    /// Newest first.
    #[oai(path = "/replays", method = "get", operation_id = "listReplays")]
    async fn replays(
        &self,
        caller: Caller,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// 1 to 200; 50 if absent.
        limit: Query<Option<u32>>,
    ) -> Result<JsonReply<ReplayList>, Problem> {
        caller.may(Scope::WebhooksManage)?;
        let (after, limit) = page(cursor.0, limit.0)?;
        let found = self.replays.list(after, limit.saturating_add(1)).await?;
        Ok(JsonReply(ReplayList::of(found, limit)))
    }

    /// Show a replay
    #[oai(path = "/replays/:id", method = "get", operation_id = "getReplay")]
    async fn show_replay(
        &self,
        caller: Caller,
        /// The replay's id.
        id: Path<String>,
    ) -> Result<JsonReply<ReplayView>, Problem> {
        caller.may(Scope::WebhooksManage)?;
        Ok(JsonReply(self.replays.show(replay_id(&id)?).await?.into()))
    }

    /// Cancel a replay
    ///
    /// What it has sent on its way already goes on.
    #[oai(path = "/replays/:id/cancel", method = "post", operation_id = "cancelReplay")]
    async fn cancel_replay(
        &self,
        caller: Caller,
        /// The replay's id.
        id: Path<String>,
    ) -> Result<JsonReply<ReplayView>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        Ok(JsonReply(self.replays.cancel(replay_id(&id)?, actor).await?.into()))
    }

    /// Show a delivery
    ///
    /// With its attempts and the event's body.
    #[oai(path = "/:id", method = "get", operation_id = "getDelivery")]
    async fn show(
        &self,
        caller: Caller,
        /// The delivery's id.
        id: Path<String>,
    ) -> Result<JsonReply<DeliveryDetail>, Problem> {
        caller.may(Scope::WebhooksManage)?;
        Ok(JsonReply(self.history.show(delivery_id(&id)?).await?.into()))
    }

    /// Cancel a delivery
    ///
    /// Unless it is being sent at this moment, or over. What waits behind it goes on.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelDelivery")]
    async fn cancel(
        &self,
        caller: Caller,
        /// The delivery's id.
        id: Path<String>,
    ) -> Result<JsonReply<DeliveryDetail>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let id = delivery_id(&id)?;
        self.history.cancel(id, actor).await?;
        Ok(JsonReply(self.history.show(id).await?.into()))
    }

    /// Replay a delivery
    ///
    /// A replay of this one.
    #[oai(path = "/:id/replay", method = "post", operation_id = "replayDelivery")]
    async fn replay_one(
        &self,
        caller: Caller,
        /// The delivery's id.
        id: Path<String>,
        /// Sent again with the same body within 24 hours, answers with the same replay.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        body: JsonBody<ReplayOne>,
    ) -> Result<JsonReply<ReplayView, 202>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let id = delivery_id(&id)?;
        let idempotency = idempotency(idempotency_key.0, &[id.as_bytes(), &body.bytes])?;
        let (selection, reason) = body.value.parse(id)?;
        self.history.show(id).await?;
        Ok(JsonReply(self.replays.create(selection, reason, idempotency, actor).await?.into()))
    }
}

fn delivery_id(text: &str) -> Result<DeliveryId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, "no such delivery"))
}

fn replay_id(text: &str) -> Result<ReplayId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, "no such replay"))
}
