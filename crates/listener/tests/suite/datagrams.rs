//! UDP and unix datagrams.

use std::net::UdpSocket;
use std::num::NonZeroUsize;
use std::os::unix::net::UnixDatagram;

use listener::{Protocol, Settings, Socket, UnixPath};
use record::{Flags, Peer, Transport};

use crate::harness::{Bench, eventually};

fn udp(address: &str, receivers: usize, change: impl FnOnce(&mut Settings)) -> Bench {
    let receivers = NonZeroUsize::new(receivers).unwrap();
    Bench::start(Protocol::Udp { socket: Socket::Bind(address.parse().unwrap()), receivers }, change)
}

fn sender(bench: &Bench) -> UdpSocket {
    let sender = UdpSocket::bind(if bench.address().is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" }).unwrap();
    sender.connect(bench.address()).unwrap();
    sender
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_datagram_is_one_message_with_its_sender() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let bench = udp(address, 1, |_| {});
        let senders = [sender(&bench), sender(&bench)];
        for (index, sender) in senders.iter().enumerate() {
            sender.send(format!("<14>from {index}\n").as_bytes()).unwrap();
            sender.send(b"").unwrap();
            sender.send(b"<14>two\n<14>lines").unwrap();
        }
        bench.has_frames(4).await;
        bench.has_counted("empty", 2).await;
        for (index, sender) in senders.iter().enumerate() {
            let own = Peer::Ip(sender.local_addr().unwrap());
            let frames: Vec<_> = bench.intake.frames().into_iter().filter(|frame| frame.peer == own).collect();
            assert_eq!(frames[0].octets, format!("<14>from {index}").as_bytes());
            assert_eq!(
                (frames[1].octets.as_slice(), frames[1].flags),
                (b"<14>two\n<14>lines".as_slice(), Flags::EMBEDDED_LF)
            );
            assert_eq!((frames.len(), frames[0].transport), (2, Transport::Udp));
        }
        bench.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dual_stack_socket_shows_ipv4_senders_as_ipv4() {
    let bench = udp("[::]:0", 1, |_| {});
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.send_to(b"hello", ("127.0.0.1", bench.address().port())).unwrap();
    bench.has_frames(1).await;
    assert_eq!(bench.intake.frames()[0].peer, Peer::Ip(sender.local_addr().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_datagram_that_is_too_long_is_cut_and_marked() {
    let bench = udp("127.0.0.1:0", 1, |settings| settings.framing.frame_bytes_max = 100);
    let sender = sender(&bench);
    sender.send(&[b'x'; 5000]).unwrap();
    sender.send(b"next").unwrap();
    bench.has_frames(2).await;
    let frames = bench.intake.frames();
    assert_eq!((frames[0].octets.len(), frames[0].original_bytes, frames[0].flags), (100, 5000, Flags::TRUNCATED));
    assert_eq!((frames[1].octets.as_slice(), frames[1].flags), (b"next".as_slice(), Flags::NONE));
    bench.has_counted("truncated", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_datagrams_takes_no_more_memory_than_it_has_octets() {
    let bench = udp("127.0.0.1:0", 1, |_| {});
    let sender = sender(&bench);
    for bytes in [10, 100, 1_000, 10_000, 60_000, 60_000, 60_000] {
        sender.send(&vec![b'x'; bytes]).unwrap();
    }
    bench.has_frames(7).await;
    for (length, allocation_bytes) in bench.intake.chunks() {
        assert_eq!(allocation_bytes, length);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_longest_datagram_arrives_whole() {
    let bench = udp("127.0.0.1:0", 1, |_| {});
    for _ in 0..3 {
        sender(&bench).send(&[b'x'; 65_507]).unwrap();
        sender(&bench).send(b"next").unwrap();
    }
    bench.has_frames(6).await;
    assert!(bench.intake.frames().iter().all(|frame| [4, 65_507].contains(&frame.octets.len())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_datagram_from_the_listener_itself_is_a_loop() {
    for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
        let own = UdpSocket::bind(address).unwrap();
        // Sending from the listener's own socket is what a forged source address looks like.
        let activated = Socket::Activated(own.try_clone().unwrap().into());
        let bench = Bench::start(Protocol::Udp { socket: activated, receivers: NonZeroUsize::MIN }, |_| {});
        let loopback = if bench.address().is_ipv4() { "127.0.0.1" } else { "::1" };
        own.send_to(b"echo", (loopback, bench.address().port())).unwrap();
        bench.has_counted("looped", 1).await;
        let neighbour = UdpSocket::bind((loopback, 0)).unwrap();
        neighbour.send_to(b"hello", (loopback, bench.address().port())).unwrap();
        bench.has_frames(1).await;
        assert_eq!((bench.intake.texts(), bench.meter.count("looped")), (vec!["hello".to_owned()], 1), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_kernel_drops_is_counted_exactly() {
    let bench = udp("127.0.0.1:0", 1, |settings| settings.socket.receive_buffer_bytes = Some(8192));
    let sender = sender(&bench);
    let sent = 30_000;
    for index in 0..sent {
        sender.send(format!("<14>{index} {}", "x".repeat(500)).as_bytes()).unwrap();
    }
    let (intake, meter) = (bench.intake.clone(), bench.meter.clone());
    eventually("all told", || intake.count() as u64 + meter.count("kernel_dropped") >= sent).await;
    let report = bench.stop().await;
    assert_eq!(report.connections, 0);
    let (arrived, dropped) = (intake.count() as u64, meter.count("kernel_dropped"));
    println!("{arrived} of {sent} arrived, {dropped} were dropped");
    assert!(dropped > 0, "the buffer was meant to overflow");
    assert_eq!(arrived + dropped, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_receivers_share_the_senders() {
    let bench = udp("127.0.0.1:0", 3, |_| {});
    for index in 0..60 {
        sender(&bench).send(format!("<14>{index}").as_bytes()).unwrap();
    }
    bench.has_frames(60).await;
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_queued_at_a_stop_is_still_received() {
    let bench = udp("127.0.0.1:0", 1, |_| {});
    let sender = sender(&bench);
    (0..100).for_each(|_| assert_eq!(sender.send(b"hello").unwrap(), 5));
    let intake = bench.intake.clone();
    bench.stop().await;
    assert_eq!(intake.count(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unix_datagrams_are_received_and_long_ones_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("datagram");
    let at = UnixPath { path: path.clone(), mode: 0o600 };
    let bench =
        Bench::start(Protocol::UnixDatagram(Socket::Bind(at)), |settings| settings.framing.frame_bytes_max = 1000);
    let sender = UnixDatagram::unbound().unwrap();
    sender.send_to(b"<14>hello\n", &path).unwrap();
    sender.send_to(&[b'x'; 3000], &path).unwrap();
    bench.has_frames(2).await;
    let frames = bench.intake.frames();
    assert_eq!((frames[0].octets.as_slice(), frames[0].peer), (b"<14>hello".as_slice(), Peer::Unnamed));
    assert_eq!(frames[0].transport, Transport::UnixDatagram);
    assert_eq!((frames[1].octets.len(), frames[1].original_bytes), (1000, 3000));
    bench.stop().await;
    assert!(!path.exists(), "the socket file goes with the listener");
}
