//! `/api/ceremony/totp`: codes of authenticator apps, where no passkey is at hand.

use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::body::{JsonBody, JsonReply};
use super::ceremonies::Begin;
use super::links::{Tag, qr_svg};
use super::problem::{Code, FieldError, Problem};
use super::same_origin::OurPage;
use super::settling::Settling;
use crate::domain::authenticator_app::{RecoveryCode, TypedCode};
use crate::domain::ceremony::Kind;
use crate::domain::link::Status;
use crate::flows::verify::{AppSetup, CodeOptions, Verify};

#[derive(Debug)]
pub(super) struct TotpApi {
    pub verify: Verify,
    pub settling: Settling,
}

/// What the page asks for.
#[derive(Serialize, Object)]
struct TotpOptions {
    /// To be sent back with the code.
    challenge_token: String,
    /// `authenticate`: the customer has an app. `register`: they are to set one up now.
    kind: Kind,
    /// To be typed into the app: base32, without spaces. With `register` only; the same until the
    /// link has ended or is reissued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    secret: Option<String>,
    /// The same for an app on this device (`otpauth://totp/...`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    uri: Option<String>,
    /// The same to be scanned: an SVG image.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    qr: Option<String>,
}

/// Leaves token and secret out.
impl std::fmt::Debug for TotpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpOptions").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What the customer typed.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct TotpAnswer {
    challenge_token: String,
    /// The app's six digits; spaces and hyphens do not count. Or, where `kind` is `authenticate`, a
    /// recovery code.
    code: String,
}

/// Leaves token and code out.
impl std::fmt::Debug for TotpAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpAnswer").finish_non_exhaustive()
    }
}

/// The customer is verified.
#[derive(Serialize, Object)]
struct TotpFinished {
    verified: bool,
    status: Status,
    /// Where the page offers to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    return_url: Option<String>,
    /// After a registration: ten codes to write down, each good once in place of the app's. Shown to
    /// this request only, and to the same one again for ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    recovery_codes: Option<Vec<String>>,
    /// For `/api/me`, where it looks and changes nothing: what the customer sees of themselves, for
    /// ten minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    session: Option<String>,
}

/// Leaves codes and session out.
impl std::fmt::Debug for TotpFinished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpFinished").field("status", &self.status).finish_non_exhaustive()
    }
}

#[OpenApi(prefix_path = "/api/ceremony/totp", tag = "Tag::Ceremonies")]
impl TotpApi {
    /// Begin with an authenticator app
    ///
    /// Where the link's `methods` have `totp`. A customer who has no app yet sets one up on a link of
    /// enrolment `call_code` that registers, and nowhere else: `wrong_ceremony`.
    #[oai(path = "/options", method = "post", operation_id = "totpOptions")]
    async fn options(
        &self,
        _page: OurPage,
        body: JsonBody<Begin>,
    ) -> Result<JsonReply<TotpOptions>, Problem> {
        let begun = self.verify.begin_code(&body.value.token, &body.value.word()?).await?;
        let CodeOptions { challenge_token, setup } = begun;
        Ok(JsonReply(match setup {
            None => TotpOptions {
                challenge_token,
                kind: Kind::Authenticate,
                secret: None,
                uri: None,
                qr: None,
            },
            Some(AppSetup { secret, uri }) => TotpOptions {
                challenge_token,
                kind: Kind::Register,
                secret: Some(secret),
                qr: Some(qr_svg(&uri)?),
                uri: Some(uri),
            },
        }))
    }

    /// Finish with a code
    ///
    /// A wrong one is `not_confirmed` and counts as an attempt; ask for options again to try another.
    /// After ten wrong ones within an hour, on whichever links, an app's codes are not looked at for
    /// the rest of it: `rate_limited`.
    #[oai(path = "/verify", method = "post", operation_id = "totpVerify")]
    async fn verify(
        &self,
        _page: OurPage,
        body: JsonBody<TotpAnswer>,
    ) -> Result<JsonReply<TotpFinished>, Problem> {
        let Some(typed) = TypedCode::parse(&body.value.code) else {
            let message = "must be six digits, or a recovery code".to_owned();
            return Err(Problem::validation(vec![FieldError {
                field: "code".to_owned(),
                message,
            }]));
        };
        let verify = self.verify.clone();
        // Once its challenge is consumed, an answer cannot be sent again.
        let finishing = self.settling.to_the_end(async move {
            verify.finish_code(&body.value.challenge_token, &typed, &body.bytes).await
        });
        let finished = finishing.await.map_err(|_| {
            tracing::error!("finishing a ceremony failed");
            Problem::new(Code::Unavailable, "not available at the moment; try again")
        })??;
        let status = finished.link.state.status();
        let shown = |codes: Vec<RecoveryCode>| codes.iter().map(RecoveryCode::reveal).collect();
        Ok(JsonReply(TotpFinished {
            session: self.verify.session(&finished.link),
            verified: status == Status::Verified,
            status,
            return_url: finished.link.request.return_url,
            recovery_codes: finished.recovery_codes.map(shown),
        }))
    }
}
