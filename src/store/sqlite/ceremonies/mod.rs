//! Ceremonies: beginning one, taking its answer once, and what the answer came to.

mod answer;
mod begin;
mod consume;
mod hear;
mod refuse;
mod settle;

pub(super) use self::refuse::refuse;

use async_trait::async_trait;
use rusqlite::Connection;

use super::super::{
    Answered, Begun, Ceremonies, Check, Consumed, Context, Listened, NotLive, RefusedAnswer,
    Result, Settled, Subject,
};
use super::links::{self, Loaded};
use super::{SqliteStore, credentials};
use crate::domain::call::Said;
use crate::domain::ceremony::{Ceremony, Wish};
use crate::domain::id::LinkId;
use crate::domain::link::Link;

#[async_trait]
impl Ceremonies for SqliteStore {
    async fn ceremony_subject(&self, link: LinkId) -> Result<Option<Subject>> {
        self.snapshot(|connection| subject(connection, link))
    }

    async fn hear_customer(
        &self,
        link: LinkId,
        jti: [u8; 16],
        said: Said,
        context: Context,
    ) -> Result<Listened> {
        self.write(move |tx| hear::hear(tx, link, jti, said, &context)).await
    }

    async fn begin_ceremony(
        &self,
        ceremony: Ceremony,
        link: &Link,
        context: Context,
    ) -> Result<Begun> {
        let link = link.clone();
        self.write(move |tx| begin::begin(tx, &ceremony, &link, &context)).await
    }

    /// The writer has the rows at hand; a reader would have to fetch them from the log again after
    /// every commit.
    async fn begin_wished(
        &self,
        wish: Wish,
        context: Context,
    ) -> Result<Option<Box<(Ceremony, Subject)>>> {
        self.write(move |tx| {
            let Some(subject) = subject(tx, wish.link)? else { return Ok(None) };
            let Some(ceremony) = wish.on(&subject.link, &subject.credentials) else {
                return Ok(None);
            };
            let begun = begin::begin(tx, &ceremony, &subject.link, &context)?;
            Ok((begun == Begun::Begun).then(|| Box::new((ceremony, subject))))
        })
        .await
    }

    async fn answer_ceremony(
        &self,
        answered: Answered,
        check: Check,
        context: Context,
    ) -> Result<std::result::Result<Settled, NotLive>> {
        self.write(move |tx| answer::answer(tx, &answered, &check, &context)).await
    }

    async fn consume_ceremony(&self, answered: Answered, context: Context) -> Result<Consumed> {
        self.write(move |tx| consume::consume(tx, &answered, &context)).await
    }

    async fn refuse_attempt(&self, refused: RefusedAnswer, context: Context) -> Result<Link> {
        self.write(move |tx| {
            let link = links::must_load(tx, refused.link)?;
            refuse(tx, link, refused.clone(), &context)
        })
        .await
    }
}

fn subject(connection: &Connection, link: LinkId) -> Result<Option<Subject>> {
    let Some(Loaded { link, handle, .. }) = links::load_whole(connection, link)? else {
        return Ok(None);
    };
    let credentials = credentials::active(connection, link.customer)?;
    Ok(Some(Subject { link, handle, credentials }))
}
