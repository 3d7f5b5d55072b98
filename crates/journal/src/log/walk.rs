//! From entry to entry through one segment, and over what is no entry.

use std::io;
use std::ops::Range;

use memchr::memmem::Finder;

use super::entry::{ENTRY_HEADER_BYTES, EntryHeader, MARKER, Seal};
use super::segment::SEGMENT_HEADER_BYTES;
use super::storage::{StoredFile, read_readable_at};

/// What is read at once, and how much of a search one step does, in octets.
pub(crate) const BUFFER_BYTES: usize = 1 << 20;

/// Walks through a segment. Each step does at most one buffer's work, so that damage of any size holds nobody up.
#[derive(Debug)]
pub(crate) struct Walk<F> {
    pub(crate) file: F,
    seal: Seal,
    marker: Finder<'static>,
    /// `buffer[start..filled]` is what was read and not passed; `buffer[0]` stands at `base` in the file.
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    base: u64,
    /// Where the file ends, or what is written ends.
    limit: u64,
    search: Option<Search>,
    last_entry_bytes: usize,
    /// Octets that the disk could not read and that were taken for zeros.
    pub(crate) unreadable_bytes: u64,
}

/// A search for the next entry.
#[derive(Debug)]
struct Search {
    from: u64,
    /// Behind the last octet that is not zero.
    used_to: Option<u64>,
}

/// What a step found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An entry, with its place in the file and, in [`Walk::octets`], that of its payload.
    Entry { header: EntryHeader, offset: u64, payload: Range<usize> },
    /// No entry begins in these octets.
    Hole(Range<u64>),
    /// The next entry was looked for and not found yet.
    Searching,
    /// Nothing but zeros up to the limit.
    End,
}

impl<F: StoredFile> Walk<F> {
    /// Begins at the first entry. `buffer` is memory to work in.
    pub(crate) fn new(file: F, seal: Seal, limit: u64, mut buffer: Vec<u8>) -> Self {
        if buffer.len() < BUFFER_BYTES {
            buffer.resize(BUFFER_BYTES, 0);
        }
        Self {
            file,
            seal,
            marker: Finder::new(&MARKER),
            buffer,
            start: 0,
            filled: 0,
            base: SEGMENT_HEADER_BYTES as u64,
            limit,
            search: None,
            last_entry_bytes: 0,
            unreadable_bytes: 0,
        }
    }

    /// Goes to `offset`, where an entry begins.
    pub(crate) fn seek(&mut self, offset: u64) {
        (self.start, self.filled, self.base, self.search) = (0, 0, offset, None);
    }

    /// More was written.
    pub(crate) fn extend(&mut self, limit: u64) {
        self.limit = self.limit.max(limit);
    }

