//! How long records are kept.

use std::time::Duration;

use super::reader::Reader;
use super::variables::RETENTION_DAYS;

/// Nothing goes while a link may be open, an idempotency key known or a webhook on its way.
const LEAST: u32 = 7;
const TEN_YEARS: u32 = 3650;
const DAY: u64 = 86_400;

/// `RETENTION_DAYS`; `None` to keep everything for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention(pub Option<Duration>);

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Retention> {
    reader.read(&RETENTION_DAYS, parse)
}

fn parse(text: &str) -> Result<Retention, String> {
    match text.parse() {
        Ok(0) => Ok(Retention(None)),
        Ok(days) if (LEAST..=TEN_YEARS).contains(&days) => {
            Ok(Retention(Some(Duration::from_secs(u64::from(days) * DAY))))
        }
        Ok(_) | Err(_) => {
            Err(format!("is neither 0 nor a whole number from {LEAST} to {TEN_YEARS}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_for_a_week_at_least_or_for_ever() {
        let days = |days: u64| Ok(Retention(Some(Duration::from_secs(days * DAY))));
        assert_eq!(parse("0"), Ok(Retention(None)));
        assert_eq!(parse("7"), days(7));
        assert_eq!(parse("3650"), days(3650));
        for text in ["6", "1", "3651", "-7", "7.5", "", "a year", "4294967296"] {
            assert!(parse(text).unwrap_err().contains("0 nor"), "{text}");
        }
    }

    #[test]
    fn by_default_records_outlive_thirteen_months() {
        let kept = parse(RETENTION_DAYS.default().unwrap()).unwrap().0.unwrap();
        assert!(kept >= Duration::from_secs((365 + 31) * DAY));
    }
}
