//! A write on its way through the queue: run in the transaction, answered after the commit.

use tokio::sync::oneshot;

use super::super::super::{Result, StoreError};
use super::super::transaction::Tx;

/// A queued write.
pub(super) trait Job: Send {
    /// Does the work; whether its changes may stay. Done again if the transaction of its first
    /// run had to be rolled back.
    fn run(&mut self, tx: &Tx<'_>) -> bool;

    /// Answers, after the commit: what the work came to or, if the group was lost, why.
    fn answer(self: Box<Self>, lost: Option<&str>);
}

pub(super) struct Write<T, F> {
    work: F,
    /// Of the last run; `None` if it did not run, or panicked.
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Write<T, F> {
    pub(super) const fn new(work: F, reply: oneshot::Sender<Result<T>>) -> Self {
        Self { work, result: None, reply }
    }
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: Fn(&Tx<'_>) -> Result<T> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        self.result = None;
        let result = (self.work)(tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, lost: Option<&str>) {
        let answer = match (lost, self.result) {
            (None, Some(result)) => result,
            (None, None) => Err(StoreError::Unavailable("the write broke down".to_owned())),
            (Some(reason), _) => Err(StoreError::Unavailable(reason.to_owned())),
        };
        // A caller who stopped waiting needs no answer.
        let _ = self.reply.send(answer);
    }
}
