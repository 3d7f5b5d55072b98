use std::net::TcpListener as StdListener;
use std::time::Duration;

use super::*;

fn tcp(address: &str) -> Protocol {
    Protocol::Tcp(Socket::Bind(address.parse().unwrap()))
}

fn udp(address: &str, receivers: usize) -> Protocol {
    Protocol::Udp { socket: Socket::Bind(address.parse().unwrap()), receivers: NonZeroUsize::new(receivers).unwrap() }
}

fn bound(protocol: Protocol) -> (Bound, SocketAddr) {
    let (bound, address) =
        bind("test", protocol, SocketOptions { receive_buffer_bytes: Some(65_536), ..SocketOptions::default() })
            .unwrap();
    (bound, address.ip().unwrap())
}

#[tokio::test]
async fn an_address_in_use_is_named_with_a_remedy() {
    let taken = StdListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = bind("test", tcp(&address), SocketOptions::default()).unwrap_err().to_string();
    assert!(error.contains(&address) && error.contains("in use") && error.contains("another port"), "{error}");
    let (_first, address) = bound(udp("127.0.0.1:0", 1));
    assert!(matches!(
        bind("test", udp(&address.to_string(), 1), SocketOptions::default()),
        Err(BindError::InUse { .. })
    ));
}

#[tokio::test]
async fn an_address_of_another_machine_is_not_ours() {
    assert!(matches!(bind("test", tcp("192.0.2.1:0"), SocketOptions::default()), Err(BindError::NotOurs { .. })));
}

#[tokio::test]
async fn receivers_share_one_port() {
    let (Bound::Datagrams(sockets), address) = bound(udp("127.0.0.1:0", 3)) else { panic!("datagrams") };
    assert_eq!((sockets.len(), address.port() > 0), (3, true));
    for socket in sockets {
        let DatagramSocket::Udp { socket, .. } = socket else { panic!("UDP") };
        assert_eq!(socket.local_addr().unwrap(), address);
    }
}

/// They are set once on the listening socket; that connections inherit them is Linux's habit, held here.
#[tokio::test]
async fn connections_have_keepalive_user_timeout_and_buffer() {
    let (Bound::Stream(StreamSocket::Tcp { socket, .. }), address) = bound(tcp("127.0.0.1:0")) else { panic!("TCP") };
    let _client = std::net::TcpStream::connect(address).unwrap();
    let (connection, _) = socket.accept().await.unwrap();
    let connection = SockRef::from(&connection);
    assert!(connection.keepalive().unwrap());
    assert_eq!(connection.tcp_keepalive_time().unwrap(), Duration::from_secs(60));
    assert_eq!(connection.tcp_keepalive_interval().unwrap(), Duration::from_secs(10));
    assert_eq!(connection.tcp_keepalive_retries().unwrap(), 6);
    assert_eq!(connection.tcp_user_timeout().unwrap(), Some(Duration::from_secs(120)));
    assert_eq!(connection.recv_buffer_size().unwrap(), 2 * 65_536);
}

#[tokio::test]
async fn an_activated_socket_is_taken_when_it_is_of_the_right_kind() {
    let socket = StdListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let (_bound, found) = bound(Protocol::Tcp(Socket::Activated(socket.into())));
    assert_eq!(found, address);
    let wrong = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let error = bind("test", Protocol::Tcp(Socket::Activated(wrong.into())), SocketOptions::default()).unwrap_err();
    assert!(matches!(error, BindError::WrongActivated { expected: "a TCP socket", .. }), "{error}");
}
