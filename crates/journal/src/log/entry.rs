//! One entry: a header of 28 octets that belongs to its place, and a payload.

use crc32fast::Hasher;
use record::{JournalId, Sequence};

/// Octets of an entry's header.
pub const ENTRY_HEADER_BYTES: usize = 28;
/// The largest payload, in octets.
pub const PAYLOAD_BYTES_MAX: usize = 32 << 20;
/// The kinds from here on are the log's own.
pub const KINDS_OF_THE_LOG: u8 = 240;

/// What each entry begins with. No text does.
pub(crate) const MARKER: [u8; 4] = [0xe9, b'g', 0xb7, b'y'];
/// The numbers of the entry were never made durable.
pub(crate) const KIND_SKIP: u8 = 255;
/// All that stands before the entry in its segment was on the disk when it was written.
pub(crate) const FLAG_AFTER_SYNC: u8 = 0x80;

/// What the header's checksum covers of it.
const FIELDS_BYTES: usize = 24;

/// An entry to append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEntry<'a> {
    /// What the payload is, 1 to 239. The log does not care.
    pub kind: u8,
    /// Seven bits for the same purpose.
    pub flags: u8,
    /// How many records are in it: so many numbers it takes.
    pub records: u16,
    /// The octets.
    pub payload: &'a [u8],
}

/// An entry that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What the payload is.
    pub kind: u8,
    /// The seven bits it was appended with.
    pub flags: u8,
    /// How many records are in it.
    pub records: u16,
    /// The number of its first record.
    pub sequence: Sequence,
    /// The octets, as they were appended.
    pub payload: &'a [u8],
}

/// What all entries of a segment are bound to.
#[derive(Debug, Clone)]
pub(crate) struct Seal {
    begun: Hasher,
}

impl Seal {
    pub(crate) fn new(journal: JournalId, salt: u64, segment: u64) -> Self {
        let mut begun = Hasher::new();
        for number in [journal.0, salt, segment] {
            begun.update(&number.to_le_bytes());
        }
        Self { begun }
    }

    fn check(&self, offset: u64, fields: &[u8; FIELDS_BYTES]) -> u32 {
        let mut octets = [0; 8 + FIELDS_BYTES];
        octets[..8].copy_from_slice(&offset.to_le_bytes());
        octets[8..].copy_from_slice(fields);
        let mut hasher = self.begun.clone();
        hasher.update(&octets);
        hasher.finalize()
    }
}

/// A header whose checksum was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryHeader {
    pub(crate) payload_bytes: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) records: u16,
    pub(crate) sequence: Sequence,
    pub(crate) payload_check: u32,
}

impl EntryHeader {
    /// The header that is written at the start of `octets`, when it belongs at `offset` of the segment of `seal`.
    pub(crate) fn decode(octets: &[u8], seal: &Seal, offset: u64) -> Option<Self> {
        let (fields, rest) = octets.split_first_chunk::<FIELDS_BYTES>()?;
        let check = rest.first_chunk().map(|check| u32::from_le_bytes(*check))?;
        if fields[..4] != MARKER || check != seal.check(offset, fields) {
            return None;
        }
        let header = Self::of(fields);
        (header.payload_bytes as usize <= PAYLOAD_BYTES_MAX).then_some(header)
    }

    fn of(fields: &[u8; FIELDS_BYTES]) -> Self {
        Self {
            payload_bytes: u32::from_le_bytes(part(fields, 4)),
            kind: fields[8],
            flags: fields[9],
            records: u16::from_le_bytes(part(fields, 10)),
            sequence: Sequence(u64::from_le_bytes(part(fields, 12))),
            payload_check: u32::from_le_bytes(part(fields, 20)),
        }
    }

    pub(crate) const fn is_after_sync(&self) -> bool {
        self.flags & FLAG_AFTER_SYNC != 0
    }

    /// Header and payload, in octets.
    pub(crate) const fn entry_bytes(&self) -> u64 {
        ENTRY_HEADER_BYTES as u64 + self.payload_bytes as u64
    }

    /// The number behind the last record.
    pub(crate) const fn end(&self) -> Sequence {
        Sequence(self.sequence.0.saturating_add(self.records as u64))
    }

    pub(crate) const fn with<'a>(&self, payload: &'a [u8]) -> Entry<'a> {
        let Self { kind, flags, records, sequence, .. } = *self;
        Entry { kind, flags: flags & !FLAG_AFTER_SYNC, records, sequence, payload }
    }
}

/// The `N` octets of `octets` from `from` on.
pub(crate) fn part<const N: usize>(octets: &[u8], from: usize) -> [u8; N] {
    *octets[from..].first_chunk().expect("the caller knows the length")
}

/// Entries that go to the disk with one write. Their place is known only then, so that their headers are sealed last.
#[derive(Debug, Default)]
pub(crate) struct Group {
    octets: Vec<u8>,
}

