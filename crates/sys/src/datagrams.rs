//! Many datagrams with one system call: `recvmmsg`.

use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;

/// The most datagrams that one call receives.
pub const SLOTS_MAX: usize = 64;

/// Room for the control messages of one datagram: a drop counter and packet info, each with its header.
const CONTROL_BYTES: usize = 128;

/// What one call to [`DatagramReceiver::receive`] may hold at most, in bytes: 4 MiB.
const SCRATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Receives datagrams in batches into memory of its own, which it keeps.
///
/// Worst case: 4 MiB, touched only as far as datagrams fill it, plus 24 KiB for addresses and control messages.
pub struct DatagramReceiver {
    slot_bytes: usize,
    scratch: Box<[u8]>,
    addresses: Box<[MaybeUninit<libc::sockaddr_storage>]>,
    controls: Box<[Control]>,
    received: Vec<Received>,
}

/// One datagram, as it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Its octets, as many as the slot could hold.
    pub octets: &'a [u8],
    /// Its length as sent; more than that of `octets` when it was cut.
    pub original_bytes: usize,
    /// Who sent it; `None` for unix sockets. An IPv4-mapped address is given as IPv4.
    pub peer: Option<SocketAddr>,
    /// The local address that it was sent to, where the socket tells.
    pub destination: Option<IpAddr>,
    /// How many datagrams the kernel had dropped on the socket before this one, where the socket tells. Wraps around.
    pub kernel_drops: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Received {
    kept_bytes: usize,
    original_bytes: usize,
    peer: Option<SocketAddr>,
    destination: Option<IpAddr>,
    kernel_drops: Option<u32>,
}

/// A control buffer, aligned as `cmsghdr` wants it.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; CONTROL_BYTES]);

const _: () = assert!(align_of::<Control>() >= align_of::<libc::cmsghdr>());

impl DatagramReceiver {
    /// A receiver that keeps at most `datagram_bytes_max` octets of a datagram (1 octet to 4 MiB).
    ///
    /// It takes up to [`SLOTS_MAX`] datagrams with one call, fewer when they are so large that 4 MiB would not do.
    #[must_use]
    pub fn new(datagram_bytes_max: usize) -> Self {
        let slot_bytes = datagram_bytes_max.clamp(1, SCRATCH_BYTES_MAX);
        let slots = (SCRATCH_BYTES_MAX / slot_bytes).clamp(1, SLOTS_MAX);
        Self {
            slot_bytes,
            // Zeroed by the allocator, so that pages no datagram reaches are never touched.
            scratch: vec![0; slot_bytes * slots].into_boxed_slice(),
            addresses: vec![MaybeUninit::uninit(); slots].into_boxed_slice(),
            controls: vec![Control([0; CONTROL_BYTES]); slots].into_boxed_slice(),
            received: Vec::with_capacity(slots),
        }
    }

    /// How many datagrams one call can receive. Fewer mean that the queue of the socket was empty.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.controls.len()
    }

    /// Receives what is queued on `socket`, never waits, and tells how many datagrams there were. Forgets those before.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is queued; otherwise what `recvmmsg` answers.
    pub fn receive(&mut self, socket: impl AsFd) -> io::Result<usize> {
        self.received.clear();
        let slots = self.slots();
        // SAFETY: both are plain C structs of integers and pointers, for which all-zero bits are a valid value.
        let (mut vectors, mut headers): ([libc::iovec; SLOTS_MAX], [libc::mmsghdr; SLOTS_MAX]) =
            unsafe { (mem::zeroed(), mem::zeroed()) };
        let scratch = self.scratch.as_mut_ptr();
        for (slot, vector) in vectors.iter_mut().enumerate().take(slots) {
            vector.iov_base = scratch.wrapping_add(slot * self.slot_bytes).cast();
            vector.iov_len = self.slot_bytes;
        }
        let vectors = vectors.as_mut_ptr();
        let (addresses, controls) = (self.addresses.as_mut_ptr(), self.controls.as_mut_ptr());
        for (slot, header) in headers.iter_mut().enumerate().take(slots) {
            let header = &mut header.msg_hdr;
            header.msg_name = addresses.wrapping_add(slot).cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = vectors.wrapping_add(slot);
            header.msg_iovlen = 1;
            header.msg_control = controls.wrapping_add(slot).cast();
            header.msg_controllen = CONTROL_BYTES as _;
        }
        // MSG_TRUNC in the flags makes the kernel tell the length as sent.
        let flags = libc::MSG_DONTWAIT | libc::MSG_TRUNC;
        // SAFETY: the first `slots` headers point to distinct slots of `scratch`, `addresses`, `controls` and `vectors`, with
        // the true lengths of each. All of them live, and are not touched otherwise, until the call returns, after which
        // the kernel keeps no reference to them.
        let count = unsafe {
            libc::recvmmsg(socket.as_fd().as_raw_fd(), headers.as_mut_ptr(), slots as _, flags as _, ptr::null_mut())
        };
        if count < 0 {
            return Err(io::Error::last_os_error());
        }
        let count = usize::try_from(count).unwrap_or(0).min(slots);
        for header in &headers[..count] {
            self.received.push(received(header, self.slot_bytes));
        }
        Ok(count)
    }

    /// The datagrams of the last [`Self::receive`], in the order of their arrival.
    pub fn datagrams(&self) -> impl ExactSizeIterator<Item = Datagram<'_>> {
        self.received.iter().enumerate().map(|(slot, received)| {
            let start = slot * self.slot_bytes;
            Datagram {
                octets: &self.scratch[start..start + received.kept_bytes],
                original_bytes: received.original_bytes,
                peer: received.peer,
                destination: received.destination,
                kernel_drops: received.kernel_drops,
            }
        })
    }
}

