//! Tokens for OAUTHBEARER, fetched with client credentials (RFC 6749 section 4.4).
//!
//! Fetched by us and not by librdkafka, which would need curl. No error here holds a secret, a token, or what the endpoint wrote.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rdkafka::client::OAuthToken;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::{OauthLogin, Tls};

/// How long an endpoint may take. Delivery reports wait meanwhile.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// A longer answer is none.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// How long a token is used that does not say how long it is good.
const LIFETIME_UNKNOWN: Duration = Duration::from_secs(300);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the certificates in {path} cannot be read: {source}")]
    Certificates { path: String, source: io::Error },
    #[error("the token endpoint {url} cannot be asked: {source}")]
    Unreachable { url: String, source: Box<ureq::Error> },
    #[error("the token endpoint {url} answers {status}{reason}")]
    Refused { url: String, status: u16, reason: String },
    #[error("the token endpoint {url} answers without a JSON object that has an access_token")]
    NoToken { url: String },
}

/// Asks for a token.
pub(crate) fn fetch(login: &OauthLogin, tls: Option<&Tls>) -> Result<OAuthToken, TokenError> {
    let url = || login.token_url.clone();
    let unreachable = |source: ureq::Error| TokenError::Unreachable { url: url(), source: Box::new(source) };
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(login.scope.as_deref().map(|scope| ("scope", scope)));
    let mut answer = agent(tls)?
        .post(&login.token_url)
        .header("Authorization", basic(&login.client_id, &login.client_secret.current()))
        .header("Accept", "application/json")
        .send_form(form)
        .map_err(unreachable)?;
    let status = answer.status();
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(unreachable)?;
    let body = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
    if !status.is_success() {
        return Err(TokenError::Refused { url: url(), status: status.as_u16(), reason: reason(&body) });
    }
    let token = body["access_token"].as_str().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| TokenError::NoToken { url: url() })?;
    let claims = claims(token);
    Ok(OAuthToken {
        token: token.to_owned(),
        principal_name: claims["sub"].as_str().unwrap_or(&login.client_id).to_owned(),
        lifetime_ms: good_until_millis(&body, &claims, SystemTime::now()),
    })
}

fn agent(tls: Option<&Tls>) -> Result<Agent, TokenError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(roots(tls)?).build();
    let config = Agent::config_builder()
        .tls_config(config)
        .timeout_global(Some(ANSWER_TIME_MAX))
        .http_status_as_error(false)
        // A redirect could lead the secret elsewhere.
        .max_redirects(0);
    Ok(config.build().new_agent())
}

/// The brokers' authority, if there is one in the configuration; else the system's.
fn roots(tls: Option<&Tls>) -> Result<RootCerts, TokenError> {
    let Some(path) = tls.and_then(|tls| tls.ca.as_ref()) else { return Ok(RootCerts::PlatformVerifier) };
    let unreadable = |source| TokenError::Certificates { path: path.display().to_string(), source };
    let pem = fs::read(path).map_err(unreadable)?;
    let items = parse_pem(&pem).collect::<Result<Vec<_>, _>>();
    let items = items.map_err(|error| unreadable(io::Error::other(error)))?;
    let certificates = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    Ok(RootCerts::new_with_certs(&certificates.collect::<Vec<_>>()))
}

/// The client's name and secret, each encoded as in a form before they are joined (RFC 6749 section 2.3.1).
fn basic(client_id: &str, client_secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", form_encoded(client_id), form_encoded(client_secret))))
}

fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for octet in text.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(octet)),
            b' ' => encoded.push('+'),
            octet => encoded.push_str(&format!("%{octet:02X}")),
        }
    }
    encoded
}

/// The `error` of an answer (RFC 6749 section 5.2), if it is one of the words that stand for one.
fn reason(body: &Value) -> String {
    let known = ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"];
    let word = body["error"].as_str().and_then(|error| known.into_iter().find(|word| *word == error));
    word.map_or_else(String::new, |word| format!(" ({word})"))
}

/// What a token says of itself, if it is a JWT (RFC 7519). Not checked: that is for the brokers to do.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or(Value::Null)
}

/// Until when the token is good, in milliseconds since 1970: as the answer says, or the token, or for a few minutes.
fn good_until_millis(body: &Value, claims: &Value, now: SystemTime) -> i64 {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let expires_in = body["expires_in"].as_u64().map(|seconds| now.as_secs().saturating_add(seconds));
    let seconds = expires_in.or_else(|| claims["exp"].as_u64()).unwrap_or((now + LIFETIME_UNKNOWN).as_secs());
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use serde_json::json;

    use super::*;
    use crate::Password;

    fn login(token_url: String) -> OauthLogin {
        let client_secret = Password::new("s:e cret".to_owned(), None);
        OauthLogin { token_url, client_id: "gully".to_owned(), client_secret, scope: Some("kafka".to_owned()) }
    }

    /// Answers one request, and gives it back.
    fn endpoint(status: &'static str, body: &'static str) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !String::from_utf8_lossy(&request).ends_with("scope=kafka") {
                let mut octets = [0; 1024];
                let length = stream.read(&mut octets).unwrap();
                assert!(length > 0, "the request ended early");
                request.extend_from_slice(&octets[..length]);
            }
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            String::from_utf8(request).unwrap()
        });
        (url, served)
    }

    #[test]
    fn a_token_is_asked_for_as_the_rfc_says() {
        let body = r#"{"access_token":"e30.eyJzdWIiOiJtZSIsImV4cCI6MTIzfQ.","token_type":"Bearer"}"#;
        let (url, served) = endpoint("200 OK", body);
        let token = fetch(&login(url), None).unwrap();
        assert_eq!((token.principal_name.as_str(), token.lifetime_ms), ("me", 123_000));
        assert_eq!(token.token, "e30.eyJzdWIiOiJtZSIsImV4cCI6MTIzfQ.");
        let request = served.join().unwrap();
        assert!(request.ends_with("\r\n\r\ngrant_type=client_credentials&scope=kafka"), "{request}");
        let expected = format!("Basic {}", STANDARD.encode("gully:s%3Ae+cret"));
        assert!(request.contains(&expected), "{request}");
    }

    #[test]
    fn a_refusal_is_told_without_what_the_endpoint_wrote() {
        let body = r#"{"error":"invalid_client","error_description":"s:e c"}"#;
        let (url, served) = endpoint("401 Unauthorized", body);
        let error = fetch(&login(url.clone()), None).err().unwrap().to_string();
        assert_eq!(error, format!("the token endpoint {url} answers 401 (invalid_client)"));
        served.join().unwrap();
    }

    #[test]
    fn an_answer_without_a_token_is_none() {
        let (url, served) = endpoint("200 OK", "hi");
        assert!(matches!(fetch(&login(url), None).err().unwrap(), TokenError::NoToken { .. }));
        served.join().unwrap();
    }

    #[test]
    fn a_token_is_good_as_long_as_somebody_says() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let cases = [
            (json!({"expires_in": 60}), json!({"exp": 5}), 1_060_000),
            (json!({}), json!({"exp": 5}), 5_000),
            (json!({}), Value::Null, 1_300_000),
            (json!({"expires_in": u64::MAX}), Value::Null, i64::MAX),
        ];
        for (body, claims, expected) in cases {
            assert_eq!(good_until_millis(&body, &claims, now), expected, "{body} {claims}");
        }
    }
}
