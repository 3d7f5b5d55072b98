//! What holds of any record, whatever its octets: the checks of the fuzz targets.

pub mod extraction;
mod lines;
mod origin;
pub mod way;

/// A fuzz target for the records of these classes.
#[macro_export]
macro_rules! target {
    ($($class:ident),+) => {
        libfuzzer_sys::fuzz_target!(|frame: &[u8]| $crate::extraction::check(frame, &[$(record::Class::$class),+]));
    };
}