/// Reads what `recvmmsg` has filled into `header`. Only called for headers that the kernel has just filled.
fn received(header: &libc::mmsghdr, slot_bytes: usize) -> Received {
    let original_bytes = header.msg_len as usize;
    let header = &header.msg_hdr;
    let mut received = Received {
        kept_bytes: original_bytes.min(slot_bytes),
        original_bytes,
        peer: peer(header),
        destination: None,
        kernel_drops: None,
    };
    // SAFETY: `msg_control` points to `msg_controllen` bytes that the kernel has filled with well-formed control messages.
    let mut control = unsafe { libc::CMSG_FIRSTHDR(header) };
    while !control.is_null() {
        // SAFETY: CMSG_FIRSTHDR and CMSG_NXTHDR give null, or a pointer to a whole header inside the control buffer, which is
        // aligned for it (see `Control`).
        let (level, kind) = unsafe { ((*control).cmsg_level, (*control).cmsg_type) };
        match (level, kind) {
            (libc::SOL_SOCKET, libc::SO_RXQ_OVFL) => {
                // SAFETY: the payload of this kind is a u32; read_unaligned asks for no alignment.
                received.kernel_drops = Some(unsafe { libc::CMSG_DATA(control).cast::<u32>().read_unaligned() });
            }
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                // SAFETY: the payload of this kind is an in_pktinfo.
                let info = unsafe { libc::CMSG_DATA(control).cast::<libc::in_pktinfo>().read_unaligned() };
                received.destination = Some(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()).into());
            }
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                // SAFETY: the payload of this kind is an in6_pktinfo.
                let info = unsafe { libc::CMSG_DATA(control).cast::<libc::in6_pktinfo>().read_unaligned() };
                received.destination = Some(IpAddr::from(Ipv6Addr::from(info.ipi6_addr.s6_addr)).to_canonical());
            }
            _ => {}
        }
        // SAFETY: as for CMSG_FIRSTHDR; `control` is one of its headers.
        control = unsafe { libc::CMSG_NXTHDR(header, control) };
    }
    received
}

