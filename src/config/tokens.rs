//! What links are signed with and how long they live.

use std::time::Duration;

use super::data_folder::DataFolder;
use super::reader::Reader;
use super::relying_party::Reach;
use super::strength::{BYTES_MIN, weakness};
use super::variables::{
    BOOTSTRAP_API_KEY, DATA_KEY, JWT_SECRET, JWT_TTL_SECONDS, LINK_TTL_MAX_SECONDS, Variable,
};
use crate::domain::random::{NoEntropy, Random};
use crate::domain::secret::{Secret, base62};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// `JWT_SECRET`: the first signs, all verify. Never empty.
    pub secrets: Vec<Secret>,
    /// `JWT_TTL_SECONDS`: how long a link lives if its maker does not say.
    pub link_ttl: Duration,
    /// `LINK_TTL_MAX_SECONDS`: the most its maker may say.
    pub link_ttl_max: Duration,
}

/// `DATA_KEY`: the first seals secrets at rest, all open them. Empty with a public origin if it is
/// not set: then nothing can be kept that must be sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataKeys(pub Vec<Secret>);

/// The shortest life of a link, in seconds.
const TTL_MIN: u32 = 5;
const WEEK: u32 = 7 * 86_400;
/// Secrets that may be in use at once while they are changed.
const SECRETS_MAX: usize = 5;

pub(super) fn read(reader: &mut Reader<'_>, reach: Reach, data: &DataFolder<'_>) -> Option<Tokens> {
    let max = reader.number(&LINK_TTL_MAX_SECONDS, TTL_MIN..=WEEK);
    let ttl = if reader.is_set(&JWT_TTL_SECONDS) {
        reader.number(&JWT_TTL_SECONDS, TTL_MIN..=max.unwrap_or(WEEK))
    } else {
        // A shorter maximum shortens the default with it.
        reader.number(&JWT_TTL_SECONDS, 0..=WEEK).zip(max).map(|(ttl, max)| ttl.min(max))
    };
    let secrets = secrets(reader, reach, data);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Some(Tokens { secrets: secrets?, link_ttl: seconds(ttl?), link_ttl_max: seconds(max?) })
}

fn secrets(reader: &mut Reader<'_>, reach: Reach, data: &DataFolder<'_>) -> Option<Vec<Secret>> {
    if reader.is_set(&JWT_SECRET) {
        return list(reader, &JWT_SECRET, "links signed with the others have expired", reach);
    }
    let generated = reader.generated(&JWT_SECRET, reach, data, "jwt-secret", draw)?;
    Some(vec![Secret::from(generated.as_str())])
}

/// `DATA_KEY`.
pub(super) fn data_keys(
    reader: &mut Reader<'_>,
    reach: Reach,
    data: &DataFolder<'_>,
) -> Option<DataKeys> {
    if reader.is_set(&DATA_KEY) {
        let spare = "once the server has started, nothing is sealed with the others any more";
        return list(reader, &DATA_KEY, spare, reach).map(DataKeys);
    }
    if reach == Reach::Public {
        return Some(DataKeys::default());
    }
    let generated = reader.generated(&DATA_KEY, reach, data, "data-key", draw)?;
    Some(DataKeys(vec![Secret::from(generated.as_str())]))
}

/// A comma list of secrets, of which the first is in use and the others are on their way out;
/// `spare` says why those may go.
fn list(
    reader: &mut Reader<'_>,
    variable: &Variable,
    spare: &str,
    reach: Reach,
) -> Option<Vec<Secret>> {
    let list = reader.given(variable)?;
    let entries: Vec<&str> = list.split(',').map(str::trim).collect();
    let mut fine = true;
    if entries.len() > SECRETS_MAX {
        let remedy = format!("keep the {SECRETS_MAX} newest; {spare}");
        reader.refuse(variable, format!("has {} entries", entries.len()), remedy);
        fine = false;
    }
    for (index, entry) in entries.iter().enumerate() {
        let number = index + 1;
        let repeated = entries.iter().take(index).any(|other| other == entry);
        let wrong = match weakness(entry, BYTES_MIN) {
            _ if entry.is_empty() => "is empty".to_owned(),
            _ if repeated => "stands there twice".to_owned(),
            None => continue,
            Some(weakness) if reach == Reach::Local => {
                let name = variable.name;
                reader.warn(format!(
                    "{name}: entry {number} {weakness}; good enough for localhost only"
                ));
                continue;
            }
            Some(weakness) => weakness,
        };
        reader.refuse(variable, format!("entry {number} {wrong}"), variable.advice());
        fine = false;
    }
    fine.then(|| entries.into_iter().map(Secret::from).collect())
}

/// 43 characters of base62 carry 256 bits.
fn draw(random: &dyn Random) -> Result<String, NoEntropy> {
    base62(43, random)
}

/// `BOOTSTRAP_API_KEY`. It travels in a header: visible ASCII only.
pub(super) fn bootstrap_api_key(reader: &mut Reader<'_>, reach: Reach) -> Option<Secret> {
    let key = reader.given(&BOOTSTRAP_API_KEY)?;
    let wrong = if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("holds other characters than visible ASCII".to_owned())
    } else if key.len() < BYTES_MIN {
        Some(format!("has only {} of at least {BYTES_MIN} characters", key.len()))
    } else {
        weakness(&key, BYTES_MIN).filter(|_| reach == Reach::Public)
    };
    if let Some(wrong) = wrong {
        reader.refuse(&BOOTSTRAP_API_KEY, wrong, BOOTSTRAP_API_KEY.advice());
        return None;
    }
    Some(Secret::from(key.as_str()))
}
