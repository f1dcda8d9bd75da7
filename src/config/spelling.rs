//! Notices variables that are nearly ours: a misspelt one would be ignored in silence.

use super::source::Source;
use super::variables::all;

/// One warning for each variable that is likely meant for us and is not read.
pub(super) fn warnings(source: &Source) -> Vec<String> {
    let known: Vec<String> =
        all().flat_map(|known| [known.name.to_owned(), format!("{}_FILE", known.name)]).collect();
    let warning = |name: &str| {
        if known.iter().any(|known| known == name) {
            return None;
        }
        let meant = known.iter().find(|known| near(name, known))?;
        Some(format!("{name} is not a variable of ours and is ignored: did you mean {meant}?"))
    };
    source.names().filter_map(warning).collect()
}

/// Whether one slip leads from one name to the other: up to two neighbouring letters changed,
/// swapped, missing or too many. Short names (`HOST`, `PORT`, `LOG`) are near to half of what an
/// environment holds and are left alone.
fn near(name: &str, known: &str) -> bool {
    let slip = match known.len() {
        0..5 => return false,
        5..9 => 1,
        _ => 2,
    };
    let same_start = name.bytes().zip(known.bytes()).take_while(|(a, b)| a == b).count();
    let (name, known) = (name.as_bytes(), known.as_bytes());
    let (name, known) = (name.get(same_start..), known.get(same_start..));
    let (Some(name), Some(known)) = (name, known) else { return false };
    let same_end = name.iter().rev().zip(known.iter().rev()).take_while(|(a, b)| a == b).count();
    name.len() - same_end <= slip && known.len() - same_end <= slip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_named_with_the_one_that_was_meant() {
        let misspelt = [
            ("CRM_WEBHOOK_SECERT", "CRM_WEBHOOK_SECRET"),
            ("JWT_SECRETS", "JWT_SECRET"),
            ("JWT_SECRET_FIEL", "JWT_SECRET_FILE"),
            ("RPID", "RP_ID"),
            ("ORIGINS", "ORIGIN"),
            ("DATABASE_URI", "DATABASE_URL"),
            ("MAX_ATTEMPT", "MAX_ATTEMPTS"),
        ];
        for (name, meant) in misspelt {
            let source: Source = [(name, "x")].into_iter().collect();
            let warnings = warnings(&source);
            assert_eq!(warnings.len(), 1, "{name}");
            assert!(warnings[0].ends_with(&format!("did you mean {meant}?")), "{}", warnings[0]);
        }
    }

    #[test]
    fn what_belongs_to_others_is_left_alone() {
        let others =
            ["HOSTNAME", "POST", "LOGNAME", "PATH", "HOME", "LANG", "ORIGINAL", "RUST_LOG"];
        let source: Source = others.into_iter().map(|name| (name, "x")).collect();
        assert_eq!(warnings(&source), Vec::<String>::new());
    }

    #[test]
    fn our_own_are_not_warned_about() {
        let source: Source = all()
            .flat_map(|known| [known.name.to_owned(), format!("{}_FILE", known.name)])
            .map(|name| (name, "x"))
            .collect();
        assert_eq!(warnings(&source), Vec::<String>::new());
    }
}
