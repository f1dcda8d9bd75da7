//! How often one address may ask.
//!
//! Limits are per process and generous: they stop floods and guessing, not people behind one
//! company's address. One-time rules do not rest on them.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use ipnet::IpNet;
use poem::Request;

use super::problem::{Code, Problem};
use crate::config::Http;
use crate::domain::id::EndpointId;

/// The limiters, shared by all requests.
#[derive(Clone)]
pub struct Limits {
    /// `None` if switched off.
    limiters: Option<Arc<Limiters>>,
    /// Test events, per endpoint; never switched off, as somebody else's server gets them.
    tests: Arc<DefaultKeyedRateLimiter<EndpointId>>,
    trusted_proxies: Arc<[IpNet]>,
}

struct Limiters {
    /// The customer's page and ceremonies, per address.
    customer: DefaultKeyedRateLimiter<IpAddr>,
    /// Wrong API keys, per address.
    wrong_key: DefaultKeyedRateLimiter<IpAddr>,
    /// Codes typed at the known door, right ones too, per address.
    door: DefaultKeyedRateLimiter<IpAddr>,
}

const fn per_second(rate: u32, burst: u32) -> Quota {
    let (Some(rate), Some(burst)) = (NonZeroU32::new(rate), NonZeroU32::new(burst)) else {
        return Quota::per_second(NonZeroU32::MIN);
    };
    Quota::per_second(rate).allow_burst(burst)
}

const fn per_minute(rate: u32, burst: u32) -> Quota {
    let (Some(rate), Some(burst)) = (NonZeroU32::new(rate), NonZeroU32::new(burst)) else {
        return Quota::per_minute(NonZeroU32::MIN);
    };
    Quota::per_minute(rate).allow_burst(burst)
}

impl Limits {
    #[must_use]
    pub fn new(settings: &Http) -> Self {
        let limiters = settings.rate_limit.then(|| {
            Arc::new(Limiters {
                customer: RateLimiter::keyed(per_second(20, 120)),
                wrong_key: RateLimiter::keyed(per_second(1, 20)),
                // A company's or a mobile network's customers may share an address.
                door: RateLimiter::keyed(per_minute(10, 20)),
            })
        });
        let tests = Arc::new(RateLimiter::keyed(per_minute(10, 10)));
        Self { limiters, tests, trusted_proxies: settings.trusted_proxies.clone().into() }
    }

    /// Counts a customer's request.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn customer(&self, request: &Request) -> Result<(), Problem> {
        self.check(request, |limiters| &limiters.customer)
    }

    /// Counts a wrong API key.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn wrong_key(&self, request: &Request) -> Result<(), Problem> {
        self.check(request, |limiters| &limiters.wrong_key)
    }

    /// Counts a code typed at the known door.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn door(&self, request: &Request) -> Result<(), Problem> {
        self.check(request, |limiters| &limiters.door)
    }

    /// Counts a test event: ten a minute.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn test_event(&self, endpoint: EndpointId) -> Result<(), Problem> {
        let detail = "an endpoint gets ten test events a minute at most; wait a moment";
        self.tests.check_key(&endpoint).map_err(|denied| limited(&denied, detail))
    }

    /// Forgets addresses that have not asked for a while, every minute until `stop` resolves.
    pub async fn keep_small(self, stop: impl Future<Output = ()>) {
        let Some(limiters) = &self.limiters else { return stop.await };
        let forget = async {
            let mut minute = tokio::time::interval(Duration::from_secs(60));
            loop {
                minute.tick().await;
                for limiter in [&limiters.customer, &limiters.wrong_key, &limiters.door] {
                    limiter.retain_recent();
                    limiter.shrink_to_fit();
                }
            }
        };
        tokio::select! {
            () = stop => {}
            () = forget => {}
        }
    }

    fn check(
        &self,
        request: &Request,
        which: impl Fn(&Limiters) -> &DefaultKeyedRateLimiter<IpAddr>,
    ) -> Result<(), Problem> {
        let (Some(limiters), Some(address)) = (&self.limiters, self.address(request)) else {
            return Ok(());
        };
        let detail = "too many requests from this address; wait a moment";
        which(limiters).check_key(&bucket(address)).map_err(|denied| limited(&denied, detail))
    }

    fn address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.remote_addr().as_socket_addr().map(SocketAddr::ip)?;
        let forwarded = request.headers().get_all("x-forwarded-for").iter();
        // What is no text is no address.
        let forwarded = forwarded.map(|value| value.to_str().unwrap_or_default());
        Some(client(peer, forwarded, &self.trusted_proxies))
    }
}

