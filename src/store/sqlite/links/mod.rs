//! Links: making, finding, changing and ending them.

mod change;
mod create;
mod list;
mod row;

use async_trait::async_trait;

use super::super::{Changed, Context, Created, Links, NewLink, Page, Result};
use super::{SqliteStore, audit, evidence};
use crate::domain::audit::TimelineEntry;
use crate::domain::clock::Timestamp;
use crate::domain::door::DoorHash;
use crate::domain::evidence::Record;
use crate::domain::id::LinkId;
use crate::domain::link::{CodeHash, Filter, Link, LinkSecret};
use crate::domain::verdict::Verdict;

pub(super) use self::change::end_overdue;
pub(super) use self::row::{Loaded, load, load_whole, must_load};

#[async_trait]
impl Links for SqliteStore {
    async fn create_link(&self, new: NewLink, context: Context) -> Result<Created> {
        self.write(move |tx| create::create(tx, new.clone(), &context)).await
    }

    async fn find_link(&self, id: LinkId) -> Result<Option<Link>> {
        self.read(|connection| load(connection, id))
    }

    async fn find_link_by_code(&self, code: CodeHash) -> Result<Option<Link>> {
        self.snapshot(|connection| row::load_by_code(connection, code))
    }

    async fn find_link_by_door(&self, door: DoorHash) -> Result<Option<Link>> {
        self.snapshot(|connection| row::load_by_door(connection, door))
    }

    async fn link_timeline(&self, id: LinkId) -> Result<Vec<TimelineEntry>> {
        self.scan(move |connection| audit::of_link(connection, id)).await
    }

    async fn list_links(
        &self,
        filter: &Filter,
        after: Option<LinkId>,
        limit: u32,
    ) -> Result<Page<Link>> {
        let filter = filter.clone();
        self.scan(move |connection| list::list(connection, &filter, after, limit)).await
    }

    async fn reissue_link(
        &self,
        id: LinkId,
        secret: LinkSecret,
        expires_at: Timestamp,
        context: Context,
    ) -> Result<Changed> {
        self.write(move |tx| change::reissue(tx, id, secret.clone(), expires_at, &context)).await
    }

    async fn ask_new_phone(&self, id: LinkId, jti: [u8; 16], context: Context) -> Result<Changed> {
        self.write(move |tx| change::ask_new_phone(tx, id, jti, &context)).await
    }

    async fn end_link(&self, id: LinkId, verdict: Verdict, context: Context) -> Result<Changed> {
        self.write(move |tx| change::end(tx, id, &verdict, &context)).await
    }

    async fn expire_links(&self, limit: u32, context: Context) -> Result<usize> {
        self.write(move |tx| change::expire(tx, limit, &context)).await
    }

    async fn read_evidence(&self, id: LinkId, context: Context) -> Result<Option<Record>> {
        self.write(move |tx| evidence::read(tx, id, &context)).await
    }
}
