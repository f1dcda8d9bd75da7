//! What passkey providers call themselves, by AAGUID (WebAuthn Level 3, section 6.5.1). Nothing
//! attests it: it helps customers to tell their own passkeys apart and decides nothing.

/// The names of the common ones, as their makers publish them.
const NAMES: &[(u128, &str)] = &[
    (0xfbfc3007_154e_4ecc_8c0b_6e020557d7bd, "iCloud Keychain"),
    (0xdd4ec289_e01d_41c9_bb89_70fa845d4bf2, "iCloud Keychain"),
    (0xea9b8d66_4d01_1d21_3ce4_b6b48cb575d4, "Google Password Manager"),
    (0xadce0002_35bc_c60a_648b_0b25f1f05503, "Chrome on Mac"),
    (0xb5397666_4885_aa6b_cebf_e52262a439a2, "Chromium"),
    (0x771b48fd_d3d4_4f74_9232_fc157ab0507a, "Edge on Mac"),
    (0x08987058_cadc_4b81_b6e1_30de50dcbe96, "Windows Hello"),
    (0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9, "Windows Hello"),
    (0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2, "Windows Hello"),
    (0x53414d53_554e_4700_0000_000000000000, "Samsung Pass"),
    (0xbada5566_a7aa_401f_bd96_45619a55120d, "1Password"),
    (0xd548826e_79b4_db40_a3d8_11116f7e8349, "Bitwarden"),
    (0x531126d6_e717_415c_9320_3d9aa6981239, "Dashlane"),
    (0xf3809540_7f14_49c1_a8b3_8f813b225541, "Enpass"),
    (0xfdb141b2_5d84_443e_8a35_4698c205a502, "KeePassXC"),
    (0x0ea242b4_43c4_4a1b_8b17_dd6d0b6baec6, "Keeper"),
    (0xb84e4048_15dc_4dd0_8640_f4f60813c8af, "NordPass"),
    (0x50726f74_6f6e_5061_7373_50726f746f6e, "Proton Pass"),
];

/// `None` for one that says nothing of itself or is not common.
#[must_use]
pub fn name(aaguid: &[u8; 16]) -> Option<&'static str> {
    let wanted = u128::from_be_bytes(*aaguid);
    NAMES.iter().find(|(known, _)| *known == wanted).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_providers_have_names_and_silent_ones_have_none() {
        // Samsung and Proton wrote theirs in ASCII.
        assert_eq!(name(b"SAMSUNG\0\0\0\0\0\0\0\0\0"), Some("Samsung Pass"));
        assert_eq!(name(b"ProtonPassProton"), Some("Proton Pass"));
        assert_eq!(name(&[0; 16]), None);
    }

    #[test]
    fn none_is_named_twice() {
        let mut ids: Vec<u128> = NAMES.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), NAMES.len());
    }
}