fn limited(
    denied: &NotUntil<<DefaultClock as governor::clock::Clock>::Instant>,
    detail: &str,
) -> Problem {
    let wait = denied.wait_time_from(DefaultClock::default().now());
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    Problem::new(Code::RateLimited, detail).retry_after(seconds)
}

/// The client's address: the peer's, or, behind trusted proxies, the nearest one in the values of
/// `X-Forwarded-For` that is no trusted proxy. What is no address ends what is believed: then the
/// proxy that named it counts.
fn client<'v>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'v str>,
    trusted: &[IpNet],
) -> IpAddr {
    let trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
    let mut client = peer.to_canonical();
    for hop in forwarded.rev().flat_map(|value| value.rsplit(',')) {
        if !trusted(client) {
            break;
        }
        let Some(named) = parse_hop(hop.trim()) else { break };
        client = named.to_canonical();
    }
    client
}

/// An address, alone or with a port (`[v6]:port`).
fn parse_hop(hop: &str) -> Option<IpAddr> {
    hop.parse().or_else(|_| hop.parse().map(|with_port: SocketAddr| with_port.ip())).ok()
}

/// One household or company has a /64 of IPv6 at the least.
fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").field("on", &self.limiters.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Behind proxies in `10.0.0.0/8` and `fd00::/8`.
    fn client_of(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap());
        client(peer.parse().unwrap(), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_asked_for_whom_it_speaks() {
        assert_eq!(client_of("203.0.113.9", &["198.51.100.7"]), "203.0.113.9");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_counts_whatever_stands_before_it() {
        assert_eq!(client_of("10.0.0.1", &["192.0.2.1, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(
            client_of("10.0.0.1", &["192.0.2.1", "198.51.100.7", "10.0.0.2"]),
            "198.51.100.7"
        );
        assert_eq!(client_of("10.0.0.1", &["198.51.100.7,10.0.0.3", "10.0.0.2"]), "198.51.100.7");
        assert_eq!(client_of("10.0.0.1", &["not an address, 198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn nothing_is_believed_that_stands_before_what_is_no_address() {
        for unreadable in
            ["unknown", "", "198.51.100.7.1", "_hidden", "198.51.100.7:port", "::1]:5"]
        {
            let forwarded = format!("192.0.2.1, {unreadable}");
            assert_eq!(client_of("10.0.0.1", &[&forwarded]), "10.0.0.1", "{forwarded}");
            assert_eq!(
                client_of("10.0.0.1", &["192.0.2.1", unreadable]),
                "10.0.0.1",
                "{unreadable}"
            );
            let forwarded = format!("192.0.2.1, {unreadable}, 10.0.0.3, 10.0.0.2");
            assert_eq!(client_of("10.0.0.1", &[&forwarded]), "10.0.0.3", "{forwarded}");
        }
    }

    #[test]
    fn a_client_inside_of_the_trusted_networks_is_itself() {
        assert_eq!(client_of("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn a_hop_may_name_its_port() {
        assert_eq!(client_of("10.0.0.1", &["192.0.2.1, 198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client_of("10.0.0.1", &["192.0.2.1, [2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client_of("fd00::1", &["2001:db8::7, [fd00::2]:4711"]), "2001:db8::7");
    }

    /// A socket for both protocols gives IPv4 peers as `::ffff:a.b.c.d`, all in the same /64.
    #[test]
    fn an_ipv4_address_inside_of_ipv6_is_the_ipv4_address() {
        assert_eq!(client_of("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
        assert_eq!(client_of("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }

    #[test]
    fn ipv6_addresses_of_one_network_share_a_bucket_and_ipv4_addresses_none() {
        let bucket_of = |address: &str| bucket(address.parse().unwrap()).to_string();
        assert_eq!(bucket_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(bucket_of("198.51.100.7"), "198.51.100.7");
    }
}
