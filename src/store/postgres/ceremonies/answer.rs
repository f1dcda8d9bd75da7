//! An answer's whole way in one transaction: its challenge is consumed, it is checked, and what it
//! came to is written.

use super::super::super::{
    Answered, Check, Checked, Context, NotLive, RefusedAnswer, Settled, Subject,
};
use super::super::customers::Owner;
use super::super::failure::{Done, Failure};
use super::super::transaction::Tx;
use super::consume::consume_of;
use super::refuse::refuse;
use super::settle::settle;
use crate::domain::ceremony::{Ceremony, Refused};

pub(super) async fn answer(
    tx: &mut Tx,
    answered: &Answered,
    check: &Check,
    context: &Context,
) -> Done<Result<Settled, NotLive>> {
    let (mut owner, ceremony, subject) = match consume_of(tx, answered, context).await? {
        Ok(live) => live,
        Err(why) => return Ok(Err(why)),
    };
    let settled = match check(&ceremony, &subject).map_err(Failure::from)? {
        Checked::Right(settlement) => {
            match settle(tx, &mut owner, &subject, ceremony.id, *settlement, context).await? {
                Ok(link) => Settled::Done(Box::new(link)),
                Err(refused) => wrong(tx, &mut owner, &ceremony, subject, refused, context)?,
            }
        }
        Checked::Wrong(refused) => wrong(tx, &mut owner, &ceremony, subject, refused, context)?,
    };
    Ok(Ok(settled))
}

fn wrong(
    tx: &mut Tx,
    owner: &mut Owner,
    ceremony: &Ceremony,
    Subject { link, .. }: Subject,
    refused: Refused,
    context: &Context,
) -> Done<Settled> {
    let (refusal, attempt) = (refused.refusal, link.attempts);
    let refused = RefusedAnswer { ceremony: ceremony.id, link: link.id, attempt, refused };
    let link = refuse(tx, owner, link, &refused, context)?;
    Ok(Settled::Refused(refusal, Box::new(link)))
}
