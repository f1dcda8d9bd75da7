//! What the engine's functions work with: a connection lent by the pool, most often with a
//! transaction on it. Writes are noted and travel with the next question or the commit, and
//! questions that do not depend on each other travel together: a round trip carries as much as
//! it can, and the server runs it in the order it was sent.

use std::fmt::{self, Display};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use deadpool_postgres::{Client, Object};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

use super::super::StoreError;
use super::announce::Noted;
use super::failure::{Done, Failure, closed, corrupt};
use super::query::{Param, Query};
use crate::domain::random::Random;

pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// How many rows a write must touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Any,
    /// The transaction looked before, under a lock: anything else is a defect and rolls back.
    One,
    /// Otherwise another transaction was faster, and this one begins again and sees what it did.
    OneOrAgain,
}

/// A statement on its way.
struct Step {
    sql: &'static str,
    params: Vec<Param>,
    /// `None`: its rows are wanted.
    expect: Option<Expect>,
}

enum Outcome {
    Rows(Vec<Row>),
    Touched(u64),
}

/// A connection at work. Given up in the middle, it leaves the pool and takes its transaction with
/// it.
pub(super) struct Tx {
    /// `None` only while it is dropped.
    object: Option<Client>,
    random: Arc<dyn Random>,
    pending: Vec<Step>,
    /// To be announced after the commit.
    pub(super) noted: Noted,
    /// Nothing of ours is open or under way on the connection.
    clean: bool,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("clean", &self.clean).finish_non_exhaustive()
    }
}

impl Tx {
    /// For one statement, which is a transaction of its own.
    pub(super) fn plain(object: Client, random: Arc<dyn Random>) -> Self {
        Self {
            object: Some(object),
            random,
            pending: Vec::new(),
            noted: Noted::default(),
            clean: true,
        }
    }

    /// For a change. What is read after a lock was taken sees what its former holder did.
    pub(super) fn begin(object: Client, random: Arc<dyn Random>) -> Self {
        Self::beginning("-- begin\nBEGIN", object, random)
    }

    /// For reads that see one state.
    pub(super) fn snapshot(object: Client, random: Arc<dyn Random>) -> Self {
        Self::beginning(
            "-- begin_snapshot\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            object,
            random,
        )
    }

    fn beginning(sql: &'static str, object: Client, random: Arc<dyn Random>) -> Self {
        let mut tx = Self::plain(object, random);
        tx.note(sql, Vec::new(), Expect::Any);
        tx
    }

    pub(super) fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// Notes a write that may touch any number of rows.
    pub(super) fn write(&mut self, sql: &'static str, params: Vec<Param>) {
        self.note(sql, params, Expect::Any);
    }

    /// Notes a write that must touch exactly one row.
    pub(super) fn write_one(&mut self, sql: &'static str, params: Vec<Param>) {
        self.note(sql, params, Expect::One);
    }

    /// Notes a write that touches one row unless another transaction came between.
    pub(super) fn write_one_or_again(&mut self, sql: &'static str, params: Vec<Param>) {
        self.note(sql, params, Expect::OneOrAgain);
    }

    fn note(&mut self, sql: &'static str, params: Vec<Param>, expect: Expect) {
        self.pending.push(Step { sql, params, expect: Some(expect) });
    }

    /// Sends what is noted and the question; its answer.
    pub(super) async fn ask<A>(&mut self, query: Query<A>) -> Done<A> {
        let mut rows = self.send(vec![(query.sql, query.params)]).await?.into_iter();
        (query.read)(rows.next().unwrap_or_default())
    }

    /// The same for two questions at once; the server answers the first before the second.
    pub(super) async fn ask2<A, B>(&mut self, a: Query<A>, b: Query<B>) -> Done<(A, B)> {
        let mut rows = self.send(vec![(a.sql, a.params), (b.sql, b.params)]).await?.into_iter();
        let mut next = || rows.next().unwrap_or_default();
        Ok(((a.read)(next())?, (b.read)(next())?))
    }

    /// For three.
    pub(super) async fn ask3<A, B, C>(
        &mut self,
        a: Query<A>,
        b: Query<B>,
        c: Query<C>,
    ) -> Done<(A, B, C)> {
        let queries = vec![(a.sql, a.params), (b.sql, b.params), (c.sql, c.params)];
        let mut rows = self.send(queries).await?.into_iter();
        let mut next = || rows.next().unwrap_or_default();
        Ok(((a.read)(next())?, (b.read)(next())?, (c.read)(next())?))
    }

    /// For four.
    pub(super) async fn ask4<A, B, C, D>(
        &mut self,
        a: Query<A>,
        b: Query<B>,
        c: Query<C>,
        d: Query<D>,
    ) -> Done<(A, B, C, D)> {
        let queries =
            vec![(a.sql, a.params), (b.sql, b.params), (c.sql, c.params), (d.sql, d.params)];
        let mut rows = self.send(queries).await?.into_iter();
        let mut next = || rows.next().unwrap_or_default();
        Ok(((a.read)(next())?, (b.read)(next())?, (c.read)(next())?, (d.read)(next())?))
    }

    /// Sends what is noted.
    pub(super) async fn flush(&mut self) -> Done<()> {
        self.send(Vec::new()).await.map(drop)
    }

