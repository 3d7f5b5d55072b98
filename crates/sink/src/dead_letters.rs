//! Records that can never be delivered, kept for a person to look at.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use record::{Record, RecordId, UnixNanos};
use serde_json::json;

/// The value of `v` in each dead letter. A change that old readers would misunderstand makes it larger.
pub const DEAD_LETTER_VERSION: u32 = 1;

/// A record that its sink has rejected for good.
#[derive(Debug, Clone, Copy)]
pub struct DeadLetter<'a> {
    /// The record's identity.
    pub id: RecordId,
    /// A short name for the cause, the label in metrics.
    pub reason: &'static str,
    /// What the sink, or the other side, said.
    pub what: &'a str,
    /// The record itself.
    pub record: Record<'a>,
}

/// Where rejected records go.
pub trait DeadLetters {
    /// Keeps `letters`, so that they survive a crash of the machine. Blocking. Keeps all or none.
    ///
    /// # Errors
    /// Nothing was kept; the driver tries again for ever, and drops nothing.
    fn keep(&mut self, letters: &[DeadLetter<'_>]) -> Result<(), DeadLetterError>;
}

/// Why dead letters were not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLetterError {
    /// The file or its directory could not be opened, written or synced.
    #[error("cannot keep dead letters in {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file has reached its limit.
    #[error("{} has {file_bytes} bytes, and {letter_bytes} more would exceed its limit of {bytes_max}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// Its length now.
        file_bytes: u64,
        /// Length of what was to be kept.
        letter_bytes: u64,
        /// Its limit.
        bytes_max: u64,
    },
    /// A sink's name that would make no safe file name.
    #[error("found the sink name {0:?}, expected 1 to 64 of A-Z a-z 0-9 . _ - that do not begin with a dot")]
    SinkName(String),
}

/// Dead letters as JSON lines, in `<data_dir>/dead-letters/<sink>.jsonl`, readable by the owner alone (mode 0600).
///
/// Members: `v`, `id`, `sink`, `reason`, `what`, `time` (when it was rejected), `received_at`, `listener`, `peer`,
/// `class`, and `record_base64`, the whole frame as received. The file appears with the first letter. Each
/// [`DeadLetters::keep`] is one write and one fdatasync; what a failed one has written is cut off again.
#[derive(Debug)]
pub struct DeadLetterFile {
    sink: String,
    path: PathBuf,
    bytes_max: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// Length up to which all lines are whole and synced.
    whole_bytes: u64,
}

impl DeadLetterFile {
    /// The dead letters of `sink` under `data_dir`, at most `bytes_max` of them. Touches no file yet.
    ///
    /// # Errors
    /// [`DeadLetterError::SinkName`] for a name that is no plain file name.
    pub fn new(data_dir: &Path, sink: &str, bytes_max: u64) -> Result<Self, DeadLetterError> {
        let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !(1..=64).contains(&sink.len()) || sink.starts_with('.') || !sink.bytes().all(safe) {
            return Err(DeadLetterError::SinkName(sink.to_owned()));
        }
        let path = data_dir.join("dead-letters").join(format!("{sink}.jsonl"));
        Ok(Self { sink: sink.to_owned(), path, bytes_max, open: None })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn line(&self, letter: &DeadLetter<'_>, lines: &mut Vec<u8>) {
        let record = &letter.record;
        let line = json!({
            "v": DEAD_LETTER_VERSION,
            "id": letter.id.to_string(),
            "sink": self.sink,
            "reason": letter.reason,
            "what": letter.what,
            "time": Timestamp::try_from(SystemTime::now()).map(|now| now.to_string()).ok(),
            "received_at": rfc3339(record.received_at()),
            "listener": &*record.origin().listener,
            "peer": record.peer().to_string(),
            "class": record.class().name(),
            "record_base64": STANDARD.encode(record.octets()),
        });
        lines.extend_from_slice(line.to_string().as_bytes());
        lines.push(b'\n');
    }

    /// Appends `lines` and syncs. After an error the file is opened anew, which also finds out whether it still exists.
    fn append(&mut self, lines: &[u8]) -> Result<(), DeadLetterError> {
        let io = |source| DeadLetterError::Io { path: self.path.clone(), source };
        // A file that somebody has moved away, to look at or to replay, is not written any more.
        let mut open = match self.open.take().filter(|_| self.path.exists()) {
            Some(open) => open,
            None => open(&self.path).map_err(io)?,
        };
        let (file_bytes, letter_bytes) = (open.whole_bytes, lines.len() as u64);
        if file_bytes.saturating_add(letter_bytes) > self.bytes_max {
            let path = self.path.clone();
            return Err(DeadLetterError::Full { path, file_bytes, letter_bytes, bytes_max: self.bytes_max });
        }
        if let Err(source) = open.file.write_all(lines).and_then(|()| open.file.sync_data()) {
            // If this fails, too, the torn line is ended when the file is opened again.
            let _ = open.file.set_len(open.whole_bytes);
            return Err(io(source));
        }
        open.whole_bytes += letter_bytes;
        self.open = Some(open);
        Ok(())
    }
}

impl DeadLetters for DeadLetterFile {
    fn keep(&mut self, letters: &[DeadLetter<'_>]) -> Result<(), DeadLetterError> {
        let mut lines = Vec::new();
        letters.iter().for_each(|letter| self.line(letter, &mut lines));
        self.append(&lines)
    }
}

/// Opens or makes the file. A last line that a crash has torn is ended, so that the next one stands alone.
fn open(path: &Path) -> io::Result<Open> {
    let directory = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let is_new = !path.exists();
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    if is_new {
        File::open(directory)?.sync_all()?;
    }
    let mut whole_bytes = file.metadata()?.len();
    if whole_bytes > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            whole_bytes += 1;
        }
    }
    Ok(Open { file, whole_bytes })
}

