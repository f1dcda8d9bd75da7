//! Attacks on the credential's JSON form, of either kind (`WebAuthn` Level 3, section 5.1).

#![expect(clippy::string_slice, reason = "base64url and JSON of our own are ASCII")]

use vouchlink::domain::ceremony::Refusal::{
    IdLength, IdMismatch, IdNotCanonical, Malformed, NotBase64Url, TooLarge, WrongCredentialType,
};
use vouchlink::domain::encoding::{base64url, from_base64url};

use super::super::message::{Message, quoted};
use super::{Case, draft, message, padded, text, with_stray_bits};

pub(super) fn cases() -> Vec<Case> {
    [texts(), members(), ids(), client_data_as_text(), sizes()].into_iter().flatten().collect()
}

fn texts() -> Vec<Case> {
    vec![
        text("nothing at all", Malformed, |_| String::new()),
        text("null", Malformed, |_| "null".to_owned()),
        text("a string of JSON", Malformed, |text| quoted(&text)),
        text("in an array", Malformed, |text| format!("[{text}]")),
        text("cut off", Malformed, |text| text[..text.len() - 1].to_owned()),
        text("a second object behind", Malformed, |text| format!("{text}{{}}")),
        text("a byte behind", Malformed, |text| format!("{text}\0")),
        text("a byte order mark before", Malformed, |text| format!("\u{feff}{text}")),
        text("a trailing comma", Malformed, |text| format!("{},}}", &text[..text.len() - 1])),
        text("a comment", Malformed, |text| format!("/**/{text}")),
        text("single quotes", Malformed, |text| text.replace('"', "'")),
        text("half a surrogate pair", Malformed, |text| text.replace("public-key", "\\ud800")),
    ]
}

fn members() -> Vec<Case> {
    vec![
        message("id twice", Malformed, |m| m.outer.repeat("id")),
        message("rawId twice", Malformed, |m| m.outer.repeat("rawId")),
        message("type twice", Malformed, |m| m.outer.repeat("type")),
        message("response twice", Malformed, |m| {
            let response = m.response.to_json();
            m.outer.set("response", response.clone());
            m.outer.push("response", response);
        }),
        message("extension results twice", Malformed, |m| m.outer.repeat("clientExtensionResults")),
        message("attachment twice", Malformed, |m| m.outer.repeat("authenticatorAttachment")),
        message("client data twice", Malformed, |m| m.response.repeat("clientDataJSON")),
        message("no id", Malformed, |m| m.outer.remove("id")),
        message("no rawId", Malformed, |m| m.outer.remove("rawId")),
        message("no type", Malformed, |m| m.outer.remove("type")),
        message("no response", Malformed, |m| m.outer.remove("response")),
        message("no client data", Malformed, |m| m.response.remove("clientDataJSON")),
        message("id null", Malformed, |m| m.outer.set("id", "null")),
        message("id a number", Malformed, |m| m.outer.set("id", "1")),
        message("rawId an array of bytes", Malformed, |m| m.outer.set("rawId", "[1,2,3]")),
        message("type null", Malformed, |m| m.outer.set("type", "null")),
        message("response null", Malformed, |m| m.outer.set("response", "null")),
        message("response an array of its values", Malformed, |m| {
            let values = m.response.to_array();
            m.outer.set("response", values);
        }),
        message("client data an object", Malformed, |m| m.response.set("clientDataJSON", "{}")),
        message("attachment a number", Malformed, |m| m.outer.set("authenticatorAttachment", "1")),
        message("extension results an array", Malformed, |m| {
            m.outer.set("clientExtensionResults", "[]");
        }),
        message("another credential type", WrongCredentialType, |m| {
            m.outer.set_text("type", "password");
        }),
        message("credential type in capitals", WrongCredentialType, |m| {
            m.outer.set_text("type", "PUBLIC-KEY");
        }),
        message("credential type empty", WrongCredentialType, |m| m.outer.set_text("type", "")),
    ]
}

fn ids() -> Vec<Case> {
    vec![
        message("id padded", IdNotCanonical, |m| m.outer.edit_text("id", padded)),
        message("id with stray bits", IdNotCanonical, |m| m.outer.edit_text("id", with_stray_bits)),
        message("id in base64's other alphabet", IdNotCanonical, |m| {
            m.outer.edit_text("id", |id| id.replace('-', "+").replace('_', "/"));
        }),
        message("id with a space", IdNotCanonical, |m| {
            m.outer.edit_text("id", |id| format!("{id} "));
        }),
        message("id with a line break", IdNotCanonical, |m| {
            m.outer.edit_text("id", |id| format!("{}\n{}", &id[..4], &id[4..]));
        }),
        message("rawId padded", NotBase64Url, |m| m.outer.edit_text("rawId", padded)),
        message("rawId with stray bits", NotBase64Url, |m| {
            m.outer.edit_text("rawId", with_stray_bits);
        }),
        message("rawId in base64's other alphabet", NotBase64Url, |m| {
            m.outer.edit_text("rawId", |id| id.replace('-', "+").replace('_', "/"));
        }),
        message("id of another credential", IdMismatch, |m| {
            m.outer.edit_text("id", |id| {
                base64url(&[&from_base64url(id).unwrap()[1..], &[1]].concat())
            });
        }),
        message("rawId of another credential", IdMismatch, |m| {
            m.outer.edit_text("rawId", |id| format!("AAAA{}", &id[4..]));
        }),
        message("rawId shorter", IdMismatch, |m| {
            m.outer.edit_text("rawId", |id| base64url(&from_base64url(id).unwrap()[..31]));
        }),
        draft("id empty", IdLength, |d| d.rename(vec![])),
        draft("id of one byte", IdLength, |d| d.rename(vec![1])),
        draft("id of 15 bytes", IdLength, |d| d.rename(vec![1; 15])),
        draft("id of 1,024 bytes", IdLength, |d| d.rename(vec![1; 1024])),
        draft("id of 4,096 bytes", IdLength, |d| d.rename(vec![1; 4096])),
    ]
}

fn client_data_as_text() -> Vec<Case> {
    vec![
        message("client data padded", NotBase64Url, |m| {
            m.response.edit_text("clientDataJSON", padded);
        }),
        message("client data with stray bits", NotBase64Url, |m| {
            m.response.edit_text("clientDataJSON", |text| {
                // White space behind JSON is JSON; it makes the length leave bits to spare.
                let mut bytes = from_base64url(text).unwrap();
                bytes.resize(bytes.len().next_multiple_of(3) + 1, b' ');
                with_stray_bits(&base64url(&bytes))
            });
        }),
        message("client data as plain JSON", NotBase64Url, |m| {
            m.response.edit_text("clientDataJSON", |text| {
                String::from_utf8(from_base64url(text).unwrap()).unwrap()
            });
        }),
        message("client data of one base64url letter", NotBase64Url, |m| {
            m.response.set_text("clientDataJSON", "A");
        }),
    ]
}

fn sizes() -> Vec<Case> {
    fn long_member(m: &mut Message) {
        m.outer.push("more", quoted(&"x".repeat(32 * 1024)));
    }
    vec![
        message("more than 32 KiB", TooLarge, long_member),
        draft("client data of more than 4 KiB", TooLarge, |d| {
            d.client_data.push("more", quoted(&"x".repeat(4096)));
        }),
    ]
}
