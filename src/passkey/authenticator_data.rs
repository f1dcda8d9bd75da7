//! Authenticator data (`WebAuthn` Level 3, section 6.1): what the authenticator says and signs.

use super::cbor::Item;
use crate::domain::ceremony::Refusal;

/// Most bytes: an id of 1,023 and its key leave room for extensions that nobody asked for.
pub(super) const MAX_AUTHENTICATOR_DATA: usize = 2 * 1024;

/// The flags byte. Bits reserved for future use are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(pub(super) u8);

impl Flags {
    const USER_PRESENT: u8 = 0x01;
    const USER_VERIFIED: u8 = 0x04;
    const BACKUP_ELIGIBLE: u8 = 0x08;
    const BACKUP_STATE: u8 = 0x10;
    const ATTESTED: u8 = 0x40;
    const EXTENSIONS: u8 = 0x80;

    /// All bits by their names in the standard, lowest first.
    const NAMES: [(u8, &'static str); 8] = [
        (Self::USER_PRESENT, "up"),
        (0x02, "rfu1"),
        (Self::USER_VERIFIED, "uv"),
        (Self::BACKUP_ELIGIBLE, "be"),
        (Self::BACKUP_STATE, "bs"),
        (0x20, "rfu2"),
        (Self::ATTESTED, "at"),
        (Self::EXTENSIONS, "ed"),
    ];

    pub(super) const fn backup_eligible(self) -> bool {
        self.has(Self::BACKUP_ELIGIBLE)
    }

    pub(super) const fn backup_state(self) -> bool {
        self.has(Self::BACKUP_STATE)
    }

    /// The names of the bits that are set.
    pub(super) fn names(self) -> Vec<&'static str> {
        Self::NAMES.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| *name).collect()
    }

    const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: [u8; 32],
    pub(super) flags: Flags,
    pub(super) sign_count: u32,
    pub(super) attested: Option<AttestedCredential<'a>>,
}

/// Attested credential data (section 6.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AttestedCredential<'a> {
    pub(super) aaguid: [u8; 16],
    pub(super) id: &'a [u8],
    /// The `COSE_Key`'s bytes: one CBOR item.
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads the structure to its very end: nothing may follow what the flags announce.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], [`Refusal::KeyMalformed`] if the key is no strict CBOR, else
    /// [`Refusal::AuthenticatorDataMalformed`].
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::AuthenticatorDataMalformed;
        if bytes.len() > MAX_AUTHENTICATOR_DATA {
            return Err(Refusal::TooLarge);
        }
        let (rp_id_hash, rest) = bytes.split_first_chunk().ok_or(malformed)?;
        let (flags, rest) = rest.split_first().ok_or(malformed)?;
        let (sign_count, mut rest) = rest.split_first_chunk().ok_or(malformed)?;
        let flags = Flags(*flags);
        let mut attested = None;
        if flags.has(Flags::ATTESTED) {
            let (credential, behind) = AttestedCredential::read(rest)?;
            attested = Some(credential);
            rest = behind;
        }
        if flags.has(Flags::EXTENSIONS) {
            let (extensions, behind) = Item::read(rest).map_err(|_| malformed)?;
            // Section 9: identifiers are text. What they say is skipped: none was asked for.
            let mut entries = extensions.entries().ok_or(malformed)?.iter();
            if !entries.all(|(identifier, _)| matches!(identifier, Item::Text(_))) {
                return Err(malformed);
            }
            rest = behind;
        }
        if !rest.is_empty() {
            return Err(malformed);
        }
        Ok(Self {
            rp_id_hash: *rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*sign_count),
            attested,
        })
    }

    /// Sections 7.1, steps 14 to 17, and 7.2, steps 15 to 18: the relying party, presence,
    /// verification, and that only what can be backed up is.
    pub(super) fn check(&self, rp_id_hash: &[u8; 32]) -> Result<(), Refusal> {
        if self.rp_id_hash != *rp_id_hash {
            return Err(Refusal::RpIdMismatch);
        }
        if !self.flags.has(Flags::USER_PRESENT) {
            return Err(Refusal::UserNotPresent);
        }
        if !self.flags.has(Flags::USER_VERIFIED) {
            return Err(Refusal::UserNotVerified);
        }
        if self.flags.backup_state() && !self.flags.backup_eligible() {
            return Err(Refusal::BackupStateInvalid);
        }
        Ok(())
    }
}

impl<'a> AttestedCredential<'a> {
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Refusal> {
        let malformed = Refusal::AuthenticatorDataMalformed;
        let (aaguid, rest) = bytes.split_first_chunk().ok_or(malformed)?;
        let (length, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, rest) = rest.split_at_checked(length).ok_or(malformed)?;
        let (_, behind) = Item::read(rest).map_err(|_| Refusal::KeyMalformed)?;
        let public_key = rest
            .split_at_checked(rest.len() - behind.len())
            .ok_or(malformed)
            .map(|(key, _)| key)?;
        Ok((Self { aaguid: *aaguid, id, public_key }, behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(flags: u8, behind: &[u8]) -> Vec<u8> {
        [&[9; 32][..], &[flags], &7_u32.to_be_bytes(), behind].concat()
    }

    #[test]
    fn flags_and_counter_are_read() {
        let bytes = data(0x1f, &[]);
        let parsed = AuthenticatorData::parse(&bytes).unwrap();
        assert_eq!(parsed.sign_count, 7);
        assert_eq!(parsed.flags.names(), ["up", "rfu1", "uv", "be", "bs"]);
        assert_eq!(parsed.check(&[9; 32]), Ok(()));
        assert_eq!(parsed.check(&[8; 32]), Err(Refusal::RpIdMismatch));
    }

    #[test]
    fn an_extension_map_may_follow_if_announced_and_nothing_behind_it() {
        assert!(AuthenticatorData::parse(&data(0x85, &[0xa0])).is_ok());
        for (flags, behind) in
            [(0x85, &[][..]), (0x85, &[0x80]), (0x85, &[0xa0, 0xa0]), (0x05, &[0xa0])]
        {
            assert_eq!(
                AuthenticatorData::parse(&data(flags, behind)),
                Err(Refusal::AuthenticatorDataMalformed),
                "{flags:x} {behind:x?}"
            );
        }
    }

    #[test]
    fn no_shorter_piece_of_valid_data_is_valid() {
        let attested = [&[1; 16][..], &[0, 16], &[2; 16], &[0xa0]].concat();
        let bytes = data(0x45, &attested);
        assert!(AuthenticatorData::parse(&bytes).is_ok());
        for length in 0..bytes.len() {
            assert!(AuthenticatorData::parse(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
