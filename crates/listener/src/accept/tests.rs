use std::future::{Future, ready};
use std::time::SystemTime;

use record::Lease;
use tokio::sync::Semaphore;

use super::*;
use crate::Arrival;
use crate::listener::StreamSettings;

struct Nothing;

impl Intake for Nothing {
    fn may_read(&self) -> bool {
        true
    }

    fn readable(&self) -> impl Future<Output = ()> + Send {
        ready(())
    }

    fn jammed(&self) -> bool {
        false
    }

    fn hold(&self, _: u64) -> Lease {
        Lease::unbounded()
    }

    fn offer(&self, _: Arrival) {}

    fn offer_datagrams(&self, _: Arrival) {}
}

impl Meter for Nothing {
    fn opened(&self) {}
    fn closed(&self) {}
    fn refused(&self, _: Refusal) {}
    fn accept_failed(&self) {}
    fn received(&self, _: u64) {}
    fn empty(&self, _: u64) {}
    fn lenient_trailers(&self, _: u64) {}
    fn fault(&self, _: &'static str) {}
    fn probe(&self, _: &'static str) {}
    fn partial(&self, _: u64) {}
    fn abandoned(&self, _: u64) {}
    fn rejoined(&self, _: u64) {}
    fn rejoin_failed(&self, _: &'static str) {}
    fn stalled(&self, _: Duration) {}
    fn stall_alarm(&self) {}
    fn datagrams_truncated(&self, _: u64) {}
    fn looped(&self, _: u64) {}
    fn kernel_dropped(&self, _: u64) {}
    fn certificate_ends(&self, _: SystemTime) {}
}

fn shared() -> Arc<Shared<Nothing>> {
    Arc::new(Shared {
        settings: StreamSettings {
            name: "test".into(),
            framing: framing::Settings::default(),
            rejoin: Some(crate::Rejoin::default()),
            frame_time_max: Duration::from_secs(30),
            idle_time_max: None,
            handshake_time_max: Duration::from_secs(10),
        },
        intake: Arc::new(Nothing),
        meter: Arc::new(Nothing),
        throttle: crate::throttle::Throttle::default(),
        completion_tokens: Arc::new(Semaphore::new(1)),
        handshakes: Semaphore::new(1),
        closing: Arc::default(),
    })
}

/// Ten thousand connections are mostly idle, and this is what each holds; the socket's registration with the runtime (about
/// 300 bytes), its origin (about 120) and the head of its task come on top.
#[tokio::test]
async fn an_idle_connection_is_small() {
    let (socket, _far) = UnixStream::pair().unwrap();
    let open = Open { meter: Arc::new(Nothing), _admitted: Admission::new(1, 1).admit(None).unwrap() };
    let connection = connection(Stream::Unix(socket), Peer::Unnamed, None, shared());
    println!("its state: {} bytes", size_of_val(&connection));
    let bytes = size_of_val(&serve(connection, open));
    println!("an idle connection: {bytes} bytes");
    assert!(bytes <= 512, "{bytes} bytes");
}

#[test]
fn what_happened_to_one_connection_does_not_slow_the_next() {
    let check = |code: i32, expected: bool| {
        assert_eq!(is_of_one_connection(&io::Error::from_raw_os_error(code)), expected, "{code}");
    };
    // ECONNABORTED, EINTR, EHOSTUNREACH; EMFILE, ENFILE, ENOBUFS, ENOMEM.
    [103, 4, 113].iter().for_each(|code| check(*code, true));
    [24, 23, 105, 12].iter().for_each(|code| check(*code, false));
}
