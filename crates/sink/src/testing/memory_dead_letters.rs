//! Dead letters in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::RecordId;

use crate::{DeadLetter, DeadLetterError, DeadLetters};

/// Keeps dead letters. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryDeadLetters {
    state: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    letters: Vec<(RecordId, &'static str)>,
    refusals: u64,
}

impl MemoryDeadLetters {
    /// Fails the next `attempts` to keep anything.
    pub fn refuse(&self, attempts: u64) {
        self.lock().refusals = attempts;
    }

    /// What was kept, with its reason.
    #[must_use]
    pub fn letters(&self) -> Vec<(RecordId, &'static str)> {
        self.lock().letters.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DeadLetters for MemoryDeadLetters {
    fn keep(&mut self, letters: &[DeadLetter<'_>]) -> Result<(), DeadLetterError> {
        let mut kept = self.lock();
        if kept.refusals > 0 {
            kept.refusals -= 1;
            return Err(DeadLetterError::Full {
                path: "memory".into(),
                file_bytes: 0,
                letter_bytes: letters.len() as u64,
                bytes_max: 0,
            });
        }
        kept.letters.extend(letters.iter().map(|letter| (letter.id, letter.reason)));
        Ok(())
    }
}
