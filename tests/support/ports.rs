//! Ports that nobody else uses.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Lies below the range from which the kernel takes ports for outgoing connections (32768 and up), so that no client of a test
/// that runs at the same time can take a port between our look at it and the daemon's bind.
const FIRST: u16 = 12_000;
const COUNT: u16 = 18_000;

/// An address on loopback whose port is free for TCP and for UDP. No two calls in this process give the same.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another run of the tests at the same time begins somewhere else.
    let offset = (process::id() % u32::from(COUNT)) as u16 / 100 * 100;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (offset + step % COUNT) % COUNT;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no free port on loopback between {FIRST} and {}", FIRST + COUNT);
}
