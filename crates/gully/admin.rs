//! The admin endpoint: `/livez`, `/readyz` and `/metrics` over plain HTTP/1.1, on loopback unless told otherwise.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// A client that has not sent its whole request head by then is dropped.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// More connections than this at a time wait: an endpoint for probes and scrapes needs few.
const CONNECTIONS_MAX: usize = 64;

/// A trouble that lasts is told this often.
const WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// What the endpoint reports about the process.
pub(crate) trait Status: Send + Sync + 'static {
    /// Nothing when ready; else why not, in a few words.
    fn unready(&self) -> Option<&'static str>;
    /// All metrics in Prometheus's text format.
    fn metrics(&self) -> String;
}

/// Binds `address`.
///
/// # Errors
/// Those of the operating system; the caller adds the address.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers requests until it is dropped.
pub(crate) async fn serve<S: Status>(listener: TcpListener, status: Arc<S>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut warned = None;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                if warned.is_none_or(|at: Instant| at.elapsed() >= WARNING_INTERVAL) {
                    warned = Some(Instant::now());
                    tracing::warn!(%error, "the admin endpoint cannot accept");
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let status = Arc::clone(&status);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let response = respond(&request, &*status);
                async { Ok::<_, Infallible>(response) }
            });
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(16 * 1024);
            // A client that breaks off is no news.
            drop(http.serve_connection(TokioIo::new(stream), answer).await);
            drop(place);
        });
    }
}

fn respond<S: Status>(request: &Request<Incoming>, status: &S) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here\n".to_owned());
    }
    match request.uri().path() {
        "/livez" => text(StatusCode::OK, "live\n".to_owned()),
        "/readyz" => match status.unready() {
            None => text(StatusCode::OK, "ready\n".to_owned()),
            Some(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
        },
        "/metrics" => {
            let mut response = text(StatusCode::OK, status.metrics());
            let exposition = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, exposition);
            response
        }
        _ => text(StatusCode::NOT_FOUND, "there are /livez, /readyz and /metrics\n".to_owned()),
    }
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
