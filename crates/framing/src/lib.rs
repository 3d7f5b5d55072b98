//! Octets to frames: RFC 6587, 5425 and 5426.
//!
//! A syslog stream has no boundaries but those that its framing gives. A [`Deframer`] sits on one connection, is given
//! the octets as they are read, and answers where the messages lie in them. Nothing is copied: a [`record::Frame`] is a
//! span of the input. A datagram needs no deframer; see [`datagram`].
//!
//! The framing is decided once, from the first octets of a connection, and then held. Whatever a message contains, it
//! cannot switch the framing, and it cannot begin a frame inside another one.
//!
//! ```
//! # use gully_framing as framing;
//! use framing::{Deframer, Settings};
//!
//! let mut deframer = Deframer::new(Settings::default());
//! let input = b"8 <14>1 ab8 <14>1 cd8 <14>";
//! let mut frames = Vec::new();
//! let step = deframer.push(input, 100, &mut frames)?;
//! assert_eq!(frames[1].span.of(input), b"<14>1 cd");
//! // The third frame is not finished: its octets come again, at the front of the next input.
//! assert_eq!(&input[step.consumed..step.consumed + step.keep], b"8 <14>");
//! # Ok::<(), framing::FrameFault>(())
//! ```

mod datagram;
mod deframer;
mod fault;
mod framing;
mod msg_len;
mod settings;

pub use crate::framing::{Framing, UnknownFraming};
pub use datagram::datagram;
pub use deframer::{Counts, Deframer, End, Step};
pub use fault::{FrameFault, Probe};
pub use msg_len::write_octet_counted;
pub use settings::{FRAME_BYTES_HARD_MAX, FRAME_BYTES_MAX_DEFAULT, Settings};
