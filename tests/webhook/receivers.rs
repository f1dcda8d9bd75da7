//! The examples for receivers (`docs/receivers`), run in their own languages and fed with what our
//! signer makes.

pub(super) mod deliveries;
mod runtimes;

use std::fmt::Write as _;
use std::io::Write as _;

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use vouchlink::domain::event::EventType;
use vouchlink::domain::verdict::{Method, Reason};

use self::deliveries::{Delivery, all, unlocked};
use self::runtimes::Outcomes;
use crate::repo::tree::text;
use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;

/// What the server sends when a customer has verified.
pub(super) async fn body() -> String {
    let app = TestApp::start().await;
    let asked = json!({
        "crm": {"module": "Contacts", "record_id": "77"}, "metadata": {"team": "M\u{fc}nchen \\ \"1\""},
    });
    let link = app.link_with("12345", asked).await;
    let options = app.options("register", &link).await.expect(200);
    let credential = Authenticator::new().register(&options["publicKey"], &app.origin);
    app.verify("register", &options, &credential).await.expect(200);
    String::from_utf8(app.crm.next().await.body.clone()).unwrap()
}

#[track_caller]
fn check(example: &str, deliveries: &[Delivery], believed: &Outcomes) {
    assert_eq!(believed.len(), deliveries.len(), "{example}");
    for (delivery, believed) in deliveries.iter().zip(believed) {
        assert_eq!(*believed, delivery.believed, "{example}: {}", delivery.name);
    }
}

/// Both body modes.
fn check_plain(example: &str, deliveries: &[Delivery], run: impl Fn(&[Value]) -> Outcomes) {
    let deliveries = &[deliveries, &[unlocked(deliveries)]].concat();
    let fed: Vec<Value> = deliveries.iter().map(Delivery::standard).collect();
    check(example, deliveries, &run(&fed));
    let fed: Vec<Value> = deliveries.iter().map(Delivery::envelope).collect();
    check(&format!("{example}, envelope"), deliveries, &run(&fed));
}

#[tokio::test]
async fn receivers_in_node_believe_us_and_nobody_else() {
    let deliveries = all(&body().await);
    let fed: Vec<Value> = deliveries.iter().map(Delivery::standard).collect();
    check("official", &deliveries, &runtimes::node("official.js", &fed));
    check_plain("plain", &deliveries, |fed| runtimes::node("plain.js", fed));
}

#[tokio::test]
async fn receivers_in_python_believe_us_and_nobody_else() {
    let deliveries = all(&body().await);
    let fed: Vec<Value> = deliveries.iter().map(Delivery::standard).collect();
    check("official", &deliveries, &runtimes::python("official", &fed));
    check_plain("plain", &deliveries, |fed| runtimes::python("plain", fed));
}

/// `tests/run` installs Node.js and Python only; what else is on the machine is run as well, and
/// the output names what was not.
#[tokio::test]
async fn receivers_in_other_languages_agree_where_their_runtime_is_here() {
    let deliveries = all(&body().await);
    let for_java = [&deliveries[..], &[unlocked(&deliveries)]].concat();
    let mut said = "receivers: not only Node.js and Python".to_owned();
    for (language, program, question) in
        [("Java", "javac", "-version"), ("Go", "go", "version"), ("PHP", "php", "-v")]
    {
        let Some(version) = runtimes::version(program, question) else {
            write!(said, "; NOT RUN in {language}: no {program} on this machine").unwrap();
            continue;
        };
        match language {
            "Java" => check(language, &for_java, &runtimes::java(&for_java)),
            "Go" => check_plain(language, &deliveries, runtimes::go),
            _ => check_plain(language, &deliveries, runtimes::php),
        }
        write!(said, "; run in {language} ({version})").unwrap();
    }
    // Past the capture of a passing test's output.
    writeln!(std::io::stderr(), "{said}").unwrap();
}

