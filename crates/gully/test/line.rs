//! The message in the line of a test, as its listener would get it.

use config::{Framing, Listener, Protocol};
use serde_json::json;

use super::outcome::Fault;

/// The message in `line`, without what `listener` takes away around it: a text of several lines in TOML ends with a line feed.
///
/// # Errors
/// When the listener would make several messages of it, or none.
pub(super) fn message<'a>(line: &'a [u8], listener: &Listener) -> Result<&'a [u8], Box<Fault>> {
    let trailer = trailer(listener);
    match messages(line, trailer)[..] {
        [message] => Ok(message),
        [] => Err(fault("nothing".to_owned(), "the listener takes no empty message".to_owned())),
        ref several => {
            let end = if trailer == Some(0) { "NUL" } else { "line feed" };
            let name = &listener.name;
            let why = format!(
                "listener.{name} ends a message at each {end}; a message that holds one needs a listener with \
                 framing = \"octet-counting\""
            );
            Err(fault(format!("{} messages", several.len()), why))
        }
    }
}

/// The messages in `line`, each of which `trailer` ends.
fn messages(line: &[u8], trailer: Option<u8>) -> Vec<&[u8]> {
    let parts: Vec<_> = match trailer {
        Some(trailer) => line.split_inclusive(|octet| *octet == trailer).collect(),
        None => vec![line],
    };
    parts.into_iter().map(without_trailer).filter(|message| !message.is_empty()).collect()
}

fn fault(found: String, why: String) -> Box<Fault> {
    Box::new(Fault { key: "line".to_owned(), expected: json!("one message"), found: json!(found), why })
}

fn without_trailer(part: &[u8]) -> &[u8] {
    match part {
        [message @ .., b'\r', b'\n'] | [message @ .., b'\n' | b'\0'] => message,
        message => message,
    }
}

/// What ends a message; `None` where it may hold any octet. What begins with no count is detected as lines.
const fn trailer(listener: &Listener) -> Option<u8> {
    match (listener.protocol, listener.framing) {
        (Protocol::Udp | Protocol::UnixDatagram, _) | (_, Framing::OctetCounting) => None,
        (_, Framing::Detect | Framing::Newline) => Some(b'\n'),
        (_, Framing::Nul) => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_around_messages() {
        for line in ["hello", "hello\n", "\nhello\r\n", "\n\nhello\n\n"] {
            assert_eq!(messages(line.as_bytes(), Some(b'\n')), [b"hello"], "{line:?}");
        }
        assert_eq!(messages(b"a\nb\n", Some(b'\n')), [b"a", b"b"]);
        assert_eq!(messages(b"a\nb\n", Some(0)), [b"a\nb"]);
        assert_eq!(messages(b"a\0b\0", Some(0)), [b"a", b"b"]);
        assert_eq!(messages(b"a\nb\r\n", None), [b"a\nb"]);
        assert_eq!(messages(b"\n", None), [b""; 0]);
    }
}
