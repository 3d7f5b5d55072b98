//! CEF of any vendor, and what all CEF has in common.

use crate::message::Body;
use crate::out::Out;

pub(crate) fn extract(_body: &Body<'_>, _out: &mut Out<'_>) {}
