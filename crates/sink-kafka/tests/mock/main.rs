//! The Kafka sink behind its real driver, beside librdkafka's own mock cluster: for errors that real brokers give seldom.
//!
//! The mock is a broker in this process. What it does not do matters for what can be tested with it: it ignores the
//! sequence numbers of idempotent producers, so it neither refuses what overtakes a failed request, nor drops what comes
//! twice. Tests of order after a failure therefore keep one request in flight, as [`support::in_turn`] says, or refuse all that are.

mod abandoned;
mod brokers;
mod failures;
mod lenient;
mod queue;
mod rejected;
mod renewal;
mod retries;
mod schedules;
mod set_up;
mod support;
mod too_large;
mod trickle;
mod unreachable;
