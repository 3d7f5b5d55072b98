//! Names of closed files: how they are made, and how they are told from everybody else's.
//!
//! A file that was put aside has a stamp in its name, `audit.20261121T101500Z-1.jsonl`. A file whose date or hour is over
//! keeps its name, `2026-11-21.jsonl`. Compressed, either gets a suffix: `2026-11-21.jsonl.zst`. What came later for the
//! same date is `2026-11-21.jsonl.2.zst`, and so on.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Suffixes of compressed files, by which they are known whatever the settings are now.
pub(crate) const SUFFIXES: [&str; 2] = [".zst", ".gz"];

const STAMP_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// The name for `live` when it is put aside: `audit.jsonl` becomes `audit.20261121T101500Z-1.jsonl`.
pub(crate) fn rotated_name(live: &str, extension: &str, stamp: &str, number: u32) -> String {
    let stem = live.strip_suffix(extension).unwrap_or(live);
    format!("{stem}.{stamp}-{number}{extension}")
}

/// The name, but for the suffix, of the `number`th compressed file that was made of `live`.
pub(crate) fn dated_name(live: &str, number: u32) -> String {
    if number == 1 { live.to_owned() } else { format!("{live}.{number}") }
}

/// The stamp for a rotation at `moment`, in UTC.
pub(crate) fn stamp(moment: SystemTime) -> String {
    let moment = Timestamp::try_from(moment).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime(STAMP_FORMAT).to_string()
}

/// What a name says behind its stem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing: the file may be in use.
    Live,
    /// Compressed after its date or hour was over, as the how-manieth.
    Dated { number: u32 },
    /// Put aside at this moment, as the how-manieth in that second.
    Rotated { at: SystemTime, number: u32, is_compressed: bool },
}

impl Tail {
    /// Reads `text`, which stands behind the stem of a file whose template ends in `extension`.
    pub(crate) fn read(text: &str, extension: &str) -> Option<Self> {
        if let Some(rotated) = read_rotated(text, extension) {
            return Some(rotated);
        }
        let suffix = text.strip_prefix(extension)?;
        if suffix.is_empty() {
            return Some(Self::Live);
        }
        let number = SUFFIXES.iter().find_map(|compressed| suffix.strip_suffix(compressed))?;
        match number.strip_prefix('.') {
            None => number.is_empty().then_some(Self::Dated { number: 1 }),
            Some(number) => read_number(number).filter(|number| *number > 1).map(|number| Self::Dated { number }),
        }
    }

    pub(crate) const fn is_compressed(self) -> bool {
        matches!(self, Self::Dated { .. } | Self::Rotated { is_compressed: true, .. })
    }

    /// Orders files of the same moment by age. What is not compressed yet came last.
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Live => u32::MAX,
            Self::Dated { number } | Self::Rotated { number, .. } => number,
        }
    }
}

fn read_rotated(text: &str, extension: &str) -> Option<Tail> {
    let (stamp, rest) = text.strip_prefix('.')?.split_once('-')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at(digits);
    let suffix = rest.strip_prefix(extension)?;
    let is_compressed = SUFFIXES.contains(&suffix);
    if !(is_compressed || suffix.is_empty()) || stamp.len() != 16 {
        return None;
    }
    let civil = DateTime::strptime(STAMP_FORMAT, stamp).ok()?;
    let at = Offset::UTC.to_timestamp(civil).ok()?.as_second();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at).ok()?);
    Some(Tail::Rotated { at, number: read_number(number)?, is_compressed })
}

/// A number as we write it: from 1, without leading zeroes or signs.
fn read_number(text: &str) -> Option<u32> {
    let is_ours = text.bytes().all(|octet| octet.is_ascii_digit()) && !text.starts_with('0');
    if is_ours { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_stands_before_the_extension_and_reads_back() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_256_100);
        for (live, extension) in [("audit.jsonl", ".jsonl"), ("audit", "")] {
            let name = rotated_name(live, extension, &stamp(at), 12);
            let tail = |name: &str| Tail::read(name.strip_prefix("audit").unwrap(), extension);
            assert_eq!(tail(&name), Some(Tail::Rotated { at, number: 12, is_compressed: false }), "{name}");
            let compressed = Some(Tail::Rotated { at, number: 12, is_compressed: true });
            assert_eq!(tail(&format!("{name}.zst")), compressed);
        }
        assert_eq!(rotated_name("audit.jsonl", ".jsonl", &stamp(at), 1), "audit.20261121T101500Z-1.jsonl");
    }

    #[test]
    fn compressed_files_of_one_date_are_numbered_and_read_back() {
        for number in [1, 2, 17] {
            let name = dated_name("x.log", number);
            for suffix in SUFFIXES {
                let read = Tail::read(&format!("{}{suffix}", name.strip_prefix('x').unwrap()), ".log");
                assert_eq!(read, Some(Tail::Dated { number }), "{name}");
            }
        }
        assert_eq!((dated_name("x.log", 1), dated_name("x.log", 2)), ("x.log".to_owned(), "x.log.2".to_owned()));
        assert_eq!(Tail::read(".log", ".log"), Some(Tail::Live));
        assert_eq!(Tail::read(".2.gz", ""), Some(Tail::Dated { number: 2 }));
    }

    #[test]
    fn names_of_others_are_not_taken_for_ours() {
        for tail in [
            ".jsonl.1",
            "-20261121.jsonl",
            ".20261121T101500Z.jsonl",
            ".20261121T101500Z-.jsonl",
            ".20261121T101500Z-01.jsonl",
            ".20261121T101500Z-1.jsonl.bak",
            ".20261121T101500Z-1.jsonl.zst.partial",
            ".20261121T101500Z-1.jsonl.2.zst",
            ".20261121T101500Z-1.json",
            ".20261321T101500Z-1.jsonl",
            ".2026112T101500Z-1.jsonl",
            ".jsonl.1.zst",
            ".jsonl.0.zst",
            ".jsonl.02.zst",
            ".jsonl.+2.zst",
            ".jsonl..zst",
            ".jsonl2.zst",
            ".jsonl.2",
            ".jsonl.99999999999.zst",
            ".jsonl.zst.zst",
            ".jsonl.zst.partial",
            ".jsonl.xz",
            ".zst",
            "",
        ] {
            assert_eq!(Tail::read(tail, ".jsonl"), None, "{tail}");
        }
    }
}
