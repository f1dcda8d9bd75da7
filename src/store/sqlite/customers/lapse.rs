//! Telling the world that a verdict is no longer good, because it ran out or its passkey was taken
//! away: a CRM's boolean does not go back by itself.

use serde_json::{Value, json};

use super::super::super::{Context, Result};
use super::super::failure::{exactly_one, missing};
use super::super::transaction::Tx;
use super::super::{audit, events, links};
use super::{next_sequence, standing_of};
use crate::domain::audit::Action;
use crate::domain::customer::{Footing, Standing};
use crate::domain::event::EventType;
use crate::domain::id::{CredentialId, CustomerId};

pub(super) fn lapse(tx: &Tx<'_>, limit: u32, context: &Context) -> Result<usize> {
    let due: Vec<CustomerId> = tx
        .prepare_cached(
            "-- customers_to_lapse
             SELECT id FROM customers
             WHERE standing = 'verified' AND lapsed = 0 AND verified_until <= ?1
             ORDER BY verified_until LIMIT ?2",
        )?
        .query_map((context.now, limit), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    tx.each_readable("lapse_verdicts", &due, |customer| {
        let footing = standing_of(tx, *customer)?;
        lapse_one(tx, *customer, footing, json!({}), context)
    })
}

/// Whoever made the revoked key may be whom it verified.
pub(in super::super) fn lapse_resting_on(
    tx: &Tx<'_>,
    customer: CustomerId,
    credential: CredentialId,
    context: &Context,
) -> Result<()> {
    let footing = standing_of(tx, customer)?;
    match &footing.standing {
        Standing::Verified { verified, lapsed: false, .. } if verified.credential == credential => {
            let detail = json!({ "revoked": credential });
            lapse_one(tx, customer, footing, detail, context)
        }
        _ => Ok(()),
    }
}

fn lapse_one(
    tx: &Tx<'_>,
    customer: CustomerId,
    footing: Footing,
    detail: Value,
    context: &Context,
) -> Result<()> {
    let Standing::Verified { link, verified, .. } = footing.standing else {
        return Err(missing("a verification to lapse"));
    };
    let touched = tx
        .prepare_cached(
            "-- lapse
             UPDATE customers SET lapsed = 1
             WHERE id = ?1 AND standing = 'verified' AND standing_link = ?2 AND lapsed = 0",
        )?
        .execute((customer, link))?;
    exactly_one("lapse", touched)?;

    let standing = Standing::Verified { link, verified, lapsed: true };
    let footing = Footing { standing, ..footing };
    let link = links::must_load(tx, link)?;
    let sequence = next_sequence(tx, customer)?;
    events::publish(tx, EventType::Lapsed, &link, &footing, sequence, context)?;
    audit::append_about(tx, Action::VerdictLapsed, &link, detail, context)
}
