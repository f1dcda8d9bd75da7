//! Attacks on the client data, of either kind (`WebAuthn` Level 3, section 5.8.1). All are signed
//! as a browser's would be: what is wrong is what they say.

#![expect(clippy::string_slice, reason = "base64url and JSON of our own are ASCII")]

use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::ceremony::Refusal::{
    ChallengeMismatch, ClientDataMalformed, ClientDataType, CrossOrigin, OriginMismatch, TopOrigin,
};

use super::super::draft::Draft;
use super::super::message::quoted;
use super::{Case, draft, padded, with_stray_bits};

pub(super) fn cases() -> Vec<Case> {
    [forms(), types(), challenges(), origins(), frames()].into_iter().flatten().collect()
}

fn forms() -> Vec<Case> {
    let malformed = |name, change| draft(name, ClientDataMalformed, change);
    vec![
        malformed("client data empty", |d| d.edit_client_data = |_| vec![]),
        malformed("client data no JSON", |d| d.edit_client_data = |_| b"webauthn".to_vec()),
        malformed("client data an array of its values", |d| {
            d.edit_client_data = |bytes| [&b"["[..], &bytes, b"]"].concat();
        }),
        malformed("client data with a byte order mark", |d| {
            d.edit_client_data = |bytes| [&b"\xef\xbb\xbf"[..], &bytes].concat();
        }),
        malformed("client data with an object behind", |d| {
            d.edit_client_data = |bytes| [&bytes[..], b"{}"].concat();
        }),
        malformed("client data with a zero byte behind", |d| {
            d.edit_client_data = |bytes| [&bytes[..], b"\0"].concat();
        }),
        malformed("client data in UTF-16", |d| {
            d.edit_client_data = |bytes| bytes.iter().flat_map(|byte| [*byte, 0]).collect();
        }),
        malformed("client data with a byte that is no UTF-8", |d| {
            d.client_data.set_text("more", "?");
            d.edit_client_data =
                |bytes| bytes.iter().map(|byte| if *byte == b'?' { 0xff } else { *byte }).collect();
        }),
        malformed("client data cut off", |d| {
            d.edit_client_data = |bytes| bytes[..bytes.len() - 1].to_vec();
        }),
        malformed("type twice in client data", |d| d.client_data.repeat("type")),
        malformed("challenge twice", |d| d.client_data.repeat("challenge")),
        malformed("origin twice", |d| d.client_data.repeat("origin")),
        malformed("origin twice, the first one foreign", |d| {
            let own = d.client_data.json("origin").to_owned();
            d.client_data.set_text("origin", "https://evil.example");
            d.client_data.push("origin", own);
        }),
        malformed("crossOrigin twice", |d| d.client_data.repeat("crossOrigin")),
        malformed("no type in client data", |d| d.client_data.remove("type")),
        malformed("no challenge", |d| d.client_data.remove("challenge")),
        malformed("no origin", |d| d.client_data.remove("origin")),
        malformed("type a number", |d| d.client_data.set("type", "1")),
        malformed("challenge null", |d| d.client_data.set("challenge", "null")),
        malformed("challenge an array of bytes", |d| d.client_data.set("challenge", "[1]")),
        malformed("origin an array", |d| {
            let origins = format!("[{}]", d.client_data.json("origin"));
            d.client_data.set("origin", origins);
        }),
        malformed("crossOrigin a text", |d| d.client_data.set_text("crossOrigin", "false")),
        malformed("crossOrigin null", |d| d.client_data.set("crossOrigin", "null")),
        malformed("crossOrigin a number", |d| d.client_data.set("crossOrigin", "0")),
        malformed("token binding a text", |d| d.client_data.push("tokenBinding", r#""supported""#)),
        malformed("token binding without a status", |d| d.client_data.push("tokenBinding", "{}")),
        malformed("token binding twice", |d| {
            d.client_data.push("tokenBinding", "null");
            d.client_data.push("tokenBinding", "null");
        }),
        malformed("an unknown member beyond any float", |d| d.client_data.push("more", "1e400")),
        malformed("an unknown member with half a surrogate pair", |d| {
            d.client_data.push("more", r#""\ud83d""#);
        }),
        malformed("an unknown member nested beyond reason", |d| {
            d.client_data.push("more", format!("{}{}", "[".repeat(500), "]".repeat(500)));
        }),
    ]
}

fn types() -> Vec<Case> {
    let wrong = |name, change| draft(name, ClientDataType, change);
    vec![
        wrong("type of the other ceremony", |d| {
            let other = match d.kind {
                Kind::Register => "webauthn.get",
                Kind::Authenticate => "webauthn.create",
            };
            d.client_data.set_text("type", other);
        }),
        wrong("type of a payment", |d| d.client_data.set_text("type", "payment.get")),
        wrong("type of U2F", |d| {
            d.client_data.set_text("type", "navigator.id.getAssertion");
        }),
        wrong("type in capitals", |d| d.client_data.edit_text("type", str::to_uppercase)),
        wrong("type with a space", |d| d.client_data.edit_text("type", |text| format!("{text} "))),
        wrong("type empty", |d| d.client_data.set_text("type", "")),
    ]
}

fn challenges() -> Vec<Case> {
    let wrong = |name, change| draft(name, ChallengeMismatch, change);
    vec![
        wrong("another challenge", |d| {
            d.client_data.edit_text("challenge", |text| {
                format!("{}{}", if text.starts_with('A') { "B" } else { "A" }, &text[1..])
            });
        }),
        wrong("challenge of zeros", |d| d.client_data.set_text("challenge", &"A".repeat(43))),
        wrong("challenge empty", |d| d.client_data.set_text("challenge", "")),
        wrong("challenge padded", |d| d.client_data.edit_text("challenge", padded)),
        wrong("challenge with stray bits", |d| {
            d.client_data.edit_text("challenge", with_stray_bits);
        }),
        wrong("challenge cut short", |d| {
            d.client_data.edit_text("challenge", |text| text[..40].to_owned());
        }),
        wrong("challenge with more behind", |d| {
            d.client_data.edit_text("challenge", |text| format!("{text}AAAA"));
        }),
        wrong("challenge encoded twice", |d| {
            d.client_data.edit_text("challenge", |text| {
                vouchlink::domain::encoding::base64url(text.as_bytes())
            });
        }),
    ]
}

fn origins() -> Vec<Case> {
    fn origin(d: &mut Draft, edit: fn(&str) -> String) {
        d.client_data.edit_text("origin", edit);
    }
    let wrong = |name, change| draft(name, OriginMismatch, change);
    vec![
        wrong("foreign origin", |d| origin(d, |_| "https://evil.example".to_owned())),
        wrong("origin of another scheme", |d| {
            origin(d, |own| match own.strip_prefix("https") {
                Some(rest) => format!("http{rest}"),
                None => own.replacen("http", "https", 1),
            });
        }),
        wrong("origin of a subdomain", |d| origin(d, |own| own.replacen("://", "://sub.", 1))),
        wrong("own origin as the start of a foreign host", |d| {
            origin(d, |own| format!("{own}.evil.example"));
        }),
        wrong("own origin as the end of a foreign host", |d| {
            origin(d, |own| own.replacen("://", "://evil", 1));
        }),
        wrong("origin with a port", |d| origin(d, |own| format!("{own}:443"))),
        wrong("origin with an empty port", |d| origin(d, |own| format!("{own}:"))),
        wrong("origin with a slash", |d| origin(d, |own| format!("{own}/"))),
        wrong("origin with a path", |d| origin(d, |own| format!("{own}/v/token"))),
        wrong("origin with a query", |d| origin(d, |own| format!("{own}?a"))),
        wrong("origin with a fragment", |d| origin(d, |own| format!("{own}#a"))),
        wrong("origin with a user", |d| origin(d, |own| own.replacen("://", "://user@", 1))),
        wrong("origin with the own host as a user", |d| {
            origin(d, |own| format!("{own}@evil.example"));
        }),
        wrong("origin in capitals", |d| origin(d, str::to_uppercase)),
        wrong("origin with its scheme in capitals", |d| origin(d, |own| own.replacen('h', "H", 1))),
        wrong("origin with a space before", |d| origin(d, |own| format!(" {own}"))),
        wrong("origin with a line break behind", |d| origin(d, |own| format!("{own}\n"))),
        wrong("origin with a tab inside", |d| origin(d, |own| own.replacen("://", "://\t", 1))),
        wrong("origin with a zero byte behind", |d| origin(d, |own| format!("{own}\0"))),
        wrong("origin with a final dot", |d| origin(d, |own| format!("{own}."))),
        wrong("origin with backslashes", |d| origin(d, |own| own.replace('/', "\\"))),
        wrong("host alone as origin", |d| {
            origin(d, |own| own.split_once("://").unwrap().1.to_owned());
        }),
        wrong("origin with a letter that looks alike", |d| {
            origin(d, |own| own.replacen('o', "\u{43e}", 1));
        }),
        wrong("opaque origin", |d| origin(d, |_| "null".to_owned())),
        wrong("origin empty", |d| origin(d, |_| String::new())),
        wrong("origin of an Android app", |d| {
            origin(d, |_| {
                "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()
            });
        }),
        wrong("origin of a file", |d| origin(d, |_| "file://".to_owned())),
    ]
}

fn frames() -> Vec<Case> {
    vec![
        draft("in a foreign frame", CrossOrigin, |d| d.client_data.set("crossOrigin", "true")),
        draft("in a foreign frame that is named", CrossOrigin, |d| {
            d.client_data.set("crossOrigin", "true");
            d.client_data.set_text("topOrigin", "https://evil.example");
        }),
        draft("top origin alone", TopOrigin, |d| {
            d.client_data.set_text("topOrigin", "https://evil.example");
        }),
        draft("top origin the own one", TopOrigin, |d| {
            let own = d.client_data.json("origin").to_owned();
            d.client_data.set("topOrigin", own);
        }),
        draft("top origin null", TopOrigin, |d| d.client_data.set("topOrigin", "null")),
        draft("top origin empty", TopOrigin, |d| d.client_data.set("topOrigin", quoted(""))),
    ]
}
