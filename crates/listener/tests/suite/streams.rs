//! TCP and unix streams.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use framing::Framing;
use listener::{Protocol, Socket, UnixPath};
use record::{Flags, Peer, Transport};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};

use crate::harness::{Bench, LONG, counted, eventually, is_closed, tcp};

/// Sends `octets` in pieces and closes; gives what arrived, and all counts of faults and probes.
async fn send(octets: &[u8], piece_bytes: usize, change: impl FnOnce(&mut listener::Settings)) -> Bench {
    let bench = Bench::start(tcp("127.0.0.1:0"), change);
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    sender.set_nodelay(true).unwrap();
    for piece in octets.chunks(piece_bytes.max(1)) {
        // After a fault the listener closes, and the rest cannot be sent.
        if sender.write_all(piece).await.is_err() {
            break;
        }
    }
    drop(sender);
    bench.has_counted("closed", 1).await;
    bench
}

async fn check(octets: &[u8], expected: &[&str], counts: &[(&str, u64)]) {
    for piece_bytes in [octets.len(), 1] {
        let bench = send(octets, piece_bytes, |_| {}).await;
        assert_eq!(bench.intake.texts(), expected, "in pieces of {piece_bytes}");
        for (name, count) in counts {
            assert_eq!(bench.meter.count(name), *count, "{name}, in pieces of {piece_bytes}");
        }
        assert_eq!(bench.meter.count("received"), octets.len() as u64);
        assert_eq!(bench.intake.held_bytes(), 0);
        bench.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_arrive_whole_however_they_are_cut() {
    check(b"8 <14>1 ab8 <14>1 cd", &["<14>1 ab", "<14>1 cd"], &[("partial", 0)]).await;
    check(b"<14>1 ab\n<14>1 cd\n", &["<14>1 ab", "<14>1 cd"], &[("partial", 0)]).await;
    check(b"<14>1 ab\n\n\n<14>1 cd\n", &["<14>1 ab", "<14>1 cd"], &[("empty", 2)]).await;
    check(b"5 abcde\n5 fghij\n", &["abcde", "fghij"], &[("lenient_trailers", 2)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_frame_at_the_end_is_counted_or_is_a_last_line() {
    check(b"5 abcde5 ab", &["abcde"], &[("partial", 4)]).await;
    check(b"abc\n<14>de", &["abc", "<14>de"], &[("partial", 0)]).await;
    check(b"abc\nde", &["abc"], &[("partial", 2)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_without_an_octet_is_a_probe() {
    let bench = send(b"", 1, |_| {}).await;
    assert_eq!(bench.meter.all("probe"), [("probe empty_connection".to_owned(), 1)]);
    assert_eq!(bench.meter.all("fault"), []);
    let bench = send(b"GET / HTTP/1.1\r\n\r\n", 100, |_| {}).await;
    assert_eq!(bench.meter.all("probe"), [("probe http".to_owned(), 1)]);
    assert_eq!(bench.meter.all("fault"), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_ends_its_connection_and_no_other() {
    let bench = Bench::tcp();
    let mut good = TcpStream::connect(bench.address()).await.unwrap();
    good.write_all(b"6 before").await.unwrap();
    let mut bad = TcpStream::connect(bench.address()).await.unwrap();
    bad.write_all(b"5 valid05 wrong").await.unwrap();
    assert!(is_closed(&mut bad).await);
    good.write_all(b"5 after").await.unwrap();
    bench.has_frames(4).await;
    let mut texts = bench.intake.texts();
    texts.sort_unstable();
    assert_eq!(
        texts,
        ["05 wrong", "after", "before", "valid"],
        "what came before the fault is kept, and the fault itself"
    );
    assert_eq!(bench.meter.all("fault"), [("fault octet_leading_zero".to_owned(), 1)]);
    drop(good);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_too_long_is_cut_and_the_next_is_whole() {
    let long = "x".repeat(300_000);
    for piece_bytes in [1_000_000, 1_000] {
        for (octets, framing) in [
            ([counted(&long), counted("next")].concat(), Framing::OctetCounting),
            (format!("{long}\nnext\n").into_bytes(), Framing::Newline),
        ] {
            let bench = send(&octets, piece_bytes, |settings| settings.framing.framing = framing).await;
            let frames = bench.intake.frames();
            assert_eq!(frames.len(), 2, "{framing}");
            assert_eq!((frames[0].octets.len(), frames[0].original_bytes), (262_144, 300_000), "{framing}");
            assert!(frames[0].flags.contains(Flags::TRUNCATED));
            assert_eq!(frames[1].octets, b"next", "{framing}");
            assert_eq!(bench.intake.held_bytes(), 0);
            bench.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_frame_holds_credit_while_it_is_unfinished() {
    let bench = Bench::tcp();
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    let frame = counted(&"x".repeat(200_000));
    for piece in frame[..150_000].chunks(700) {
        sender.write_all(piece).await.unwrap();
    }
    bench.has_counted("received", 150_000).await;
    eventually("held", || bench.intake.held_bytes() >= 140_000).await;
    assert!(bench.intake.held_bytes() <= 600_000, "{} bytes are held", bench.intake.held_bytes());
    sender.write_all(&frame[150_000..]).await.unwrap();
    bench.has_frames(1).await;
    eventually("given back", || bench.intake.held_bytes() == 0).await;
    assert_eq!(bench.intake.frames()[0].octets.len(), 200_000);
    drop(sender);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_stream_arrives_complete_and_in_order() {
    let bench = Bench::tcp();
    let address = bench.address();
    let count = 50_000;
    let sender = tokio::task::spawn_blocking(move || {
        let mut sender = std::net::TcpStream::connect(address).unwrap();
        // Sizes from a few octets to beyond every internal limit.
        let stream: Vec<u8> = (0..count)
            .flat_map(|index| {
                counted(&format!("{index} {}", "x".repeat(if index % 1000 == 0 { 40_000 } else { index % 300 })))
            })
            .collect();
        sender.write_all(&stream).unwrap();
    });
    sender.await.unwrap();
    bench.has_frames(count).await;
    for (index, text) in bench.intake.texts().iter().enumerate() {
        assert_eq!(text.split(' ').next(), Some(index.to_string().as_str()));
    }
    let batches = bench.intake.batches.load(Ordering::SeqCst);
    assert!(batches < count as u64 / 10, "{count} frames came in {batches} batches");
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_takes_too_long_ends_its_connection() {
    let short = |settings: &mut listener::Settings| settings.frame_time_max = Duration::from_millis(100);
    let bench = Bench::start(tcp("127.0.0.1:0"), short);
    let mut silent = TcpStream::connect(bench.address()).await.unwrap();
    silent.write_all(b"5 whole9 unfin").await.unwrap();
    assert!(is_closed(&mut silent).await);
    bench.has_counted("fault frame_deadline", 1).await;
    assert_eq!((bench.intake.texts(), bench.meter.count("partial")), (vec!["whole".to_owned()], 7));
    // Dripping octets buys no time.
    let mut slow = TcpStream::connect(bench.address()).await.unwrap();
    let dripping = async {
        while slow.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, dripping).await.expect("the listener closes");
    bench.has_counted("fault frame_deadline", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_is_kept_unless_told_otherwise() {
    let bench = Bench::start(tcp("127.0.0.1:0"), |settings| settings.frame_time_max = Duration::from_millis(50));
    let mut idle = TcpStream::connect(bench.address()).await.unwrap();
    idle.write_all(b"5 first").await.unwrap();
    bench.has_frames(1).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    idle.write_all(b"6 second").await.unwrap();
    bench.has_frames(2).await;
    let bench = Bench::start(tcp("127.0.0.1:0"), |settings| settings.idle_time_max = Some(Duration::from_millis(50)));
    let mut idle = TcpStream::connect(bench.address()).await.unwrap();
    assert!(is_closed(&mut idle).await);
    bench.has_counted("fault idle", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_over_a_cap_are_refused_and_the_others_stay() {
    for (in_all, per_source, reason) in
        [(2, 10, "refused connections_max"), (10, 2, "refused connections_per_source_max")]
    {
        let bench = Bench::start(tcp("127.0.0.1:0"), |settings| {
            (settings.connections_max, settings.connections_per_source_max) = (in_all, per_source);
        });
        let mut kept =
            [TcpStream::connect(bench.address()).await.unwrap(), TcpStream::connect(bench.address()).await.unwrap()];
        bench.has_counted("opened", 2).await;
        let mut third = TcpStream::connect(bench.address()).await.unwrap();
        assert!(is_closed(&mut third).await);
        assert_eq!(bench.meter.count(reason), 1);
        for sender in &mut kept {
            sender.write_all(b"5 still").await.unwrap();
        }
        bench.has_frames(2).await;
        drop(kept);
        bench.has_counted("closed", 2).await;
        let _next = TcpStream::connect(bench.address()).await.unwrap();
        bench.has_counted("opened", 3).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_credit_nothing_is_read_and_nothing_is_lost() {
    let bench = Bench::start(tcp("127.0.0.1:0"), |settings| settings.frame_time_max = Duration::from_millis(200));
    let address = bench.address();
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"5 first3 a").await.unwrap();
    bench.has_frames(1).await;
    bench.has_counted("received", 10).await;
    bench.intake.give_credit(false);
    let count = 40_000;
    let sending = tokio::task::spawn_blocking(move || {
        let mut sender = sender.into_std().unwrap();
        sender.set_nonblocking(false).unwrap();
        let message = counted(&"x".repeat(200));
        sender.write_all(b"bc").unwrap();
        sender.write_all(&message.repeat(count)).unwrap();
    });
    // Longer than a frame has, were the time without reading counted.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!((bench.intake.count(), bench.meter.count("received")), (1, 10));
    assert!(!sending.is_finished(), "8 MB do not fit into the buffers of the kernel, so the sender has to wait");
    bench.intake.give_credit(true);
    sending.await.unwrap();
    bench.has_frames(count + 2).await;
    assert_eq!(bench.intake.texts()[1], "abc");
    assert!(bench.meter.count("stalls") >= 1);
    assert_eq!(bench.meter.all("fault"), []);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_frames_that_hold_all_credit_are_finished_one_by_one() {
    let bench = Bench::tcp();
    let frame = counted(&"x".repeat(100_000));
    let mut senders = Vec::new();
    for _ in 0..8 {
        let mut sender = TcpStream::connect(bench.address()).await.unwrap();
        sender.write_all(&frame[..50_000]).await.unwrap();
        senders.push(sender);
    }
    bench.has_counted("received", 8 * 50_000).await;
    bench.intake.give_credit(false);
    let mut fresh = TcpStream::connect(bench.address()).await.unwrap();
    fresh.write_all(b"5 fresh").await.unwrap();
    for sender in &mut senders {
        sender.write_all(&frame[50_000..]).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.intake.count(), 0, "no token while others may give credit back");
    bench.intake.jammed.store(true, Ordering::SeqCst);
    bench.has_frames(8).await;
    assert!(bench.intake.frames().iter().all(|received| received.octets.len() == 100_000));
    eventually("given back", || bench.intake.held_bytes() == 0).await;
    bench.intake.give_credit(true);
    bench.has_frames(9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_frames_that_hold_all_credit_have_no_more_than_their_time() {
    let count = 60;
    let bench = Bench::start(tcp("127.0.0.1:0"), |settings| settings.frame_time_max = Duration::from_secs(2));
    let frame = counted(&"x".repeat(100_000));
    let mut senders = Vec::new();
    for _ in 0..count {
        let mut sender = TcpStream::connect(bench.address()).await.unwrap();
        sender.write_all(&frame[..50_000]).await.unwrap();
        senders.push(sender);
    }
    bench.has_counted("received", count * 50_000).await;
    bench.intake.give_credit(false);
    bench.intake.jammed.store(true, Ordering::SeqCst);
    // Each has more to read, and waits for the credit that only their ends give back. Were they given the time of that wait, two
    // at a time would read on in vain until their time is up: a minute for all.
    for sender in &mut senders {
        // It may be over already.
        let _ = sender.write_all(&frame[50_000..51_000]).await;
    }
    bench.has_counted("fault frame_deadline", count).await;
    eventually("given back", || bench.intake.held_bytes() == 0).await;
    assert_eq!(bench.intake.count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_frame_is_given_the_time_that_it_waits_for_sinks() {
    let bench = Bench::start(tcp("127.0.0.1:0"), |settings| settings.frame_time_max = Duration::from_secs(2));
    let frame = counted(&"x".repeat(100_000));
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    sender.write_all(&frame[..50_000]).await.unwrap();
    bench.has_counted("received", 50_000).await;
    bench.intake.give_credit(false);
    eventually("held", || bench.intake.held_bytes() > 0).await;
    sender.write_all(&frame[50_000..60_000]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    bench.intake.give_credit(true);
    bench.has_counted("received", 60_000).await;
    sender.write_all(&frame[60_000..]).await.unwrap();
    bench.has_frames(1).await;
    assert_eq!(bench.meter.all("fault"), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_connection_that_waits_raises_its_alarm_again_and_again() {
    let bench = Bench::tcp();
    bench.intake.give_credit(false);
    let mut senders = Vec::new();
    for _ in 0..3 {
        let mut sender = TcpStream::connect(bench.address()).await.unwrap();
        sender.write_all(b"5 hello").await.unwrap();
        senders.push(sender);
    }
    bench.has_counted("stall_alarms", 6).await;
    assert_eq!(bench.meter.count("stalls"), 0, "they still wait");
    bench.intake.give_credit(true);
    bench.has_frames(3).await;
    bench.has_counted("stalls", 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_the_framing_is_kept_as_one_record_and_a_probe_is_counted() {
    for (octets, texts, abandoned) in [
        (b"5 valid05 wrong".as_slice(), ["valid", "05 wrong"].as_slice(), 0),
        (b"6 valid\n\r\n\nwrong\n5 valid", &["valid", "wrong\n5 valid"], 0),
        (b"GET / HTTP/1.1\r\n\r\n", &[], 18),
        (b"5 valid5 right 9 nonsense", &["valid", "right", " 9 nonsense"], 0),
        (b"5 valid5 half", &["valid"], 0),
    ] {
        let bench = send(octets, octets.len(), |_| {}).await;
        assert_eq!(bench.intake.texts(), texts);
        assert_eq!(bench.meter.count("abandoned"), abandoned, "{}", octets.escape_ascii());
        for received in bench.intake.frames() {
            let is_good = matches!(&received.octets[..], b"valid" | b"right");
            assert_eq!(received.flags.contains(Flags::BROKEN_FRAMING), !is_good);
        }
    }
    // Of the longest line of all, most is not even kept.
    let endless = vec![b'x'; 17 << 20];
    let bench = send(&endless, endless.len(), |settings| settings.framing.framing = Framing::Newline).await;
    assert_eq!(bench.meter.all("fault"), [("fault line_too_long".to_owned(), 1)]);
    let (received, abandoned) = (bench.meter.count("received"), bench.meter.count("abandoned"));
    assert_eq!(bench.intake.frames()[0].octets.len(), 256 << 10, "as much as a frame may have is kept");
    assert!(received > 16 << 20 && abandoned >= received - (256 << 10), "{received} read, {abandoned} abandoned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_keeps_little_more_alive_than_its_octets() {
    // Reads of all sizes, and frames that grow in a buffer of their own.
    for message_bytes in [100, 3_000, 60_000, 250_000] {
        let octets = counted(&"x".repeat(message_bytes)).repeat(2_000_000 / message_bytes);
        let bench = send(&octets, octets.len(), |_| {}).await;
        for (length, allocation_bytes) in bench.intake.chunks() {
            match length {
                0..65_536 => assert_eq!(allocation_bytes, length),
                _ => assert!((length..=3 * length).contains(&allocation_bytes), "{allocation_bytes} for {length}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dual_stack_listener_shows_ipv4_peers_as_ipv4() {
    let bench = Bench::start(tcp("[::]:0"), |_| {});
    let port = bench.address().port();
    for ip in ["127.0.0.1", "[::1]"] {
        let mut sender = TcpStream::connect(format!("{ip}:{port}")).await.unwrap();
        sender.write_all(b"5 hello").await.unwrap();
        let own = sender.local_addr().unwrap();
        drop(sender);
        eventually("peer", || bench.intake.frames().iter().any(|frame| frame.peer == Peer::Ip(own))).await;
    }
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_ever_written_to_a_sender() {
    let bench = Bench::tcp();
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    sender.write_all(b"5 hello").await.unwrap();
    bench.has_frames(1).await;
    sender.shutdown().await.unwrap();
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut sender, &mut answer).await.unwrap();
    assert_eq!(answer, b"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unix_stream_names_the_user_and_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stream");
    let bench = Bench::start(Protocol::UnixStream(Socket::Bind(UnixPath { path: path.clone(), mode: 0o600 })), |_| {});
    let mut sender = UnixStream::connect(&path).await.unwrap();
    sender.write_all(b"<14>hello\n").await.unwrap();
    bench.has_frames(1).await;
    let frame = bench.intake.frames().remove(0);
    assert_eq!((frame.octets.as_slice(), frame.transport), (b"<14>hello".as_slice(), Transport::UnixStream));
    assert!(matches!(frame.peer, Peer::Unix { pid, .. } if pid == std::process::id()), "{:?}", frame.peer);
    drop(sender);
    bench.stop().await;
    assert!(!path.exists(), "the socket file goes with the listener");
}
