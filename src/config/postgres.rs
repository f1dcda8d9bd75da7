//! `postgres://` URLs, read as libpq reads them: where the server is, who asks, how it is proved
//! that it is the right one. What is not known is refused rather than ignored: a misspelled
//! `sslmode` must not mean "without".

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::secret::Secret;

/// A PostgreSQL server and a database on it. `Debug` and `Display` never show the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres {
    /// Tried in order until one takes writes; at least one.
    pub hosts: Vec<Host>,
    pub user: String,
    pub password: Option<Secret>,
    pub database: String,
    pub tls: Tls,
    pub application_name: String,
    /// How long to wait for one host.
    pub connect_timeout: Duration,
    /// `options`: settings of the session, as `-c name=value`.
    pub options: Option<String>,
    /// `DATABASE_POOL`: connections this process opens at most.
    pub pool: u32,
}

/// One server. A name that begins with `/` is the folder of a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    pub port: u16,
}

impl Host {
    /// Whether it is reached through the file system.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }
}

/// `sslmode`, with what its mode needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// In the clear.
    Disable,
    /// Encrypted if the server can.
    Prefer,
    /// Encrypted, whoever the server is.
    Require,
    /// Encrypted, and the certificate is from an authority we trust.
    VerifyCa(Roots),
    /// The same, and the certificate is for this host.
    VerifyFull(Roots),
}

/// Which authorities are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// The operating system's.
    System,
    /// Those in this PEM file.
    File(PathBuf),
}

impl Tls {
    /// The word of `sslmode`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa(_) => "verify-ca",
            Self::VerifyFull(_) => "verify-full",
        }
    }
}

/// Where it is, without the password.
impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}@", self.user)?;
        for (index, Host { name, port }) in self.hosts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let brackets = name.contains(':');
            let (open, close) = if brackets { ("[", "]") } else { ("", "") };
            write!(f, "{comma}{open}{name}{close}:{port}")?;
        }
        write!(f, "/{}?sslmode={}", self.database, self.tls.as_str())
    }
}

const PORT: u16 = 5432;
const KNOWN: &str = "host, port, user, password, dbname, sslmode, sslrootcert, connect_timeout, \
                     application_name and options";

/// Reads what follows `postgres://`. The error says what is wrong and holds no secret.
pub(super) fn parse(rest: &str, pool: u32) -> Result<Postgres, String> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let (who, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = match who.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (who, None),
    };
    let mut given = Given {
        hosts: hosts.to_owned(),
        user: decode(user, "user")?,
        password: password.map(|text| decode(text, "password")).transpose()?,
        database: decode(database, "database")?,
        ..Given::default()
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        given.set(name, decode(value, "parameters")?)?;
    }
    given.finish(pool)
}

/// The parts as they are written.
#[derive(Default)]
struct Given {
    /// As `host:port,host`.
    hosts: String,
    /// The parameter `port`: for all hosts, or one for each.
    ports: Option<String>,
    user: String,
    password: Option<String>,
    database: String,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
    connect_timeout: Option<String>,
    application_name: Option<String>,
    options: Option<String>,
}

impl Given {
    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "host" => self.hosts = value,
            "port" => self.ports = Some(value),
            "user" => self.user = value,
            "password" => self.password = Some(value),
            "dbname" => self.database = value,
            "sslmode" => self.sslmode = Some(value),
            "sslrootcert" => self.sslrootcert = Some(value),
            "connect_timeout" => self.connect_timeout = Some(value),
            "application_name" => self.application_name = Some(value),
            "options" => self.options = Some(value),
            _ => return Err(format!("has a parameter that is none of {KNOWN}")),
        }
        Ok(())
    }

    fn finish(self, pool: u32) -> Result<Postgres, String> {
        let tls = tls(self.sslmode.as_deref(), self.sslrootcert.as_deref())?;
        if self.user.is_empty() {
            return Err("names no user, as in postgres://USER:PASSWORD@HOST/DATABASE".to_owned());
        }
        let hosts = hosts(&self.hosts, self.ports.as_deref())?;
        let seconds = match self.connect_timeout.as_deref() {
            None => 5,
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| (1..=60).contains(seconds))
                .ok_or("has a connect_timeout that is no number of seconds from 1 to 60")?,
        };
        let has_nul = [&self.user, &self.database].iter().any(|text| text.contains('\0'));
        if has_nul {
            return Err("holds a NUL character".to_owned());
        }
        Ok(Postgres {
            hosts,
            database: if self.database.is_empty() { self.user.clone() } else { self.database },
            user: self.user,
            password: self.password.as_deref().map(Secret::from),
            tls,
            application_name: self.application_name.unwrap_or_else(|| "vouchlink".to_owned()),
            connect_timeout: Duration::from_secs(seconds),
            options: self.options,
            pool,
        })
    }
}

