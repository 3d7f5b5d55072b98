//! Cloud Controller audit events, v2 and v3, single and pages.

use crate::message::Body;
use crate::out::Out;

pub(crate) fn extract(_body: &Body<'_>, _out: &mut Out<'_>) {}
