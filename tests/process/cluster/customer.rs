//! Customers and the staff who serve them, each request to any of the instances; what is not
//! answered is sent again to another, as browsers, CRMs and balancers do.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::server::KEY;
use crate::support::app::finish_body;
use crate::support::authenticator::Authenticator;
use crate::support::client::client;

/// Where requests may go.
pub(super) struct Instances {
    /// What customers' browsers see, whichever instance answers.
    pub(super) origin: String,
    urls: Vec<String>,
    /// Until when nobody asks it: it did not answer in time.
    down: Vec<Mutex<Instant>>,
    drawn: AtomicU64,
    client: reqwest::Client,
}

/// An instance that takes longer is down.
const PATIENCE: Duration = Duration::from_secs(2);
/// As balancers do with one that was down.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// How long one request may go from instance to instance.
const DEADLINE: Duration = Duration::from_secs(60);

impl Instances {
    pub(super) fn new(urls: Vec<String>) -> Self {
        let down = urls.iter().map(|_| Mutex::new(Instant::now())).collect();
        let client = client().timeout(PATIENCE).build().unwrap();
        let origin = urls[0].clone();
        Self { origin, urls, down, drawn: AtomicU64::new(0), client }
    }

    pub(super) fn leave(&self, instance: usize) {
        *self.down[instance].lock().unwrap() = Instant::now() + AGAIN_AFTER;
    }

    /// Once it says that it is ready.
    pub(super) async fn back(&self, instance: usize) {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < DEADLINE, "{instance} does not come back");
            let ready = self.try_at(instance, Method::GET, "/readyz", String::new(), None).await;
            if ready.is_ok_and(|(status, _)| status == StatusCode::OK) {
                break;
            }
        }
        *self.down[instance].lock().unwrap() = Instant::now();
    }

    /// Any that is not down; any at all if all are.
    fn draw(&self) -> usize {
        let now = Instant::now();
        let up: Vec<usize> =
            (0..self.urls.len()).filter(|at| *self.down[*at].lock().unwrap() <= now).collect();
        // Weyl's sequence: evenly spread, and never the same path twice.
        let drawn = self.drawn.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst) >> 32;
        let choose = |among: usize| usize::try_from(drawn).unwrap() % among;
        if up.is_empty() { choose(self.urls.len()) } else { up[choose(up.len())] }
    }

    /// Sends until somebody answers something else than that it cannot at the moment; the answer,
    /// and whose it was.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        idempotency: Option<&str>,
    ) -> (StatusCode, Value, usize) {
        self.send(method, path, body.to_string(), idempotency).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
        idempotency: Option<&str>,
    ) -> (StatusCode, Value, usize) {
        let begun = Instant::now();
        while begun.elapsed() < DEADLINE {
            let instance = self.draw();
            match self.try_at(instance, method.clone(), path, body.clone(), idempotency).await {
                Ok((StatusCode::SERVICE_UNAVAILABLE, _)) => tokio::task::yield_now().await,
                Ok((status, answer)) => return (status, answer, instance),
                Err(_) => self.leave(instance),
            }
        }
        panic!("nobody answers {method} {path}");
    }

    /// One request to this instance.
    pub(super) async fn try_at(
        &self,
        instance: usize,
        method: Method,
        path: &str,
        body: String,
        idempotency: Option<&str>,
    ) -> Result<(StatusCode, Value), reqwest::Error> {
        let url = format!("{}{path}", self.urls[instance]);
        let mut request = self.client.request(method, url).bearer_auth(KEY);
        if let Some(key) = idempotency {
            request = request.header("idempotency-key", key);
        }
        request = request.header("content-type", "application/json").body(body);
        let response = request.send().await?;
        let status = response.status();
        let answer = response.text().await?;
        Ok((status, serde_json::from_str(&answer).unwrap_or_default()))
    }

    /// A request that follows this link, at this instance.
    pub(super) fn events(&self, instance: usize, link: &str) -> reqwest::RequestBuilder {
        let path = format!("/api/verification/link/{link}/events");
        let url = format!("{}{path}", self.urls[instance]);
        // No deadline for the whole answer.
        client().build().unwrap().get(url).bearer_auth(KEY)
    }
}

/// How a link ended, as somebody was told.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) link: String,
    pub(super) status: String,
    /// Who said so.
    pub(super) instance: usize,
}

pub(super) struct Customer {
    pub(super) id: String,
    pub(super) instances: Arc<Instances>,
    phone: Authenticator,
    enrolled: bool,
    round: usize,
}

