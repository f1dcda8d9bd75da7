//! Who the customer's device makes a passkey for, and where customers reach the service.

use url::{Host, Url};

use super::reader::{Reader, shown};
use super::variables::{ORIGIN, PORT, RP_ID, RP_NAME, Variable};
use crate::domain::text::Line;

/// Who the customer's device makes a passkey for (WebAuthn Level 3, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// `RP_ID`: the domain passkeys belong to; the origin's host by default.
    pub id: String,
    /// `RP_NAME`: the company's name, as customers know it.
    pub name: Line<64>,
    /// `ORIGIN`: where customers reach us, `https://verify.example.com`; scheme, host and, if not
    /// the scheme's own, port; no path, no trailing slash; compared byte for byte.
    pub origin: String,
}

impl RelyingParty {
    /// The origin's host.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        Url::parse(&self.origin).ok()?.host_str().map(str::to_owned)
    }
}

/// Who can reach the origin. A public one is not let start with anything weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// `localhost`: this machine's browser only.
    Local,
    Public,
}

/// The settings and who can reach them.
pub(super) fn read(reader: &mut Reader<'_>, port: Option<u16>) -> (Option<RelyingParty>, Reach) {
    let (origin, reach) = origin(reader, port);
    let id = rp_id(reader, origin.as_ref());
    if reach == Reach::Public && !reader.is_set(&RP_NAME) {
        reader.warn(
            "RP_NAME is not set: customers read \"Vouchlink\" where your company's name should be",
        );
    }
    let name = reader.read(&RP_NAME, Line::parse);
    let relying_party = match (id, name, origin) {
        (Some(id), Some(name), Some(origin)) => {
            Some(RelyingParty { id, name, origin: origin.text })
        }
        _ => None,
    };
    (relying_party, reach)
}

struct Origin {
    text: String,
    host: String,
}

/// An origin that was refused has a reach all the same, so that whatever else a public one
/// demands is reported with it.
fn origin(reader: &mut Reader<'_>, port: Option<u16>) -> (Option<Origin>, Reach) {
    let Some(text) = reader.given(&ORIGIN) else {
        let reach = if reader.is_set(&ORIGIN) { Reach::Public } else { Reach::Local };
        // Port 80 is http's own and not written.
        let text = match port {
            Some(80) => "http://localhost".to_owned(),
            Some(port) => format!("http://localhost:{port}"),
            None => return (None, reach),
        };
        let origin = Origin { text, host: "localhost".to_owned() };
        return (Some(origin).filter(|_| reach == Reach::Local), reach);
    };
    let url = Url::parse(&text).ok();
    let local = url.as_ref().and_then(Url::host_str).is_some_and(is_local);
    match parse_origin(&text, url) {
        Ok((origin, named)) => {
            if let Some(port) = port.filter(|port| local && *port != named) {
                let listening = format!("{} is {port} but ORIGIN names port {named}", PORT.name);
                reader.warn(format!("{listening}: does a proxy stand between?"));
            }
            (Some(origin), if local { Reach::Local } else { Reach::Public })
        }
        Err(Refused { what, remedy }) => {
            let remedy = remedy.unwrap_or_else(|| ORIGIN.advice());
            reader.refuse(&ORIGIN, format!("{} {what}", shown(&ORIGIN, &text)), remedy);
            (None, if local { Reach::Local } else { Reach::Public })
        }
    }
}

struct Refused {
    what: &'static str,
    remedy: Option<String>,
}

impl From<&'static str> for Refused {
    fn from(what: &'static str) -> Self {
        Self { what, remedy: None }
    }
}