fn tls(mode: Option<&str>, root: Option<&str>) -> Result<Tls, String> {
    let roots = match root {
        None | Some("system") => Roots::System,
        Some(path) if Path::new(path).is_file() => Roots::File(PathBuf::from(path)),
        Some(_) => return Err("has an sslrootcert that names no file".to_owned()),
    };
    match (mode.unwrap_or("prefer"), roots) {
        ("disable", _) => Ok(Tls::Disable),
        ("prefer", _) => Ok(Tls::Prefer),
        // Who names an authority wants it asked: libpq does the same.
        ("require", Roots::File(path)) => Ok(Tls::VerifyCa(Roots::File(path))),
        ("require", Roots::System) => Ok(Tls::Require),
        ("verify-ca", roots) => Ok(Tls::VerifyCa(roots)),
        ("verify-full", roots) => Ok(Tls::VerifyFull(roots)),
        _ => Err("has an sslmode that is none of disable, prefer, require, verify-ca and \
                  verify-full"
            .to_owned()),
    }
}

fn hosts(text: &str, ports: Option<&str>) -> Result<Vec<Host>, String> {
    let ports: Vec<&str> = ports.map(|ports| ports.split(',').collect()).unwrap_or_default();
    let places: Vec<&str> = text.split(',').collect();
    let mut hosts = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let (name, port) = split(place)?;
        let name = decode(name, "host")?;
        if name.is_empty() {
            return Err("names no host, as in postgres://USER:PASSWORD@HOST/DATABASE".to_owned());
        }
        let port = match (port, ports.as_slice()) {
            (Some(port), _) => Some(port),
            (None, [only]) => Some(*only),
            (None, many) => many.get(index).copied(),
        };
        let port = match port.filter(|port| !port.is_empty()) {
            None => PORT,
            Some(port) => port
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or("has a port that is no number from 1 to 65535")?,
        };
        hosts.push(Host { name, port });
    }
    let sockets = hosts.iter().filter(|host| host.is_socket()).count();
    if sockets > 0 && sockets < hosts.len() {
        return Err("mixes hosts and Unix sockets".to_owned());
    }
    Ok(hosts)
}

/// A host and its port; an IPv6 address stands in brackets.
fn split(place: &str) -> Result<(&str, Option<&str>), String> {
    if place.starts_with('/') {
        return Ok((place, None));
    }
    if let Some(rest) = place.strip_prefix('[') {
        let (name, rest) = rest.split_once(']').ok_or("has an IPv6 address without its ]")?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((name, Some(port))),
            None if rest.is_empty() => Ok((name, None)),
            None => Err("has something between a host and its port".to_owned()),
        };
    }
    Ok(match place.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (place, None),
    })
}

