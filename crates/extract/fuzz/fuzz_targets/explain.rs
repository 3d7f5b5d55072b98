//! The whole way of a frame, from its header to every encoding.

#![no_main]

use gully_extract_fuzz::way;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| way::check(frame));
