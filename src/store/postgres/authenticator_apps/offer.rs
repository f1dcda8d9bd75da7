//! The secret that a link shows until its app is bound.

use super::super::super::Context;
use super::super::columns::{Bytes, read};
use super::super::customers::lock_of_link;
use super::super::failure::Done;
use super::super::query::{Query, params};
use super::super::transaction::Tx;
use crate::domain::authenticator_app::{OFFER_KEPT, Offer};
use crate::domain::id::LinkId;

/// The kept one; an offer under a former secret of the link makes way.
pub(super) async fn keep(tx: &mut Tx, offer: &Offer, context: &Context) -> Done<Option<Offer>> {
    if tx.ask(lock_of_link(offer.link)).await?.is_none() {
        return Ok(None);
    }
    // What nobody needs any more of others: a secret that is bound is kept with its app.
    tx.write(
        "-- forget_offers
         DELETE FROM app_offers WHERE link = ANY (ARRAY(
             SELECT link FROM app_offers AS offer
             WHERE created_at < $1
               AND (SELECT status FROM links WHERE id = offer.link) NOT IN ('pending', 'opened')
             LIMIT 100 FOR UPDATE SKIP LOCKED))",
        params![context.now.minus(OFFER_KEPT)],
    );
    tx.write(
        "-- keep_offer
         INSERT INTO app_offers (link, app, jti, sealed, created_at)
         SELECT id, $2::uuid, $3::bytea, $4::bytea, $5::bigint FROM links
         WHERE id = $1 AND jti = $3 AND totp AND kind = 'register' AND enrolment = 'call_code'
           AND status IN ('pending', 'opened') AND expires_at > $5
           AND call_code_given_at IS NOT NULL
         ON CONFLICT (link) DO UPDATE
         SET app = excluded.app, jti = excluded.jti, sealed = excluded.sealed,
             created_at = excluded.created_at
         WHERE app_offers.jti <> excluded.jti",
        params![offer.link, offer.app, Bytes(offer.jti), offer.sealed.clone(), context.now],
    );
    let open = Query::exists(
        "-- may_be_offered
         SELECT 1 FROM links
         WHERE id = $1 AND jti = $2 AND status IN ('pending', 'opened') AND expires_at > $3",
        params![offer.link, Bytes(offer.jti), context.now],
    );
    let (kept, open) = tx.ask2(find(offer.link), open).await?;
    Ok(kept.filter(|kept| open && kept.jti == offer.jti))
}

pub(super) fn renew(former: &Offer, offer: Offer) -> Query<bool> {
    let Offer { app, jti, sealed, created_at, .. } = offer;
    Query::exists(
        "-- renew_offer
         UPDATE app_offers SET app = $3, sealed = $4, created_at = $5
         WHERE link = $1 AND app = $2 AND jti = $6 RETURNING link",
        params![former.link, former.app, app, sealed, created_at, Bytes(jti)],
    )
}

pub(super) fn find(link: LinkId) -> Query<Option<Offer>> {
    Query::optional(
        "-- find_offer
         SELECT link, app, jti, sealed, created_at FROM app_offers WHERE link = $1",
        params![link],
        |row| {
            Ok(Offer {
                link: read(row, 0)?,
                app: read(row, 1)?,
                jti: read::<Bytes<16>>(row, 2)?.0,
                sealed: read(row, 3)?,
                created_at: read(row, 4)?,
            })
        },
    )
}
