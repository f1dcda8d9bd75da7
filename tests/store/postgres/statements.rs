//! Every statement of the engine, found in its sources, uses an index in the plan that runs.

use serde_json::Value;

use super::super::sources::{self, Statement};
use crate::support::postgres::Place;

const ENGINE: &str = "postgres";

/// Tables that stay small, and the statements that may read them whole.
const SMALL: &[(&str, &str)] = &[
    ("list_keys", "api_keys"),
    ("find_bootstrap_key", "api_keys"),
    ("list_undelivered", "endpoints"),
    ("list_undelivered", ""),
    // Of those that run only, by an index of their own.
    ("next_replay_due", "replays"),
    ("links_to_purge", "replays"),
    ("purge_links", "replays"),
    ("events_to_purge", "replays"),
    ("purge_events", "replays"),
    ("next_mail_due", "mails"),
    // The same index, up to a bound.
    ("mails_waiting", "mails"),
    ("list_alerts", "alerts"),
    ("lock_alerts", "alerts"),
    ("list_endpoints", "endpoints"),
    ("endpoints_with_strays", "endpoints"),
    ("endpoint_keys", "endpoint_keys"),
    ("insert_endpoint", "endpoints"),
    ("other_endpoints", "endpoints"),
    ("lock_customer", "endpoints"),
    ("lock_customer_by_user", "endpoints"),
];

/// Statements that put a few rows into their order.
const SORTS: &[&str] = &[
    "choose_delivered",
    "choose_undelivered",
    "deliveries_window_end",
    "delivery_attempts",
    "list_apps",
    "list_contacts",
    "list_deliveries_of_customer",
    "list_deliveries_of_link",
    "list_keys",
    "list_open_links",
    "list_undelivered",
    "load_links",
    "newest_failures",
    "link_attempts",
    "link_deliveries",
    "link_mails",
    "unused_codes",
    "queue_notices",
    "lease_deliveries",
    "lock_customers_of_held",
    "lock_customers_of_links",
    "lock_customers_of_unfinished",
];

/// What cannot be planned.
const UTILITY: &[&str] = &[
    "begin",
    "begin_snapshot",
    "begin_one",
    "commit",
    "end_snapshot",
    "end_one",
    "lock_keys",
    "roll_back",
    "undo_one",
];

#[tokio::test]
async fn every_statement_searches_an_index() {
    let place = Place::new().await;
    let client = place.raw().await;
    client
        .batch_execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    let mut bad = Vec::new();
    for Statement { name, sql } in sources::statements(ENGINE) {
        if UTILITY.contains(&&*name) {
            continue;
        }
        client
            .batch_execute(&format!("PREPARE {name} AS {sql}"))
            .await
            .unwrap_or_else(|error| panic!("{name}: {:?}", error.as_db_error()));
        let count =
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1";
        let count: i32 = client.query_one(count, &[&name]).await.unwrap().get(0);
        let values = vec!["NULL"; usize::try_from(count).unwrap()].join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE {name}{values}");
        let rows = client.simple_query(&explain).await.unwrap();
        let text: String = rows
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            })
            .collect();
        let plan: Value = serde_json::from_str(&text).unwrap();
        wrong(&name, &plan[0]["Plan"], &mut bad);
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Reads of whole tables or whole indexes, and sorts.
fn wrong(name: &str, node: &Value, bad: &mut Vec<String>) {
    let kind = node["Node Type"].as_str().unwrap();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let whole = match kind {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => node.get("Index Cond").is_none(),
        _ => false,
    };
    if whole && !SMALL.contains(&(name, table)) {
        bad.push(format!("{name}: {kind} of {table}, {}", node["Index Name"]));
    }
    if kind == "Sort" && !SORTS.contains(&name) {
        bad.push(format!("{name}: {kind} by {}", node["Sort Key"]));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        wrong(name, child, bad);
    }
}

#[tokio::test]
async fn a_statement_that_scans_would_be_noticed() {
    let place = Place::new().await;
    let client = place.raw().await;
    client.batch_execute("SET enable_seqscan = off").await.unwrap();
    let row = client.query_one("EXPLAIN (FORMAT JSON) SELECT id FROM links WHERE kid = 'a'", &[]);
    // The column is json, which no feature of the driver reads here.
    assert!(row.await.is_ok());
    let text = client
        .query_one(
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'links' AND indexdef LIKE '%(kid%'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(text.get::<_, i64>(0), 0);
    let mut bad = Vec::new();
    let scan = serde_json::json!({ "Node Type": "Seq Scan", "Relation Name": "links" });
    let whole = serde_json::json!({ "Node Type": "Index Scan", "Relation Name": "links" });
    let sort = serde_json::json!({ "Node Type": "Sort", "Plans": [whole, scan] });
    wrong("a", &sort, &mut bad);
    assert_eq!(bad.len(), 3, "{bad:?}");
}

#[test]
fn statements_have_names_of_their_own() {
    let mut names: Vec<_> =
        sources::statements(ENGINE).into_iter().map(|statement| statement.name).collect();
    assert!(names.len() > 50, "found only {names:?}");
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Everything goes through the one place that prepares and keeps statements; only opening,
/// migrating and the listener, which has a connection of its own, stand apart.
#[test]
fn every_query_is_cached_and_named() {
    let apart = ["connection.rs", "listener.rs", "migrate.rs"];
    for (path, source) in sources::of(ENGINE) {
        if apart.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let calls =
            [".batch_execute(", ".simple_query(", ".query_one(", ".query_opt(", ".prepare("];
        for call in calls {
            assert!(!source.contains(call), "{} uses {call}", path.display());
        }
        if !path.ends_with("transaction.rs") {
            for call in [".prepare_cached(", ".execute(", ".query("] {
                assert!(!source.contains(call), "{} uses {call}", path.display());
            }
        }
        // What begins as SQL has a name above it.
        for word in ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "] {
            assert!(!source.contains(&format!("\"{word}")), "{}: {word}", path.display());
        }
    }
}
