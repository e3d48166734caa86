//! How a compiled table is laid out. The compiler of the tables (`build/schema.rs`) and their reader share this file.

#![allow(dead_code)] // Each of the two uses its part of it.

/// Sections of a table, in its order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Versions,
    Roots,
    Bodies,
    Fields,
    Hashes,
    Types,
    Lists,
    Texts,
    Capsules,
    Functions,
    /// Where names are found: see [`slot`] and [`entry`].
    Slots,
    /// Ends of the strings, which stand apart.
    Strings,
}

impl Section {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::Strings as usize + 1;
}

/// The slot at which the search for a name begins, among records of a section that begin with `from`; `slots` is a power
/// of two. One that something else has sends on to the next. What is looked up comes from the user's files and slots never
/// change, so nobody can make searches longer.
pub(crate) fn slot(section: Section, from: usize, name: &[u8], slots: usize) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(ODD).rotate_left(29);
    let start = (from as u64) << 16 | (section as u64) << 8 | name.len() as u64 & 0xff;
    let hash = name.as_chunks::<8>().0.iter().fold(start, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    // The last bytes in one word as well; of a longer name, some of them for a second time.
    let half = |word: &[u8; 4]| u64::from(u32::from_le_bytes(*word));
    let last = match (name.last_chunk::<8>(), name.first_chunk::<4>().zip(name.last_chunk::<4>())) {
        (Some(word), _) => u64::from_le_bytes(*word),
        (None, Some((first, last))) => half(first) | half(last) << 32,
        (None, None) => name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let hash = mix(hash, last);
    (hash ^ hash >> 32) as usize & (slots - 1)
}

/// What a slot holds of a record, the first of its name: never 0, which stands for a free slot.
pub(crate) fn entry(section: Section, record: usize) -> usize {
    record << 4 | section as usize
}

/// The record that a slot of that section holds; `None` when another section has the slot.
pub(crate) fn record(section: Section, entry: usize) -> Option<usize> {
    (entry & 0xf == section as usize).then_some(entry >> 4)
}
