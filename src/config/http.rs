//! Where the service listens and whom it believes.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::reader::Reader;
use super::relying_party::Reach;
use super::variables::{HOST, LOG, PORT, RATE_LIMIT, TRUSTED_PROXIES};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// `HOST`: the address to listen on; by default the loopback address while the origin is
    /// `localhost`, else all addresses of IPv4.
    pub host: IpAddr,
    /// `PORT`.
    pub port: u16,
    /// `RATE_LIMIT`: `on` or `off`.
    pub rate_limit: bool,
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// Read first: the default origin names the port.
pub(super) fn port(reader: &mut Reader<'_>) -> Option<u16> {
    reader.number(&PORT, 1..=65535).and_then(|port| u16::try_from(port).ok())
}

pub(super) fn read(reader: &mut Reader<'_>, port: Option<u16>, reach: Reach) -> Option<Http> {
    let host = host(reader, reach);
    let rate_limit = reader.read(&RATE_LIMIT, |text| match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("is neither on nor off"),
    });
    if reach == Reach::Public && rate_limit == Some(false) {
        reader.warn("RATE_LIMIT is off: nothing slows down who guesses or floods");
    }
    let trusted_proxies = reader.networks(&TRUSTED_PROXIES);
    if trusted_proxies.iter().flatten().any(|network| network.prefix_len() == 0) {
        reader.warn("TRUSTED_PROXIES covers every address: anybody can claim any address");
    }
    Some(Http {
        host: host?,
        port: port?,
        rate_limit: rate_limit?,
        trusted_proxies: trusted_proxies?,
    })
}

fn host(reader: &mut Reader<'_>, reach: Reach) -> Option<IpAddr> {
    if !reader.is_set(&HOST) {
        return Some(match reach {
            Reach::Local => Ipv4Addr::LOCALHOST.into(),
            Reach::Public => Ipv4Addr::UNSPECIFIED.into(),
        });
    }
    reader.read(&HOST, |text| match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        _ => text.parse().map_err(|_| "is no IP address of this machine"),
    })
}

/// `LOG`, checked no further than that it is one line: telemetry knows the grammar.
pub(super) fn log(reader: &mut Reader<'_>) -> Option<String> {
    reader.read(&LOG, |text| {
        let printable = text.chars().all(|c| !c.is_control());
        if printable { Ok(text.to_owned()) } else { Err("holds control characters") }
    })
}