/// The origin and its port.
fn parse_origin(text: &str, url: Option<Url>) -> Result<(Origin, u16), Refused> {
    let url = url.ok_or("is no origin")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("must begin with https://".into());
    }
    let host = match url.host() {
        Some(Host::Domain(domain)) => domain.to_owned(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => {
            return Err("names an IP address, and passkeys belong to domain names".into());
        }
        None => return Err("names no host".into()),
    };
    if url.scheme() == "http" && !is_local(&host) {
        return Err("is not https, and devices make passkeys on https pages only".into());
    }
    if host.ends_with('.') {
        return Err("has a dot at its host's end".into());
    }
    if !host.contains('.') && host != "localhost" {
        return Err("names a host without a domain, and passkeys belong to domain names".into());
    }
    let canonical = url.origin().ascii_serialization();
    if canonical != text {
        // Path, query, user name, capitals, the scheme's own port, a trailing slash.
        let remedy = Some(format!("write {}={canonical}", ORIGIN.name));
        return Err(Refused { what: "is not written as browsers write an origin", remedy });
    }
    let port = url.port_or_known_default().ok_or("names no port")?;
    Ok((Origin { text: canonical, host }, port))
}

fn rp_id(reader: &mut Reader<'_>, origin: Option<&Origin>) -> Option<String> {
    let (variable, id) = match reader.given(&RP_ID) {
        Some(id) => (&RP_ID, id),
        None if reader.is_set(&RP_ID) => return None,
        None => (&ORIGIN, origin?.host.clone()),
    };
    match (check_rp_id(&id), origin) {
        (Err(what), _) => refuse(reader, variable, &id, what),
        (Ok(()), None) => None,
        (Ok(()), Some(origin)) if !covers(&id, &origin.host) => {
            let what =
                format!("{} is neither {} nor a domain above it", shown(&RP_ID, &id), origin.host);
            reader.refuse(&RP_ID, what, format!("write {}={}", RP_ID.name, origin.host));
            None
        }
        (Ok(()), Some(_)) => Some(id),
    }
}

fn refuse(reader: &mut Reader<'_>, variable: &Variable, id: &str, what: &str) -> Option<String> {
    reader.refuse(variable, format!("{} {what}", shown(variable, id)), variable.advice());
    None
}

/// What no origin makes right.
fn check_rp_id(id: &str) -> Result<(), &'static str> {
    match Host::parse(id) {
        Ok(Host::Domain(domain)) if domain == id && !id.ends_with('.') => {}
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => {
            return Err("is an IP address, and passkeys belong to domain names");
        }
        Ok(Host::Domain(_)) | Err(_) => {
            return Err("is no domain in lower case, without scheme and port");
        }
    }
    if id != "localhost" && !id.contains('.') || PUBLIC_SUFFIXES.contains(&id) {
        return Err("is a public suffix, where anybody has domains");
    }
    Ok(())
}

/// The second-level suffixes an operator is likeliest to write. Browsers know the whole Public
/// Suffix List and refuse the others.
const PUBLIC_SUFFIXES: &[&str] = &[
    "ac.uk",
    "co.uk",
    "gov.uk",
    "ltd.uk",
    "me.uk",
    "net.uk",
    "org.uk",
    "ac.il",
    "co.il",
    "gov.il",
    "muni.il",
    "net.il",
    "org.il",
    "com.au",
    "net.au",
    "org.au",
    "co.nz",
    "net.nz",
    "org.nz",
    "co.za",
    "org.za",
    "com.br",
    "net.br",
    "org.br",
    "com.ar",
    "com.mx",
    "com.co",
    "co.in",
    "net.in",
    "org.in",
    "co.jp",
    "ne.jp",
    "or.jp",
    "co.kr",
    "or.kr",
    "com.cn",
    "com.hk",
    "com.sg",
    "com.tr",
    "com.ua",
    "com.pl",
    "co.th",
    "co.id",
    "github.io",
    "gitlab.io",
    "pages.dev",
    "workers.dev",
    "vercel.app",
    "netlify.app",
    "herokuapp.com",
    "fly.dev",
    "azurewebsites.net",
    "web.app",
    "onrender.com",
];

/// Whether `host` is `id` or below it, at a dot.
fn covers(id: &str, host: &str) -> bool {
    host.strip_suffix(id).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_local(host: &str) -> bool {
    covers("localhost", host)
}
