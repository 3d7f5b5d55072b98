//! Stopping.

use record::Peer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Bench, LONG, counted, is_closed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_reads_on_until_the_senders_leave() {
    let bench = Bench::tcp();
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    bench.has_counted("opened", 1).await;
    bench.running.stop_accepting();
    sender.write_all(b"5 later").await.unwrap();
    bench.has_frames(1).await;
    assert_eq!(bench.running.connections(), 1);
    drop(sender);
    tokio::time::timeout(LONG, bench.running.drained()).await.unwrap();
    assert!(TcpStream::connect(bench.address()).await.is_err());
    let report = bench.running.close_remaining().await;
    assert_eq!((report.connections, report.abandoned_bytes), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_in_the_backlog_is_not_reset() {
    let bench = Bench::tcp();
    let mut senders = Vec::new();
    for _ in 0..50 {
        let mut sender = std::net::TcpStream::connect(bench.address()).unwrap();
        std::io::Write::write_all(&mut sender, b"5 hello").unwrap();
        senders.push(sender);
    }
    bench.running.stop_accepting();
    drop(senders);
    tokio::time::timeout(LONG, bench.running.drained()).await.unwrap();
    assert_eq!(bench.intake.count(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_stay_are_half_closed_read_and_reported() {
    let bench = Bench::tcp();
    let mut stays = TcpStream::connect(bench.address()).await.unwrap();
    let own = stays.local_addr().unwrap();
    stays.write_all(b"5 first8 unfin").await.unwrap();
    bench.has_frames(1).await;
    let (report, ()) = tokio::join!(bench.running.close_remaining(), async {
        assert!(is_closed(&mut stays).await, "a sender that looks sees the half-close");
        // It has a second, and what it says in it is read.
        stays.write_all(b"ish4 last2 u").await.unwrap();
        bench.has_frames(3).await;
    });
    assert_eq!(bench.intake.texts(), ["first", "unfinish", "last"]);
    assert_eq!((report.connections, report.peers, report.abandoned_bytes), (1, vec![Peer::Ip(own)], 3));
    assert_eq!(bench.running.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn octets_left_in_the_kernel_are_reported_as_abandoned() {
    let bench = Bench::tcp();
    bench.intake.give_credit(false);
    let mut sender = TcpStream::connect(bench.address()).await.unwrap();
    let stream = counted("hello").repeat(100);
    sender.write_all(&stream).await.unwrap();
    bench.has_counted("opened", 1).await;
    let report = tokio::time::timeout(LONG, bench.running.close_remaining()).await.unwrap();
    assert_eq!((report.connections, report.abandoned_bytes), (1, stream.len() as u64));
    assert_eq!((bench.intake.count(), bench.meter.count("abandoned")), (0, stream.len() as u64));
}
