//! Sending a link: by our mail, or by the company's own gateway; so often and no more.

use serde_json::json;

use super::super::super::{Bound, Context, NewMail, Result, SendOrder, Sending};
use super::super::transaction::Tx;
use super::super::{audit, events, links};
use super::queue::queue_link;
use crate::domain::audit::Action;
use crate::domain::id::{CustomerId, LinkId};
use crate::domain::link::Link;
use crate::domain::mail::{SENDS_PER_DAY, SENDS_PER_LINK};

pub(super) fn send(
    tx: &Tx<'_>,
    id: LinkId,
    order: &SendOrder,
    context: &Context,
) -> Result<Sending> {
    let Some(link) = links::load(tx, id)? else { return Ok(Sending::NotFound) };
    let link = links::end_overdue(tx, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Sending::Ended(link));
    }
    if let Some(bound) = bound_of(tx, link.customer, Some(id), context)? {
        return Ok(Sending::TooOften(bound));
    }
    match order {
        SendOrder::Mail(mail) => {
            queue_link(tx, &link, mail, context)?;
            audit::append_about(tx, Action::LinkSendRequested, &link, by("mail"), context)?;
        }
        SendOrder::Gateway { jti, .. } if *jti != link.secret.jti => return Ok(Sending::Reissued),
        SendOrder::Gateway { short_url, phone, .. } => {
            if !events::request_sending(tx, &link, short_url, phone.as_ref(), context)? {
                return Ok(Sending::NobodyAsks);
            }
            audit::append_about(tx, Action::LinkSendRequested, &link, by("gateway"), context)?;
        }
    }
    Ok(Sending::Queued(link))
}

/// Whether another link may be sent to this customer today.
pub(in super::super) fn may_send(
    tx: &Tx<'_>,
    customer: CustomerId,
    context: &Context,
) -> Result<bool> {
    Ok(bound_of(tx, customer, None, context)?.is_none())
}

/// Queues the mail of a link that was just made.
pub(in super::super) fn send_new(
    tx: &Tx<'_>,
    link: &Link,
    mail: &NewMail,
    context: &Context,
) -> Result<()> {
    queue_link(tx, link, mail, context)?;
    audit::append_about(tx, Action::LinkSendRequested, link, by("mail"), context)
}

fn by(way: &str) -> serde_json::Value {
    json!({ "by": way })
}

fn bound_of(
    tx: &Tx<'_>,
    customer: CustomerId,
    link: Option<LinkId>,
    context: &Context,
) -> Result<Option<Bound>> {
    let day = context.now.minus(std::time::Duration::from_secs(86_400));
    let (of_link, of_customer): (u32, u32) = tx
        .prepare_cached(
            "-- count_sends
             SELECT (SELECT count(*) FROM mails WHERE link = ?1 AND kind = 'link')
                    + (SELECT count(*) FROM events
                       WHERE link = ?1 AND type = 'link.send_requested'),
                    (SELECT count(*) FROM mails
                     WHERE customer = ?2 AND kind = 'link' AND created_at > ?3)
                    + (SELECT count(*) FROM events e JOIN links l ON l.id = e.link
                       WHERE l.customer = ?2 AND e.type = 'link.send_requested' AND e.at > ?3)",
        )?
        .query_row((link, customer, day), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if of_link >= SENDS_PER_LINK {
        Some(Bound::Link)
    } else if of_customer >= SENDS_PER_DAY {
        Some(Bound::Customer)
    } else {
        None
    })
}
