//! TCP, TLS, UDP and unix sockets: octets from the network become frames, and frames go up to an [`Intake`].
//!
//! A [`Listener`] is bound from [`Settings`], started on a tokio runtime, and stopped in three steps: it stops accepting, waits
//! until its senders have left, and closes what remains, telling how much was abandoned. It knows no sink, no class and no
//! metric's name: it speaks upward through [`Intake`] and counts with a [`Meter`].
//!
//! Three habits explain most of the code:
//!
//! - **An idle connection holds no read buffer.** A connection waits for readiness with empty hands, borrows the memory of its
//!   worker thread for one read, hands the frames over and keeps only what is unfinished.
//! - **Nothing is ever written.** Many senders never read; an octet sent to them turns their close into a reset, which
//!   destroys what they had sent. TLS writes its handshake, and nothing after it: no ticket, no alert, no close_notify.
//! - **No credit, no read.** When the [`Intake`] has no room, a connection stops reading, and TCP tells its sender.

mod accept;
mod admission;
mod bind;
mod connection;
mod credit_wait;
mod datagrams;
mod deadline;
mod drain;
mod intake;
mod listener;
mod meter;
mod rejoin;
mod rejoining;
mod settings;
mod slab;
mod stream;
mod throttle;
mod tls;
mod unix;

pub use admission::Refusal;
pub use bind::BindError;
pub use drain::{DRAIN_PEERS_MAX, DrainReport};
pub use intake::{Arrival, Intake};
pub use listener::{Listener, LocalAddress, Running};
pub use meter::Meter;
pub use rejoin::Rejoin;
pub use settings::{
    FRAME_TIME_MAX_DEFAULT, HANDSHAKE_TIME_MAX_DEFAULT, Keepalive, Protocol, RECEIVE_BUFFER_BYTES_DEFAULT, Settings,
    Socket, SocketOptions, UnixPath,
};
pub use sys::{ActivatedSocket, activated_sockets};
pub use tls::{ClientAuth, NamePattern, TlsError, TlsReloader, TlsSettings, TlsWarning};
