//! Kubernetes audit events, lists of them, and the legacy line.

use crate::message::Body;
use crate::out::Out;

pub(crate) fn extract(_body: &Body<'_>, _out: &mut Out<'_>) {}
