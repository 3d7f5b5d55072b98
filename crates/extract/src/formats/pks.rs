//! PKS / TKGI: API actions, broker lines, telemetry.

use crate::message::Body;
use crate::out::Out;

pub(crate) fn api(_body: &Body<'_>, _out: &mut Out<'_>) {}
pub(crate) fn broker(_body: &Body<'_>, _out: &mut Out<'_>) {}
pub(crate) fn telemetry(_body: &Body<'_>, _out: &mut Out<'_>) {}
