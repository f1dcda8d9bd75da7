//! Fake CRMs on loopback: each answers as its vendor documents, failures included, and keeps what
//! was written.

mod desks;
mod hubspot;
mod salesforce;
mod zoho;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

pub(crate) use self::desks::{freshdesk, pipedrive, zendesk};
pub(crate) use self::hubspot::hubspot;
pub(crate) use self::salesforce::salesforce;
pub(crate) use self::zoho::{zoho_crm, zoho_function};
use super::receiver::{Answer, Received, Receiver};

/// What a fake CRM knows.
#[derive(Default)]
pub(crate) struct Books {
    /// By module (or object) and id.
    pub(crate) records: BTreeMap<(String, String), Map<String, Value>>,
    /// What else was accepted: platform events, a function's messages.
    pub(crate) messages: Vec<Value>,
    /// Access tokens that are good.
    pub(crate) tokens: Vec<String>,
    /// Times a token was asked for.
    pub(crate) token_requests: usize,
    /// What is answered to the next requests for a token, and to the next others.
    pub(crate) token_faults: Vec<Answer>,
    pub(crate) faults: Vec<Answer>,
}

/// A fake CRM.
pub(crate) struct Vendor {
    pub(crate) receiver: Receiver,
    books: Arc<Mutex<Books>>,
}

impl Vendor {
    /// With one record, of which `fields` exist and are empty.
    async fn start(
        (module, id, fields): (&str, &str, &[&str]),
        answer: fn(&mut Books, &Received) -> Answer,
    ) -> Self {
        let empty = fields.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
        let books = Arc::new(Mutex::new(Books::default()));
        books.lock().unwrap().records.insert((module.to_owned(), id.to_owned()), empty);
        let theirs = Arc::clone(&books);
        let receiver =
            Receiver::answering(move |request| answer(&mut theirs.lock().unwrap(), request)).await;
        Self { receiver, books }
    }

    pub(crate) fn url(&self) -> String {
        self.receiver.url("/")
    }

    pub(crate) fn books<T>(&self, look: impl FnOnce(&mut Books) -> T) -> T {
        look(&mut self.books.lock().unwrap())
    }

    /// The only record's fields.
    pub(crate) fn record(&self) -> Map<String, Value> {
        self.books(|books| books.records.values().next().unwrap().clone())
    }
}

/// A whole answer of JSON.
pub(crate) fn said(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type", "application/json".to_owned())];
    Answer::Status(status, headers, body.to_string())
}

/// Method, path without the query, and the query.
fn parts(request: &Received) -> (&str, &str, &str) {
    let mut words = request.line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (method, path, query)
}

fn body(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap_or(Value::Null)
}

/// A form's value.
fn form(request: &Received, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(&request.body).into_owned();
    pairs.into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

impl Books {
    /// A new access token, unless the secrets are not the ones that are known.
    fn grant(&mut self, request: &Received, known: &[(&str, &str)], wrong: Answer) -> Answer {
        self.token_requests += 1;
        if !self.token_faults.is_empty() {
            return self.token_faults.remove(0);
        }
        let all = known.iter().all(|(name, value)| form(request, name).as_deref() == Some(value));
        if !all {
            return wrong;
        }
        let token = format!("access-token-{}", self.token_requests);
        self.tokens.push(token.clone());
        said(200, &json!({"access_token": token, "expires_in": 3600, "token_type": "Bearer"}))
    }

    /// Whether the request carries a good token.
    fn knows(&self, request: &Received, scheme: &str) -> bool {
        let value = request.find("authorization").unwrap_or_default();
        let token = value.strip_prefix(scheme).unwrap_or_default();
        self.tokens.iter().any(|good| good == token)
    }
}
