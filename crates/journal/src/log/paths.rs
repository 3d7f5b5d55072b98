//! Where everything is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::LogError;
use super::crash::crash_point;
use super::error::At;
use super::storage::{Access, Storage, StoredFile, again};

/// The names below a journal's directory.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) directory: PathBuf,
    pub(crate) identity: PathBuf,
    pub(crate) lock: PathBuf,
    pub(crate) synced: PathBuf,
    pub(crate) reserve: PathBuf,
    pub(crate) segments: PathBuf,
    pub(crate) cursors: PathBuf,
    pub(crate) quarantine: PathBuf,
}

/// What the name of an unfinished file ends in.
pub(crate) const UNFINISHED: &str = ".new";

impl Paths {
    pub(crate) fn below(directory: &Path) -> Self {
        let join = |name| directory.join(name);
        Self {
            identity: join("journal"),
            lock: join("lock"),
            synced: join("synced"),
            reserve: join("reserve"),
            segments: join("segments"),
            cursors: join("cursors"),
            quarantine: join("quarantine"),
            directory: directory.to_owned(),
        }
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.segments.join(format!("{number:016x}.log"))
    }

    pub(crate) fn cursor(&self, name: &str) -> PathBuf {
        self.cursors.join(encoded(name))
    }

    pub(crate) fn aside(&self, segment: u64, offset: u64) -> PathBuf {
        self.quarantine.join(format!("{segment:016x}-{offset:016x}.bin"))
    }
}

/// The same name, as long as the file is not finished.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// The number in a segment's name.
pub(crate) fn segment_number(name: &OsStr) -> Option<u64> {
    let digits = name.to_str()?.strip_suffix(".log")?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    (format!("{number:016x}") == digits).then_some(number)
}

/// A cursor's name as a file's name: a closed set of characters, nothing hidden, nothing above.
fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for (place, octet) in name.bytes().enumerate() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(octet)),
            b'.' if place > 0 => encoded.push('.'),
            _ => encoded.push_str(&format!("%{octet:02X}")),
        }
    }
    // A cursor's name must not look like an unfinished file.
    match encoded.strip_suffix(UNFINISHED) {
        Some(stem) => format!("{stem}%2Enew"),
        None => encoded,
    }
}

/// The cursor's name for a file's name; `None` when no cursor has such a file.
pub(crate) fn decoded(file_name: &OsStr) -> Option<String> {
    let text = file_name.to_str()?;
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet == b'%' {
            let digits = [rest.next()?, rest.next()?];
            octets.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            octets.push(octet);
        }
    }
    let name = String::from_utf8(octets).ok()?;
    (!name.is_empty() && encoded(&name) == text).then_some(name)
}

/// Makes a file whole or not at all: written under another name, synced, renamed, and the directory synced.
///
/// Never over another file when `is_new`.
pub(crate) fn create_whole<S: Storage>(
    storage: &S,
    path: &Path,
    is_new: bool,
    fill: impl FnOnce(&S::File) -> std::io::Result<()>,
) -> Result<S::File, LogError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let temporary = unfinished(path);
    let file = match again(|| storage.open(&temporary, Access::CreateNew)) {
        // What an earlier attempt left behind.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            storage.unlink(&temporary).at(&temporary, "remove an unfinished file")?;
            again(|| storage.open(&temporary, Access::CreateNew))
        }
        opened => opened,
    };
    let file = file.at(&temporary, "create a file")?;
    let made = fill(&file).and_then(|()| {
        file.sync_all()?;
        crash_point!("file.synced");
        if is_new {
            again(|| storage.rename_new(&temporary, path))
        } else {
            again(|| storage.rename_over(&temporary, path))
        }
    });
    if let Err(cause) = made {
        // Gives back what was preallocated. When that fails too, the next attempt or start removes it.
        let _ = storage.unlink(&temporary);
        return Err(LogError::io(path, "write a new file", cause));
    }
    crash_point!("file.renamed");
    storage.sync_directory(directory).map_err(|cause| LogError::sync(directory, cause))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cursors_stay_inside_and_come_back() {
        for (name, file_name) in [
            ("siem", "siem"),
            ("a.b-c_D9", "a.b-c_D9"),
            (".hidden", "%2Ehidden"),
            ("..", "%2E."),
            ("../x", "%2E.%2Fx"),
            ("50%", "50%25"),
            ("x.new", "x%2Enew"),
            ("é", "%C3%A9"),
        ] {
            assert_eq!(encoded(name), file_name);
            assert_eq!(decoded(OsStr::new(file_name)).as_deref(), Some(name));
        }
        for none in ["", "%2e", "%41", "a%", "a%2", "%C3", "a b", "x.new", "%FF"] {
            assert_eq!(decoded(OsStr::new(none)), None, "{none:?}");
        }
    }

    #[test]
    fn only_the_one_form_of_a_number_names_a_segment() {
        assert_eq!(segment_number(OsStr::new("00000000000000ff.log")), Some(255));
        assert_eq!(segment_number(OsStr::new("ffffffffffffffff.log")), Some(u64::MAX));
        for none in ["00000000000000FF.log", "ff.log", "+0000000000000ff.log", "00000000000000ff.log.new", "journal"] {
            assert_eq!(segment_number(OsStr::new(none)), None, "{none:?}");
        }
    }
}
