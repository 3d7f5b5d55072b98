//! Joins the rooms: frames become batches in the journal, every sink reads them with a cursor of its own, and a stop closes the
//! road from the top.
//!
//! A [`Pipeline`] is started with a [`SinkPlan`] for each sink; it never asks what kind a sink is. Listeners get their way in with
//! [`Pipeline::intake`]. Memory is bounded by the [`Credit`]: connections read only while there is some left, datagrams have a reserve
//! of their own.

mod credit;
mod intake;
mod meters;
mod pipeline;
mod redaction;
mod sinks;

pub use credit::Credit;
pub use intake::{Intake, Shared};
pub use meters::{ListenerMeter, SinkMeter};
pub use pipeline::{Gauges, Left, Pipeline, PipelineError, PipelineSettings};
pub use sinks::SinkPlan;
