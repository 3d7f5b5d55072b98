//! On any octets the fast rules give what the specification gives.

#![no_main]

use gully_classify::header::{locate, locate_raw};
use gully_classify::{classify_located, naive};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    for located in [locate(frame), locate_raw(frame)] {
        assert_eq!(classify_located(frame, located), naive::class_of(frame, &located));
    }
});
