//! Where verdicts are posted, how they are signed, and how patiently they are delivered.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::Host;

use super::data_folder::DataFolder;
use super::reader::Reader;
use super::relying_party::Reach;
use super::strength::weakness;
use super::variables::{
    CRM_WEBHOOK_KIND, CRM_WEBHOOK_SECRET, CRM_WEBHOOK_TOKEN, CRM_WEBHOOK_URL, WEBHOOK_ALLOW_CIDRS,
    WEBHOOK_CONCURRENCY, WEBHOOK_RATE, WEBHOOK_RETRY_SCHEDULE,
};
use crate::domain::delivery::Schedule;
use crate::domain::endpoint::{EndpointUrl, KEY_MIN, Kind, draw_key, parse_key, show_key};
use crate::domain::random::{NoEntropy, Random};
use crate::domain::secret::Secret;

/// The built-in endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// `CRM_WEBHOOK_KIND`: one of those that need nothing but a URL.
    pub kind: Kind,
    /// `CRM_WEBHOOK_URL`.
    pub url: EndpointUrl,
    /// `CRM_WEBHOOK_SECRET`: the HMAC key's bytes (decoded, if it was given as `whsec_...`).
    pub secret: Secret,
    /// `CRM_WEBHOOK_TOKEN`: sent as `Authorization: Bearer`.
    pub token: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `WEBHOOK_RETRY_SCHEDULE`: seconds before each attempt.
    pub schedule: Schedule,
    /// `WEBHOOK_RATE`: requests per endpoint and second; `None` for unlimited.
    pub rate: Option<u32>,
    /// `WEBHOOK_CONCURRENCY`: requests to one endpoint at once.
    pub concurrency: u32,
    /// `WEBHOOK_ALLOW_CIDRS`: private networks that webhooks may reach, over http too.
    pub allow_cidrs: Vec<IpNet>,
}

const WEEK: u64 = 7 * 86_400;

pub(super) fn read_delivery(reader: &mut Reader<'_>, reach: Reach) -> Option<Delivery> {
    let schedule = reader.read(&WEBHOOK_RETRY_SCHEDULE, schedule);
    let rate = reader.number(&WEBHOOK_RATE, 0..=10_000);
    let concurrency = reader.number(&WEBHOOK_CONCURRENCY, 1..=64);
    let allow_cidrs = if reader.is_set(&WEBHOOK_ALLOW_CIDRS) || reach == Reach::Public {
        reader.networks(&WEBHOOK_ALLOW_CIDRS)
    } else {
        Some(loopback())
    };
    if allow_cidrs.iter().flatten().any(|network| network.prefix_len() == 0) {
        reader
            .warn("WEBHOOK_ALLOW_CIDRS covers every address: webhooks may reach your own network");
    }
    Some(Delivery {
        schedule: schedule?,
        rate: rate.map(|rate| (rate > 0).then_some(rate))?,
        concurrency: concurrency?,
        allow_cidrs: allow_cidrs?,
    })
}

fn schedule(text: &str) -> Result<Schedule, String> {
    let wait = |part: &str| {
        let seconds = part.trim().parse().ok().filter(|seconds| *seconds <= WEEK);
        seconds.map(Duration::from_secs).ok_or_else(|| {
            format!("holds {:?}, which is no number of seconds from 0 to {WEEK}", part.trim())
        })
    };
    let waits = text.split(',').map(wait).collect::<Result<_, _>>()?;
    let waits: Vec<Duration> = waits;
    // A verdict is sent at once: somebody is waiting for it.
    if waits.first().is_some_and(|first| !first.is_zero()) {
        return Err("must begin with 0: the first attempt is made at once".to_owned());
    }
    Schedule::new(waits).ok_or_else(|| "has more than 50 attempts".to_owned())
}

/// This machine itself.
#[must_use]
pub fn loopback() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"].into_iter().filter_map(|network| network.parse().ok()).collect()
}

