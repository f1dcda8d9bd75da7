//! Creating a link: its customer is found or made, and an older open link makes way.

use serde_json::json;

use super::super::super::{Context, Created, NewLink};
use super::super::columns::{Bytes, Json, read};
use super::super::customers::{Owner, lock_by_user};
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, authenticator_apps, idempotency, mails, verdicts};
use super::change::end_overdue;
use super::row::must_load;
use crate::domain::audit::Action;
use crate::domain::ceremony::Kind;
use crate::domain::customer::{UserHandle, UserId};
use crate::domain::id::LinkId;
use crate::domain::link::{Enrolment, IfOpen, Link, Status};
use crate::domain::verdict::{Reason, Verdict};

pub(super) async fn create(tx: &mut Tx, new: &NewLink, context: &Context) -> Done<Created> {
    let NewLink { mut link, new_handle, if_open, idempotency, mail } = new.clone();
    let (owner, earlier, Found { enrolled, open_link }) = tx
        .ask3(
            lock_by_user(&link.user_id),
            idempotency::find(idempotency.as_ref(), context),
            find(&link.user_id),
        )
        .await?;
    if let (Some(request), Some(earlier)) = (&idempotency, earlier) {
        return if earlier.body == request.body {
            Ok(Created::Repeated(tx.ask(must_load(earlier.link)).await?))
        } else {
            Ok(Created::IdempotencyMismatch)
        };
    }
    link.kind = match link.request.enrolment {
        Enrolment::Open | Enrolment::CallCode | Enrolment::Existing if enrolled => {
            Kind::Authenticate
        }
        Enrolment::Open | Enrolment::CallCode | Enrolment::Replace | Enrolment::Add => {
            Kind::Register
        }
        // Where codes are taken, an app is something that exists too.
        Enrolment::Existing if link.request.totp && has_app(tx, owner.as_ref()).await? => {
            Kind::Authenticate
        }
        Enrolment::Existing => return Ok(Created::NoCredential),
    };
    link.handover.renew(link.kind, link.request.enrolment, context.now, link.expires_at);
    let mut ended = None;
    match owner {
        Some(mut owner) => {
            if mail.is_some() && !mails::may_send(tx, owner.id, context).await? {
                return Ok(Created::TooManySends);
            }
            if let Some(open) = open_link {
                ended = make_way(tx, &mut owner, open, if_open, context).await?;
                if ended.is_none() {
                    return Ok(Created::OpenLink(open));
                }
            }
            link.customer = owner.id;
            if owner.username != link.username {
                rename_customer(tx, &link);
            }
        }
        None => insert_customer(tx, &link, new_handle, context),
    }

    insert(tx, &link);
    let detail = json!({ "kind": link.kind, "enrolment": link.request.enrolment });
    audit::append_about(tx, Action::LinkCreated, &link, detail, context);
    if let Some(mail) = &mail {
        mails::send_new(tx, &link, mail, context)?;
    }
    if let Some(request) = &idempotency {
        idempotency::remember(tx, request, link.id, context);
    }
    Ok(Created::New(link, ended))
}

struct Found {
    /// Has an active credential.
    enrolled: bool,
    open_link: Option<LinkId>,
}

fn find(user_id: &UserId) -> Query<Found> {
    Query::optional(
        "-- find_customer_of_new_link
         SELECT EXISTS (SELECT 1 FROM credentials
                        WHERE customer = c.id AND revoked_at IS NULL),
                (SELECT id FROM links
                 WHERE customer = c.id AND status IN ('pending', 'opened'))
         FROM customers c WHERE c.user_id = $1",
        params![user_id.clone()],
        |row| Ok(Found { enrolled: read(row, 0)?, open_link: read(row, 1)? }),
    )
    .map(|found| Ok(found.unwrap_or(Found { enrolled: false, open_link: None })))
}

async fn has_app(tx: &mut Tx, customer: Option<&Owner>) -> Done<bool> {
    let Some(customer) = customer else { return Ok(false) };
    Ok(tx.ask(authenticator_apps::active(customer.id)).await?.is_some())
}

/// Ends an older open link if it may, and says how. `None`: it stays in the way.
async fn make_way(
    tx: &mut Tx,
    owner: &mut Owner,
    open: LinkId,
    if_open: IfOpen,
    context: &Context,
) -> Done<Option<Status>> {
    // One whose time is over does not stand in the way of anything.
    let older = tx.ask(must_load(open)).await?;
    let older = end_overdue(tx, owner, older, context)?;
    if older.state.verdict().is_some() {
        return Ok(Some(older.state.status()));
    }
    match if_open {
        IfOpen::Refuse => Ok(None),
        IfOpen::Supersede => {
            let reason = Reason::Superseded;
            let verdict = Verdict::NotVerified { reason, decided_at: context.now };
            verdicts::end(tx, owner, older, &verdict, json!({ "reason": reason }), context)?;
            Ok(Some(Status::Revoked))
        }
    }
}

/// The passkey dialog shows the name the CRM gave last.
fn rename_customer(tx: &mut Tx, link: &Link) {
    tx.write_one(
        "-- rename_customer\nUPDATE customers SET username = $1 WHERE id = $2",
        params![link.username.clone(), link.customer],
    );
}

/// Nobody could be locked, so another may make the same customer just now: then the transaction
/// begins again, and finds them.
fn insert_customer(tx: &mut Tx, link: &Link, handle: UserHandle, context: &Context) {
    tx.write_one_or_again(
        "-- insert_customer
         INSERT INTO customers (id, user_id, username, handle, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id) DO NOTHING",
        params![link.customer, link.user_id.clone(), link.username.clone(), handle, context.now],
    );
}

fn insert(tx: &mut Tx, link: &Link) {
    let request = link.request.clone();
    let metadata = (!request.metadata.is_empty()).then_some(Json(request.metadata));
    let (crm_module, crm_record_id) = request.crm.map(|crm| (crm.module, crm.record_id)).unzip();
    let secret = link.secret.clone();
    tx.write(
        "-- insert_link
         INSERT INTO links (id, customer, username, kind, status, requester, created_by, statement,
                            call_initiator, enrolment, locale, reference, crm_module,
                            crm_record_id, metadata, return_url, jti, code_hash, kid, created_at,
                            expires_at, call_code_until, authorised_by, door_hash,
                            door_until, totp)
         VALUES ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                 $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        params![
            link.id,
            link.customer,
            link.username.clone(),
            link.kind,
            request.requester,
            request.created_by,
            request.statement,
            request.call_initiator,
            request.enrolment,
            request.locale,
            request.reference,
            crm_module,
            crm_record_id,
            metadata,
            request.return_url,
            Bytes(secret.jti),
            secret.code_hash,
            secret.kid,
            link.created_at,
            link.expires_at,
            link.handover.call_code.map(|code| code.until),
            link.handover.authorised_by,
            secret.door.map(|door| door.hash),
            secret.door.map(|door| door.until),
            request.totp,
        ],
    );
}
