//! CRMs in their own terms: which record an event is about, the requests that write it, and what
//! the answers mean. One file for each CRM; [`oauth`] shares access tokens.

mod freshdesk;
mod hubspot;
mod oauth;
mod pipedrive;
mod salesforce;
mod zendesk;
mod zoho_crm;
pub(super) mod zoho_function;

use std::time::Duration;

use serde_json::Value;
use url::form_urlencoded;

pub use self::oauth::Tokens;
use super::client::Answered;
use super::exchange::Exchange;
use super::send::{Message, Terms};
use super::wire::Wire;
use crate::domain::crm::{Fit, Mapping, News, Record};
use crate::domain::delivery::Class;
use crate::domain::endpoint::EndpointUrl;
use crate::domain::remedy::Remedy;

/// What is to be written, and where.
struct Order<'a> {
    news: &'a News,
    /// As the link named it.
    module: &'a str,
    id: &'a str,
}

/// Tells a CRM what an event says.
pub(super) async fn tell(
    terms: &Terms,
    wire: &Wire<'_>,
    tokens: &Tokens,
    message: Message<'_>,
) -> Exchange {
    let Some(record) = record(terms) else { return no_crm() };
    let news = match News::read(message.body, message.at) {
        Ok(news) => news,
        Err(unreadable) => {
            let said = format!("{unreadable}, so there is nothing to write");
            return Exchange::failed(Class::Rejected, &said);
        }
    };
    let order = match order(&news, record) {
        Ok(order) => order,
        Err(reason) => return unwritten(&reason),
    };
    match terms {
        Terms::ZohoCrm(zoho) => zoho_crm::tell(zoho, &order, wire, tokens).await,
        Terms::Hubspot(hubspot) => hubspot::tell(hubspot, &order, wire).await,
        Terms::Salesforce(salesforce) => salesforce::tell(salesforce, &order, wire, tokens).await,
        Terms::Pipedrive(pipedrive) => pipedrive::tell(pipedrive, &order, wire).await,
        Terms::Zendesk(zendesk) => zendesk::tell(zendesk, &order, wire).await,
        Terms::Freshdesk(freshdesk) => freshdesk::tell(freshdesk, &order, wire).await,
        Terms::Standard(_) | Terms::ZohoFunction(..) => no_crm(),
    }
}

/// Asks a CRM for something that changes nothing and needs the same credentials.
pub(super) async fn check(terms: &Terms, wire: &Wire<'_>, tokens: &Tokens) -> Exchange {
    match terms {
        Terms::ZohoCrm(zoho) => zoho_crm::check(zoho, wire, tokens).await,
        Terms::Hubspot(hubspot) => hubspot::check(hubspot, wire).await,
        Terms::Salesforce(salesforce) => salesforce::check(salesforce, wire, tokens).await,
        Terms::Pipedrive(pipedrive) => pipedrive::check(pipedrive, wire).await,
        Terms::Zendesk(zendesk) => zendesk::check(zendesk, wire).await,
        Terms::Freshdesk(freshdesk) => freshdesk::check(freshdesk, wire).await,
        Terms::Standard(_) | Terms::ZohoFunction(..) => no_crm(),
    }
}

const fn record(terms: &Terms) -> Option<&Record> {
    match terms {
        Terms::ZohoCrm(zoho) => Some(&zoho.record),
        Terms::Hubspot(hubspot) => Some(&hubspot.record),
        Terms::Salesforce(salesforce) => Some(&salesforce.record),
        Terms::Pipedrive(pipedrive) => Some(&pipedrive.record),
        Terms::Zendesk(zendesk) => Some(&zendesk.record),
        Terms::Freshdesk(freshdesk) => Some(&freshdesk.record),
        Terms::Standard(_) | Terms::ZohoFunction(..) => None,
    }
}

fn no_crm() -> Exchange {
    Exchange::failed(Class::Config, "the endpoint's kind writes no records")
}

