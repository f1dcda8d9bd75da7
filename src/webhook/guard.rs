//! Which URLs and addresses webhooks may reach, so that nobody uses us to look into a private
//! network. Pure rules; [`super::resolve`] and [`super::client`] apply them to what is dialled.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

/// The rules, with the operator's exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    allow: Vec<IpNet>,
    /// Our own public name: who sends to it is not sent in a circle.
    own: Option<String>,
}

/// Which addresses a URL may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public ones, and those of `WEBHOOK_ALLOW_CIDRS`.
    Public,
    /// Only those of `WEBHOOK_ALLOW_CIDRS`: something about the URL is not fit for the internet.
    AllowedOnly,
}

/// Why an address must not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    #[error("http:// is for addresses in WEBHOOK_ALLOW_CIDRS only: use https://")]
    Scheme,
    #[error("the port must be 443 or 8443, except for addresses in WEBHOOK_ALLOW_CIDRS")]
    Port,
    #[error("the host is a private name, which only WEBHOOK_ALLOW_CIDRS can open")]
    PrivateName,
    #[error("the host is this service's own name")]
    Own,
    #[error("the host is an address that is not in WEBHOOK_ALLOW_CIDRS: use its name")]
    Literal,
    #[error("the host's address {0} is not public and not in WEBHOOK_ALLOW_CIDRS")]
    NotPublic(IpAddr),
    #[error("the host's address {0} is not in WEBHOOK_ALLOW_CIDRS, which this URL needs")]
    NotAllowed(IpAddr),
}

const PORTS: [u16; 2] = [443, 8443];

/// Names that never lead to the internet: RFC 6761, 6762, 8375, and ICANN's `.internal`.
const PRIVATE_DOMAINS: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];

impl Guard {
    #[must_use]
    pub const fn new(allow: Vec<IpNet>) -> Self {
        Self { allow, own: None }
    }

    /// The same, which refuses this name as well, unless an address in `WEBHOOK_ALLOW_CIDRS` is
    /// behind it.
    #[must_use]
    pub fn refusing(self, own: &str) -> Self {
        Self { own: Some(own.trim_end_matches('.').to_ascii_lowercase()), ..self }
    }

    /// Judges all that can be judged before the host's name is resolved. A host that is an
    /// address is judged completely, however it was spelled: `Url` has read it as one.
    ///
    /// # Errors
    /// [`Blocked`] if no address could make the URL acceptable.
    pub fn check_url(&self, url: &Url) -> Result<Reach, Blocked> {
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if let Some(address) = literal {
            return if self.is_allowed(address) {
                Ok(Reach::AllowedOnly)
            } else {
                Err(Blocked::Literal)
            };
        }
        match self.unfit(url) {
            None => Ok(Reach::Public),
            Some(_) if !self.allow.is_empty() => Ok(Reach::AllowedOnly),
            Some(blocked) => Err(blocked),
        }
    }

    /// Judges an address that a name resolved to, at the moment it would be dialled.
    ///
    /// # Errors
    /// [`Blocked`] with the address.
    pub fn check_address(&self, address: IpAddr, reach: Reach) -> Result<(), Blocked> {
        match reach {
            _ if self.is_allowed(address) => Ok(()),
            Reach::Public if is_public(address) => Ok(()),
            Reach::Public => Err(Blocked::NotPublic(address)),
            Reach::AllowedOnly => Err(Blocked::NotAllowed(address)),
        }
    }

    fn unfit(&self, url: &Url) -> Option<Blocked> {
        let own = self.own.is_some() && self.own.as_deref() == Some(name(url));
        if own { Some(Blocked::Own) } else { unfit_for_the_internet(url) }
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        // An IPv4 address is dialled just the same when it is written as `::ffff:a.b.c.d`.
        let plain = address.to_canonical();
        self.allow.iter().any(|net| net.contains(&address) || net.contains(&plain))
    }
}