    /// Sends everything in one go and in order; the rows of each question.
    async fn send(&mut self, queries: Vec<(&'static str, Vec<Param>)>) -> Done<Vec<Vec<Row>>> {
        let mut steps = std::mem::take(&mut self.pending);
        let asked = |(sql, params)| Step { sql, params, expect: None };
        steps.extend(queries.into_iter().map(asked));
        let client = self.object.as_ref().ok_or_else(closed)?;
        // All are prepared before the first is sent: one that had to be prepared in between would
        // be overtaken by those behind it.
        let mut ready = Vec::with_capacity(steps.len());
        for step in steps {
            ready.push((client.prepare_cached(step.sql).await?, step));
        }
        self.clean = false;
        let sent = ready.iter().map(|(statement, step)| perform(client, statement, step));
        let outcomes = together(sent.collect()).await;
        let mut answers = Vec::new();
        for ((_, step), outcome) in ready.iter().zip(outcomes) {
            // The first that fails is the cause; the server refused those after it.
            match (outcome?, step.expect) {
                (Outcome::Rows(rows), _) => answers.push(rows),
                (Outcome::Touched(1), _) | (Outcome::Touched(_), None | Some(Expect::Any)) => {}
                (Outcome::Touched(touched), Some(Expect::One)) => {
                    let name = name(step.sql);
                    return Err(corrupt(format!("{name} touched {touched} rows instead of one")));
                }
                (Outcome::Touched(_), Some(Expect::OneOrAgain)) => {
                    return Err(Failure::Again(format!("{} was overtaken", name(step.sql))));
                }
            }
        }
        Ok(answers)
    }

    /// The end of a single statement that went well.
    pub(super) fn done(mut self) {
        self.clean = true;
    }

    /// Sends what is noted, and commits. If the connection is lost in between, nobody knows
    /// whether it was committed: that is `Unavailable`, and never tried again in here.
    pub(super) async fn commit(mut self) -> Done<Noted> {
        if self.clean && self.pending.len() > 1 {
            // Nothing was asked. Should the transaction not begin, nothing may be written either.
            let writes = self.pending.split_off(1);
            self.flush().await?;
            self.pending = writes;
        }
        if !self.pending.is_empty() {
            self.flush().await?;
        }
        // Whatever was sent went well, so this cannot be the commit of a failed transaction, which
        // the server would take as a rollback without a word.
        let committed = self.finish("-- commit\nCOMMIT").await;
        match committed {
            Err(Failure::Again(why)) => Err(StoreError::Unavailable(why).into()),
            done => done.map(|()| std::mem::take(&mut self.noted)),
        }
    }

    /// Takes everything back; a connection that cannot do even that is given up.
    pub(super) async fn roll_back(mut self) {
        if self.clean {
            return;
        }
        if let Err(failure) = self.finish("-- roll_back\nROLLBACK").await {
            tracing::debug!(?failure, "a connection is given up");
        }
    }

    async fn finish(&mut self, sql: &'static str) -> Done<()> {
        self.pending.clear();
        self.write(sql, Vec::new());
        self.flush().await?;
        self.clean = true;
        Ok(())
    }

    /// Does `work` for each in a savepoint of its own; for how many it did something. One that is
    /// `Corrupt` is logged, leaves nothing of its work and does not keep the others waiting for
    /// ever.
    pub(super) async fn each_readable<I: Display + Sync, C: Sync>(
        &mut self,
        what: &'static str,
        items: &[I],
        context: &C,
        work: for<'t> fn(&'t mut Self, &'t I, &'t C) -> BoxFuture<'t, Done<bool>>,
    ) -> Done<usize> {
        let mut done = 0;
        for item in items {
            self.write("-- begin_one\nSAVEPOINT one", Vec::new());
            let noted = self.noted.links.len();
            let worked = match work(self, item, context).await {
                Ok(did) => self.flush().await.map(|()| did),
                failed => failed,
            };
            match worked {
                Ok(did) => done += usize::from(did),
                Err(Failure::Store(StoreError::Corrupt(error))) => {
                    tracing::error!(what, id = %item, error, "skipped what cannot be read");
                    // At once: until then the server may refuse to prepare anything.
                    self.pending.clear();
                    self.noted.links.truncate(noted);
                    self.write("-- undo_one\nROLLBACK TO SAVEPOINT one", Vec::new());
                    self.flush().await?;
                }
                Err(failure) => return Err(failure),
            }
            self.write("-- end_one\nRELEASE SAVEPOINT one", Vec::new());
        }
        Ok(done)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(object) = self.object.take()
            && !self.clean
        {
            // Out of the pool, and closed: the server rolls back what was open.
            drop(Object::take(object));
        }
    }
}

async fn perform(client: &Client, statement: &Statement, step: &Step) -> Result<Outcome, Error> {
    let params: Vec<&(dyn ToSql + Sync)> =
        step.params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect();
    if step.expect.is_some() {
        client.execute(statement, &params).await.map(Outcome::Touched)
    } else {
        client.query(statement, &params).await.map(Outcome::Rows)
    }
}

/// Runs all; each is begun in its turn before any is waited for, which is what puts statements
/// onto the wire in order.
async fn together<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

/// The name in a statement's first line.
fn name(sql: &str) -> &str {
    sql.lines().next().unwrap_or_default().trim_start_matches(['-', ' '])
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn what_travels_together_is_begun_in_order() {
        let begun = RefCell::new(Vec::new());
        let one = async |number: u32| {
            begun.borrow_mut().push(number);
            tokio::task::yield_now().await;
            number * 10
        };
        let all = together((1..=40).map(&one).collect()).await;
        assert_eq!(all, (1..=40).map(|number| number * 10).collect::<Vec<_>>());
        assert_eq!(*begun.borrow(), (1..=40).collect::<Vec<_>>());
    }

    #[test]
    fn a_statement_is_called_by_its_first_line() {
        assert_eq!(name("-- end_link\n  UPDATE links"), "end_link");
    }
}