/// Undoes `%41` for `A`.
/// What a URL has with `%` signs; `what` names the part in the error.
pub(super) fn decode(text: &str, what: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let value = digit(rest.next()).zip(digit(rest.next())).map(|(high, low)| high * 16 + low);
        let byte = value.and_then(|value| u8::try_from(value).ok());
        bytes.push(byte.ok_or_else(|| {
            format!("has a % in its {what} that is not followed by two digits (write it %25)")
        })?);
    }
    String::from_utf8(bytes).map_err(|_| format!("has a {what} that is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> Result<Postgres, String> {
        parse(rest, 16)
    }

    #[test]
    fn a_url_says_where_who_and_how() {
        let all = "vouch%40link:p%3Ass%2fw%25rd@db.example.com:6432/identity?sslmode=require\
                   &application_name=a%20b&connect_timeout=9&options=-csearch_path%3Dvouch";
        let read = read(all).unwrap();
        assert_eq!(read.user, "vouch@link");
        assert_eq!(read.password, Some(Secret::from("p:ss/w%rd")));
        assert_eq!(read.hosts, [Host { name: "db.example.com".to_owned(), port: 6432 }]);
        assert_eq!(read.database, "identity");
        assert_eq!(read.tls, Tls::Require);
        assert_eq!(read.application_name, "a b");
        assert_eq!(read.connect_timeout, Duration::from_secs(9));
        assert_eq!(read.options.as_deref(), Some("-csearch_path=vouch"));
        let shown = format!("{read} {read:?}");
        assert!(!shown.contains("p:ss") && !shown.contains("p%3A"), "{shown}");
        assert!(
            shown
                .starts_with("postgres://vouch@link@db.example.com:6432/identity?sslmode=require ")
        );
    }

    #[test]
    fn what_is_left_out_is_as_libpq_has_it() {
        let read = read("me@db").unwrap();
        assert_eq!((read.hosts[0].port, &*read.database), (5432, "me"));
        assert_eq!((read.tls, read.password), (Tls::Prefer, None));
        assert_eq!(read.application_name, "vouchlink");
        assert_eq!(read.connect_timeout, Duration::from_secs(5));
    }

    #[test]
    fn several_hosts_addresses_and_sockets_are_places() {
        let places = |text: &str| -> Vec<(String, u16)> {
            read(text).unwrap().hosts.into_iter().map(|host| (host.name, host.port)).collect()
        };
        let of = |name: &str, port| (name.to_owned(), port);
        assert_eq!(places("me@a:1,b,c:3/x"), [of("a", 1), of("b", 5432), of("c", 3)]);
        assert_eq!(places("me@[::1]:7,[::2]/x"), [of("::1", 7), of("::2", 5432)]);
        assert_eq!(places("me@/x?host=/run/postgresql"), [of("/run/postgresql", 5432)]);
        assert_eq!(places("me@/x?host=a,b&port=1,2"), [of("a", 1), of("b", 2)]);
        assert_eq!(places("me@%2Frun%2Fpg/x"), [of("/run/pg", 5432)]);
    }

    #[test]
    fn the_roots_are_the_systems_or_a_files() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().display();
        let tls = |query: &str| read(&format!("me@db/x?{query}")).unwrap().tls;
        assert_eq!(tls("sslmode=verify-full"), Tls::VerifyFull(Roots::System));
        assert_eq!(tls("sslmode=verify-full&sslrootcert=system"), Tls::VerifyFull(Roots::System));
        let own = || Roots::File(file.path().to_owned());
        assert_eq!(tls(&format!("sslmode=verify-ca&sslrootcert={path}")), Tls::VerifyCa(own()));
        assert_eq!(tls(&format!("sslmode=require&sslrootcert={path}")), Tls::VerifyCa(own()));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        for (text, what) in [
            ("db/x", "names no user"),
            ("me@/x", "names no host"),
            ("me:hush@db/x?sslmode=verify", "sslmode"),
            ("me:hush@db/x?sslmode=verify-full&sslrootcert=/no/such/file", "sslrootcert"),
            ("me:hush@db/x?ssl_mode=require", "parameter"),
            ("me:hush@db/x?connect_timeout=soon", "connect_timeout"),
            ("me:hush%zz@db/x", "%25"),
            ("me:hush@db:99999/x", "port"),
            ("me:hush@[::1/x", "IPv6"),
            ("me:hush@db,/run/x", "names no host"),
            ("me:hush@x/y?host=db,/run/x", "mixes"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(what), "{text}: {error}");
            assert!(!error.contains("hush"), "{text}: {error}");
        }
    }
}
