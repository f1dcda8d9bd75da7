//! `/api/me`: what customers see of themselves and change after a verification.

use poem_openapi::auth::Bearer;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi, SecurityScheme};
use serde::Serialize;

use super::body::JsonReply;
use super::links::{Tag, qr_svg};
use super::problem::{Code, Problem};
use super::same_origin::OurPage;
use crate::domain::aaguid;
use crate::domain::authenticator_app::AuthenticatorApp;
use crate::domain::clock::Timestamp;
use crate::domain::encoding::Base64Url;
use crate::domain::id::CredentialId;
use crate::domain::link::Status;
use crate::flows::issue::Issued;
use crate::flows::me::{Ended, Me, Passkey, Removed, View};

#[derive(Debug)]
pub(super) struct MeApi {
    pub me: Me,
    pub rp_id: String,
}

/// The `session` that a finished ceremony answered with, as `Authorization: Bearer`. It lives ten
/// minutes and no longer than the passkey or the app is good with which it was finished.
#[derive(SecurityScheme)]
#[oai(ty = "bearer", rename = "CustomerSession")]
pub(super) struct CustomerSession(Bearer);

/// What a customer sees of themselves.
#[derive(Debug, Serialize, Object)]
struct MeView {
    /// Whether this session may add passkeys, and remove them and apps. One whose passkey was made
    /// in the very link only looks, unless the link asked for the agent's code; one of a code always
    /// only looks.
    may_change: bool,
    /// When the session ends.
    expires_at: Timestamp,
    /// Oldest first.
    passkeys: Vec<PasskeyView>,
    /// One at the most.
    authenticator_apps: Vec<AppView>,
    /// The last requests that came to an end, newest first, twenty at the most.
    history: Vec<EndedView>,
}

/// A passkey, for its owner.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Passkey")]
struct PasskeyView {
    id: CredentialId,
    /// What its keeper calls itself; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    name: Option<String>,
    /// It opened this session.
    current: bool,
    /// It is synced to the customer's other devices.
    synced: bool,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    /// How many passkeys were added with it that can be removed with it.
    added: usize,
}

/// An authenticator app, for its owner.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "OwnAuthenticatorApp")]
struct AppView {
    id: CredentialId,
    /// A code of it, or one of its recovery codes, opened this session.
    current: bool,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    /// Of the ten that came with it.
    recovery_codes_left: u32,
}

/// A request that came to an end.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "EndedRequest")]
struct EndedView {
    at: Timestamp,
    status: Status,
    /// What the customer approved; only what was approved with the passkey or the app of this
    /// session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    statement: Option<String>,
}

/// What a device needs to forget a removed passkey (WebAuthn Level 3, section 5.1.10).
#[derive(Debug, Serialize, Object)]
#[oai(rename = "RemovedPasskey")]
struct RemovedView {
    /// For `signalUnknownCredential`.
    #[serde(rename = "unknownCredential")]
    #[oai(rename = "unknownCredential")]
    unknown_credential: UnknownCredential,
    /// For `signalAllAcceptedCredentials`.
    #[serde(rename = "allAcceptedCredentials")]
    #[oai(rename = "allAcceptedCredentials")]
    all_accepted_credentials: AllAcceptedCredentials,
}

/// `UnknownCredentialOptions`.
#[derive(Debug, Serialize, Object)]
struct UnknownCredential {
    #[serde(rename = "rpId")]
    #[oai(rename = "rpId")]
    rp_id: String,
    #[serde(rename = "credentialId")]
    #[oai(rename = "credentialId")]
    credential_id: Base64Url,
}

/// `AllAcceptedCredentialsOptions`.
#[derive(Debug, Serialize, Object)]
struct AllAcceptedCredentials {
    #[serde(rename = "rpId")]
    #[oai(rename = "rpId")]
    rp_id: String,
    #[serde(rename = "userId")]
    #[oai(rename = "userId")]
    user_id: Base64Url,
    #[serde(rename = "allAcceptedCredentialIds")]
    #[oai(rename = "allAcceptedCredentialIds")]
    all_accepted_credential_ids: Vec<Base64Url>,
}

#[derive(ApiResponse)]
enum Gone {
    /// It is gone.
    #[oai(status = 204)]
    NoContent,
}

/// A link under which the customer makes one more passkey.
#[derive(Debug, Serialize, Object)]
struct AddingView {
    short_url: String,
    /// The same as an SVG image of a QR code, for another device's camera.
    qr: String,
    door_url: String,
    /// Twelve digits to be typed there on another device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    door_code: Option<String>,
    expires_at: Timestamp,
}