impl Group {
    /// Appends an entry whose payload `write` appends. Returns the payload's length; when it is larger than
    /// [`PAYLOAD_BYTES_MAX`] nothing was appended.
    pub(crate) fn push(
        &mut self,
        (kind, flags, records): (u8, u8, u16),
        sequence: Sequence,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> usize {
        let start = self.octets.len();
        self.octets.extend_from_slice(&[0; ENTRY_HEADER_BYTES]);
        write(&mut self.octets);
        let payload_start = start + ENTRY_HEADER_BYTES;
        let payload_bytes = self.octets.len() - payload_start;
        if payload_bytes > PAYLOAD_BYTES_MAX {
            self.octets.truncate(start);
            return payload_bytes;
        }
        let payload_check = crc32fast::hash(&self.octets[payload_start..]);
        let header = &mut self.octets[start..payload_start];
        header[..4].copy_from_slice(&MARKER);
        header[4..8].copy_from_slice(&(payload_bytes as u32).to_le_bytes());
        header[8] = kind;
        header[9] = flags;
        header[10..12].copy_from_slice(&records.to_le_bytes());
        header[12..20].copy_from_slice(&sequence.0.to_le_bytes());
        header[20..24].copy_from_slice(&payload_check.to_le_bytes());
        payload_bytes
    }

    /// Binds the entries to the place they are written to: from `offset` on, in the segment of `seal`.
    pub(crate) fn seal(&mut self, seal: &Seal, offset: u64, after_sync: bool) -> &[u8] {
        let mut start = 0;
        while start < self.octets.len() {
            let fields = self.octets[start..].first_chunk_mut::<FIELDS_BYTES>().expect("entries are whole");
            if start == 0 {
                fields[9] = fields[9] & !FLAG_AFTER_SYNC | if after_sync { FLAG_AFTER_SYNC } else { 0 };
            }
            let check = seal.check(offset + start as u64, fields);
            let payload_bytes = EntryHeader::of(fields).payload_bytes as usize;
            self.octets[start + FIELDS_BYTES..start + ENTRY_HEADER_BYTES].copy_from_slice(&check.to_le_bytes());
            start += ENTRY_HEADER_BYTES + payload_bytes;
        }
        &self.octets
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.octets.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.octets.reserve(bytes);
    }

    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.octets.truncate(bytes);
    }

    /// Empties it; the memory stays for the next group.
    pub(crate) fn clear(&mut self) {
        self.octets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: (JournalId, u64, u64) = (JournalId(1), 2, 3);

    fn seal() -> Seal {
        Seal::new(SEAL.0, SEAL.1, SEAL.2)
    }

    fn octets() -> Vec<u8> {
        let mut group = Group::default();
        group.push((7, 5, 2), Sequence(11), |out| out.extend_from_slice(b"payload"));
        group.seal(&seal(), 64, true).to_vec()
    }

    #[test]
    fn an_entry_comes_back_as_it_was_appended() {
        let octets = octets();
        let header = EntryHeader::decode(&octets, &seal(), 64).unwrap();
        assert!(header.is_after_sync());
        assert_eq!(header.end(), Sequence(13));
        assert_eq!(header.entry_bytes(), octets.len() as u64);
        assert_eq!(header.payload_check, crc32fast::hash(b"payload"));
        let entry = header.with(&octets[ENTRY_HEADER_BYTES..]);
        let expected = Entry { kind: 7, flags: 5, records: 2, sequence: Sequence(11), payload: b"payload" };
        assert_eq!(entry, expected);
    }

    #[test]
    fn the_layout_is_that_of_the_format_page() {
        let octets = octets();
        assert_eq!(octets[..12], [0xe9, 0x67, 0xb7, 0x79, 7, 0, 0, 0, 7, 0x85, 2, 0]);
        assert_eq!(octets[12..20], 11_u64.to_le_bytes());
        assert_eq!(octets[20..24], crc32fast::hash(b"payload").to_le_bytes());
        let mut covered = Vec::new();
        for number in [1_u64, 2, 3, 64] {
            covered.extend_from_slice(&number.to_le_bytes());
        }
        covered.extend_from_slice(&octets[..24]);
        assert_eq!(octets[24..28], crc32fast::hash(&covered).to_le_bytes());
    }

    #[test]
    fn a_header_with_a_flipped_bit_or_in_another_place_is_none() {
        let octets = octets();
        for bit in 0..ENTRY_HEADER_BYTES * 8 {
            let mut flipped = octets.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(EntryHeader::decode(&flipped, &seal(), 64), None, "bit {bit}");
        }
        for other in [(JournalId(2), 2, 3), (JournalId(1), 3, 3), (JournalId(1), 2, 4)] {
            assert_eq!(EntryHeader::decode(&octets, &Seal::new(other.0, other.1, other.2), 64), None);
        }
        assert_eq!(EntryHeader::decode(&octets, &seal(), 65), None);
        assert_eq!(EntryHeader::decode(&octets[..27], &seal(), 64), None);
    }
}
