//! Workers of this process that take an endpoint's new deliveries: one that finds a place is under
//! lease from its first transaction on, which spares the write that would lease it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{self, OwnedPermit, Sender};

use super::super::deliveries::{Arrival, Arrivals, LeaseRequest};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Leased;
use crate::domain::id::EndpointId;

/// Who takes what; clones are the same.
#[derive(Clone, Default)]
pub(super) struct Takers(Arc<Mutex<HashMap<EndpointId, Taker>>>);

struct Taker {
    places: Sender<Arrival>,
    ttl: Duration,
}

impl fmt::Debug for Takers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Takers").finish_non_exhaustive()
    }
}

impl Takers {
    /// `None` while somebody else takes this endpoint's.
    pub(super) fn add(&self, request: LeaseRequest) -> Option<Arrivals> {
        let LeaseRequest { endpoint, limit, ttl } = request;
        let mut takers = self.takers();
        takers.retain(|_, taker| !taker.places.is_closed());
        if takers.contains_key(&endpoint) {
            return None;
        }
        let (places, arrivals) = mpsc::channel(usize::try_from(limit).unwrap_or(1).max(1));
        takers.insert(endpoint, Taker { places, ttl });
        Some(arrivals)
    }

    /// A place for one delivery, if somebody takes this endpoint's and has one left.
    pub(super) fn place(&self, endpoint: EndpointId) -> Option<Place> {
        let takers = self.takers();
        let taker = takers.get(&endpoint)?;
        let place = taker.places.clone().try_reserve_owned().ok()?;
        Some(Place { place, ttl: taker.ttl })
    }

    fn takers(&self) -> MutexGuard<'_, HashMap<EndpointId, Taker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Free again if it is dropped.
pub(super) struct Place {
    place: OwnedPermit<Arrival>,
    pub(super) ttl: Duration,
}

impl Place {
    pub(super) fn keep(self, leased: Leased, at: Timestamp) -> Kept {
        Kept { place: self.place, arrival: (leased, at) }
    }
}

/// A delivery that is handed over once its transaction is committed.
pub(super) struct Kept {
    place: OwnedPermit<Arrival>,
    arrival: Arrival,
}

impl Kept {
    /// To whoever is gone meanwhile: then it is left to the end of its lease.
    pub(super) fn hand_over(self) {
        self.place.send(self.arrival);
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::super::{Result, StoreError};
    use super::super::transaction::Tx;
    use super::super::writer::{After, Writer};
    use super::*;
    use crate::domain::delivery::{Lease, Trigger};
    use crate::domain::endpoint::BUILT_IN;
    use crate::domain::event::EventType;
    use crate::domain::id::{DeliveryId, EventId, LinkId};
    use crate::domain::random::SystemRandom;

    /// A writer, and who takes its deliveries, of which there is a place for one.
    fn taken() -> (Writer, Takers, Arrivals) {
        let takers = Takers::default();
        let ttl = Duration::from_secs(25);
        let arrivals = takers.add(LeaseRequest { endpoint: BUILT_IN, limit: 1, ttl }).unwrap();
        let after = After { takers: takers.clone(), ..After::default() };
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE children (parent INTEGER REFERENCES parents
                                        DEFERRABLE INITIALLY DEFERRED) STRICT;",
            )
            .unwrap();
        let writer = Writer::start(connection, None, Arc::new(SystemRandom), 16, after).unwrap();
        (writer, takers, arrivals)
    }

    fn keep(tx: &Tx<'_>, number: u8) {
        let leased = Leased {
            id: DeliveryId::from_bytes([number; 16]),
            event: EventId::from_bytes([number; 16]),
            kind: EventType::Verified,
            endpoint: BUILT_IN,
            attempts: 0,
            schedule_from: 0,
            trigger: Trigger::Auto,
            body: String::new(),
            lease: Lease([number; 16]),
        };
        tx.keep(tx.place(BUILT_IN).unwrap().keep(leased, Timestamp::from_millis(0)));
    }

    fn arrived(arrivals: &mut Arrivals) -> Option<[u8; 16]> {
        arrivals.try_recv().ok().map(|(leased, _)| leased.lease.0)
    }

    #[tokio::test]
    async fn what_is_not_committed_is_not_handed_over_and_its_place_is_free_again() {
        let (writer, takers, mut arrivals) = taken();
        let failing = writer.write(|tx| -> Result<()> {
            keep(tx, 1);
            Err(StoreError::Busy)
        });
        assert!(failing.await.is_err());
        assert_eq!(arrived(&mut arrivals), None);
        let lost = writer.write(|tx| {
            keep(tx, 2);
            // Which the commit finds, and fails.
            Ok(tx.execute_batch("INSERT INTO children VALUES (1)")?)
        });
        assert!(lost.await.is_err());
        assert_eq!(arrived(&mut arrivals), None);
        drop(takers.place(BUILT_IN).unwrap());

        let done = writer.write(|tx| {
            keep(tx, 3);
            Ok(())
        });
        done.await.unwrap();
        assert!(takers.place(BUILT_IN).is_none());
        assert_eq!(arrived(&mut arrivals), Some([3; 16]));
        writer.close().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_undone_within_a_write_is_not_handed_over_either() {
        let (writer, _, mut arrivals) = taken();
        let ids = [1, 2].map(|number| LinkId::from_bytes([number; 16]));
        let done = writer.write(move |tx| {
            tx.each_readable("test", &ids, |id| {
                keep(tx, id.as_bytes()[0]);
                if *id == ids[0] { Err(StoreError::Corrupt("a".to_owned())) } else { Ok(()) }
            })
        });
        assert_eq!(done.await.unwrap(), 1);
        assert_eq!(arrived(&mut arrivals), Some([2; 16]));
        assert_eq!(arrived(&mut arrivals), None);
        writer.close().await.unwrap();
    }
}
