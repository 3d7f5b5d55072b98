//! An endpoint that gives out tokens for OAUTHBEARER.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::background::Background;
use crate::support::wait::SOON;

/// The name that the endpoint knows.
pub(crate) const CLIENT_ID: &str = "gully-client";
/// The secret of [`CLIENT_ID`].
pub(crate) const CLIENT_SECRET: &str = "a-client-secret-that-nobody-must-see";
/// A token without signature: `{"alg":"none"}` and `{"sub":"gully","iat":1700000000,"exp":4102444800}`.
pub(crate) const TOKEN: &str =
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJndWxseSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.";
/// Name and secret, as HTTP wants them.
const BASIC: &str = "Basic Z3VsbHktY2xpZW50OmEtY2xpZW50LXNlY3JldC10aGF0LW5vYm9keS1tdXN0LXNlZQ==";

/// Gives [`TOKEN`] to whoever shows [`CLIENT_SECRET`] (RFC 6749 section 4.4), until dropped.
pub(crate) struct TokenEndpoint {
    /// Where it is.
    pub(crate) url: String,
    state: Arc<State>,
    _server: Background,
}

struct State {
    is_broken: AtomicBool,
    given: AtomicU64,
    lifetime: Duration,
}

impl TokenEndpoint {
    /// Starts it. To those who ask, its tokens are good for `lifetime`.
    pub(crate) fn start(lifetime: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        listener.set_nonblocking(true).expect("a socket can be told not to block");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State { is_broken: AtomicBool::new(false), given: AtomicU64::new(0), lifetime });
        let known = Arc::clone(&state);
        let server = Background::start(move |go_on| {
            while go_on() {
                match listener.accept() {
                    Ok((stream, _)) => known.answer(stream),
                    Err(_) => thread::sleep(Duration::from_millis(10)),
                }
            }
        });
        Self { url: format!("http://{address}/token"), state, _server: server }
    }

    /// Whether it answers with an error of its own from now on.
    pub(crate) fn set_broken(&self, is_broken: bool) {
        self.state.is_broken.store(is_broken, Ordering::Relaxed);
    }

    /// How many tokens it has given.
    pub(crate) fn given(&self) -> u64 {
        self.state.given.load(Ordering::Relaxed)
    }
}

impl State {
    fn answer(&self, mut stream: TcpStream) {
        stream.set_nonblocking(false).expect("a socket can be told to block");
        stream.set_read_timeout(Some(SOON)).expect("a time-out can be set");
        let (status, body) = if self.is_broken.load(Ordering::Relaxed) {
            ("503 Service Unavailable", String::new())
        } else if knows_secret(&stream) {
            self.given.fetch_add(1, Ordering::Relaxed);
            let seconds = self.lifetime.as_secs();
            ("200 OK", format!(r#"{{"access_token":"{TOKEN}","token_type":"bearer","expires_in":{seconds}}}"#))
        } else {
            ("401 Unauthorized", r#"{"error":"invalid_client"}"#.to_owned())
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
        // Who does not wait for the answer does not want it.
        write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}").ok();
    }
}

/// Reads a whole request, and looks for the secret in its head.
fn knows_secret(stream: &TcpStream) -> bool {
    let mut reader = BufReader::new(stream);
    let head: Vec<_> = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let length = head.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    reader.take(length.unwrap_or(0)).read_to_end(&mut Vec::new()).ok();
    head.iter().any(|line| line.ends_with(BASIC))
}
