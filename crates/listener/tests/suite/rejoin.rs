//! Pieces of 16 KiB, as Docker sends them, on real sockets.

use std::time::Duration;

use listener::Rejoin;
use record::Flags;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};

use crate::harness::{Bench, LONG, counted, is_closed, tcp};

const PIECE_BYTES: usize = 16 * 1024;

fn line(bytes: usize) -> String {
    format!("{{\"audit\":{{\"text\":\"{}\"}}}}", "x".repeat(bytes))
}

/// The messages of a line, without framing.
fn messages(container: &str, line: &str) -> Vec<String> {
    let message = |part: &str| format!("<30>Nov 22 05:00:00 {container}[812]: {part}");
    (0..line.len()).step_by(PIECE_BYTES).map(|at| message(&line[at..line.len().min(at + PIECE_BYTES)])).collect()
}

fn patient(settings: &mut listener::Settings) {
    settings.rejoin = Some(Rejoin { time_max: LONG, bytes_max: 1 << 20 });
}

fn is_whole(bench: &Bench, line: &str) -> bool {
    let frames = bench.intake.frames();
    let whole = messages("0a1b2c3d4e5f", "x")[0].replace(": x", &format!(": {line}"));
    frames.len() == 1 && frames[0].octets == whole.as_bytes() && frames[0].flags.contains(Flags::REJOINED)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_become_one_record_however_they_arrive() {
    for (bytes, chunk_bytes) in [(40_000, 1_000), (40_000, 100_000), (300_000, 20_000), (20_000, 1 << 20)] {
        let line = line(bytes);
        let with_line_feeds: Vec<u8> =
            messages("0a1b2c3d4e5f", &line).iter().flat_map(|message| format!("{message}\n").into_bytes()).collect();
        let with_counts: Vec<u8> =
            messages("0a1b2c3d4e5f", &line).iter().flat_map(|message| counted(message)).collect();
        for octets in [with_line_feeds, with_counts] {
            let bench = Bench::start(tcp("127.0.0.1:0"), patient);
            let mut sender = TcpStream::connect(bench.address()).await.unwrap();
            for chunk in octets.chunks(chunk_bytes) {
                sender.write_all(chunk).await.unwrap();
            }
            // The record is there while the connection is still open.
            bench.has_frames(1).await;
            assert!(is_whole(&bench, &line), "{bytes} in {chunk_bytes}");
            assert_eq!(bench.meter.count("rejoined"), 1);
            drop(sender);
            bench.has_counted("closed", 1).await;
            assert_eq!(bench.intake.held_bytes(), 0);
            assert_eq!(bench.meter.all("rejoin failed"), []);
            bench.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_that_waits_takes_credit_and_comes_alone_when_its_time_is_up() {
    let bench = Bench::start(tcp("127.0.0.1:0"), |settings| {
        settings.rejoin = Some(Rejoin { time_max: Duration::from_millis(300), bytes_max: 1 << 20 });
    });
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    let pieces = messages("c", &line(40_000));
    sender.write_all(format!("{}\n{}\nother\n", pieces[0], pieces[1]).as_bytes()).await.unwrap();
    bench.has_frames(1).await;
    assert_eq!(bench.intake.texts(), ["other"], "others do not wait");
    assert!(bench.intake.held_bytes() >= 2 * PIECE_BYTES as u64);
    // Nothing more is sent: the timer alone hands them over.
    bench.has_frames(3).await;
    let frames = bench.intake.frames();
    assert!(frames[1].octets == pieces[0].as_bytes() && frames[2].octets == pieces[1].as_bytes());
    assert_eq!((frames[1].flags, frames[2].flags), (Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION));
    assert_eq!(bench.meter.all("rejoin failed"), [("rejoin failed timeout".to_owned(), 1)]);
    assert_eq!(bench.intake.held_bytes(), 0);
    sender.write_all(b"and on\n").await.unwrap();
    bench.has_frames(4).await;
    drop(sender);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_ends_a_connection_no_piece_is_lost() {
    let pieces = messages("c", &line(40_000));
    let waiting = format!("{}\n{}\n", pieces[0], pieces[1]);
    for (name, end, more) in [("close", &b""[..], 0), ("a last line", b"<30>last", 1)] {
        let bench = Bench::start(tcp("127.0.0.1:0"), patient);
        let mut sender = TcpStream::connect(bench.address()).await.unwrap();
        sender.write_all(waiting.as_bytes()).await.unwrap();
        sender.write_all(end).await.unwrap();
        drop(sender);
        bench.has_counted("closed", 1).await;
        let mut frames = bench.intake.frames();
        frames.retain(|frame| frame.octets.len() > PIECE_BYTES);
        assert!(frames.len() == 2 && bench.intake.count() <= 2 + more, "{name}");
        assert!(frames[0].octets == pieces[0].as_bytes() && frames[1].octets == pieces[1].as_bytes(), "{name}");
        assert_eq!(bench.meter.all("rejoin failed"), [("rejoin failed closed".to_owned(), 1)], "{name}");
        assert_eq!(bench.intake.held_bytes(), 0);
        bench.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_framing_and_a_drain_hand_over_what_waits() {
    let pieces = messages("c", &line(40_000));
    let bench = Bench::start(tcp("127.0.0.1:0"), patient);
    let mut broken = TcpStream::connect(bench.address()).await.unwrap();
    broken.write_all(&counted(&pieces[0])).await.unwrap();
    broken.write_all(b"no count").await.unwrap();
    bench.has_frames(2).await;
    let frames = bench.intake.frames();
    assert!(frames[0].octets == pieces[0].as_bytes() && frames[0].flags == Flags::TRUNCATED_UPSTREAM);
    assert!(frames[1].flags.contains(Flags::BROKEN_FRAMING));
    let mut stays = TcpStream::connect(bench.address()).await.unwrap();
    stays.write_all(&counted(&pieces[0])).await.unwrap();
    bench.has_counted("received", (pieces[0].len() * 2) as u64).await;
    bench.running.stop_accepting();
    bench.running.close_remaining().await;
    assert_eq!(bench.intake.count(), 3);
    assert_eq!(bench.meter.all("rejoin failed"), [("rejoin failed closed".to_owned(), 2)]);
    assert_eq!(bench.intake.held_bytes(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_hands_over_what_waits_before_its_last_second() {
    let pieces = messages("c", &line(40_000));
    let others = messages("d", &line(20_000));
    let bench = Bench::start(tcp("127.0.0.1:0"), patient);
    let mut stays = TcpStream::connect(bench.address()).await.unwrap();
    stays.write_all(&[counted(&pieces[0]), counted(&pieces[1]), counted("x")].concat()).await.unwrap();
    bench.has_frames(1).await;
    tokio::join!(bench.running.close_remaining(), async {
        assert!(is_closed(&mut stays).await);
        bench.has_frames(3).await;
        // In that second nothing begins to wait.
        stays.write_all(&[counted(&pieces[2]), counted(&others[0])].concat()).await.unwrap();
        bench.has_frames(5).await;
        assert_eq!(bench.running.connections(), 1, "all this in the last second");
    });
    let flags: Vec<_> = bench.intake.frames().iter().map(|frame| frame.flags).collect();
    let (begun, goes_on) = (Flags::TRUNCATED_UPSTREAM, Flags::CONTINUATION);
    assert_eq!(flags, [Flags::NONE, begun, goes_on, goes_on, begun]);
    assert_eq!(bench.meter.all("rejoin failed"), [("rejoin failed closed".to_owned(), 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_room_or_when_it_is_off_pieces_come_at_once() {
    let pieces = messages("c", &line(20_000));
    let octets = format!("{}\n{}\n", pieces[0], pieces[1]);
    for off in [true, false] {
        let bench = Bench::start(tcp("127.0.0.1:0"), |settings| {
            patient(settings);
            settings.rejoin = settings.rejoin.filter(|_| !off);
        });
        let mut sender = TcpStream::connect(bench.address()).await.unwrap();
        sender.write_all(b"first\n").await.unwrap();
        bench.has_frames(1).await;
        bench.intake.jammed.store(!off, std::sync::atomic::Ordering::SeqCst);
        sender.write_all(octets.as_bytes()).await.unwrap();
        bench.has_frames(3).await;
        let frames = bench.intake.frames();
        assert!(frames[1].octets == pieces[0].as_bytes() && frames[2].octets == pieces[1].as_bytes());
        let goes_on = if off { Flags::NONE } else { Flags::CONTINUATION };
        assert_eq!((frames[1].flags, frames[2].flags), (Flags::TRUNCATED_UPSTREAM, goes_on));
        let failed = if off { vec![] } else { vec![("rejoin failed memory".to_owned(), 1)] };
        assert_eq!(bench.meter.all("rejoin failed"), failed);
        drop(sender);
        bench.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_put_together_from_datagrams() {
    let protocol = listener::Protocol::Udp {
        socket: listener::Socket::Bind("127.0.0.1:0".parse().unwrap()),
        receivers: std::num::NonZeroUsize::MIN,
    };
    let bench = Bench::start(protocol, patient);
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let pieces = messages("c", &line(20_000));
    for piece in &pieces {
        sender.send_to(piece.as_bytes(), bench.address()).await.unwrap();
    }
    bench.has_frames(2).await;
    assert_eq!(bench.intake.texts().concat().len(), pieces.concat().len());
    let flags: Vec<_> = bench.intake.frames().iter().map(|frame| frame.flags).collect();
    assert_eq!(flags, [Flags::TRUNCATED_UPSTREAM, Flags::NONE], "by its length alone");
    bench.stop().await;
}