impl Customer {
    pub(super) fn new(number: usize, instances: Arc<Instances>) -> Self {
        let id = format!("customer-{number}");
        // Each begins at another place of the round.
        let round = number;
        Self { id, instances, phone: Authenticator::new(), enrolled: false, round }
    }

    /// A new link's answer, and whose it was.
    pub(super) async fn order(&mut self) -> (Value, usize) {
        self.round += 1;
        let body = json!({"user_id": self.id, "username": self.id});
        let key = format!("{}-{}", self.id, self.round);
        let path = "/api/verification/link";
        let (status, link, instance) =
            self.instances.call(Method::POST, path, &body, Some(&key)).await;
        assert_eq!(status, 201, "{link}");
        (link, instance)
    }

    /// What happens to a link, in turn.
    pub(super) async fn end(&mut self, link: &Value) -> Ending {
        match self.round % 5 {
            _ if !self.enrolled => self.confirm(link, 0).await,
            0 => self.decline(link).await,
            1 => self.revoke(link).await,
            2 => self.confirm(link, usize::MAX).await,
            3 => self.confirm(link, 1).await,
            _ => self.confirm(link, 0).await,
        }
    }

    /// Answers rightly after so many wrong answers.
    pub(super) async fn confirm(&mut self, link: &Value, mut wrong: usize) -> Ending {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < DEADLINE, "{} gets nowhere with {link}", self.id);
            let kind = if self.enrolled { "authenticate" } else { "register" };
            let path = format!("/api/ceremony/{kind}");
            let token = json!({"token": link["token"]});
            let (status, options, instance) =
                self.instances.call(Method::POST, &format!("{path}/options"), &token, None).await;
            if status == StatusCode::GONE {
                return self.ended(link, &options, instance).await;
            }
            assert_eq!(status, 200, "{options}");
            let credential = if wrong > 0 {
                "{}".to_owned()
            } else if self.enrolled {
                self.phone.authenticate(&options["publicKey"], &self.instances.origin)
            } else {
                self.phone.register(&options["publicKey"], &self.instances.origin)
            };
            let body = finish_body(&options, &credential);
            let (status, answer, instance) =
                self.instances.send(Method::POST, &format!("{path}/verify"), body, None).await;
            match (status.as_u16(), answer["code"].as_str()) {
                (200, _) => {
                    assert_eq!((wrong, &answer["verified"]), (0, &json!(true)), "{answer}");
                    return self.verified(link, instance);
                }
                (422, Some("not_confirmed")) => wrong = wrong.saturating_sub(1),
                // Another answer of ours was there before, perhaps this one's first copy.
                (409, Some("challenge_used")) => {}
                (410, _) => return self.ended(link, &answer, instance).await,
                _ => panic!("{status} {answer}"),
            }
        }
    }

    fn verified(&mut self, link: &Value, instance: usize) -> Ending {
        self.enrolled = true;
        ending(link, "verified", instance)
    }

    /// The link had ended already: by what we sent and heard no answer to.
    async fn ended(&mut self, link: &Value, problem: &Value, instance: usize) -> Ending {
        match problem["code"].as_str().unwrap() {
            "link_used" => self.verified(link, instance),
            // Or its attempts are used up, and who took the last one is dead or frozen: then it
            // is open until its time is over, or until staff end it.
            "link_failed" => self.revoke(link).await,
            code => ending(link, code.strip_prefix("link_").unwrap(), instance),
        }
    }

    async fn decline(&mut self, link: &Value) -> Ending {
        let body = json!({"token": link["token"], "reason": "not_me"});
        let path = "/api/ceremony/decline";
        let (status, answer, instance) = self.instances.call(Method::POST, path, &body, None).await;
        assert_eq!((status.as_u16(), &answer["status"]), (200, &json!("declined")), "{answer}");
        ending(link, "declined", instance)
    }

    async fn revoke(&mut self, link: &Value) -> Ending {
        let path = format!("/api/verification/link/{}/revoke", id(link));
        let (status, answer, instance) =
            self.instances.call(Method::POST, &path, &json!({}), None).await;
        match (status.as_u16(), answer["code"].as_str()) {
            (200, _) => assert_eq!(answer["status"], "revoked"),
            (410, Some("link_failed")) => return ending(link, "failed", instance),
            _ => panic!("{status} {answer}"),
        }
        ending(link, "revoked", instance)
    }
}

pub(super) fn id(link: &Value) -> &str {
    link["id"].as_str().unwrap()
}

fn ending(link: &Value, status: &str, instance: usize) -> Ending {
    Ending { link: id(link).to_owned(), status: status.to_owned(), instance }
}
