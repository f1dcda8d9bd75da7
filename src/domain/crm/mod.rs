//! CRMs: what an endpoint of each kind has to know, and what a record is told of a customer.
//!
//! [`Connection`] is the checked form of an endpoint's settings and credentials, [`Mapping`] says
//! which fact goes into which field, [`News`] reads the facts from an event.

mod desk;
mod hubspot;
mod mapping;
mod news;
mod reader;
mod record;
mod salesforce;
#[cfg(test)]
mod tests;
mod zoho;

use serde_json::{Map, Value};

pub use self::desk::{Freshdesk, Pipedrive, PipedriveEntity, Zendesk, ZendeskLogin};
pub use self::hubspot::Hubspot;
pub use self::mapping::{Fact, Mapping};
pub use self::news::{Entry, Fit, News, Unreadable};
use self::reader::Reader;
pub use self::record::{Form, Ids, Record};
pub use self::salesforce::{PlatformEvent, Salesforce};
pub use self::zoho::{DataCentre, FunctionForm, ZohoCrm, ZohoFunction};
use super::endpoint::{EndpointUrl, Kind};
use super::event::EventType;

/// A setting's path, such as `settings.data_centre`, and what is wrong with it.
pub type Problem = (String, String);

/// How an endpoint's receiver is spoken to: its settings and credentials, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Nothing but the endpoint's URL and key.
    Standard,
    ZohoFunction(ZohoFunction),
    ZohoCrm(ZohoCrm),
    Hubspot(Hubspot),
    Salesforce(Salesforce),
    Pipedrive(Pipedrive),
    Zendesk(Zendesk),
    Freshdesk(Freshdesk),
}

impl Connection {
    /// # Errors
    /// Every [`Problem`], unknown members among them. What was given stays out of the messages,
    /// except for the names of settings.
    pub fn parse(
        kind: Kind,
        settings: &Map<String, Value>,
        credentials: &Map<String, Value>,
    ) -> Result<Self, Vec<Problem>> {
        let mut settings = Reader::new("settings", settings);
        let mut credentials = Reader::new("credentials", credentials);
        let (s, c) = (&mut settings, &mut credentials);
        let connection = match kind {
            Kind::Standard => Some(Self::Standard),
            Kind::ZohoFunction => Some(Self::ZohoFunction(ZohoFunction::read(s))),
            Kind::ZohoCrm => ZohoCrm::read(s, c).map(Self::ZohoCrm),
            Kind::Hubspot => Hubspot::read(s, c).map(Self::Hubspot),
            Kind::Salesforce => Salesforce::read(s, c).map(Self::Salesforce),
            Kind::Pipedrive => Pipedrive::read(s, c).map(Self::Pipedrive),
            Kind::Zendesk => Zendesk::read(s, c).map(Self::Zendesk),
            Kind::Freshdesk => Freshdesk::read(s, c).map(Self::Freshdesk),
        };
        let problems = [settings.finish(), credentials.finish()].concat();
        match connection {
            Some(connection) if problems.is_empty() => Ok(connection),
            _ => Err(problems),
        }
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Standard => Kind::Standard,
            Self::ZohoFunction(_) => Kind::ZohoFunction,
            Self::ZohoCrm(_) => Kind::ZohoCrm,
            Self::Hubspot(_) => Kind::Hubspot,
            Self::Salesforce(_) => Kind::Salesforce,
            Self::Pipedrive(_) => Kind::Pipedrive,
            Self::Zendesk(_) => Kind::Zendesk,
            Self::Freshdesk(_) => Kind::Freshdesk,
        }
    }

    /// Where requests go that are asked for with a key or token, and where that token comes from
    /// if it has to be fetched; none for kinds that are given a URL.
    #[must_use]
    pub fn origins(&self) -> Vec<&EndpointUrl> {
        match self {
            Self::Standard | Self::ZohoFunction(_) => Vec::new(),
            Self::ZohoCrm(zoho) => vec![&zoho.api, &zoho.accounts],
            Self::Hubspot(hubspot) => vec![&hubspot.api],
            Self::Salesforce(salesforce) => vec![&salesforce.api],
            Self::Pipedrive(pipedrive) => vec![&pipedrive.api],
            Self::Zendesk(zendesk) => vec![&zendesk.api],
            Self::Freshdesk(freshdesk) => vec![&freshdesk.api],
        }
    }

    /// What staff see instead of a URL; `None` for kinds that are given one.
    #[must_use]
    pub fn shown_url(&self) -> Option<String> {
        self.origins().first().map(|origin| {
            let url = origin.expose();
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{origin}{port}")
        })
    }

    /// Checks the URL of a kind that is given one.
    ///
    /// # Errors
    /// What is wrong with it, to stand behind the field's name.
    pub fn check_url(&self, url: &EndpointUrl) -> Result<(), &'static str> {
        match self {
            Self::ZohoFunction(_) => ZohoFunction::check_url(url),
            _ => Ok(()),
        }
    }

    /// Whether events of this type say something that can be written there: a CRM's record can be
    /// told of verdicts only, everybody else may hear everything.
    #[must_use]
    pub const fn takes(&self, event: EventType) -> bool {
        match self {
            Self::Standard | Self::ZohoFunction(_) => true,
            _ => event.is_verdict(),
        }
    }
}
