//! The `Idempotency-Key` header: who repeats a call gets what the first one made.

use super::problem::{FieldError, Problem};
use crate::domain::digest::sha256;
use crate::store::Idempotency;

/// `asked`: all of the request that a repetition must have the same.
pub(super) fn idempotency(
    key: Option<String>,
    asked: &[&[u8]],
) -> Result<Option<Idempotency>, Problem> {
    let Some(key) = key else { return Ok(None) };
    let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        let message = "must be 1 to 255 visible ASCII characters".to_owned();
        return Err(Problem::validation(vec![FieldError {
            field: "Idempotency-Key".to_owned(),
            message,
        }]));
    }
    Ok(Some(Idempotency { key, body: sha256(asked) }))
}
