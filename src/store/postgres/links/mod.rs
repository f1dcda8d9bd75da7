//! Links: making, finding, changing and ending them.

mod change;
mod create;
mod list;
mod row;

use async_trait::async_trait;

use super::super::{Changed, Context, Created, Links, NewLink, Page, Result};
use super::{PostgresStore, audit, evidence};
use crate::domain::audit::TimelineEntry;
use crate::domain::clock::Timestamp;
use crate::domain::door::DoorHash;
use crate::domain::evidence::Record;
use crate::domain::id::LinkId;
use crate::domain::link::{CodeHash, Filter, Link, LinkSecret};
use crate::domain::verdict::Verdict;

pub(super) use self::change::end_overdue;
pub(super) use self::row::{load, load_with_handle, must_load};

#[async_trait]
impl Links for PostgresStore {
    async fn create_link(&self, new: NewLink, context: Context) -> Result<Created> {
        self.write((new, context), |tx, (new, context)| Box::pin(create::create(tx, new, context)))
            .await
    }

    async fn find_link(&self, id: LinkId) -> Result<Option<Link>> {
        self.read(load(id)).await
    }

    async fn find_link_by_code(&self, code: CodeHash) -> Result<Option<Link>> {
        // A link keeps its id and its codes, so that the two need not see the same state.
        match self.read(row::find_by_code(code)).await? {
            Some(id) => self.read(load(id)).await,
            None => Ok(None),
        }
    }

    async fn find_link_by_door(&self, door: DoorHash) -> Result<Option<Link>> {
        // One that ends or changes its door in between shows so.
        match self.read(row::find_by_door(door)).await? {
            Some(id) => self.read(load(id)).await,
            None => Ok(None),
        }
    }

    async fn link_timeline(&self, id: LinkId) -> Result<Vec<TimelineEntry>> {
        self.read(audit::of_link(id)).await
    }

    async fn list_links(
        &self,
        filter: &Filter,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Page<Link>> {
        self.snapshot(&(filter.clone(), after, limit), |tx, (filter, after, limit)| {
            Box::pin(list::list(tx, filter, *after, *limit))
        })
        .await
    }

    async fn reissue_link(
        &self,
        id: LinkId,
        secret: LinkSecret,
        expires_at: Timestamp,
        context: Context,
    ) -> Result<Changed> {
        self.write((id, secret, expires_at, context), |tx, (id, secret, expires_at, context)| {
            Box::pin(change::reissue(tx, *id, secret, *expires_at, context))
        })
        .await
    }

    async fn ask_new_phone(&self, id: LinkId, jti: [u8; 16], context: Context) -> Result<Changed> {
        self.write((id, jti, context), |tx, (id, jti, context)| {
            Box::pin(change::ask_new_phone(tx, *id, *jti, context))
        })
        .await
    }

    async fn end_link(&self, id: LinkId, verdict: Verdict, context: Context) -> Result<Changed> {
        self.write((id, verdict, context), |tx, (id, verdict, context)| {
            Box::pin(change::end(tx, *id, verdict, context))
        })
        .await
    }

    async fn expire_links(&self, limit: u32, context: Context) -> Result<usize> {
        self.write((limit, context), |tx, (limit, context)| {
            Box::pin(change::expire(tx, *limit, context))
        })
        .await
    }

    async fn read_evidence(&self, id: LinkId, context: Context) -> Result<Option<Record>> {
        self.write((id, context), |tx, (id, context)| {
            Box::pin(evidence::read_and_record(tx, *id, context))
        })
        .await
    }
}