#[OpenApi(prefix_path = "/api/me", tag = "Tag::Me")]
impl MeApi {
    /// Show the customer's own view
    #[oai(path = "/", method = "get", operation_id = "getMe")]
    async fn view(
        &self,
        _page: OurPage,
        session: CustomerSession,
    ) -> Result<JsonReply<MeView>, Problem> {
        Ok(JsonReply(self.me.view(&session.0.token).await?.into()))
    }

    /// Remove a passkey
    ///
    /// It never verifies its owner again, and a verification that rests on it lapses.
    #[oai(path = "/credentials/:id", method = "delete", operation_id = "removeMyCredential")]
    async fn remove(
        &self,
        _page: OurPage,
        session: CustomerSession,
        /// The passkey's `id`.
        id: Path<String>,
        /// Also those that were added with it, but for the one of this session.
        #[oai(default)]
        with_added: Query<bool>,
    ) -> Result<JsonReply<RemovedView>, Problem> {
        let id = id.parse().map_err(|_| Problem::new(Code::NotFound, "no such passkey"))?;
        let removed = self.me.remove(&session.0.token, id, with_added.0).await?;
        Ok(JsonReply(RemovedView::of(removed, &self.rp_id)))
    }

    /// Remove an authenticator app
    ///
    /// Its codes and recovery codes never verify its owner again, and a verification that rests on
    /// one lapses.
    #[oai(
        path = "/authenticator-apps/:id",
        method = "delete",
        operation_id = "removeMyAuthenticatorApp"
    )]
    async fn remove_app(
        &self,
        _page: OurPage,
        session: CustomerSession,
        /// The app's `id`.
        id: Path<String>,
    ) -> Result<Gone, Problem> {
        let id =
            id.parse().map_err(|_| Problem::new(Code::NotFound, "no such authenticator app"))?;
        self.me.remove_app(&session.0.token, id).await?;
        Ok(Gone::NoContent)
    }

    /// Add another passkey
    ///
    /// Makes a link that lives ten minutes, for this device or another one. The new passkey is
    /// bound no higher than the one of this session. It tells staff nothing of who is calling:
    /// where the customer stands stays as it is.
    #[oai(path = "/credentials", method = "post", operation_id = "addMyCredential")]
    async fn add(
        &self,
        _page: OurPage,
        session: CustomerSession,
    ) -> Result<JsonReply<AddingView, 201>, Problem> {
        Ok(JsonReply(AddingView::of(self.me.add(&session.0.token).await?)?))
    }
}

impl From<View> for MeView {
    fn from(view: View) -> Self {
        let View { current, may_change, expires_at, passkeys, app, history } = view;
        Self {
            may_change,
            expires_at,
            passkeys: passkeys.iter().map(|key| PasskeyView::of(key, current)).collect(),
            authenticator_apps: app.iter().map(|app| AppView::of(app, current)).collect(),
            history: history.into_iter().map(EndedView::from).collect(),
        }
    }
}

impl PasskeyView {
    fn of(Passkey { key: credential, added }: &Passkey, current: CredentialId) -> Self {
        Self {
            id: credential.id,
            name: aaguid::name(&credential.key.aaguid).map(str::to_owned),
            current: credential.id == current,
            synced: credential.key.backup_state,
            created_at: credential.created_at,
            last_used_at: credential.last_used_at,
            added: *added,
        }
    }
}

impl AppView {
    fn of(app: &AuthenticatorApp, current: CredentialId) -> Self {
        Self {
            id: app.id,
            current: app.id == current,
            created_at: app.created_at,
            last_used_at: app.last_used_at,
            recovery_codes_left: app.recovery_codes_left,
        }
    }
}

impl From<Ended> for EndedView {
    fn from(ended: Ended) -> Self {
        Self {
            at: ended.at,
            status: ended.link.state.status(),
            statement: ended.statement.map(|text| text.to_string()),
        }
    }
}

impl RemovedView {
    fn of(Removed { removed, handle, left }: Removed, rp_id: &str) -> Self {
        Self {
            unknown_credential: UnknownCredential {
                rp_id: rp_id.to_owned(),
                credential_id: Base64Url(removed.key.id),
            },
            all_accepted_credentials: AllAcceptedCredentials {
                rp_id: rp_id.to_owned(),
                user_id: Base64Url(handle.0.to_vec()),
                all_accepted_credential_ids: left
                    .into_iter()
                    .map(|credential| Base64Url(credential.key.id))
                    .collect(),
            },
        }
    }
}

impl AddingView {
    fn of(issued: Issued) -> Result<Self, Problem> {
        Ok(Self {
            qr: qr_svg(&issued.short_url)?,
            short_url: issued.short_url,
            door_url: issued.door_url,
            door_code: issued.door_code.map(|code| code.to_string()),
            expires_at: issued.link.expires_at,
        })
    }
}
