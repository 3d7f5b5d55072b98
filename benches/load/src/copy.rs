//! The floor: the least that a program can do which receives messages and writes them to one file.
//!
//! It finds frame boundaries, since messages of several connections must not be torn in the file, and writes whole frames as they
//! came. It parses nothing, counts nothing and bounds nothing. A receiver that does must cost more.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use crate::Framing;

/// How much is read at once, in octets.
const READ_BYTES: usize = 256 * 1024;

/// Serves until the process is ended. One thread per connection, one write per read.
///
/// # Errors
/// When the address cannot be bound or the file cannot be opened.
pub fn serve(address: SocketAddr, path: &Path, framing: Framing) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    // Writes of several threads do not overlap, since each goes to the end of the file.
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    for stream in listener.incoming() {
        let (stream, file) = (stream?, file.try_clone()?);
        thread::spawn(move || copy(stream, file, framing));
    }
    Ok(())
}

fn copy(mut stream: TcpStream, mut file: File, framing: Framing) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        let whole = framing.whole_bytes(&buffer[..filled]);
        file.write_all(&buffer[..whole])?;
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
    }
}