fn unfit_for_the_internet(url: &Url) -> Option<Blocked> {
    if url.scheme() != "https" {
        return Some(Blocked::Scheme);
    }
    if !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
        return Some(Blocked::Port);
    }
    let name = name(url);
    let private = PRIVATE_DOMAINS.iter().any(|domain| {
        name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    (private || !name.contains('.')).then_some(Blocked::PrivateName)
}

/// `Url` has made the name lower-case ASCII; `name.` is `name`, fully qualified.
fn name(url: &Url) -> &str {
    let name = url.domain().unwrap_or_default();
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether this is an address of the public internet: IANA's special-purpose registries
/// (RFC 6890), read strictly.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

/// Network and prefix length.
const NOT_PUBLIC_V4: [([u8; 4], u32); 18] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // carrier-grade NAT
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, metadata services
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 31, 196, 0], 24), // AS112
    ([192, 52, 193, 0], 24), // AMT
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([192, 175, 48, 0], 24), // AS112
    ([198, 18, 0, 0], 15),   // benchmarking
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u128::from(address.to_bits());
    !NOT_PUBLIC_V4.iter().any(|(network, prefix)| {
        has_prefix(bits, u128::from(u32::from_be_bytes(*network)), *prefix, 32)
    })
}

const GLOBAL_UNICAST: (u128, u32) = (0x2000 << 112, 3);

/// What is special within global unicast.
const NOT_PUBLIC_V6: [(u128, u32); 4] = [
    (0x2001 << 112, 23),     // Teredo, ORCHID, benchmarking
    (0x2001_0db8 << 96, 32), // documentation
    (0x2002 << 112, 16),     // 6to4, which embeds any IPv4 address
    (0x3fff << 112, 20),     // documentation
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |(network, prefix)| has_prefix(address.to_bits(), network, prefix, 128);
    within(GLOBAL_UNICAST) && !NOT_PUBLIC_V6.into_iter().any(within)
}

/// The IPv4 address that is really reached: `::ffff:0:0/96` (RFC 4291, section 2.5.5.2) and
/// NAT64's `64:ff9b::/96` (RFC 6052, section 2.1).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}

