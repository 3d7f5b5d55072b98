//! Options and counters of a socket.

use std::ffi::{c_int, c_void};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// Index of the drop counter in what `SO_MEMINFO` answers (`SK_MEMINFO_DROPS` in linux/sock_diag.h).
const MEMINFO_DROPS: usize = 8;
/// How many counters `SO_MEMINFO` has (`SK_MEMINFO_VARS`).
const MEMINFO_COUNTERS: usize = 9;

/// The receive buffer that the kernel granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantedBuffer {
    /// Its size in bytes as the kernel reports it: twice what was asked for, as bookkeeping counts, too (socket(7)).
    pub bytes: usize,
    /// Whether `net.core.rmem_max` was passed over, which takes CAP_NET_ADMIN.
    pub forced: bool,
}

/// Asks for a receive buffer of `bytes`, above `net.core.rmem_max` where that is allowed, and tells what was granted.
///
/// # Errors
/// Whatever `setsockopt` or `getsockopt` answers; asking for too much is no error.
pub fn grant_receive_buffer(socket: impl AsFd, bytes: usize) -> io::Result<GrantedBuffer> {
    let wanted = c_int::try_from(bytes).unwrap_or(c_int::MAX);
    let forced = set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, wanted).is_ok();
    if !forced {
        set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_RCVBUF, wanted)?;
    }
    let mut granted: [c_int; 1] = [0];
    option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_RCVBUF, &mut granted)?;
    Ok(GrantedBuffer { bytes: usize::try_from(granted[0]).unwrap_or(0), forced })
}

/// Lets each datagram tell how many the kernel had dropped on this socket when it was queued (`SO_RXQ_OVFL`).
///
/// # Errors
/// Whatever `setsockopt` answers.
pub fn enable_drop_counter(socket: impl AsFd) -> io::Result<()> {
    set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_RXQ_OVFL, 1)
}

/// Lets each datagram tell the local address that it was sent to (`IP_PKTINFO`, for IPv6 sockets `IPV6_RECVPKTINFO`).
///
/// # Errors
/// Whatever `setsockopt` answers.
pub fn enable_packet_info(socket: impl AsFd, ipv6: bool) -> io::Result<()> {
    // On a dual-stack socket IPv4 datagrams come with IPv6 packet info, the address mapped.
    match ipv6 {
        true => set_option(socket.as_fd(), libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1),
        false => set_option(socket.as_fd(), libc::IPPROTO_IP, libc::IP_PKTINFO, 1),
    }
}

/// Datagrams that the kernel has dropped on this socket since it was made (`SO_MEMINFO`). Wraps around.
///
/// The same counter as the one that [`enable_drop_counter`] shows, but as it is now.
///
/// # Errors
/// Whatever `getsockopt` answers; kernels before 4.12 do not know the option.
pub fn kernel_drops(socket: impl AsFd) -> io::Result<u32> {
    let mut counters = [0; MEMINFO_COUNTERS];
    option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_MEMINFO, &mut counters)?;
    Ok(counters[MEMINFO_DROPS].cast_unsigned())
}

/// Octets that have arrived on a stream socket and were not read yet (`SIOCINQ`).
///
/// # Errors
/// Whatever `ioctl` answers; a listening socket has no such number.
pub fn unread_bytes(socket: impl AsFd) -> io::Result<u64> {
    let mut bytes: c_int = 0;
    // SAFETY: FIONREAD (SIOCINQ on sockets) writes one c_int, and `bytes` is one that outlives the call.
    let answer = unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(u64::try_from(bytes).unwrap_or(0)) }
}

fn set_option(socket: BorrowedFd<'_>, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    let (pointer, length) = ((&raw const value).cast::<c_void>(), size_of::<c_int>() as libc::socklen_t);
    // SAFETY: the kernel reads `length` bytes at `pointer`, which are those of `value`; it keeps no reference.
    let answer = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, pointer, length) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Reads an option of as many integers as `values` has; those that the kernel does not know stay as they are.
fn option(socket: BorrowedFd<'_>, level: c_int, name: c_int, values: &mut [c_int]) -> io::Result<()> {
    let mut length = size_of_val(values) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes at the pointer, all inside `values`, for which any bits are valid.
    let answer =
        unsafe { libc::getsockopt(socket.as_raw_fd(), level, name, values.as_mut_ptr().cast(), &raw mut length) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::UdpSocket;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn unread_octets_of_a_stream_are_counted() {
        let (mut near, far) = UnixStream::pair().unwrap();
        assert_eq!(unread_bytes(&far).unwrap(), 0);
        near.write_all(b"12345").unwrap();
        assert_eq!(unread_bytes(&far).unwrap(), 5);
    }

    #[test]
    fn a_receive_buffer_is_granted_and_its_size_told() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(grant_receive_buffer(&socket, 65_536).unwrap().bytes >= 65_536);
    }

    #[test]
    fn the_kernel_counts_what_it_drops() {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        grant_receive_buffer(&receiver, 4096).unwrap();
        assert_eq!(kernel_drops(&receiver).unwrap(), 0);
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..200 {
            sender.send_to(&[b'x'; 1000], receiver.local_addr().unwrap()).unwrap();
        }
        receiver.set_nonblocking(true).unwrap();
        let mut arrived = 0;
        while receiver.recv(&mut [0; 1000]).is_ok() {
            arrived += 1;
        }
        assert!(arrived < 200, "the buffer was meant to overflow");
        assert_eq!(kernel_drops(&receiver).unwrap(), 200 - arrived);
    }
}
