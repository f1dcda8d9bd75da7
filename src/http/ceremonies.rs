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
use crate::domain::call::Digits;
use crate::domain::ceremony::Kind;
use crate::domain::clock::Timestamp;
use crate::domain::link::{CallInitiator, DeclineReason, Status};
use crate::flows::verify::{Options, Verify, Word};

#[derive(Debug)]
pub(super) struct CeremoniesApi {
    pub verify: Verify,
    pub settling: Settling,
}

/// The link's token, and what the customer says.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct Begin {
    pub(super) token: String,
    /// The six digits that the agent reads out; spaces and hyphens do not count. Needed with every
    /// request where the link asks for them, not looked at elsewhere.
    call_code: Option<String>,
    /// Who called whom: `customer` (I called them) or `company` (they called me). If it is not as
    /// staff said, the link ends.
    call_answer: Option<String>,
}

impl Begin {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn word(&self) -> Result<Word, Problem> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: &str| {
            errors.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        };
        let call_code = self.call_code.as_deref().and_then(|text| {
            let digits = Digits::parse(text);
            if digits.is_none() {
                wrong("call_code", "must be six digits");
            }
            digits
        });
        let call_answer = self.call_answer.as_deref().and_then(|text| {
            let answer = CallInitiator::parse(text);
            if answer.is_none() {
                wrong("call_answer", "must be customer or company");
            }
            answer
        });
        if errors.is_empty() {
            Ok(Word { call_code, call_answer })
        } else {
            Err(Problem::validation(errors))
        }
    }
}

/// Leaves token and code out.
impl std::fmt::Debug for Begin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begin").finish_non_exhaustive()
    }
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
    /// For `/api/me`: what the customer sees of themselves, for ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    session: Option<String>,
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

/// "I have a new phone."
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct NewPhone {
    token: String,
}

/// Staff read it.
#[derive(Debug, Serialize, Object)]
struct NewPhoneAsked {
    /// As it was.
    status: Status,
    /// When it was said first.
    new_phone_asked_at: Option<Timestamp>,
}

/// The link has ended.
#[derive(Debug, Serialize, Object)]
struct Declined {
    status: Status,
}

#[OpenApi(prefix_path = "/api/ceremony", tag = "Tag::Ceremonies")]
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

    /// Say that the phone is new
    ///
    /// The customer has a new phone, or has lost the passkey. Staff read it in the link's timeline
    /// and live (`new_phone_asked_at`), and may make a link with `enrolment: replace` once they know
    /// who asks. The link stays as it is, and nothing is enrolled. Open links only; once is enough,
    /// again changes nothing.
    #[oai(path = "/new-phone", method = "post", operation_id = "askNewPhone")]
    async fn ask_new_phone(
        &self,
        _page: OurPage,
        body: JsonBody<NewPhone>,
    ) -> Result<JsonReply<NewPhoneAsked>, Problem> {
        let link = self.verify.ask_new_phone(&body.value.token).await?;
        Ok(JsonReply(NewPhoneAsked {
            status: link.state.status(),
            new_phone_asked_at: link.handover.new_phone_asked_at,
        }))
    }
}

impl CeremoniesApi {
    async fn begin(&self, kind: Kind, body: &Begin) -> Result<JsonReply<CeremonyOptions>, Problem> {
        let begun = self.verify.begin(kind, &body.token, &body.word()?).await?;
        let Options { challenge_token, public_key } = begun;
        Ok(JsonReply(CeremonyOptions { challenge_token, public_key: Any(public_key) }))
    }

    async fn finish(
        &self,
        kind: Kind,
        body: JsonBody<Finish>,
    ) -> Result<JsonReply<Finished>, Problem> {
        let verify = self.verify.clone();
        // The customer has signed: it is settled even if their connection breaks.
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
            session: self.verify.session(&link),
            verified: link.state.status() == Status::Verified,
            status: link.state.status(),
            return_url: link.request.return_url,
        }))
    }
}
