//! System calls that have no safe wrapper, made safe. Linux only.
//!
//! With `classify` the only room that may hold `unsafe` code; each block says why it is sound. No policy lives here: what a
//! number means, and what is logged or counted, is for the caller to say.

mod activation;
mod allocator;
mod datagrams;
mod socket;

pub use activation::{ActivatedSocket, activated_sockets};
pub use allocator::return_freed_pages_at_once;
pub use datagrams::{Datagram, DatagramReceiver, SLOTS_MAX};
pub use socket::{
    GrantedBuffer, enable_drop_counter, enable_packet_info, grant_receive_buffer, kernel_drops, unread_bytes,
};