/// The sender's address, when it has one of a family that we know.
fn peer(header: &libc::msghdr) -> Option<SocketAddr> {
    let length = header.msg_namelen as usize;
    if length < size_of::<libc::sa_family_t>() {
        return None;
    }
    // SAFETY: `msg_name` points to a sockaddr_storage of which the kernel has filled `length` bytes, the family among them.
    let family = unsafe { header.msg_name.cast::<libc::sa_family_t>().read() };
    match libc::c_int::from(family) {
        libc::AF_INET if length >= size_of::<libc::sockaddr_in>() => {
            // SAFETY: an address of this family and length is a sockaddr_in; a sockaddr_storage is aligned for any.
            let address = unsafe { header.msg_name.cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from(address.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddrV4::new(ip, u16::from_be(address.sin_port)).into())
        }
        libc::AF_INET6 if length >= size_of::<libc::sockaddr_in6>() => {
            // SAFETY: an address of this family and length is a sockaddr_in6; a sockaddr_storage is aligned for any.
            let address = unsafe { header.msg_name.cast::<libc::sockaddr_in6>().read() };
            let (ip, port) = (Ipv6Addr::from(address.sin6_addr.s6_addr), u16::from_be(address.sin6_port));
            Some(match ip.to_ipv4_mapped() {
                Some(ip) => SocketAddrV4::new(ip, port).into(),
                None => SocketAddrV6::new(ip, port, address.sin6_flowinfo, address.sin6_scope_id).into(),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::unix::net::UnixDatagram;

    use super::*;
    use crate::{enable_drop_counter, enable_packet_info, grant_receive_buffer};

    fn pair(address: &str) -> (UdpSocket, UdpSocket) {
        let receiver = UdpSocket::bind(address).unwrap();
        let sender = UdpSocket::bind(address).unwrap();
        sender.connect(receiver.local_addr().unwrap()).unwrap();
        (sender, receiver)
    }

    #[test]
    fn queued_datagrams_arrive_in_order_with_their_sender() {
        let (sender, receiver) = pair("127.0.0.1:0");
        for text in ["one", "", "three"] {
            sender.send(text.as_bytes()).unwrap();
        }
        let mut datagrams = DatagramReceiver::new(65_536);
        assert_eq!(datagrams.receive(&receiver).unwrap(), 3);
        let octets: Vec<_> = datagrams.datagrams().map(|datagram| datagram.octets).collect();
        assert_eq!(octets, [b"one".as_slice(), b"", b"three"]);
        assert!(datagrams.datagrams().all(|datagram| datagram.peer == Some(sender.local_addr().unwrap())));
        assert_eq!(datagrams.receive(&receiver).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(datagrams.datagrams().len(), 0);
    }

    #[test]
    fn a_datagram_longer_than_its_slot_tells_its_length() {
        let (sender, receiver) = pair("127.0.0.1:0");
        sender.send(&[b'x'; 1000]).unwrap();
        sender.send(b"next").unwrap();
        let mut datagrams = DatagramReceiver::new(100);
        assert_eq!(datagrams.receive(&receiver).unwrap(), 2);
        let lengths: Vec<_> = datagrams.datagrams().map(|found| (found.octets.len(), found.original_bytes)).collect();
        assert_eq!(lengths, [(100, 1000), (4, 4)]);
    }

    #[test]
    fn packet_info_tells_the_address_sent_to() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let (sender, receiver) = pair(address);
            enable_packet_info(&receiver, address.starts_with('[')).unwrap();
            sender.send(b"x").unwrap();
            let mut datagrams = DatagramReceiver::new(100);
            datagrams.receive(&receiver).unwrap();
            let destinations: Vec<_> = datagrams.datagrams().map(|datagram| datagram.destination).collect();
            assert_eq!(destinations, [Some(receiver.local_addr().unwrap().ip())]);
        }
    }

    #[test]
    fn a_datagram_tells_how_many_were_dropped_before_it() {
        let (sender, receiver) = pair("127.0.0.1:0");
        grant_receive_buffer(&receiver, 4096).unwrap();
        enable_drop_counter(&receiver).unwrap();
        let mut datagrams = DatagramReceiver::new(2000);
        for _ in 0..200 {
            sender.send(&[b'x'; 1000]).unwrap();
        }
        let mut arrived = 0;
        while let Ok(count) = datagrams.receive(&receiver) {
            arrived += count;
        }
        sender.send(b"after the flood").unwrap();
        datagrams.receive(&receiver).unwrap();
        let drops: Vec<_> = datagrams.datagrams().map(|datagram| datagram.kernel_drops).collect();
        assert_eq!(drops, [Some(200 - u32::try_from(arrived).unwrap())]);
    }

    #[test]
    fn a_unix_datagram_has_no_peer_address() {
        let (near, far) = UnixDatagram::pair().unwrap();
        near.send(b"hello").unwrap();
        let mut datagrams = DatagramReceiver::new(100);
        datagrams.receive(&far).unwrap();
        let peers: Vec<_> = datagrams.datagrams().map(|datagram| (datagram.octets, datagram.peer)).collect();
        assert_eq!(peers, [(b"hello".as_slice(), None)]);
    }
}
