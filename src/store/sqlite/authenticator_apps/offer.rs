//! The secret that a link shows until its app is bound.

use rusqlite::{Connection, OptionalExtension};

use super::super::super::{Context, Result};
use super::super::transaction::Tx;
use crate::domain::authenticator_app::{OFFER_KEPT, Offer};
use crate::domain::id::LinkId;

/// The kept one; an offer under a former secret of the link makes way.
pub(super) fn keep(tx: &Tx<'_>, offer: &Offer, context: &Context) -> Result<Option<Offer>> {
    forget_ended(tx, context)?;
    tx.prepare_cached(
        "-- keep_offer
         INSERT INTO app_offers (link, app, jti, sealed, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5 FROM links
         WHERE id = ?1 AND jti = ?3 AND totp = 1 AND kind = 'register' AND enrolment = 'call_code'
           AND status IN ('pending', 'opened') AND expires_at > ?5
           AND call_code_given_at IS NOT NULL
         ON CONFLICT (link) DO UPDATE
         SET app = excluded.app, jti = excluded.jti, sealed = excluded.sealed,
             created_at = excluded.created_at
         WHERE app_offers.jti <> excluded.jti",
    )?
    .execute((offer.link, offer.app, offer.jti, &offer.sealed, context.now))?;
    let open = tx
        .prepare_cached(
            "-- may_be_offered
             SELECT 1 FROM links
             WHERE id = ?1 AND jti = ?2 AND status IN ('pending', 'opened') AND expires_at > ?3",
        )?
        .exists((offer.link, offer.jti, context.now))?;
    let kept = if open { find(tx, offer.link)? } else { None };
    Ok(kept.filter(|kept| kept.jti == offer.jti))
}

/// What nobody needs any more of others: a secret that is bound is kept with its app.
fn forget_ended(tx: &Tx<'_>, context: &Context) -> Result<()> {
    tx.prepare_cached(
        "-- forget_offers
         DELETE FROM app_offers WHERE link IN
             (SELECT link FROM app_offers AS offer
              WHERE created_at < ?1
                AND (SELECT status FROM links WHERE id = offer.link)
                    NOT IN ('pending', 'opened')
              LIMIT 100)",
    )?
    .execute([context.now.minus(OFFER_KEPT)])?;
    Ok(())
}

pub(super) fn renew(tx: &Tx<'_>, former: &Offer, offer: &Offer) -> Result<bool> {
    let touched = tx
        .prepare_cached(
            "-- renew_offer
             UPDATE app_offers SET app = ?3, sealed = ?4, created_at = ?5
             WHERE link = ?1 AND app = ?2 AND jti = ?6",
        )?
        .execute((
            former.link,
            former.app,
            offer.app,
            &offer.sealed,
            offer.created_at,
            offer.jti,
        ))?;
    Ok(touched == 1)
}

pub(super) fn find(connection: &Connection, link: LinkId) -> Result<Option<Offer>> {
    let offer = connection
        .prepare_cached(
            "-- find_offer
             SELECT app, jti, sealed, created_at FROM app_offers WHERE link = ?1",
        )?
        .query_row([link], |row| {
            Ok(Offer {
                link,
                app: row.get(0)?,
                jti: row.get(1)?,
                sealed: row.get(2)?,
                created_at: row.get(3)?,
            })
        })
        .optional()?;
    Ok(offer)
}
