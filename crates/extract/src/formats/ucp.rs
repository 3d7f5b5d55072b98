//! Docker UCP / MKE audit records.

use crate::message::Body;
use crate::out::Out;

pub(crate) fn extract(_body: &Body<'_>, _out: &mut Out<'_>) {}
