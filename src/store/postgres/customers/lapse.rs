//! Telling the world that a verdict is no longer good, because it ran out or its passkey was taken
//! away: a CRM's boolean does not go back by itself.

use serde_json::{Value, json};

use super::super::super::Context;
use super::super::columns::read;
use super::super::failure::{Done, missing};
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use super::super::{audit, events, links};
use super::{Owner, lock};
use crate::domain::audit::Action;
use crate::domain::customer::Standing;
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, CustomerId};

/// Of several instances that sweep at once each takes others.
pub(super) async fn lapse(tx: &mut Tx, limit: u32, context: &Context) -> Done<usize> {
    let due = tx
        .ask(Query::list(
            "-- customers_to_lapse
             SELECT id FROM customers
             WHERE standing = 'verified' AND NOT lapsed AND verified_until <= $1
             ORDER BY verified_until LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED",
            params![context.now, i64::from(limit)],
            |row| read::<CustomerId>(row, 0),
        ))
        .await?;
    tx.each_readable("lapse_verdicts", &due, context, |tx, customer, context| {
        Box::pin(lapse_due(tx, *customer, context))
    })
    .await
}

async fn lapse_due(tx: &mut Tx, customer: CustomerId, context: &Context) -> Done<bool> {
    let mut owner = tx.ask(lock(customer)).await?.ok_or_else(|| missing("a customer"))?;
    lapse_one(tx, &mut owner, json!({}), context).await?;
    Ok(true)
}

/// Whoever made the revoked key may be whom it verified.
pub(in super::super) async fn lapse_resting_on(
    tx: &mut Tx,
    owner: &mut Owner,
    credential: CredentialId,
    context: &Context,
) -> Done<()> {
    match &owner.footing.standing {
        Standing::Verified { verified, lapsed: false, .. } if verified.credential == credential => {
            lapse_one(tx, owner, json!({ "revoked": credential }), context).await
        }
        _ => Ok(()),
    }
}

async fn lapse_one(tx: &mut Tx, owner: &mut Owner, detail: Value, context: &Context) -> Done<()> {
    let Standing::Verified { link, verified, .. } = owner.footing.standing.clone() else {
        return Err(missing("a verification to lapse"));
    };
    // A verification is what has a `verified_until`. Said with the word, the condition would be the
    // one of the index of all that are to lapse, which is no way to one row.
    tx.write_one(
        "-- lapse
         UPDATE customers SET lapsed = true
         WHERE id = $1 AND verified_until IS NOT NULL AND standing_link = $2 AND NOT lapsed",
        params![owner.id, link],
    );
    owner.footing.standing = Standing::Verified { link, verified, lapsed: true };
    let link = tx.ask(links::must_load(link)).await?;
    let sequence = owner.next_sequence(tx);
    events::publish(tx, EventType::Lapsed, &link, owner, sequence, context)?;
    audit::append_about(tx, Action::VerdictLapsed, &link, detail, context);
    Ok(())
}
