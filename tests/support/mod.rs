//! What the tests stand on: the built program, the real senders, certificates, and ways to look at what came out.

pub(crate) mod background;
pub(crate) mod certificates;
pub(crate) mod client;
pub(crate) mod corpus;
pub(crate) mod guard;
pub(crate) mod gully;
pub(crate) mod http;
pub(crate) mod kafka;
pub(crate) mod load;
pub(crate) mod metrics;
pub(crate) mod peers;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod records;
pub(crate) mod sequence;
pub(crate) mod setup;
pub(crate) mod wait;
