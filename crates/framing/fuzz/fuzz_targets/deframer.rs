//! Any octets, under any framing, limit and cuts: no panic, spans in bounds, memory bounded, and the cuts make no
//! difference.

#![no_main]

use gully_framing::{Framing, Settings};
use libfuzzer_sys::fuzz_target;

#[expect(dead_code, reason = "what the table tests expect of a connection is not needed here")]
#[path = "../../tests/deframer/connection.rs"]
mod connection;

use connection::receive;

fuzz_target!(|input: &[u8]| {
    let [framing, frame_bytes_max, frames_max, cut, stream @ ..] = input else { return };
    let framing = Framing::ALL[usize::from(*framing) % Framing::ALL.len()];
    let settings = Settings { framing, frame_bytes_max: u32::from(*frame_bytes_max) };
    let whole = receive(settings, usize::MAX, [stream]);
    assert_eq!(receive(settings, usize::from(*frames_max), stream.chunks(usize::from(*cut).max(1))), whole);
    let (head, tail) = stream.split_at(usize::from(*cut).min(stream.len()));
    assert_eq!(receive(settings, usize::MAX, [head, tail]), whole);
});
