//! `/api/endpoints`: where events go.

use poem_openapi::param::{Header, Path};
use poem_openapi::{ApiResponse, OpenApi};

use super::body::{JsonBody, JsonReply};
use super::caller::Caller;
use super::endpoint_request::{ChangeEndpoint, CreateEndpoint, RotateSecret};
use super::endpoint_view::{EndpointList, EndpointMade, EndpointView, TestReport};
use super::idempotency::idempotency;
use super::limits::Limits;
use super::links::Tag;
use super::problem::{Code, Problem};
use crate::domain::api_key::Scope;
use crate::domain::id::EndpointId;
use crate::flows::endpoints::Endpoints;

#[derive(Debug)]
pub(super) struct EndpointsApi {
    pub endpoints: Endpoints,
    pub limits: Limits,
}

#[derive(ApiResponse)]
enum Gone {
    /// It is gone.
    #[oai(status = 204)]
    NoContent,
}

#[OpenApi(prefix_path = "/api/endpoints", tag = "Tag::Webhooks")]
impl EndpointsApi {
    /// Make an endpoint
    ///
    /// It gets events from this moment on. The answer holds its secret, this once; what is sent
    /// before the receiver knows the secret is tried again for three days. There may be 20. Who
    /// repeats the call with its `Idempotency-Key` and the same API key gets the secret once more,
    /// unless it was rotated meanwhile.
    #[oai(path = "/", method = "post", operation_id = "createEndpoint")]
    async fn create(
        &self,
        caller: Caller,
        /// Sent again with the same body within 24 hours, answers with the same endpoint.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: Header<Option<String>>,
        body: JsonBody<CreateEndpoint>,
    ) -> Result<JsonReply<EndpointMade, 201>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let idempotency = idempotency(idempotency_key.0, &[&body.bytes])?;
        let draft = body.value.parse()?;
        Ok(JsonReply(self.endpoints.create(draft, idempotency, actor).await?.into()))
    }

    /// List endpoints
    ///
    /// All of them, oldest first.
    #[oai(path = "/", method = "get", operation_id = "listEndpoints")]
    async fn list(&self, caller: Caller) -> Result<JsonReply<EndpointList>, Problem> {
        caller.may(Scope::WebhooksManage)?;
        Ok(JsonReply(self.endpoints.list().await?.into()))
    }

    /// Show an endpoint
    #[oai(path = "/:id", method = "get", operation_id = "getEndpoint")]
    async fn show(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
    ) -> Result<JsonReply<EndpointView>, Problem> {
        caller.may(Scope::WebhooksManage)?;
        Ok(JsonReply(self.endpoints.show(endpoint_id(&id)?).await?.into()))
    }

    /// Change an endpoint
    ///
    /// Not its kind, and not the one of `CRM_WEBHOOK_URL`.
    #[oai(path = "/:id", method = "patch", operation_id = "changeEndpoint")]
    async fn change(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
        body: JsonBody<ChangeEndpoint>,
    ) -> Result<JsonReply<EndpointView>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let (changes, revision) = body.value.parse()?;
        let seen = self.endpoints.change(endpoint_id(&id)?, changes, revision, actor).await?;
        Ok(JsonReply(seen.into()))
    }

    /// Remove an endpoint
    ///
    /// With its secrets. What was not delivered is called off; what was can still be looked at.
    #[oai(path = "/:id", method = "delete", operation_id = "removeEndpoint")]
    async fn remove(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
    ) -> Result<Gone, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        self.endpoints.remove(endpoint_id(&id)?, actor).await?;
        Ok(Gone::NoContent)
    }

    /// Pause an endpoint
    ///
    /// Its deliveries wait, and nothing is lost.
    #[oai(path = "/:id/pause", method = "post", operation_id = "pauseEndpoint")]
    async fn pause(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
    ) -> Result<JsonReply<EndpointView>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        Ok(JsonReply(self.endpoints.pause(endpoint_id(&id)?, actor).await?.into()))
    }

    /// Resume an endpoint
    ///
    /// One that was disabled is sent a test event first; it stays disabled, with `conflict`, if
    /// that does not arrive. Then replay what is `undelivered`.
    #[oai(path = "/:id/resume", method = "post", operation_id = "resumeEndpoint")]
    async fn resume(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
    ) -> Result<JsonReply<EndpointView>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let id = endpoint_id(&id)?;
        self.limits.test_event(id)?;
        Ok(JsonReply(self.endpoints.resume(id, actor).await?.into()))
    }

    /// Send a test event
    ///
    /// Now, signed for real, with type `ping`; a CRM is asked for something that needs the same
    /// credentials and changes nothing. The answer shows what went out and what came back. Ten a
    /// minute.
    #[oai(path = "/:id/test", method = "post", operation_id = "testEndpoint")]
    async fn test(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
    ) -> Result<JsonReply<TestReport>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let id = endpoint_id(&id)?;
        self.limits.test_event(id)?;
        Ok(JsonReply(self.endpoints.test(id, actor).await?.into()))
    }

    /// Give an endpoint a new secret
    ///
    /// The answer holds it, this once. The former one signs beside it for a day, or as long as you
    /// say; two sign at most.
    #[oai(path = "/:id/secret/rotate", method = "post", operation_id = "rotateEndpointSecret")]
    async fn rotate(
        &self,
        caller: Caller,
        /// The endpoint's id.
        id: Path<String>,
        body: JsonBody<RotateSecret>,
    ) -> Result<JsonReply<EndpointMade>, Problem> {
        let actor = caller.may(Scope::WebhooksManage)?;
        let rotation = body.value.parse()?;
        Ok(JsonReply(self.endpoints.rotate(endpoint_id(&id)?, rotation, actor).await?.into()))
    }
}

fn endpoint_id(text: &str) -> Result<EndpointId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, "no such endpoint"))
}
