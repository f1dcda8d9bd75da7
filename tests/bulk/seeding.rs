//! A made-up year is one that the store could have written.

use vouchlink::config::Database;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::{Standing, UserId};
use vouchlink::domain::evidence::Record;
use vouchlink::domain::gate::{self, Demand};
use vouchlink::domain::link::{Filter, Link, Status};
use vouchlink::domain::statement::{Challenge, Statement};
use vouchlink::domain::verdict::Assurance;
use vouchlink::store::{Context, Store};

use super::{open, path, seeded, small_year};
use crate::support::app::{SEASONING, TestApp};
use crate::support::authenticator::Authenticator;
use crate::support::clock::ManualClock;
use crate::support::seed::passkeys;

const NOW: Timestamp = ManualClock::START;

fn context() -> Context {
    Context {
        now: NOW,
        actor: vouchlink::domain::audit::Actor::Operator,
        gate_min_assurance: Assurance::LOWEST,
        max_attempts: 5,
        seasoning: SEASONING,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_sound_and_every_reference_leads_somewhere() {
    let folder = seeded().await;
    let connection = rusqlite::Connection::open(path(&folder)).unwrap();
    let one = |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert_eq!(one("PRAGMA journal_mode"), "wal");
    let count = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(count("SELECT count(*) FROM customers"), 300);
    assert_eq!(count("SELECT count(*) FROM links"), 1500);
    let fresh = tempfile::tempdir().unwrap();
    drop(open(&path(&fresh)));
    let fresh = rusqlite::Connection::open(path(&fresh)).unwrap();
    let schema = |connection: &rusqlite::Connection| -> Vec<(String, Option<String>)> {
        let sql = "SELECT name, sql FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(schema(&connection), schema(&fresh), "every index is back");
    for (what, sql) in [
        ("open links", "SELECT count(*) FROM links WHERE status IN ('pending', 'opened')"),
        ("failed links", "SELECT count(*) FROM links WHERE status = 'failed'"),
        ("deliveries to try again", "SELECT count(*) FROM deliveries WHERE status = 'retrying'"),
        ("held deliveries", "SELECT count(*) FROM deliveries WHERE status = 'held'"),
        ("former codes", "SELECT count(*) FROM former_codes"),
        ("refused customers", "SELECT count(*) FROM customers WHERE standing = 'refused'"),
    ] {
        assert!(count(sql) > 3, "no {what}");
    }
}

/// The store reads everything, and what it says agrees with itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_reads_everything_and_standings_agree_with_verdicts() {
    let folder = seeded().await;
    let store = open(&path(&folder));
    agree(&store).await;
}

/// For a store with the small year in it.
pub(super) async fn agree(store: &dyn Store) {
    let mut links = 0;
    for number in 1..=300 {
        let user_id = UserId::parse(&format!("c-{number:07}")).unwrap();
        let customer = store.find_customer(&user_id).await.unwrap().unwrap();
        let all = links_of(store, &user_id).await;
        links += all.len();
        // Newest first.
        let mut standing = Standing::Never;
        for link in all.iter().rev() {
            if let Some(verdict) = link.state.verdict() {
                standing = standing.after(link.id, verdict);
            }
        }
        if let Standing::Verified { verified, lapsed, .. } = &mut standing {
            *lapsed = verified.verified_until <= NOW;
        }
        assert_eq!(customer.standing, standing, "{user_id}");
        let read = store.standing(&user_id).await.unwrap().unwrap();
        assert_eq!((&read.standing, read.rebound_at), (&standing, None));
        let demand = Demand { max_age: None, min_assurance: Assurance::LOWEST };
        let open = matches!(&standing, Standing::Verified { lapsed: false, .. });
        assert_eq!(gate::ask(Some(&read), demand, SEASONING, NOW).verified(), open);

        let credentials = store.list_credentials(customer.id).await.unwrap();
        assert_eq!(credentials.len(), 1, "the first thousand are sure to have one");
        assert_eq!(credentials[0].key.id, passkeys::credential_id(7, number));
        let read = store.read_evidence(credentials[0].link, context()).await.unwrap().unwrap();
        let Record::Passkey(evidence) = read else { panic!("{read:?}") };
        let link = store.find_link(credentials[0].link).await.unwrap().unwrap();
        assert_eq!(evidence.statement, Statement::of(&link, "localhost").unwrap());
        let challenge = Challenge::new(&evidence.nonce, &evidence.statement).encoded();
        let client_data = String::from_utf8(evidence.client_data_json).unwrap();
        assert!(client_data.contains(&challenge));

        let mut sequence = 0;
        for link in all.iter().rev() {
            let deliveries = store.link_deliveries(link.id).await.unwrap();
            let ended = link.state.verdict().is_some();
            assert_eq!(deliveries.len(), usize::from(ended), "{}", link.id);
            for delivery in deliveries {
                assert!(!delivery.attempts.is_empty());
                assert!(delivery.event.sequence > sequence);
                sequence = delivery.event.sequence;
                let body: serde_json::Value = serde_json::from_str(&delivery.event.body).unwrap();
                assert_eq!(body["user_id"], user_id.as_str());
                assert_eq!(body["data"]["status"], link.state.status().as_str());
            }
            assert!(!store.link_timeline(link.id).await.unwrap().is_empty());
        }
        assert_eq!(sequence.max(1), customer.sequence.max(1));
    }
    assert_eq!(links, 1500);
}

async fn links_of(store: &dyn Store, user_id: &UserId) -> Vec<Link> {
    let filter = Filter { user_id: Some(user_id.clone()), ..Filter::default() };
    let page = store.list_links(&filter, None, 200).await.unwrap();
    assert_eq!(page.next, None);
    let open = |link: &&Link| matches!(link.state.status(), Status::Pending | Status::Opened);
    assert!(page.items.iter().filter(open).count() <= 1);
    page.items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_customer_verifies_with_the_passkey_that_follows_from_the_seed() {
    let folder = seeded().await;
    let file = path(&folder);
    let app = TestApp::start_with(|config| {
        config.database = Database::Sqlite(file);
        config.webhook = None;
    })
    .await;
    let mut device = device(42);
    let link = app.link("c-0000042").await;
    let options = app.options("authenticate", &link).await.expect(200);
    let credential = device.authenticate(&options["publicKey"], &app.origin);
    app.verify("authenticate", &options, &credential).await.expect(200);
    assert_eq!(app.gate("c-0000042").await["verified"], true);
}

/// What a customer of the small year holds in their hand.
pub(super) fn device(customer: u32) -> Authenticator {
    let seed = small_year().number;
    let mut device = Authenticator::with_key(passkeys::signing_key(seed, customer), [0; 32]);
    device.id = passkeys::credential_id(seed, customer).to_vec();
    device
}
