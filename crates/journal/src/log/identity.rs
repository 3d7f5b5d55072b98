//! Who a journal is: the file that is written once.

use std::path::Path;

use record::{JournalId, UnixNanos};

use super::error::{At, LogErrorKind};
use super::paths::create_whole;
use super::storage::{Access, Storage, StoredFile, again, read_at, write_at};
use super::{LogError, NewJournal};

/// The version that is written, and the newest that is read.
pub const FORMAT_VERSION: u32 = 1;
const FORMAT: &str = "gully journal";
/// Far more than such a file has.
const FILE_BYTES_MAX: usize = 64 << 10;

/// Who a journal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// One half of each record's id.
    pub journal: JournalId,
    /// When it was made.
    pub created_at: UnixNanos,
    /// The machine that made it.
    pub host: String,
    pub(crate) salt: u64,
}

impl Identity {
    /// Reads the file; `None` when there is none.
    pub(crate) fn read<S: Storage>(storage: &S, path: &Path) -> Result<Option<Self>, LogError> {
        let file = match again(|| storage.open(path, Access::Read)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.at(path, "open")?,
        };
        let bytes = usize::try_from(file.bytes().at(path, "read")?).unwrap_or(usize::MAX);
        let mut octets = vec![0; bytes.min(FILE_BYTES_MAX)];
        let read = read_at(&file, &mut octets, 0).at(path, "read")?;
        Self::decode(&octets[..read]).map_err(|(kind, what)| LogError::new(kind, path, what)).map(Some)
    }

    /// Makes the file of a new journal.
    pub(crate) fn create<S: Storage>(storage: &S, path: &Path, new: &NewJournal) -> Result<Self, LogError> {
        let NewJournal { journal, salt, host } = new;
        let host = host.chars().filter(|character| !character.is_control()).collect();
        let identity = Self { journal: *journal, created_at: storage.now(), host, salt: *salt };
        create_whole(storage, path, true, |file| write_at(file, identity.encode().as_bytes(), 0))?;
        Ok(identity)
    }

    fn encode(&self) -> String {
        let Self { journal, created_at, host, salt } = self;
        let covered = format!(
            "format = {FORMAT}\nversion = {FORMAT_VERSION}\njournal = {:016x}\nsalt = {salt:016x}\ncreated = {}\nhost = {host}\n",
            journal.0, created_at.0
        );
        let check = crc32fast::hash(covered.as_bytes());
        format!("{covered}check = {check:08x}\n")
    }

    fn decode(octets: &[u8]) -> Result<Self, (LogErrorKind, String)> {
        let damaged = |what: &str| (LogErrorKind::IdentityDamaged, what.to_owned());
        let text = std::str::from_utf8(octets).map_err(|_| damaged("is not text"))?;
        let (covered, check) = text.rsplit_once("check = ").ok_or_else(|| damaged("has no line `check`"))?;
        if check.trim_end() != format!("{:08x}", crc32fast::hash(covered.as_bytes())) {
            return Err(damaged("does not match its checksum"));
        }
        let value = |key: &str| {
            let mut pairs = covered.lines().filter_map(|line| line.split_once(" = "));
            let found = pairs.find(|(found, _)| *found == key);
            found.map(|(_, value)| value).ok_or_else(|| damaged(&format!("has no line `{key}`")))
        };
        let hexadecimal = |key: &str| {
            u64::from_str_radix(value(key)?, 16).map_err(|_| damaged(&format!("has no number in line `{key}`")))
        };
        if value("format")? != FORMAT {
            return Err(damaged("is of another program"));
        }
        match value("version")?.parse::<u32>() {
            Ok(FORMAT_VERSION) => {}
            Ok(version) if version > FORMAT_VERSION => {
                let what =
                    format!("has format version {version}, newer than {FORMAT_VERSION}, which this program knows");
                return Err((LogErrorKind::NewerFormat, what));
            }
            _ => return Err(damaged("has no version that ever was")),
        }
        Ok(Self {
            journal: JournalId(hexadecimal("journal")?),
            salt: hexadecimal("salt")?,
            created_at: UnixNanos(value("created")?.parse().map_err(|_| damaged("has no number in line `created`"))?),
            host: value("host")?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity { journal: JournalId(7), created_at: UnixNanos(5), host: "vm-1".into(), salt: u64::MAX }
    }

    #[test]
    fn an_identity_comes_back_and_every_flipped_bit_is_noticed() {
        let octets = identity().encode().into_bytes();
        assert_eq!(Identity::decode(&octets), Ok(identity()));
        for bit in 0..octets.len() * 8 {
            let mut flipped = octets.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // The line feed at the end is the one octet that means nothing.
            if bit / 8 < octets.len() - 1 {
                assert!(Identity::decode(&flipped).is_err(), "bit {bit}");
            }
        }
        for length in 0..octets.len() - 1 {
            assert!(Identity::decode(&octets[..length]).is_err(), "{length} octets");
        }
    }

    #[test]
    fn a_newer_version_is_named_as_such() {
        let covered = "format = gully journal\nversion = 2\nsomething = else\n";
        let text = format!("{covered}check = {:08x}\n", crc32fast::hash(covered.as_bytes()));
        assert_eq!(Identity::decode(text.as_bytes()).unwrap_err().0, LogErrorKind::NewerFormat);
    }
}
