//! A pull scanner: reads of a JSON text only what its caller asks for, and survives any input.
//!
//! It checks what it needs to find its way: strings end, brackets match. `None` means that the text ends or breaks
//! here; what was read before stays good, which is how records that were cut still give their first fields. Nothing is
//! allocated, nothing recurses over input, and no octet is read more than once on one path.

mod inside;
mod keys;
mod scanner;
mod special;
mod strict;
mod text;
pub(crate) mod work;

#[cfg(test)]
mod tests;

pub use inside::any_in_json;
pub(crate) use keys::{Key, keys};
pub(crate) use scanner::{Kind, Scanner};
pub(crate) use strict::is_one_value;
pub(crate) use text::Text;
