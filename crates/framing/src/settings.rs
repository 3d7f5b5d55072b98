//! What a listener decides about its frames.

use crate::Framing;

/// No frame may be longer, whatever the settings, in octets: 16 MiB. A longer one ends the connection.
pub const FRAME_BYTES_HARD_MAX: u32 = 16 * 1024 * 1024;

/// The default of [`Settings::frame_bytes_max`], in octets: 256 KiB.
pub const FRAME_BYTES_MAX_DEFAULT: u32 = 256 * 1024;

/// How the frames of a connection are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What separates messages.
    pub framing: Framing,
    /// How much of a message is kept, in octets; of a longer one only the prefix is delivered, marked as truncated.
    ///
    /// From 1 to [`FRAME_BYTES_HARD_MAX`]; a value outside is taken as the nearer end. Worst case: each connection
    /// makes its caller hold this much, and a few octets more, for as long as a frame stays unfinished.
    pub frame_bytes_max: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { framing: Framing::Detect, frame_bytes_max: FRAME_BYTES_MAX_DEFAULT }
    }
}