/// Of a prefix between 1 and `width`.
fn has_prefix(address: u128, network: u128, prefix: u32, width: u32) -> bool {
    (address ^ network) >> (width - prefix) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str]) -> Guard {
        Guard::new(allow.iter().map(|net| net.parse().unwrap()).collect())
    }

    fn check_url(allow: &[&str], url: &str) -> Result<Reach, Blocked> {
        guard(allow).check_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn public_addresses_may_be_reached() {
        for address in "
            1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0
            126.255.255.255 128.0.0.0 169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.0
            192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
            2606:4700::1111 2a00::1 2001:200::1 2001:4860:4860::8888 2003::1 3ffe::1
            3fff:1000::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
        "
        .split_whitespace()
        {
            let address = address.parse().unwrap();
            assert_eq!(guard(&[]).check_address(address, Reach::Public), Ok(()), "{address}");
        }
    }

    #[test]
    fn other_addresses_may_not() {
        for address in "
            0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.0 100.127.255.255
            127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.8
            192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1
            198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
            240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1
            ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1
            64:ff9b::169.254.169.254 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:2::1 2001:10::1
            2001:1ff::1 2001:db8::1 2002::1 2002:7f00:1:: 2002:808:808::1 3fff::1
            3fff:fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 1fff::1
            4000::1
        "
        .split_whitespace()
        {
            let address = address.parse().unwrap();
            assert_eq!(
                guard(&[]).check_address(address, Reach::Public),
                Err(Blocked::NotPublic(address)),
            );
        }
    }

    #[test]
    fn the_operator_can_open_private_networks() {
        let guard = guard(&["10.1.0.0/16", "fd00:1::/32"]);
        for address in "10.1.2.3 ::ffff:10.1.2.3 fd00:1::5".split(' ') {
            let address = address.parse().unwrap();
            assert_eq!(guard.check_address(address, Reach::Public), Ok(()), "{address}");
            assert_eq!(guard.check_address(address, Reach::AllowedOnly), Ok(()), "{address}");
        }
        for address in "10.2.0.1 ::ffff:10.2.0.1 64:ff9b::10.1.2.3 fd00:2::5 ::1".split(' ') {
            let address = address.parse().unwrap();
            assert!(guard.check_address(address, Reach::Public).is_err(), "{address}");
        }
        let public = "8.8.8.8".parse().unwrap();
        assert_eq!(guard.check_address(public, Reach::Public), Ok(()));
        assert_eq!(
            guard.check_address(public, Reach::AllowedOnly),
            Err(Blocked::NotAllowed(public))
        );
    }

    #[test]
    fn an_address_is_known_in_every_spelling() {
        for host in "
            127.0.0.1 127.1 127.0.1 0x7f000001 0X7F.1 2130706433 0177.0.0.1 017700000001
            ①②⑦.0.0.1 １２７.０.０.１ 127。0。0。1 127.0.0.1. %31%32%37.0.0.1 0 0.0.0.0 [::1] [::]
            [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1] [2002:7f00:1::]
            [fd00:ec2::254] [fe80::1] 169.254.169.254 0xa9fea9fe 10.0.0.1 8.8.8.8 134744072
            [2606:4700::1111]
        "
        .split_whitespace()
        {
            let url = format!("https://{host}/hook");
            assert_eq!(check_url(&[], &url), Err(Blocked::Literal), "{host}");
        }
        for host in "127.1 2130706433 ①②⑦.0.0.1 127.0.0.1. [::ffff:127.0.0.1]".split(' ') {
            let url = format!("http://{host}:9000/hook");
            assert_eq!(check_url(&["127.0.0.0/8"], &url), Ok(Reach::AllowedOnly), "{host}");
            assert_eq!(check_url(&["10.0.0.0/8"], &url), Err(Blocked::Literal), "{host}");
        }
    }

    #[test]
    fn our_own_name_is_no_receiver() {
        let guard = guard(&[]).refusing("Verify.example.com");
        for host in ["verify.example.com", "VERIFY.example.com.", "verify.example.com:8443"] {
            let url = Url::parse(&format!("https://{host}/hook")).unwrap();
            assert_eq!(guard.check_url(&url), Err(Blocked::Own), "{host}");
        }
        let other = Url::parse("https://crm.verify.example.com/hook").unwrap();
        assert_eq!(guard.check_url(&other), Ok(Reach::Public));
    }

    #[test]
    fn a_public_url_is_https_on_its_usual_ports_with_a_full_name() {
        for url in "
            https://crm.example.com/hook https://crm.example.com:443/
            https://CRM.Example.com. https://crm.example.com:8443/
            https://xn--bcher-kva.example/ https://bücher.example/
            https://notlocal.example.org/ https://myinternal.com/ https://local.example.com/
        "
        .split_whitespace()
        {
            assert_eq!(check_url(&[], url), Ok(Reach::Public), "{url}");
        }
        for (url, blocked) in [
            ("http://crm.example.com/", Blocked::Scheme),
            ("http://crm.example.com:443/", Blocked::Scheme),
            ("https://crm.example.com:80/", Blocked::Port),
            ("https://crm.example.com:22/", Blocked::Port),
            ("https://crm.example.com:6379/", Blocked::Port),
            ("https://backend/", Blocked::PrivateName),
            ("https://backend./", Blocked::PrivateName),
            ("https://localhost/", Blocked::PrivateName),
            ("https://LOCALHOST/", Blocked::PrivateName),
            ("https://localhost./", Blocked::PrivateName),
            ("https://app.localhost/", Blocked::PrivateName),
            ("https://printer.local/", Blocked::PrivateName),
            ("https://metadata.google.internal/", Blocked::PrivateName),
            ("https://metadata.google.internal./", Blocked::PrivateName),
            ("https://nas.home.arpa/", Blocked::PrivateName),
            ("https://home.arpa/", Blocked::PrivateName),
        ] {
            assert_eq!(check_url(&[], url), Err(blocked), "{url}");
            // Where the operator opened something, the addresses decide.
            assert_eq!(check_url(&["10.0.0.0/8"], url), Ok(Reach::AllowedOnly), "{url}");
        }
    }
}
