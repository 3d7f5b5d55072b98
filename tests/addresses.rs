//! Where gully can be reached: IPv6, both families on one socket, and sockets that systemd opened.

use std::io::Write;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};

use crate::support::client::send;
use crate::support::gully::Gully;
use crate::support::ports::free_address;
use crate::support::records::Record;
use crate::support::setup::Setup;
use crate::support::wait::SOON;

const LINE: &[u8] = b"<14>1 - - - - - - hello\n";

#[test]
fn ipv6_loopback() {
    let port = free_address().port();
    let gully = start_at(&format!("[::1]:{port}"));
    let peers = greet(&gully, SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    assert!(peers.iter().all(|peer| peer.starts_with("[::1]:")), "{peers:?}");
    TcpStream::connect(("127.0.0.1", port)).expect_err("IPv4 was not asked for");
}

/// A sender must not get another name because the listener takes IPv6 as well.
#[test]
fn a_peer_by_ipv4_is_shown_as_ipv4_on_a_socket_of_both_families() {
    let port = free_address().port();
    let gully = start_at(&format!("[::]:{port}"));
    let peers = greet(&gully, SocketAddr::from(([127, 0, 0, 1], port)));
    assert!(peers.iter().all(|peer| peer.starts_with("127.0.0.1:")), "{peers:?}");
}

#[test]
fn a_tcp_socket_that_systemd_opened() {
    let listener = TcpListener::bind(free_address()).unwrap();
    let address = listener.local_addr().unwrap();
    // This one waits in the backlog before gully is there.
    let mut early = TcpStream::connect(address).unwrap();
    early.write_all(LINE).unwrap();
    drop(early);
    let gully = start_activated("tcp", listener.into());
    gully.wait_for_delivered(1, SOON);
    send(address, LINE);
    gully.wait_for_delivered(2, SOON);
    assert_eq!(gully.stop().code, Some(0));
}

#[test]
fn a_udp_socket_that_systemd_opened() {
    let socket = UdpSocket::bind(free_address()).unwrap();
    let address = socket.local_addr().unwrap();
    let gully = start_activated("udp", socket.into());
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(LINE, address).unwrap();
    gully.wait_for_delivered(1, SOON);
    assert_eq!(gully.stop().code, Some(0));
}

#[test]
fn a_unix_socket_that_systemd_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("activated.sock");
    let gully = start_activated("unix", UnixListener::bind(&path).unwrap().into());
    UnixStream::connect(&path).unwrap().write_all(LINE).unwrap();
    gully.wait_for_delivered(1, SOON);
    assert_eq!(gully.stop().code, Some(0));
}

/// gully with TCP and UDP at `address`.
fn start_at(address: &str) -> Gully {
    let mut setup = Setup::new();
    setup.listener_at(address, "tcp", "tcp", "");
    setup.listener_at(address, "udp", "udp", "");
    setup.json_sink();
    setup.start()
}

/// Sends a line by TCP and by UDP, and returns whom the records name as their peer.
#[track_caller]
fn greet(gully: &Gully, address: SocketAddr) -> Vec<String> {
    send(address, LINE);
    let local = if address.is_ipv6() { "[::1]:0" } else { "127.0.0.1:0" };
    UdpSocket::bind(local).unwrap().send_to(LINE, address).unwrap();
    gully.wait_for_delivered(2, SOON);
    let peer = |record: &Record| record.text("peer").to_owned();
    gully.records().iter().map(peer).collect()
}

/// gully with a listener on `socket`, passed as systemd does (sd_listen_fds(3)): as descriptor 3, under a name.
fn start_activated(protocol: &str, socket: OwnedFd) -> Gully {
    let mut setup = Setup::new();
    setup.listener_at("systemd:gully-test", "activated", protocol, "");
    setup.json_sink();
    let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=gully-test exec \"$@\"";
    setup.start_by_shell(script, socket)
}
