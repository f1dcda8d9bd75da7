//! Styles, scripts and the icon, embedded in the program.

use std::sync::LazyLock;

use crate::domain::digest::sha256;
use crate::domain::encoding::hex;

/// Where assets are served.
pub const PREFIX: &str = "/static/";

/// Name, content type and bytes of every asset, as they are in the repository.
const ASSETS: &[(&str, &str, &[u8])] = &[
    ("card.css", CSS, include_bytes!("../../../static/card.css")),
    ("ceremony.js", JAVASCRIPT, include_bytes!("../../../static/ceremony.js")),
    ("code.css", CSS, include_bytes!("../../../static/code.css")),
    ("code.js", JAVASCRIPT, include_bytes!("../../../static/code.js")),
    ("demo.css", CSS, include_bytes!("../../../static/demo.css")),
    ("demo.js", JAVASCRIPT, include_bytes!("../../../static/demo.js")),
    ("device.js", JAVASCRIPT, include_bytes!("../../../static/device.js")),
    ("door.css", CSS, include_bytes!("../../../static/door.css")),
    ("docs.css", CSS, include_bytes!("../../../static/docs.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../../static/icon.svg")),
    ("me.js", JAVASCRIPT, include_bytes!("../../../static/me.js")),
    ("stuck.css", CSS, include_bytes!("../../../static/stuck.css")),
    ("theme.css", CSS, include_bytes!("../../../static/theme.css")),
    ("verify.css", CSS, include_bytes!("../../../static/verify.css")),
    ("verify.js", JAVASCRIPT, include_bytes!("../../../static/verify.js")),
];

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// An asset as it is sent.
struct Sent {
    name: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
    url: String,
}

static SENT: LazyLock<Vec<Sent>> = LazyLock::new(|| {
    let sent = |(name, kind, source): &(&'static str, &'static str, &'static [u8])| {
        let lines = lean(source);
        let bytes = match *kind {
            CSS => dense(&lines),
            JAVASCRIPT => tight(&lines),
            _ => lines,
        };
        let url = format!("{PREFIX}{name}?v={}", version(&bytes));
        Sent { name, kind, bytes, url }
    };
    ASSETS.iter().map(sent).collect()
});

/// Content type and bytes of the asset `name`; `None` if there is none.
#[must_use]
pub fn find(name: &str) -> Option<(&'static str, &'static [u8])> {
    SENT.iter().find(|sent| sent.name == name).map(|sent| (sent.kind, sent.bytes.as_slice()))
}

/// A source without what only its readers need: indentation, blank lines, comments. A comment has
/// its lines to itself or ends a line; no text of ours goes over several lines or holds ` // `.
fn lean(source: &[u8]) -> Vec<u8> {
    let mut lean = Vec::with_capacity(source.len());
    let mut in_comment = false;
    for line in source.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        in_comment = in_comment || line.starts_with(b"/*");
        let ends = line.windows(4).position(|bytes| bytes == b" // ").unwrap_or(line.len());
        let code = line.get(..ends).unwrap_or(line);
        if !in_comment && !code.is_empty() && !code.starts_with(b"// ") {
            lean.extend_from_slice(code);
            lean.push(b'\n');
        }
        in_comment = in_comment && !line.ends_with(b"*/");
    }
    lean
}

/// A lean style sheet on one line: every line of ours ends a rule's head, a declaration or a rule.
fn dense(lines: &[u8]) -> Vec<u8> {
    let mut dense = Vec::with_capacity(lines.len());
    for line in lines.split(|byte| *byte == b'\n') {
        match line {
            [head @ .., b' ', b'{'] => dense.extend_from_slice(&[head, b"{"].concat()),
            [b'}', ..] => {
                dense.pop_if(|last| *last == b';');
                dense.extend_from_slice(line);
            }
            _ => match line.windows(2).position(|bytes| bytes == b": ") {
                Some(colon) if line.ends_with(b";") => {
                    let (name, value) = line.split_at(colon + 1);
                    dense.extend_from_slice(name);
                    dense.extend_from_slice(value.trim_ascii_start());
                }
                _ => dense.extend_from_slice(line),
            },
        }
    }
    dense
}

/// A lean script without the spaces beside punctuation, in lines that hold no text and no pattern.
fn tight(lines: &[u8]) -> Vec<u8> {
    let mut tight = Vec::with_capacity(lines.len());
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let code = !line.iter().any(|byte| b"\"'`/".contains(byte));
        let is_mark = |byte: Option<&u8>| byte.is_some_and(|byte| MARKS.contains(byte));
        let mut bytes = line.iter().peekable();
        while let Some(byte) = bytes.next() {
            if !(code && *byte == b' ' && (is_mark(tight.last()) || is_mark(bytes.peek().copied())))
            {
                tight.push(*byte);
            }
        }
    }
    tight
}

/// What never means something else with a space beside it.
const MARKS: &[u8] = b"{}()[]=,;:?&|<>!*";

/// Where a page finds the asset `name`, `/static/verify.js?v=1a2b3c4d`. The version changes with
/// the content, so that the answer may be cached for ever.
#[must_use]
pub fn url(name: &str) -> &'static str {
    SENT.iter().find(|sent| sent.name == name).map_or("", |sent| sent.url.as_str())
}

/// The first 8 hexadecimal digits of the content's SHA-256.
pub(in crate::http) fn version(bytes: &[u8]) -> String {
    hex(&sha256(&[bytes])).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_asset_and_its_content() {
        let (kind, bytes) = find("verify.js").unwrap();
        assert_eq!(kind, "text/javascript; charset=utf-8");
        let hash = hex(&sha256(&[bytes]));
        assert_eq!(url("verify.js"), format!("/static/verify.js?v={}", hash.split_at(8).0));
        assert_eq!(find("../Cargo.toml"), None);
    }

    #[test]
    fn what_is_sent_has_no_indentation_and_no_comments_of_their_own_lines() {
        let source = b"/* a\n b */\nf(1, // one\n\n   2);\n  /* c */\n  // d\n  g(\"/* e */\");\n";
        assert_eq!(lean(source), b"f(1,\n2);\ng(\"/* e */\");\n");
    }

    #[test]
    fn a_script_is_sent_without_the_spaces_that_mean_nothing() {
        let source = b"if (a && b) return { c, d: e + -f };\nconst g = \"h: i\";\nreturn j / k;\n";
        let tight = "if(a&&b)return{c,d:e + -f};\nconst g = \"h: i\";\nreturn j / k;\n";
        assert_eq!(String::from_utf8(super::tight(source)).unwrap(), tight);
    }

    #[test]
    fn a_style_sheet_is_sent_on_one_line_and_says_the_same() {
        let source = b"/* a */\n@media (min-width: 36rem) {\n  a,\n  b:hover {\n    color: red;\n    font: 1rem/1.5 \"A B\", c;\n  }\n}\n";
        let dense = dense(&lean(source));
        let expected = "@media (min-width: 36rem){a,b:hover{color:red;font:1rem/1.5 \"A B\", c}}";
        assert_eq!(std::str::from_utf8(&dense).unwrap(), expected);
    }
}