/// `None` if there is no webhook, or something wrong with it.
pub(super) fn read(
    reader: &mut Reader<'_>,
    reach: Reach,
    delivery: Option<&Delivery>,
    data: &DataFolder<'_>,
) -> Option<Webhook> {
    let kind = reader.read(&CRM_WEBHOOK_KIND, |text| match Kind::parse(text) {
        Some(kind) if kind.has_url() => Ok(kind),
        Some(_) => Err("needs settings and credentials, which the environment has no place for: \
                        make such an endpoint with POST /api/endpoints"),
        None => Err("is neither standard nor zoho_function"),
    });
    let token = reader.read(&CRM_WEBHOOK_TOKEN, token);
    let secret = reader.read(&CRM_WEBHOOK_SECRET, |text| {
        let weak = weakness(text, KEY_MIN).filter(|_| reach == Reach::Public);
        parse_key(text).map_err(|bad| bad.to_string()).and_then(|key| weak.map_or(Ok(key), Err))
    });
    if !reader.is_set(&CRM_WEBHOOK_URL) {
        for unused in [&CRM_WEBHOOK_SECRET, &CRM_WEBHOOK_TOKEN] {
            if reader.is_set(unused) {
                let unused = unused.name;
                reader.warn(format!("{unused} is set but CRM_WEBHOOK_URL is not: nothing is sent"));
            }
        }
        return None;
    }
    let url = reader.read(&CRM_WEBHOOK_URL, |text| url(text.trim(), delivery));
    let secret =
        if reader.is_set(&CRM_WEBHOOK_SECRET) { secret } else { generated(reader, reach, data) };
    Some(Webhook { kind: kind?, url: url?, secret: secret?, token })
}

fn generated(reader: &mut Reader<'_>, reach: Reach, data: &DataFolder<'_>) -> Option<Secret> {
    let text = reader.generated(&CRM_WEBHOOK_SECRET, reach, data, "webhook-secret", draw)?;
    parse_key(&text)
        .map_err(|wrong| {
            let what = format!("was kept in data/webhook-secret, which {wrong}");
            reader.refuse(&CRM_WEBHOOK_SECRET, what, "remove that file, and a new one is made");
        })
        .ok()
}

fn draw(random: &dyn Random) -> Result<String, NoEntropy> {
    Ok(show_key(&draw_key(random)?))
}

fn url(text: &str, delivery: Option<&Delivery>) -> Result<EndpointUrl, String> {
    let url = EndpointUrl::parse(text).map_err(|error| error.to_string())?;
    // Without the list, which then has its own problem, nothing can be said about http.
    if let Some(delivery) = delivery.filter(|_| url.expose().scheme() == "http") {
        let allowed =
            |address: IpAddr| delivery.allow_cidrs.iter().any(|net| net.contains(&address));
        let reachable = match url.expose().host() {
            Some(Host::Ipv4(address)) => allowed(address.into()),
            Some(Host::Ipv6(address)) => allowed(address.into()),
            Some(Host::Domain(_)) | None => !delivery.allow_cidrs.is_empty(),
        };
        if !reachable {
            return Err("begins with http://, which is for addresses in WEBHOOK_ALLOW_CIDRS only"
                .to_owned());
        }
    }
    Ok(url)
}

fn token(text: &str) -> Result<Secret, &'static str> {
    if text.len() > 4096 {
        Err("has more than 4096 characters")
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err("holds other characters than visible ASCII")
    } else {
        Ok(Secret::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_schedule_has_sixteen_attempts_in_three_days() {
        let schedule = schedule(WEBHOOK_RETRY_SCHEDULE.default().unwrap()).unwrap();
        assert_eq!(schedule.waits().len(), 16);
        let seconds: u64 = schedule.waits().iter().map(Duration::as_secs).sum();
        assert_eq!(seconds, 71 * 3600 + 52 * 60 + 40);
    }

    #[test]
    fn a_schedule_is_a_list_of_seconds() {
        assert!(schedule("0, 5,60").is_ok());
        for text in ["5m", "", "0,,5", "-1", "604801"] {
            assert!(schedule(text).is_err(), "{text}");
        }
        assert!(schedule(&vec!["0"; 51].join(",")).unwrap_err().contains("50"));
        assert!(schedule("2,8").unwrap_err().contains("begin with 0"));
    }
}
