//! Where a daemon writes to, and how the bench sees what is there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gully_load::Framing;

use crate::broker::Topic;

/// What one run is written to.
#[derive(Debug)]
pub(crate) enum Target<'a> {
    /// A file that is not there yet.
    File(PathBuf),
    /// A topic that holds nothing yet.
    Topic(Topic<'a>),
}

impl Target<'_> {
    /// The file's path, or the topic's name.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Topic(topic) => topic.name.clone(),
        }
    }

    /// How much is there: octets in a file, messages in a topic.
    ///
    /// # Errors
    /// When a broker does not answer.
    pub(crate) fn amount(&self) -> io::Result<u64> {
        match self {
            Self::File(path) => Ok(fs::metadata(path).map_or(0, |file| file.len())),
            Self::Topic(topic) => topic.messages(),
        }
    }

    /// How many messages are there; in a file they are told apart by `framing`.
    ///
    /// # Errors
    /// When a file cannot be read or a broker does not answer.
    pub(crate) fn messages(&self, framing: Framing) -> io::Result<u64> {
        match self {
            Self::File(path) => count(path, framing),
            Self::Topic(topic) => topic.messages(),
        }
    }

    /// How long to wait before the next look: a look at a file costs next to nothing, a broker has to work for it.
    pub(crate) const fn look_every(&self) -> Duration {
        match self {
            Self::File(_) => Duration::from_millis(5),
            Self::Topic(_) => Duration::from_millis(20),
        }
    }
}

/// How many frames a file holds.
fn count(path: &Path, framing: Framing) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let (mut frames, mut filled) = (0, 0);
    loop {
        let read = file.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(frames);
        }
        filled += read;
        let whole = framing.whole_bytes(&buffer[..filled]);
        frames += framing.count(&buffer[..whole]);
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
    }
}
