//! `/api/ceremony`: what the customer's page calls.

use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::body::{JsonBody, JsonReply};
use super::links::Tag;
use super::problem::{Code, FieldError, Problem};
use super::same_origin::OurPage;
use super::settling::Settling;
use crate::domain::ceremony::Kind;
use crate::domain::link::{DeclineReason, Status};
use crate::flows::verify::{Options, Verify};

#[derive(Debug)]
pub(super) struct CeremoniesApi {
    pub verify: Verify,
    pub settling: Settling,
}

/// The link's token.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Begin {
    token: String,
}

/// What the browser needs.
#[derive(Debug, Serialize, Object)]
struct CeremonyOptions {
    /// To be sent back with the answer.
    challenge_token: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`
    /// (WebAuthn Level 3, sections 5.4 and 5.5).
    #[serde(rename = "publicKey")]
    #[oai(rename = "publicKey")]
    public_key: Any<serde_json::Value>,
}

/// The device's answer.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Finish {
    challenge_token: String,
    /// `RegistrationResponseJSON` or `AuthenticationResponseJSON` (section 5.1).
    credential: Any<Box<RawValue>>,
}

/// The customer is verified.
#[derive(Debug, Serialize, Object)]
struct Finished {
    verified: bool,
    status: Status,
    /// Where the page offers to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    return_url: Option<String>,
}

/// "This wasn't me."
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Decline {
    token: String,
    /// `not_me`, `called_by_stranger` or `other`.
    reason: String,
}

/// The link has ended.
#[derive(Debug, Serialize, Object)]
struct Declined {
    status: Status,
}

#[OpenApi(prefix_path = "/ceremony", tag = "Tag::Ceremonies")]
impl CeremoniesApi {
    /// Begin a registration
    #[oai(path = "/register/options", method = "post", operation_id = "registerOptions")]
    async fn register_options(
        &self,
        _page: OurPage,
        body: JsonBody<Begin>,
    ) -> Result<JsonReply<CeremonyOptions>, Problem> {
        self.begin(Kind::Register, &body.value).await
    }

    /// Finish a registration
    #[oai(path = "/register/verify", method = "post", operation_id = "registerVerify")]
    async fn register_verify(
        &self,
        _page: OurPage,
        body: JsonBody<Finish>,
    ) -> Result<JsonReply<Finished>, Problem> {
        self.finish(Kind::Register, body).await
    }

    /// Begin an authentication
    #[oai(path = "/authenticate/options", method = "post", operation_id = "authenticateOptions")]
    async fn authenticate_options(
        &self,
        _page: OurPage,
        body: JsonBody<Begin>,
    ) -> Result<JsonReply<CeremonyOptions>, Problem> {
        self.begin(Kind::Authenticate, &body.value).await
    }

    /// Finish an authentication
    #[oai(path = "/authenticate/verify", method = "post", operation_id = "authenticateVerify")]
    async fn authenticate_verify(
        &self,
        _page: OurPage,
        body: JsonBody<Finish>,
    ) -> Result<JsonReply<Finished>, Problem> {
        self.finish(Kind::Authenticate, body).await
    }

    /// Decline
    ///
    /// The customer says that they did not ask for this. Ends the link.
    #[oai(path = "/decline", method = "post", operation_id = "decline")]
    async fn decline(
        &self,
        _page: OurPage,
        body: JsonBody<Decline>,
    ) -> Result<JsonReply<Declined>, Problem> {
        let Some(reason) = DeclineReason::parse(&body.value.reason) else {
            let message = "must be not_me, called_by_stranger or other".to_owned();
            return Err(Problem::validation(vec![FieldError {
                field: "reason".to_owned(),
                message,
            }]));
        };
        let link = self.verify.decline(&body.value.token, reason).await?;
        Ok(JsonReply(Declined { status: link.state.status() }))
    }
}

impl CeremoniesApi {
    async fn begin(&self, kind: Kind, body: &Begin) -> Result<JsonReply<CeremonyOptions>, Problem> {
        let Options { challenge_token, public_key } = self.verify.begin(kind, &body.token).await?;
        Ok(JsonReply(CeremonyOptions { challenge_token, public_key: Any(public_key) }))
    }

    async fn finish(
        &self,
        kind: Kind,
        body: JsonBody<Finish>,
    ) -> Result<JsonReply<Finished>, Problem> {
        let verify = self.verify.clone();
        // Once its challenge is consumed, an answer cannot be sent again.
        let finishing = self.settling.to_the_end(async move {
            let Finish { challenge_token, credential: Any(credential) } = body.value;
            let credential = credential.get().as_bytes();
            verify.finish(kind, &challenge_token, credential, &body.bytes).await
        });
        let link = finishing.await.map_err(|_| {
            tracing::error!("finishing a ceremony failed");
            Problem::new(Code::Unavailable, "not available at the moment; try again")
        })??;
        Ok(JsonReply(Finished {
            verified: link.state.status() == Status::Verified,
            status: link.state.status(),
            return_url: link.request.return_url,
        }))
    }
}
