//! Alerts: what the operators are mailed about endpoints that do not take what they are sent.
//!
//! News of an endpoint is noted in the transaction it follows from; a little later all news there is
//! becomes one mail, so that many endpoints that fail together are one mail as well.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::clock::Timestamp;
use super::delivery::{Class, Undelivered};
use super::endpoint::{DisabledReason, Endpoint, EndpointStatus};
use super::id::EndpointId;
use super::remedy::Remedy;
use super::verdict::words;

words! {
    /// What befell an endpoint.
    News {
        /// It has been failing for a while.
        Failing = "failing",
        Disabled = "disabled",
        /// Something will not arrive there unless staff see to it.
        Undelivered = "undelivered",
        /// It takes messages again, and the operators were last told that it does not.
        Recovered = "recovered",
    }
}

/// What fails together becomes known within this time, and is one mail.
pub const GATHERED: Duration = Duration::from_secs(60);
/// From one alert to the next, whatever happens meanwhile.
pub const PACE: Duration = Duration::from_secs(15 * 60);
/// How often it is news that something did not arrive at an endpoint.
pub const UNDELIVERED_PACE: Duration = Duration::from_secs(86_400);
/// How many answers of an endpoint are shown.
pub const ANSWERS: u32 = 3;

/// What is noted of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    pub endpoint: EndpointId,
    /// What the operators do not know yet, and since when.
    pub news: Option<(News, Timestamp)>,
    /// When they were last told of it.
    pub alerted_at: Option<Timestamp>,
}

/// When all news is to be told; `None` if there is none.
#[must_use]
pub fn due(noted: &[Noted]) -> Option<Timestamp> {
    let oldest = noted.iter().filter_map(|noted| noted.news).map(|(_, since)| since).min()?;
    let last = noted.iter().filter_map(|noted| noted.alerted_at).max();
    let gathered = oldest.plus(GATHERED);
    Some(last.map_or(gathered, |last| gathered.max(last.plus(PACE))))
}

impl News {
    /// Whether the operators, once they have heard it, believe that the endpoint fails; `None` if it
    /// changes nothing about that.
    #[must_use]
    pub const fn alarms(self) -> Option<bool> {
        match self {
            Self::Failing | Self::Disabled => Some(true),
            Self::Undelivered => None,
            Self::Recovered => Some(false),
        }
    }
}

/// One mail's worth of news, as it was when it was queued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub at: Timestamp,
    /// One at least.
    pub endpoints: Vec<Report>,
}

/// How an endpoint fares. Nothing of it is secret: of its URL there is the host alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub news: News,
    pub endpoint: EndpointId,
    pub name: String,
    /// `None` if it is not known.
    pub host: Option<String>,
    /// Since when it fails.
    pub since: Option<Timestamp>,
    /// Failed attempts since then.
    pub attempts: u32,
    pub disabled: Option<DisabledReason>,
    /// The soonest moment at which it will be disabled if it goes on failing.
    pub disabled_from: Option<Timestamp>,
    pub undelivered: Undelivered,
    /// The newest first.
    pub answers: Vec<Answer>,
}

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub at: Timestamp,
    pub class: Class,
    /// The answer's status, if there was one.
    pub status: Option<u16>,
    pub remedy: Option<Remedy>,
}

impl Alert {
    /// As it was kept.
    ///
    /// # Errors
    /// It is none, or one of another version.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl Report {
    /// `None` if the news is none any more.
    #[must_use]
    pub fn of(
        endpoint: &Endpoint,
        news: News,
        undelivered: Undelivered,
        answers: Vec<Answer>,
    ) -> Option<Self> {
        let failing = endpoint.health.failing;
        let holds = match news {
            News::Failing => failing.is_some() && endpoint.status != EndpointStatus::Disabled,
            News::Disabled => endpoint.status == EndpointStatus::Disabled,
            News::Undelivered => undelivered.held + undelivered.exhausted > 0,
            News::Recovered => endpoint.status != EndpointStatus::Disabled,
        };
        (holds && endpoint.status != EndpointStatus::Removed).then(|| Self {
            news,
            endpoint: endpoint.id,
            name: endpoint.name.to_string(),
            host: host(&endpoint.shown_url),
            since: failing.map(|failing| failing.since),
            attempts: failing.map_or(0, |failing| failing.attempts),
            disabled: endpoint.disabled,
            disabled_from: match endpoint.status {
                EndpointStatus::Active => failing.map(|failing| failing.disabled_from()),
                EndpointStatus::Paused | EndpointStatus::Disabled | EndpointStatus::Removed => None,
            },
            undelivered,
            answers,
        })
    }

    /// What helps, as far as the newest answers say.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        self.answers.iter().find_map(|answer| answer.remedy)
    }
}

/// Paths are left out as well: many a receiver has its key there.
fn host(shown_url: &str) -> Option<String> {
    Url::parse(shown_url).ok()?.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    fn after(seconds: u64) -> Timestamp {
        NOON.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn news_is_told_after_a_minute_and_a_quarter_of_an_hour_after_the_last() {
        let noted = |news: Option<u64>, alerted: Option<u64>| Noted {
            endpoint: EndpointId::from_bytes([1; 16]),
            news: news.map(|since| (News::Failing, after(since))),
            alerted_at: alerted.map(after),
        };
        assert_eq!(due(&[]), None);
        assert_eq!(due(&[noted(None, Some(0))]), None);
        assert_eq!(due(&[noted(Some(30), None), noted(Some(0), None)]), Some(after(60)));
        // Of another endpoint, which is told of no more than a quarter of an hour later.
        assert_eq!(due(&[noted(None, Some(0)), noted(Some(5), None)]), Some(after(900)));
        assert_eq!(due(&[noted(Some(900), Some(0))]), Some(after(960)));
    }

    #[test]
    fn of_a_url_the_host_alone_is_told() {
        assert_eq!(
            host("https://www.zohoapis.com/crm/v7/functions/f/actions/execute?..."),
            Some("www.zohoapis.com".to_owned())
        );
        assert_eq!(
            host("https://hooks.example.com:8443/T0/B0/secret"),
            host("https://hooks.example.com")
        );
        assert_eq!(host(""), None);
    }

    #[test]
    fn an_alert_reads_back_as_it_was_written() {
        let alert = Alert {
            at: NOON,
            endpoints: vec![Report {
                news: News::Disabled,
                endpoint: EndpointId::from_bytes([7; 16]),
                name: "CRM \"7\"\u{202e}".to_owned(),
                host: None,
                since: Some(NOON),
                attempts: 20,
                disabled: Some(DisabledReason::Failing),
                disabled_from: None,
                undelivered: Undelivered { waiting: 0, held: 3, exhausted: 1 },
                answers: vec![Answer {
                    at: NOON,
                    class: Class::Unavailable,
                    status: Some(503),
                    remedy: Some(Remedy::Wait),
                }],
            }],
        };
        let text = serde_json::to_string(&alert).unwrap();
        assert_eq!(serde_json::from_str::<Alert>(&text).unwrap(), alert);
        let unknown = text.replace("disabled\"", "confused\"");
        assert!(serde_json::from_str::<Alert>(&unknown).is_err());
    }
}
