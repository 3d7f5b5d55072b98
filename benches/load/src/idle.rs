//! Connections that do nothing.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};

/// Opens `count` connections, sends one message on each, and returns them open.
///
/// # Errors
/// The first that fails, for instance because the process may not open so many files.
pub fn open(address: SocketAddr, count: usize) -> io::Result<Vec<TcpStream>> {
    let open = |number| {
        let mut stream = TcpStream::connect(address)?;
        writeln!(stream, "<14>1 2026-11-20T08:00:00Z host idle - - - connection {number} from now on idle")?;
        Ok(stream)
    };
    (0..count).map(open).collect()
}
