//! One instance is killed, one is frozen while it holds leases and comes back later.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use vouchlink::domain::id::DeliveryId;

use super::customer::{Customer, Instances};
use super::outcome::{
    Arrived, Told, bytes, check_arrivals, check_database, check_streams, event_id, serve,
};
use super::{A, B, C, Cluster, D, until};

const CUSTOMERS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn with_one_instance_killed_and_one_frozen_nothing_is_lost_doubled_or_late() {
    let cluster = Cluster::new(4).await;
    let crm = &cluster.crm;
    let a = cluster.start(A, &[]);
    let b = cluster.start(B, &[]);
    let c = cluster.start(C, &["--workers=off"]);
    let instances = Arc::new(Instances::new(cluster.urls()));
    instances.leave(D);
    let told = Arc::new(Told::default());
    let customers: Vec<_> = (0..CUSTOMERS)
        .map(|number| Customer::new(number, Arc::clone(&instances)))
        .map(|customer| tokio::spawn(serve(customer, Arc::clone(&told))))
        .collect();
    let mut arrived = Arrived::default();
    told.more(CUSTOMERS * 2).await;

    // Both stop in the middle of an attempt that the CRM has received and not answered.
    let held_by_b = arrived.hold(crm, B).await;
    b.signal("STOP");
    let held_by_a = arrived.hold(crm, A).await;
    a.kill();
    crm.hold(None);
    // C serves on, and nobody works: once the database has done what it was sent, nothing moves.
    told.more(CUSTOMERS).await;
    let at_work = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'instance-0' OR \
                   application_name = 'instance-1' AND state = 'active'";
    until("quiet", || async { cluster.count(at_work).await == 0 }).await;
    let orphans = cluster.leased().await;
    // However long what follows takes.
    let ids = orphans.iter().map(|row| format!("'{}'", row[0])).collect::<Vec<_>>().join(",");
    let extend = format!("UPDATE deliveries SET due_at = due_at + 600000 WHERE id IN ({ids})");
    cluster.rows(&extend).await;
    let orphan_events: HashSet<String> = orphans.iter().map(|row| event_id(&row[1])).collect();
    assert!(orphan_events.contains(&held_by_a) && orphan_events.contains(&held_by_b));

    // A new one delivers everything but what is leased and what must come after that.
    let d = cluster.start(D, &[]);
    instances.back(D).await;
    told.more(CUSTOMERS).await;
    let still = cluster.leased().await;
    let taken = orphans.iter().filter(|orphan| !still.contains(orphan)).count();
    assert_eq!(taken, 0, "a lease was taken over before its end");
    let expire = format!("UPDATE deliveries SET due_at = due_at - 661000 WHERE id IN ({ids})");
    cluster.rows(&expire).await;
    let left =
        format!("SELECT count(*) FROM deliveries WHERE id IN ({ids}) AND status <> 'delivered'");
    until("taken over", || async { cluster.count(&left).await == 0 }).await;
    let state = format!(
        "SELECT id, status, attempts, finished_at, lease,
                (SELECT count(*) FROM attempts WHERE delivery = d.id)
         FROM deliveries d WHERE id IN ({ids}) ORDER BY id"
    );
    let taken_over = cluster.rows(&state).await;
    assert!(taken_over.iter().all(|row| row[2] == "1" && row[5] == "1"), "{taken_over:?}");

    // The frozen one comes back, and what it writes late is refused.
    b.signal("CONT");
    instances.back(B).await;
    let late = orphans.iter().find(|row| event_id(&row[1]) == held_by_b).unwrap();
    let late = DeliveryId::from_bytes(bytes(&late[0])).to_string();
    until("refused", || async { logged(&cluster.log(B), ["the lease was lost", &late]) }).await;
    told.more(CUSTOMERS).await;
    assert_eq!(cluster.rows(&state).await, taken_over, "a late write was taken");

    told.over.store(true, Ordering::SeqCst);
    for customer in customers {
        customer.await.unwrap();
    }
    let waiting = "SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL";
    until("delivered", || async { cluster.count(waiting).await == 0 }).await;
    check_streams(&told).await;
    for server in [b, c, d] {
        assert!(server.terminate().success());
    }
    check_database(&cluster, &told).await;
    arrived.take_the_rest(crm);
    check_arrivals(&cluster, &arrived, &orphan_events).await;
}

fn logged(log: &Path, texts: [&str; 2]) -> bool {
    let log = std::fs::read_to_string(log).unwrap();
    log.lines().any(|line| texts.iter().all(|text| line.contains(text)))
}
