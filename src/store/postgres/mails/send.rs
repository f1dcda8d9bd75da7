//! Sending a link: by our mail, or by the company's own gateway; so often and no more.

use std::time::Duration;

use serde_json::json;

use super::super::super::{Bound, Context, NewMail, SendOrder, Sending};
use super::super::columns::{Whole, read};
use super::super::customers::lock_of_link;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, events, links};
use super::queue::queue_link;
use crate::domain::audit::Action;
use crate::domain::id::{CustomerId, LinkId};
use crate::domain::link::Link;
use crate::domain::mail::{SENDS_PER_DAY, SENDS_PER_LINK};

pub(super) async fn send(
    tx: &mut Tx,
    id: LinkId,
    order: &SendOrder,
    context: &Context,
) -> Done<Sending> {
    let questions = (lock_of_link(id), links::load(id), bound_of(None, Some(id), context));
    let (owner, link, bound) = tx.ask3(questions.0, questions.1, questions.2).await?;
    let (Some(mut owner), Some(link)) = (owner, link) else { return Ok(Sending::NotFound) };
    let link = links::end_overdue(tx, &mut owner, link, context)?;
    if link.state.verdict().is_some() {
        return Ok(Sending::Ended(link));
    }
    if let Some(bound) = bound {
        return Ok(Sending::TooOften(bound));
    }
    match order {
        SendOrder::Mail(mail) => send_new(tx, &link, mail, context)?,
        SendOrder::Gateway { jti, .. } if *jti != link.secret.jti => return Ok(Sending::Reissued),
        SendOrder::Gateway { short_url, phone, .. } => {
            let phone = phone.as_ref();
            if !events::request_sending(tx, &mut owner, &link, short_url, phone, context)? {
                return Ok(Sending::NobodyAsks);
            }
            requested(tx, &link, "gateway", context);
        }
    }
    Ok(Sending::Queued(link))
}

/// Whether another link may be sent to this customer today.
pub(in super::super) async fn may_send(
    tx: &mut Tx,
    customer: CustomerId,
    context: &Context,
) -> Done<bool> {
    Ok(tx.ask(bound_of(Some(customer), None, context)).await?.is_none())
}

/// Queues the mail of an open link.
pub(in super::super) fn send_new(
    tx: &mut Tx,
    link: &Link,
    mail: &NewMail,
    context: &Context,
) -> Done<()> {
    queue_link(tx, link, mail, context)?;
    requested(tx, link, "mail", context);
    Ok(())
}

fn requested(tx: &mut Tx, link: &Link, by: &str, context: &Context) {
    let detail = json!({ "by": by });
    audit::append_about(tx, Action::LinkSendRequested, link, detail, context);
}

/// Of a customer, or of a link and its customer.
fn bound_of(
    customer: Option<CustomerId>,
    link: Option<LinkId>,
    context: &Context,
) -> Query<Option<Bound>> {
    let day = context.now.minus(Duration::from_secs(86_400));
    Query::optional(
        "-- count_sends
         SELECT (SELECT count(*) FROM mails WHERE link = $1 AND kind = 'link')
                + (SELECT count(*) FROM events WHERE link = $1 AND type = 'link.send_requested'),
                (SELECT count(*) FROM mails
                 WHERE customer = w.id AND kind = 'link' AND created_at > $3)
                + (SELECT count(*) FROM events e JOIN links l ON l.id = e.link
                   WHERE l.customer = w.id AND e.type = 'link.send_requested' AND e.at > $3)
         FROM (SELECT coalesce($2, (SELECT customer FROM links WHERE id = $1)) AS id) w",
        params![link, customer, day],
        |row| Ok((read::<Whole<u32>>(row, 0)?.0, read::<Whole<u32>>(row, 1)?.0)),
    )
    .map(|counts| {
        let (of_link, of_customer) = counts.unwrap_or_default();
        Ok(if of_link >= SENDS_PER_LINK {
            Some(Bound::Link)
        } else if of_customer >= SENDS_PER_DAY {
            Some(Bound::Customer)
        } else {
            None
        })
    })
}