    /// Where the next step looks.
    pub(crate) const fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The memory, for another walk.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Octets of the buffer, as [`Step::Entry`] names them.
    pub(crate) fn octets(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// Takes the entry of the last step back: the next step finds it again.
    pub(crate) fn back(&mut self) {
        self.start -= std::mem::take(&mut self.last_entry_bytes);
    }

    pub(crate) fn step(&mut self) -> io::Result<Step> {
        if self.search.is_some() {
            return self.go_on_searching();
        }
        let offset = self.offset();
        let Some(header) = self.header()? else {
            self.search = Some(Search { from: offset, used_to: None });
            return self.go_on_searching();
        };
        let bytes = header.entry_bytes() as usize;
        if self.fill(bytes)? < bytes {
            // The file became shorter under us.
            self.search = Some(Search { from: offset, used_to: None });
            return self.go_on_searching();
        }
        let payload = self.start + ENTRY_HEADER_BYTES..self.start + bytes;
        self.start += bytes;
        if crc32fast::hash(&self.buffer[payload.clone()]) != header.payload_check {
            self.last_entry_bytes = 0;
            return Ok(Step::Hole(offset..offset + bytes as u64));
        }
        self.last_entry_bytes = bytes;
        Ok(Step::Entry { header, offset, payload })
    }

    /// The header right here, when there is one and its payload ends in the file.
    fn header(&mut self) -> io::Result<Option<EntryHeader>> {
        if self.fill(ENTRY_HEADER_BYTES)? < ENTRY_HEADER_BYTES {
            return Ok(None);
        }
        let offset = self.offset();
        let header = EntryHeader::decode(&self.buffer[self.start..self.filled], &self.seal, offset);
        Ok(header.filter(|header| offset + header.entry_bytes() <= self.limit))
    }

    /// Looks through what is in the buffer, or one buffer more.
    fn go_on_searching(&mut self) -> io::Result<Step> {
        self.fill(ENTRY_HEADER_BYTES)?;
        while let Some(place) = self.marker.find(&self.buffer[self.start..self.filled]) {
            // What is jumped over is not zeros, or it does not matter: an entry may follow.
            self.pass(place);
            if self.filled - self.start < ENTRY_HEADER_BYTES && self.fill(ENTRY_HEADER_BYTES)? < ENTRY_HEADER_BYTES {
                break;
            }
            if self.header()?.is_some() {
                let search = self.search.take().expect("a search is under way");
                let found = self.offset();
                return Ok(if search.from < found { Step::Hole(search.from..found) } else { Step::Searching });
            }
            self.pass(1);
        }
        let at_limit = self.base + self.filled as u64 >= self.limit;
        // The beginning of a marker may stand at the end.
        let kept = if at_limit { 0 } else { MARKER.len() - 1 };
        self.pass((self.filled - self.start).saturating_sub(kept));
        if !at_limit {
            return Ok(Step::Searching);
        }
        let search = self.search.take().expect("a search is under way");
        match search.used_to {
            Some(used_to) => Ok(Step::Hole(search.from..used_to)),
            None => Ok(Step::End),
        }
    }

    /// Passes octets of a search, and notes where the last one that is not zero stood.
    fn pass(&mut self, bytes: usize) {
        let passed = &self.buffer[self.start..self.start + bytes];
        let used = passed.chunks(4096).rposition(|chunk| chunk.iter().fold(0, |all, octet| all | octet) != 0);
        if let (Some(chunk), Some(search)) = (used, &mut self.search) {
            let chunk_octets = &passed[chunk * 4096..passed.len().min((chunk + 1) * 4096)];
            let last = chunk_octets.iter().rposition(|octet| *octet != 0).unwrap_or(0);
            search.used_to = Some(self.base + (self.start + chunk * 4096 + last + 1) as u64);
        }
        self.start += bytes;
    }

    /// Sees to it that `wanted` octets are in the buffer, if the file has them; returns how many are.
    fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        let there = self.filled - self.start;
        if there >= wanted {
            return Ok(there);
        }
        self.buffer.copy_within(self.start..self.filled, 0);
        self.base += self.start as u64;
        (self.start, self.filled) = (0, there);
        self.last_entry_bytes = 0;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        let from = self.base + self.filled as u64;
        let room = (self.buffer.len() - self.filled) as u64;
        let to_read = room.min(self.limit.saturating_sub(from)) as usize;
        if to_read > 0 {
            let (read, unreadable) =
                read_readable_at(&self.file, &mut self.buffer[self.filled..self.filled + to_read], from)?;
            self.filled += read;
            self.unreadable_bytes += unreadable;
            if read < to_read {
                self.limit = self.base + self.filled as u64;
            }
        }
        Ok(self.filled)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use record::{JournalId, Sequence};

    use super::*;
    use crate::log::entry::Group;
    use crate::log::storage::model::Model;
    use crate::log::storage::{Access, Storage};

    const BEGIN: usize = SEGMENT_HEADER_BYTES;

    /// What a walk finds in a file in which an entry follows `damage`.
    fn walk_over(damage: &[u8]) -> Vec<Step> {
        let seal = Seal::new(JournalId(1), 2, 3);
        let offset = (BEGIN + damage.len()) as u64;
        let mut group = Group::default();
        group.push((1, 0, 1), Sequence(5), |out| out.extend_from_slice(b"payload"));
        let mut octets = vec![0; BEGIN];
        octets.extend_from_slice(damage);
        octets.extend_from_slice(group.seal(&seal, offset, false));
        octets.extend_from_slice(&[0; 5000]);

        let model = Model::with_directory("/", 1);
        let path = Path::new("/file");
        let limit = octets.len() as u64;
        model.put(path, octets);
        let mut walk = Walk::new(model.open(path, Access::Read).unwrap(), seal, limit, Vec::new());
        let mut steps = Vec::new();
        loop {
            match walk.step().unwrap() {
                Step::Searching => {}
                Step::End => return steps,
                found => steps.push(found),
            }
        }
    }

    #[test]
    fn an_entry_behind_damage_is_found_wherever_the_buffer_ends() {
        let parts_of_markers = MARKER[..3].repeat(BUFFER_BYTES / 3 + 100);
        for octets in [&vec![1; BUFFER_BYTES + 100], &vec![0; BUFFER_BYTES + 100], &parts_of_markers] {
            for bytes in (1..80).chain(BUFFER_BYTES - 80..BUFFER_BYTES + 80) {
                let steps = walk_over(&octets[..bytes]);
                let at = (BEGIN + bytes) as u64;
                assert_eq!(steps[0], Step::Hole(BEGIN as u64..at));
                assert!(matches!(&steps[1..], [Step::Entry { offset, .. }] if *offset == at), "{bytes}: {steps:?}");
            }
        }
    }
}