/// The paths of a body's fields, objects that the caller gave as a whole.
fn fields(prefix: &str, value: &Value) -> Vec<String> {
    let whole = ["data.crm", "data.metadata"];
    match value.as_object().filter(|_| !whole.contains(&prefix)) {
        None => vec![prefix.to_owned()],
        Some(members) => {
            let path = |name: &str| format!("{prefix}.{name}").trim_start_matches('.').to_owned();
            members.iter().flat_map(|(name, value)| fields(&path(name), value)).collect()
        }
    }
}

#[tokio::test]
async fn the_document_names_every_field_of_a_body_and_no_other() {
    let document = text("docs/webhooks.md");
    let table = document.split("| field |").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows = table.lines().skip(2).map(|row| row.split('`').nth(1).unwrap().to_owned());
    let mut documented: Vec<String> = rows.collect();
    let mut sent = fields("", &serde_json::from_str(&body().await).unwrap());
    documented.sort_unstable();
    sent.sort_unstable();
    assert_eq!(documented, sent);
}

/// Their words, in the rows that are about them.
#[test]
fn the_document_names_every_event_and_every_word_of_a_field() {
    let document = text("docs/webhooks.md");
    let row = |of: &str| {
        let of = format!("| `{of}` |");
        document.lines().find(|line| line.starts_with(&of)).unwrap_or_else(|| panic!("{of}"))
    };
    let unsaid = |line: &str, word: &str| !line.contains(&format!("`{word}`"));
    let mut reasons = Reason::ALL.iter().map(|word| word.as_str());
    assert_eq!(reasons.find(|word| unsaid(row("data.reason"), word)), None);
    let mut methods = Method::ALL.iter().map(|word| word.as_str());
    assert_eq!(methods.find(|word| unsaid(row("data.method"), word)), None);
    let events = document.split("| event |").nth(1).unwrap().split("\n\n").next().unwrap();
    let first: Vec<&str> = events.lines().filter_map(|row| row.split(" | ").next()).collect();
    let mut types = EventType::ALL.iter().map(|word| word.as_str());
    assert_eq!(types.find(|word| unsaid(&first.concat(), word)), None);
}

#[test]
fn the_statement_for_a_receivers_table_keeps_the_newest_and_its_time() {
    let sql = text("docs/receivers/store.sql");
    let (table, statement) = sql.split_once(";\n").unwrap();
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(table).unwrap();
    let row = || {
        let sql = "SELECT verified, verified_at, verification_id FROM verdicts WHERE user_id = '1'";
        connection
            .query_row(sql, [], |row| {
                let at = row.get::<_, Option<String>>(1)?.unwrap_or_default();
                Ok((row.get::<_, bool>(0)?, at, row.get::<_, String>(2)?))
            })
            .unwrap()
    };
    let none: Option<&str> = None;
    for (what, (sequence, verified, at, link), expected) in [
        ("verified", (3, true, Some("ten"), "lnk_a"), (true, "ten", "lnk_a")),
        ("the same again", (3, false, none, "lnk_x"), (true, "ten", "lnk_a")),
        ("an old one, late", (2, false, none, "lnk_x"), (true, "ten", "lnk_a")),
        ("another link expires", (5, true, none, "lnk_b"), (true, "ten", "lnk_a")),
        ("a refusal", (6, false, none, "lnk_c"), (false, "", "lnk_c")),
        ("verified, late", (4, true, Some("nine"), "lnk_d"), (false, "", "lnk_c")),
        ("verified anew", (9, true, Some("noon"), "lnk_e"), (true, "noon", "lnk_e")),
        ("lapsed", (10, false, Some("noon"), "lnk_e"), (false, "", "lnk_e")),
    ] {
        connection.execute(statement, params!["1", sequence, verified, at, link]).unwrap();
        let (verified, at, link) = row();
        assert_eq!((verified, &*at, &*link), expected, "{what}");
    }
}
