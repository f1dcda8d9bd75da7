//! How many attempts each endpoint may have under way, if all together may not be too many.

/// Attempts under way at once in one process.
pub(super) const MOST: u32 = 64;

/// What each may have of `most`, in their order. Nobody gets more than they want; nobody gets less
/// than an equal part unless they want less. So one that takes long keeps its part busy and nobody
/// else's.
pub(super) fn share(wants: &[u32], most: u32) -> Vec<u32> {
    let mut order: Vec<(usize, u32)> = wants.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, want)| *want);
    let (mut left, mut others) = (most, u32::try_from(wants.len()).unwrap_or(u32::MAX));
    let mut shares: Vec<(usize, u32)> = Vec::with_capacity(order.len());
    for (place, want) in order {
        let part = want.min(left.checked_div(others).unwrap_or(0)).max(1);
        left = left.saturating_sub(part);
        others = others.saturating_sub(1);
        shares.push((place, part));
    }
    shares.sort_by_key(|(place, _)| *place);
    shares.into_iter().map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_enough_everybody_has_what_they_want() {
        assert_eq!(share(&[8, 2, 8], MOST), [8, 2, 8]);
        assert_eq!(share(&[64], MOST), [64]);
        assert_eq!(share(&[], MOST), [0; 0]);
    }

    #[test]
    fn where_there_is_not_nobody_takes_anothers_part() {
        assert_eq!(share(&[64, 2, 64], MOST), [31, 2, 31]);
        let many = share(&[8; 20], MOST);
        assert!(many.iter().all(|part| *part >= 3) && many.iter().sum::<u32>() <= MOST);
    }

    #[test]
    fn everybody_has_one_whatever_there_is() {
        assert_eq!(share(&[8; 3], 2), [1; 3]);
    }
}
