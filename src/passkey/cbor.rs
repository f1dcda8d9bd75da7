//! A strict reader of the CBOR that `WebAuthn` uses (RFC 8949; CTAP 2.1, section 8): definite
//! lengths, shortest forms, no tags, no unassigned simple values, no key twice, at most four levels
//! deep. Order of keys is left to the caller, as client software does not agree on it.

/// The bytes are not CBOR, or not in its strict form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotStrict;

/// One data item, borrowing from the bytes it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Item<'a>>),
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// False, true, null, undefined and floats: their bits.
    Simple(u64),
}

impl<'a> Item<'a> {
    /// Reads one item; gives it and the bytes behind it.
    pub(super) fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), NotStrict> {
        let mut reader = Reader { rest: bytes };
        let item = reader.item(MAX_DEPTH)?;
        Ok((item, reader.rest))
    }

    /// Reads the one item that `bytes` are.
    pub(super) fn read_all(bytes: &'a [u8]) -> Result<Self, NotStrict> {
        match Self::read(bytes)? {
            (item, []) => Ok(item),
            _ => Err(NotStrict),
        }
    }

    /// The value under a text key; `None` if this is no map or has no such key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(k, _)| *k == Item::Text(key)).map(|(_, value)| value)
    }

    /// The value under an integer key.
    pub(super) fn get_label(&self, label: i64) -> Option<&Self> {
        self.entries()?.iter().find(|(k, _)| *k == Item::Integer(label)).map(|(_, value)| value)
    }

    /// A map's entries; `None` if this is no map.
    pub(super) fn entries(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

const MAX_DEPTH: u8 = 4;

struct Reader<'a> {
    rest: &'a [u8],
}

/// How an item begins (RFC 8949, section 3).
struct Head {
    major: u8,
    /// The first byte's low five bits.
    low: u8,
    argument: u64,
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth: u8) -> Result<Item<'a>, NotStrict> {
        let Head { major, low, argument } = self.head()?;
        match major {
            0 => i64::try_from(argument).map(Item::Integer).map_err(|_| NotStrict),
            1 => i64::try_from(argument).map(|n| Item::Integer(-1 - n)).map_err(|_| NotStrict),
            2 => self.take(argument).map(Item::Bytes),
            3 => std::str::from_utf8(self.take(argument)?).map(Item::Text).map_err(|_| NotStrict),
            4 => self.array(argument, depth.checked_sub(1).ok_or(NotStrict)?),
            5 => self.map(argument, depth.checked_sub(1).ok_or(NotStrict)?),
            7 if matches!(low, 20..=23 | 25..=27) => Ok(Item::Simple(argument)),
            _ => Err(NotStrict),
        }
    }

    /// A claimed length is not believed before the bytes are there, so nothing is reserved for it.
    fn head(&mut self) -> Result<Head, NotStrict> {
        let [initial] = self.take_array::<1>()?;
        let (major, low) = (initial >> 5, initial & 0x1f);
        let (argument, least) = match low {
            0..=23 => (u64::from(low), 0),
            24 => (u64::from(u8::from_be_bytes(self.take_array()?)), 24),
            25 => (u64::from(u16::from_be_bytes(self.take_array()?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.take_array()?)), 1 << 16),
            27 => (u64::from_be_bytes(self.take_array()?), 1 << 32),
            _ => return Err(NotStrict),
        };
        // Floats have no shorter form of this kind.
        if argument < least && major != 7 {
            return Err(NotStrict);
        }
        Ok(Head { major, low, argument })
    }

    fn array(&mut self, length: u64, depth: u8) -> Result<Item<'a>, NotStrict> {
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.item(depth)?);
        }
        Ok(Item::Array(items))
    }

    fn map(&mut self, length: u64, depth: u8) -> Result<Item<'a>, NotStrict> {
        let mut entries: Vec<(Item<'a>, Item<'a>)> = Vec::new();
        for _ in 0..length {
            let key = self.item(depth)?;
            if entries.iter().any(|(earlier, _)| *earlier == key) {
                return Err(NotStrict);
            }
            entries.push((key, self.item(depth)?));
        }
        Ok(Item::Map(entries))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], NotStrict> {
        let length = usize::try_from(length).map_err(|_| NotStrict)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(NotStrict)?;
        self.rest = rest;
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], NotStrict> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(NotStrict)?;
        self.rest = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_every_kind_are_read() {
        let bytes = [
            &[0xa4, 0x01, 0x38, 0xff][..],
            &[0x20, 0x42, 1, 2],
            &[0x61, b'a', 0x82, 0xf5, 0x18, 24],
            &[0x19, 1, 0, 0xa0],
        ]
        .concat();
        let item = Item::read_all(&bytes).unwrap();
        assert_eq!(item.get_label(1), Some(&Item::Integer(-256)));
        assert_eq!(item.get_label(-1), Some(&Item::Bytes(&[1, 2])));
        let array = Item::Array(vec![Item::Simple(21), Item::Integer(24)]);
        assert_eq!(item.get("a"), Some(&array));
        assert_eq!(item.get_label(256), Some(&Item::Map(vec![])));
        assert_eq!(item.get("b"), None);
    }

    #[test]
    fn loose_forms_are_refused() {
        for bytes in [
            &[][..],
            // Longer than needed.
            &[0x18, 23],
            &[0x19, 0, 255],
            &[0x58, 1, 0],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            // Indefinite, reserved, tagged.
            &[0x9f, 0xff],
            &[0xbf, 0xff],
            &[0x5f, 0xff],
            &[0x1c],
            &[0xc0, 0x01],
            // Simple values that nothing is assigned to, or that are written in two bytes.
            &[0xe0],
            &[0xf3],
            &[0xf8, 20],
            &[0xf8, 32],
            // Short of bytes, however many are claimed.
            &[0x42, 1],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            // The same key twice, not UTF-8, an integer beyond 64 signed bits, something behind.
            &[0xa2, 1, 1, 1, 2],
            &[0x61, 0xff],
            &[0x1b, 0xff, 0, 0, 0, 0, 0, 0, 0],
            &[0x01, 0x01],
        ] {
            assert_eq!(Item::read_all(bytes), Err(NotStrict), "{bytes:x?}");
        }
    }

    #[test]
    fn words_and_floats_are_read() {
        for bytes in [
            &[0xf4][..],
            &[0xf7],
            &[0xf9, 0x3c, 0],
            &[0xfa, 0, 0, 0, 0],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert!(matches!(Item::read_all(bytes), Ok(Item::Simple(_))), "{bytes:x?}");
        }
    }

    #[test]
    fn four_levels_are_read_and_no_fifth() {
        assert!(Item::read_all(&[0x81, 0x81, 0x81, 0x80]).is_ok());
        assert_eq!(Item::read_all(&[0x81, 0x81, 0x81, 0x81, 0x80]), Err(NotStrict));
        assert_eq!(Item::read_all(&[0x81; 10_000]), Err(NotStrict));
    }
}
