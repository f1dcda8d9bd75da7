//! Which member of a JSON text stands at a place that the parser named.

/// Names on the way are cut to what is worth reading back.
const NAME_MAX: usize = 64;
/// No request of ours goes deeper.
const DEPTH_MAX: usize = 8;

/// The path to the member that ends at, or holds, this line and column (both from 1), as
/// `headers.x-a`; empty if there is none.
pub(super) fn member_at(text: &[u8], line: usize, column: usize) -> String {
    let end = offset(text, line, column);
    let mut open: Vec<Option<String>> = Vec::new();
    let mut last_string: Option<String> = None;
    let mut bytes = text.iter().copied().take(end).enumerate();
    while let Some((start, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let mut escaped = false;
                let mut stop = start;
                for (place, byte) in bytes.by_ref() {
                    stop = place;
                    match byte {
                        b'"' if !escaped => break,
                        b'\\' => escaped = !escaped,
                        _ => escaped = false,
                    }
                }
                let inside = text.get(start + 1..stop).unwrap_or_default();
                let name = String::from_utf8_lossy(inside);
                last_string = Some(name.chars().take(NAME_MAX).collect());
            }
            b':' => {
                if let Some(member) = open.last_mut() {
                    *member = last_string.take();
                }
            }
            b'{' | b'[' => open.push(None),
            b'}' | b']' => {
                open.pop();
            }
            b',' => {
                if let Some(member) = open.last_mut() {
                    *member = None;
                }
            }
            _ => {}
        }
    }
    let names: Vec<String> = open.into_iter().flatten().take(DEPTH_MAX).collect();
    names.join(".")
}

fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let before: usize = text
        .split(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(|row| row.len() + 1)
        .sum();
    before.saturating_add(column).min(text.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only ever read")]
    struct Request {
        name: Option<String>,
        seconds: Option<u64>,
        list: Option<Vec<String>>,
        map: Option<BTreeMap<String, String>>,
    }

    fn blamed(text: &str) -> String {
        let error = serde_json::from_str::<Request>(text).unwrap_err();
        member_at(text.as_bytes(), error.line(), error.column())
    }

    #[test]
    fn the_member_with_the_wrong_type_is_found() {
        for (text, member) in [
            (r#"{"name":7}"#, "name"),
            (r#"{"name": 7, "seconds": 1}"#, "name"),
            (r#"{"seconds":-1}"#, "seconds"),
            (r#"{"seconds":1.5,"name":"a"}"#, "seconds"),
            (r#"{"name":"a:\",b","seconds":"x"}"#, "seconds"),
            (r#"{"name":"a","seconds":{}}"#, "seconds"),
            (r#"{"name":["a"]}"#, "name"),
            (r#"{"list":["a",7]}"#, "list"),
            (r#"{"list":{"a":7}}"#, "list"),
            (r#"{"map":{"a":"b","c":7}}"#, "map.c"),
            ("{\n \"name\": \"a\",\n \"seconds\": true\n}", "seconds"),
            ("7", ""),
            ("[]", ""),
        ] {
            assert_eq!(blamed(text), member, "{text}");
        }
    }

    #[test]
    fn any_place_in_any_text_is_fine() {
        for text in ["", "\"", "{\"a", "}}]", "{\"a\":[{\"b\":\"\\\"}", "\n\n"] {
            for line in 0..4 {
                for column in 0..20 {
                    member_at(text.as_bytes(), line, column);
                }
            }
        }
    }
}
