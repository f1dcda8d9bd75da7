//! Creating a link: its customer is found or made, and an older open link makes way.

use rusqlite::OptionalExtension;
use serde_json::json;

use super::super::super::{Context, Created, NewLink, Result, StoreError};
use super::super::columns::Json;
use super::super::transaction::Tx;
use super::super::{audit, authenticator_apps, idempotency, mails, verdicts};
use super::change::end_overdue;
use super::row::must_load;
use crate::domain::audit::Action;
use crate::domain::ceremony::Kind;
use crate::domain::customer::{UserId, Username};
use crate::domain::id::{CustomerId, LinkId};
use crate::domain::link::{Enrolment, IfOpen, Link, Status};
use crate::domain::verdict::{Reason, Verdict};

pub(super) fn create(tx: &Tx<'_>, new: NewLink, context: &Context) -> Result<Created> {
    let NewLink { mut link, new_handle, if_open, idempotency, mail } = new;
    if let Some(request) = &idempotency
        && let Some(earlier) = idempotency::find(tx, request, context)?
    {
        return if earlier.body == request.body {
            must_load(tx, earlier.link).map(Created::Repeated)
        } else {
            Ok(Created::IdempotencyMismatch)
        };
    }

    let customer = find_customer(tx, &link.user_id)?;
    let enrolled = customer.as_ref().is_some_and(|customer| customer.enrolled);
    link.kind = match link.request.enrolment {
        Enrolment::Open | Enrolment::CallCode | Enrolment::Existing if enrolled => {
            Kind::Authenticate
        }
        Enrolment::Open | Enrolment::CallCode | Enrolment::Replace | Enrolment::Add => {
            Kind::Register
        }
        // Where codes are taken, an app is something that exists too.
        Enrolment::Existing if link.request.totp && has_app(tx, customer.as_ref())? => {
            Kind::Authenticate
        }
        Enrolment::Existing => return Ok(Created::NoCredential),
    };
    link.handover.renew(link.kind, link.request.enrolment, context.now, link.expires_at);
    let mut ended = None;
    match customer {
        Some(customer) => {
            if mail.is_some() && !mails::may_send(tx, customer.id, context)? {
                return Ok(Created::TooManySends);
            }
            if let Some(open) = customer.open_link {
                ended = make_way(tx, open, if_open, context)?;
                if ended.is_none() {
                    return Ok(Created::OpenLink(open));
                }
            }
            link.customer = customer.id;
            if customer.username != link.username {
                rename_customer(tx, &link)?;
            }
        }
        None => insert_customer(tx, &link, new_handle.0, context)?,
    }

    insert(tx, &link)?;
    let detail = json!({ "kind": link.kind, "enrolment": link.request.enrolment });
    audit::append_about(tx, Action::LinkCreated, &link, detail, context)?;
    if let Some(mail) = &mail {
        mails::send_new(tx, &link, mail, context)?;
    }
    if let Some(request) = &idempotency {
        idempotency::remember(tx, request, link.id, context)?;
    }
    Ok(Created::New(link, ended))
}

struct Found {
    id: CustomerId,
    username: Username,
    /// Has an active credential.
    enrolled: bool,
    open_link: Option<LinkId>,
}

fn find_customer(tx: &Tx<'_>, user_id: &UserId) -> Result<Option<Found>> {
    let found = tx
        .prepare_cached(
            "-- find_customer_of_new_link
             SELECT c.id, c.username,
                    EXISTS (SELECT 1 FROM credentials
                            WHERE customer = c.id AND revoked_at IS NULL),
                    (SELECT id FROM links
                     WHERE customer = c.id AND status IN ('pending', 'opened'))
             FROM customers c WHERE c.user_id = ?1",
        )?
        .query_row([user_id], |row| {
            Ok(Found {
                id: row.get(0)?,
                username: row.get(1)?,
                enrolled: row.get(2)?,
                open_link: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}

fn has_app(tx: &Tx<'_>, customer: Option<&Found>) -> Result<bool> {
    let Some(customer) = customer else { return Ok(false) };
    Ok(authenticator_apps::active(tx, customer.id)?.is_some())
}

/// Ends an older open link if it may, and says how. `None`: it stays in the way.
fn make_way(
    tx: &Tx<'_>,
    open: LinkId,
    if_open: IfOpen,
    context: &Context,
) -> Result<Option<Status>> {
    // One whose time is over does not stand in the way of anything.
    let older = end_overdue(tx, must_load(tx, open)?, context)?;
    if older.state.verdict().is_some() {
        return Ok(Some(older.state.status()));
    }
    match if_open {
        IfOpen::Refuse => Ok(None),
        IfOpen::Supersede => {
            let reason = Reason::Superseded;
            let verdict = Verdict::NotVerified { reason, decided_at: context.now };
            verdicts::end(tx, older, &verdict, json!({ "reason": reason }), context)?;
            Ok(Some(Status::Revoked))
        }
    }
}

/// The passkey dialog shows the name the CRM gave last.
fn rename_customer(tx: &Tx<'_>, link: &Link) -> Result<()> {
    tx.prepare_cached("-- rename_customer\nUPDATE customers SET username = ?1 WHERE id = ?2")?
        .execute((&link.username, link.customer))?;
    Ok(())
}

fn insert_customer(tx: &Tx<'_>, link: &Link, handle: [u8; 16], context: &Context) -> Result<()> {
    tx.prepare_cached(
        "-- insert_customer
         INSERT INTO customers (id, user_id, username, handle, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((link.customer, &link.user_id, &link.username, handle, context.now))?;
    Ok(())
}

fn insert(tx: &Tx<'_>, link: &Link) -> Result<()> {
    let request = &link.request;
    let metadata = (!request.metadata.is_empty()).then_some(Json(&request.metadata));
    let touched = tx
        .prepare_cached(
            "-- insert_link
         INSERT INTO links (id, customer, username, kind, status, requester, created_by, statement,
                            call_initiator, enrolment, locale, reference, crm_module,
                            crm_record_id, metadata, return_url, jti, code_hash, kid, created_at,
                            expires_at, call_code_until, authorised_by, door_hash,
                            door_until, totp)
         VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                 ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)
         ON CONFLICT (door_hash) WHERE door_hash IS NOT NULL DO NOTHING",
        )?
        .execute(rusqlite::params![
            link.id,
            link.customer,
            link.username,
            link.kind,
            request.requester,
            request.created_by,
            request.statement,
            request.call_initiator,
            request.enrolment,
            request.locale,
            request.reference,
            request.crm.as_ref().map(|crm| &crm.module),
            request.crm.as_ref().map(|crm| &crm.record_id),
            metadata,
            request.return_url,
            link.secret.jti,
            link.secret.code_hash,
            link.secret.kid,
            link.created_at,
            link.expires_at,
            link.handover.call_code.map(|code| code.until),
            link.handover.authorised_by,
            link.secret.door.map(|door| door.hash),
            link.secret.door.map(|door| door.until),
            request.totp,
        ])?;
    if touched == 0 { Err(StoreError::Taken) } else { Ok(()) }
}
