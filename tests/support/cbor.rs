//! Writes CBOR (RFC 8949), item by item, so that any item can be put in any other's place.

pub(crate) fn integer(value: i64) -> Vec<u8> {
    match u64::try_from(value) {
        Ok(positive) => head(0, positive),
        Err(_) => head(1, u64::try_from(-1 - value).unwrap()),
    }
}

pub(crate) fn bytes(value: &[u8]) -> Vec<u8> {
    [head(2, value.len() as u64), value.to_vec()].concat()
}

pub(crate) fn text(value: &str) -> Vec<u8> {
    [head(3, value.len() as u64), value.as_bytes().to_vec()].concat()
}

pub(crate) fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len() as u64), items.concat()].concat()
}

/// A map of these entries, in this order, whatever they are.
pub(crate) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut map = head(5, entries.len() as u64);
    for (key, value) in entries {
        map.extend_from_slice(key);
        map.extend_from_slice(value);
    }
    map
}

/// Major type and argument in the shortest form.
pub(crate) fn head(major: u8, argument: u64) -> Vec<u8> {
    let initial = major << 5;
    match argument {
        0..=23 => vec![initial | u8::try_from(argument).unwrap()],
        24..=0xff => vec![initial | 0x18, u8::try_from(argument).unwrap()],
        0x100..=0xffff => {
            [&[initial | 0x19][..], &u16::try_from(argument).unwrap().to_be_bytes()].concat()
        }
        _ => [&[initial | 0x1a][..], &u32::try_from(argument).unwrap().to_be_bytes()].concat(),
    }
}