fn order<'a>(news: &'a News, record: &Record) -> Result<Order<'a>, String> {
    match news.fit(record) {
        Fit::Record { module, id } => Ok(Order { news, module, id }),
        Fit::Unnamed => Err("the link named no record (crm.module and crm.record_id)".to_owned()),
        Fit::Elsewhere { module } => Err(format!(
            "the link named a record of {module}, and this endpoint writes to {} only",
            record.modules.join(", ")
        )),
        Fit::NoId => Err("the link's crm.record_id is not an id of this CRM".to_owned()),
    }
}

/// No request was made, and none will help.
fn unwritten(reason: &str) -> Exchange {
    let said = format!("nothing was written: {reason}");
    Exchange::failed(Class::Rejected, &said).judged(Class::Rejected, Remedy::CheckRecord)
}

/// Where a path of a CRM's interface is.
fn at(origin: &EndpointUrl, path: &str) -> Result<EndpointUrl, Exchange> {
    let origin = origin.expose().as_str().trim_end_matches('/');
    EndpointUrl::parse(&format!("{origin}{path}"))
        .map_err(|bad| Exchange::failed(Class::Config, &format!("the CRM's URL {bad}")))
}

/// Names and values as the query of a URL.
fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The names of the fields that are written, with commas between.
fn names(mapping: &Mapping) -> String {
    mapping.iter().map(|(field, _)| field).collect::<Vec<_>>().join(",")
}

/// A CRM's answer, as far as every CRM's means the same.
struct Spoken {
    exchange: Exchange,
    status: u16,
    /// `None` if the body is no JSON, or too long to be read as a whole.
    json: Option<Value>,
    is_empty: bool,
    is_cut: bool,
}

/// What a CRM says when it has had enough, without saying for how long.
const PAUSE: Duration = Duration::from_secs(60);

impl Spoken {
    /// `Err` with the outcome if there is no answer to judge.
    fn of(answered: Answered) -> Result<Self, Exchange> {
        let is_cut = answered.is_cut();
        let Answered { exchange, body } = answered;
        match (exchange.http_status, exchange.class) {
            // Their hosts' names come from the settings.
            (_, Class::Dns | Class::Redirect) => {
                let class = exchange.class;
                Err(exchange.judged(class, Remedy::CheckDataCentre))
            }
            (Some(status), class) if !is_broken(class) => Ok(Self {
                exchange,
                status,
                json: serde_json::from_slice(body.expose()).ok(),
                is_empty: body.expose().iter().all(u8::is_ascii_whitespace),
                is_cut,
            }),
            _ => Err(exchange),
        }
    }

    const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// What a member of the answer says.
    fn text(&self, pointer: &str) -> Option<&str> {
        self.json.as_ref()?.pointer(pointer)?.as_str()
    }

    fn judged(self, class: Class, remedy: Remedy) -> Exchange {
        self.exchange.judged(class, remedy)
    }

    fn success(self) -> Exchange {
        self.exchange.judged(Class::Success, None)
    }

    /// A 2xx that does not say what it should: a page of somebody in between, or of maintenance.
    fn nonsense(self) -> Exchange {
        self.exchange.judged(Class::Protocol, Remedy::Wait)
    }

    /// What a status means at every CRM, where its own words say nothing more. A success is none
    /// yet: that is for the CRM's own file to say.
    fn by_status(self) -> Exchange {
        let spoke = self.json.is_some() || self.is_empty;
        match self.status {
            401 => self.judged(Class::Config, Remedy::Reconnect),
            402 | 403 => self.judged(Class::Config, Remedy::CheckPermission),
            404 if !spoke => self.judged(Class::Config, Remedy::CheckDataCentre),
            404 | 410 => self.judged(Class::Rejected, Remedy::CheckRecord),
            400 | 409 | 422 if spoke => self.judged(Class::Rejected, Remedy::CheckFields),
            429 => self.exchange.slowed(PAUSE),
            408 | 423 | 425 | 500..=599 => self.judged(Class::Unavailable, Remedy::Wait),
            200..=299 => self.nonsense(),
            _ => self.judged(Class::Config, Remedy::CheckReceiver),
        }
    }
}

/// Broke off before or while it was read.
const fn is_broken(class: Class) -> bool {
    matches!(
        class,
        Class::Dns
            | Class::Connect
            | Class::Tls
            | Class::Timeout
            | Class::Protocol
            | Class::SsrfBlocked
    )
}
