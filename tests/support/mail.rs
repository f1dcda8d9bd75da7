//! A mail as a mail server took it, and how it reads.

/// A mail that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// User and password, if the client logged in.
    pub(crate) login: Option<(String, String)>,
    /// By which mechanism, `PLAIN` for example.
    pub(crate) mechanism: Option<String>,
    /// Whether the connection was encrypted.
    pub(crate) encrypted: bool,
    /// The client is not told yet that it was taken.
    pub(crate) held: bool,
    /// As it came, without dots doubled.
    pub(crate) source: String,
}

impl Mail {
    /// Whom it is for: the only one.
    #[track_caller]
    pub(crate) fn recipient(&self) -> &str {
        let [to] = self.to.as_slice() else { panic!("{:?}", self.to) };
        to.strip_prefix("TO:<").and_then(|to| to.strip_suffix('>')).unwrap()
    }

    /// The URL in a link's mail; a notice has none.
    pub(crate) fn url(&self) -> Option<String> {
        let (text, _) = self.parts();
        text.lines().find(|line| line.starts_with("http")).map(str::to_owned)
    }

    /// The headers before the first empty line, folded lines joined.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        headers(self.source.split("\r\n\r\n").next().unwrap())
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> String {
        let all = self.headers();
        let mut found = all.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = found.next().unwrap_or_else(|| panic!("no {name}: {}", self.source)).1.clone();
        assert!(found.next().is_none(), "{name} twice");
        value
    }

    /// The two parts' texts, plain text first, decoded.
    #[track_caller]
    pub(crate) fn parts(&self) -> (String, String) {
        let kind = self.header("content-type");
        assert!(kind.starts_with("multipart/alternative"), "{kind}");
        let boundary = kind.split("boundary=").nth(1).unwrap().trim_matches('"');
        let parts: Vec<&str> = self.source.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 4, "{}", self.source);
        assert_eq!(parts[3].trim(), "--");
        let part = |source: &str, kind: &str| {
            let (head, body) = source.trim_start().split_once("\r\n\r\n").unwrap();
            let head = headers(head);
            let of = |name: &str| {
                head.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1.clone()
            };
            assert_eq!(of("content-type"), format!("{kind}; charset=utf-8"));
            assert_eq!(of("content-transfer-encoding"), "quoted-printable");
            quoted_printable(body)
        };
        (part(parts[1], "text/plain"), part(parts[2], "text/html"))
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let line = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned(), value.trim().to_owned())
    };
    unfolded.split("\r\n").filter(|text| !text.is_empty()).map(line).collect()
}

/// RFC 2045, section 6.7.
fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
