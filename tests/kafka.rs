//! What is sent arrives in Kafka, and is there when Kafka comes back from whatever happened to it.
//!
//! Kafka is the real one; what arrived is read back by kcat. Tests without faults share a broker, the others have clusters of
//! their own.

mod broker_faults;
mod check_connect;
mod corpus;
mod million;
mod recovery;
mod security;
mod too_large;
mod two_instances;
mod unreachable;
