//! The scripts for CRMs (`deploy/zoho`, `deploy/salesforce`). They run in their vendors' clouds only,
//! so what can be held here is held: every name in them that is ours exists, every field of the
//! record is in the guide, and their recipe makes our signer's signature.

use std::collections::BTreeSet;

use serde_json::Value;
use vouchlink::domain::digest::hmac_sha256;
use vouchlink::domain::encoding::base64;
use vouchlink::webhook::sign::{ID, SIGNATURE, TIMESTAMP};

use super::receivers::body;
use super::receivers::deliveries::{KEYS, all};
use crate::repo::tree::text;

const RECEIVE: &str = "deploy/zoho/receive_verdict.dg";
const SEND: &str = "deploy/zoho/send_link.dg";
const ASK: &str = "deploy/zoho/ask_gate.dg";
const APEX: &str = "deploy/salesforce/VouchlinkVerdict.cls";

/// Variables and the names that may be asked of them or put into them.
type Names = Vec<(&'static str, Vec<String>)>;

fn owned<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

fn members(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn openapi() -> Value {
    serde_json::from_str(&text("openapi.json")).unwrap()
}

fn schema(name: &str) -> Vec<String> {
    members(&openapi()["components"]["schemas"][name]["properties"])
}

/// The code without its comments.
fn code(path: &str) -> String {
    let text = text(path);
    let is_comment = |line: &&str| ["//", "/*", "*"].iter().any(|it| line.trim().starts_with(it));
    text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
}

/// `variable.get("name")` and `variable.put("name", ...)`, with either quote: variable and name.
fn uses(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for call in [".get(\"", ".put(\"", ".get('"] {
        let pieces: Vec<&str> = code.split(call).collect();
        for pair in pieces.windows(2) {
            let before = pair[0].strip_suffix(",Map())").unwrap_or(pair[0]);
            let variable = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
            let name = pair[1].split(['"', '\'']).next().unwrap();
            found.push((variable.to_owned(), name.to_owned()));
        }
    }
    found
}

/// Uses of names that are not there.
fn unknown(code: &str, names: &Names) -> Vec<String> {
    let known = |variable: &str, name: &String| {
        let entry = names.iter().find(|(known, _)| *known == variable);
        entry.is_some_and(|(_, names)| names.contains(name))
    };
    let uses = uses(code).into_iter().filter(|(variable, name)| !known(variable, name));
    uses.map(|(variable, name)| format!("{variable}.{name}")).collect()
}

/// Fields of a record as a guide's table has them: rows that begin with a name in backticks.
fn fields(guide: &str) -> Vec<String> {
    let guide = text(guide);
    let table = guide.split("## Fields").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

/// The body's names: of the event, of `data`, of `data.crm`.
async fn event() -> [Vec<String>; 3] {
    let event: Value = serde_json::from_str(&body().await).unwrap();
    [members(&event), members(&event["data"]), members(&event["data"]["crm"])]
}

/// A sum of texts and variables, which are quoted or looked up.
fn sum(code: &str, assigned: &str, look_up: impl Fn(&str) -> String) -> String {
    let line = code.lines().find_map(|line| line.trim().strip_prefix(assigned)).unwrap();
    let parts = line.trim_end_matches(';').split(" + ").map(str::trim);
    parts
        .map(|part| match part.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.trim_end_matches(['"', '\'']).to_owned(),
            None => look_up(part),
        })
        .collect()
}

#[tokio::test]
async fn the_names_in_the_scripts_for_zoho_are_ours() {
    let [event, data, crm] = event().await;
    let guided = fields("deploy/zoho/README.md");
    let envelope = all(&body().await)[0].envelope();
    let envelope: Value = serde_json::from_str(envelope["body"].as_str().unwrap()).unwrap();
    let record = [guided.clone(), owned(["id", "Email", "Full_Name"])].concat();
    let shared: Names = vec![
        ("found", record),
        ("changes", guided.clone()),
        ("written", owned(["id"])),
        ("answer", owned(["status_code", "body", "responseCode", "responseText"])),
    ];
    let receive: Names = vec![
        ("request", owned(["body", "params"])),
        ("params", owned(["arguments"])),
        ("sent", members(&envelope)),
        ("event", event),
        ("data", data),
        ("crm", crm),
        ("options", owned(["trigger"])),
        ("body", owned(["outcome", "reason"])),
    ];
    let send: Names = vec![
        ("order", schema("CreateLink")),
        ("crm", schema("CrmBody")),
        ("issued", schema("IssuedView")),
        ("problem", schema("Problem")),
        ("headers", owned(["Content-Type", "Idempotency-Key"])),
    ];
    let ask: Names = vec![("gate", schema("GateStatus"))];
    for (script, own) in [(RECEIVE, receive), (SEND, send), (ASK, ask)] {
        let names: Names = shared.iter().cloned().chain(own).collect();
        assert!(uses(&code(script)).len() > 3, "{script}");
        assert_eq!(unknown(&code(script), &names), Vec::<String>::new(), "{script}");
    }
    // Nothing is asked for in vain.
    let written = [RECEIVE, SEND].map(|script| uses(&code(script))).concat();
    let written: BTreeSet<_> =
        written.into_iter().filter(|(to, _)| to == "changes").map(|(_, name)| name).collect();
    assert_eq!(written, guided.into_iter().collect());
}

#[test]
fn what_the_scripts_for_zoho_call_and_compare_with_is_there() {
    let document = openapi();
    for (script, method, path) in
        [(SEND, "post", "/api/verification/link"), (ASK, "get", "/api/verification/status")]
    {
        assert!(code(script).contains(&format!("\"{path}")), "{script}");
        assert!(document["paths"][path][method].is_object(), "{path}");
    }
    let parameters = document["paths"]["/api/verification/status"]["get"]["parameters"].clone();
    let parameters: Vec<&str> =
        parameters.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    let code_of_gate = code(ASK);
    let asked =
        code_of_gate.split(['?', '&']).skip(1).filter_map(|it| it.split_once('=')).map(|it| it.0);
    let asked: Vec<&str> = asked.collect();
    assert_eq!(asked, ["user_id", "max_age_seconds"]);
    assert!(asked.iter().all(|name| parameters.contains(name)));
    let codes = text("src/http/problem.rs");
    let compared = code(SEND);
    let compared: Vec<&str> =
        compared.split("code == \"").skip(1).map(|it| it.split('"').next().unwrap()).collect();
    assert!(compared.len() > 3);
    for compared in compared {
        assert!(codes.contains(&format!(" = \"{compared}\",")), "{compared}");
    }
}

#[tokio::test]
async fn the_names_in_the_class_for_salesforce_are_ours() {
    let [event, data, crm] = event().await;
    let names: Names = vec![("event", event), ("data", data), ("crm", crm)];
    let code = code(APEX);
    assert_eq!(unknown(&code, &names), Vec::<String>::new());
    for name in [ID, TIMESTAMP, SIGNATURE] {
        assert!(code.contains(&format!("header(request, '{name}')")), "{name}");
    }
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let own = words.filter(|it| it.ends_with("__c") && *it != "Key__c").map(str::to_owned);
    let guided: BTreeSet<String> = fields("deploy/salesforce/README.md").into_iter().collect();
    assert_eq!(own.collect::<BTreeSet<_>>(), guided);
}

/// As the adapters do (`domain/crm/news.rs`): no time beside a no, and an old yes is none.
#[test]
fn the_scripts_write_no_time_beside_a_no() {
    for (script, no, time, until) in [
        (RECEIVE, "if(verified != true)", "(\"Identity_Verified_At\",null);", "verified_until"),
        (APEX, "if (!verified) {", ".Identity_Verified_At__c = null;", "verified_until"),
    ] {
        let code = code(script);
        let after = code.split(no).nth(1).unwrap_or_else(|| panic!("{script}"));
        let branch = after.split('}').next().unwrap();
        assert!(branch.contains(time) && branch.contains("link_id"), "{script}: {branch}");
        let before = code.split(no).next().unwrap();
        assert!(before.contains(until) && before.contains("verified = false;"), "{script}");
    }
}

#[tokio::test]
async fn the_recipes_of_the_scripts_make_our_signature() {
    let deliveries = all(&body().await);
    let good = deliveries.iter().find(|it| it.name == "good").unwrap();
    let look_up = |name: &str| match name {
        "id" => good.id.clone().unwrap(),
        "timestamp" => good.timestamp.clone().unwrap(),
        "payload" => good.payload.clone(),
        other => panic!("what is {other}"),
    };
    for (script, signed, expected) in [
        (RECEIVE, "signedText = ", "expected = "),
        (APEX, "String content = ", "String expected = "),
    ] {
        let code = code(script);
        let signed = sum(&code, signed, look_up);
        let mac = base64(&hmac_sha256(KEYS[0].as_bytes(), &[signed.as_bytes()]));
        let expected = sum(&code, expected, |name| {
            assert_eq!(name, "mac");
            mac.clone()
        });
        assert_eq!(Some(expected), good.signature, "{script}");
    }
}

/// The example on Zoho's page of `zoho.encryption.hmacsha256`: its key is the text's bytes.
#[test]
fn deluge_takes_the_key_as_we_do() {
    let key = b"sk_5Ow7B_4eC39H";
    let data = b"{Order ID: 0932, Currency: USD, Amount: 2500}";
    let mac = base64(&hmac_sha256(key, &[&data[..]]));
    assert_eq!(mac, "E3IZY+esQ59aLmPCYYVjk2R/P1G0k77r9ZGa9Lw94Zw=");
}

#[test]
fn a_name_that_is_not_there_is_found() {
    let names: Names = vec![("data", owned(["link_id"])), ("changes", owned(["A"]))];
    for (code, found) in [
        ("x = data.get(\"link\");", "data.link"),
        ("x = ifnull(data,Map()).get(\"link\");", "data.link"),
        ("changes.put(\"B\",data.get(\"link_id\"));", "changes.B"),
        ("x = data.get('id');", "data.id"),
        ("x = other.get(\"link_id\");", "other.link_id"),
    ] {
        assert_eq!(unknown(code, &names), [found], "{code}");
    }
    assert_eq!(unknown("changes.put(\"A\",data.get(\"link_id\"));", &names), Vec::<String>::new());
}