/// The moment in RFC 3339, or nothing beyond the year 9999.
fn rfc3339(moment: UnixNanos) -> Option<String> {
    Timestamp::from_nanosecond(i128::from(moment.0)).map(|stamp| stamp.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use record::{Class, JournalId, Sequence};
    use serde_json::Value;

    use super::*;
    use crate::testing::batch_of;

    fn keep(file: &mut DeadLetterFile, octets: &[u8]) -> Result<(), DeadLetterError> {
        let batch = batch_of(&[(Class::Cef, octets)]);
        let id = RecordId { journal: JournalId(1), sequence: Sequence(2) };
        file.keep(&[DeadLetter { id, reason: "too_large", what: "limit is \"1\"", record: batch.record(0) }])
    }

    fn lines(file: &DeadLetterFile) -> Vec<Value> {
        let text = fs::read_to_string(file.path()).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    #[test]
    fn a_letter_has_the_whole_frame_and_where_it_came_from() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = DeadLetterFile::new(directory.path(), "siem", u64::MAX).unwrap();
        keep(&mut file, b"<13>\xff\x00 x").unwrap();
        assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
        let [letter] = &lines(&file)[..] else { panic!("one line") };
        let expected = [
            ("v", json!(1)),
            ("id", json!("0000000000000001-0000000000000002")),
            ("sink", json!("siem")),
            ("reason", json!("too_large")),
            ("what", json!("limit is \"1\"")),
            ("received_at", json!("2026-11-21T10:15:00Z")),
            ("listener", json!("test")),
            ("peer", json!("127.0.0.1:1")),
            ("class", json!("cef")),
            ("record_base64", json!("PDEzPv8AIHg=")),
        ];
        for (member, value) in expected {
            assert_eq!(letter[member], value, "{member}");
        }
        assert!(letter["time"].as_str().unwrap().parse::<Timestamp>().is_ok());
    }

    #[test]
    fn letters_are_appended_also_behind_a_torn_line_of_a_crash() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = DeadLetterFile::new(directory.path(), "siem", u64::MAX).unwrap();
        keep(&mut file, b"1").unwrap();
        keep(&mut file, b"2").unwrap();
        OpenOptions::new().append(true).open(file.path()).unwrap().write_all(b"{\"v\":1,").unwrap();
        let mut after_crash = DeadLetterFile::new(directory.path(), "siem", u64::MAX).unwrap();
        keep(&mut after_crash, b"3").unwrap();
        assert_eq!(lines(&after_crash).len(), 3);
    }

    #[test]
    fn a_file_that_was_moved_away_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = DeadLetterFile::new(directory.path(), "siem", u64::MAX).unwrap();
        keep(&mut file, b"1").unwrap();
        fs::rename(file.path(), directory.path().join("looked-at")).unwrap();
        keep(&mut file, b"2").unwrap();
        assert_eq!(lines(&file).len(), 1);
    }

    #[test]
    fn a_full_file_keeps_nothing_and_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = DeadLetterFile::new(directory.path(), "siem", 500).unwrap();
        keep(&mut file, b"1").unwrap();
        assert!(matches!(keep(&mut file, &[b'x'; 500]), Err(DeadLetterError::Full { bytes_max: 500, .. })));
        assert_eq!(lines(&file).len(), 1);
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error_until_it_can() {
        let directory = tempfile::tempdir().unwrap();
        let in_the_way = directory.path().join("dead-letters");
        fs::write(&in_the_way, "a file").unwrap();
        let mut file = DeadLetterFile::new(directory.path(), "siem", u64::MAX).unwrap();
        assert!(matches!(keep(&mut file, b"1"), Err(DeadLetterError::Io { .. })));
        fs::remove_file(&in_the_way).unwrap();
        keep(&mut file, b"1").unwrap();
    }

    #[test]
    fn a_sink_name_never_leads_out_of_the_directory() {
        let long = "x".repeat(65);
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "a\0b", long.as_str()] {
            assert!(
                matches!(DeadLetterFile::new(Path::new("/d"), name, 1), Err(DeadLetterError::SinkName(_))),
                "{name}"
            );
        }
    }
}
