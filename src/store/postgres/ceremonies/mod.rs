//! Ceremonies: beginning one, taking its answer once, and what the answer came to.

mod answer;
mod begin;
mod consume;
mod hear;
mod refuse;
mod settle;

pub(super) use self::refuse::refuse;

use async_trait::async_trait;

use super::super::{
    Answered, Begun, Ceremonies, Check, Consumed, Context, Listened, NotLive, RefusedAnswer,
    Result, Settled, Subject,
};
use super::{PostgresStore, credentials, links};
use crate::domain::call::Said;
use crate::domain::ceremony::{Ceremony, Wish};
use crate::domain::id::LinkId;
use crate::domain::link::Link;

#[async_trait]
impl Ceremonies for PostgresStore {
    async fn ceremony_subject(&self, link: LinkId) -> Result<Option<Subject>> {
        let (found, credentials) =
            self.read_both(links::load_with_handle(link), credentials::active_for(link)).await?;
        Ok(found.map(|(link, handle)| Subject { link, handle, credentials }))
    }

    async fn hear_customer(
        &self,
        link: LinkId,
        jti: [u8; 16],
        said: Said,
        context: Context,
    ) -> Result<Listened> {
        self.write((link, jti, said, context), |tx, (link, jti, said, context)| {
            Box::pin(hear::hear(tx, *link, *jti, *said, context))
        })
        .await
    }

    async fn begin_ceremony(
        &self,
        ceremony: Ceremony,
        link: &Link,
        context: Context,
    ) -> Result<Begun> {
        self.write((ceremony, link.secret.jti, context), |tx, (ceremony, jti, context)| {
            Box::pin(begin::begin(tx, ceremony, *jti, context))
        })
        .await
    }

    /// One after another: to look first is cheaper here than to hold the customer meanwhile.
    async fn begin_wished(
        &self,
        wish: Wish,
        context: Context,
    ) -> Result<Option<Box<(Ceremony, Subject)>>> {
        let Some(subject) = self.ceremony_subject(wish.link).await? else { return Ok(None) };
        let Some(ceremony) = wish.on(&subject.link, &subject.credentials) else { return Ok(None) };
        let begun = self.begin_ceremony(ceremony.clone(), &subject.link, context).await?;
        Ok((begun == Begun::Begun).then(|| Box::new((ceremony, subject))))
    }

    async fn answer_ceremony(
        &self,
        answered: Answered,
        check: Check,
        context: Context,
    ) -> Result<std::result::Result<Settled, NotLive>> {
        self.write((answered, check, context), |tx, (answered, check, context)| {
            Box::pin(answer::answer(tx, answered, check, context))
        })
        .await
    }

    async fn consume_ceremony(&self, answered: Answered, context: Context) -> Result<Consumed> {
        self.write((answered, context), |tx, (answered, context)| {
            Box::pin(consume::consume(tx, answered, context))
        })
        .await
    }

    async fn refuse_attempt(&self, refused: RefusedAnswer, context: Context) -> Result<Link> {
        self.write((refused, context), |tx, (refused, context)| {
            Box::pin(refuse::refuse_attempt(tx, refused, context))
        })
        .await
    }
}
