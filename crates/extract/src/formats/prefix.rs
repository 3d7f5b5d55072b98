//! What loggers write before a record: stamp, process, thread, level.

use crate::field::Field;
use crate::out::Out;
use crate::text::{find, rsplit_once, split_once};

/// What stands before a record; a part that the layout does not have is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Prefix<'a> {
    pub(crate) timestamp: &'a [u8],
    pub(crate) pid: &'a [u8],
    pub(crate) thread: &'a [u8],
    pub(crate) level: &'a [u8],
    pub(crate) logger: &'a [u8],
    pub(crate) trace_id: &'a [u8],
    pub(crate) span_id: &'a [u8],
}

impl Prefix<'_> {
    /// Says what there is: `log.*`, and its like in the event. The stamp is left to the format, which knows whether it
    /// has a zone.
    pub(crate) fn report(&self, out: &mut Out<'_>) {
        let texts = [
            ("log.timestamp", self.timestamp, None),
            ("log.thread", self.thread, Some(Field::ThreadName)),
            ("log.level", self.level, Some(Field::LogLevel)),
            ("log.logger", self.logger, None),
            ("log.trace_id", self.trace_id, Some(Field::TraceId)),
            ("log.span_id", self.span_id, Some(Field::SpanId)),
        ];
        for (name, text, field) in texts {
            if text.is_empty() {
                continue;
            }
            let value = out.octets(text);
            out.text(name, value);
            if let Some(field) = field {
                out.set(field, value);
            }
        }
        if let Some(pid) = crate::text::integer(self.pid) {
            out.integer("log.pid", pid);
            out.set_integer(Field::ProcessPid, pid);
        }
    }
}

/// Takes `text` apart before its `CEF:`. What is no known layout gives nothing; the record begins at `CEF:` all the same.
pub(crate) fn before_cef(text: &[u8]) -> (Prefix<'_>, &[u8]) {
    if text.starts_with(b"CEF:") {
        return (Prefix::default(), text);
    }
    if let Some((prefix, record)) = ruby(text) {
        return (prefix, record);
    }
    // CredHub ends its stamp with a colon.
    let before = find(text, b"CEF:").map_or(&b""[..], |at| &text[..at]);
    let stamp = before.trim_ascii_end();
    let timestamp = stamp.strip_suffix(b":").unwrap_or(stamp);
    (Prefix { timestamp, ..Prefix::default() }, &text[before.len()..])
}

/// Ruby's Logger: `I, [2026-01-20T04:56:26.384189 #19]  INFO -- : `. BOSH adds ` [thread]` and `DirectorAudit`.
fn ruby(text: &[u8]) -> Option<(Prefix<'_>, &[u8])> {
    let (timestamp, rest) = split_once(text.strip_prefix(b"I, [")?, b" #")?;
    let (pid, rest) = split_once(rest, b"]")?;
    let (thread, rest) = match rest.strip_prefix(b" [") {
        Some(rest) => split_once(rest, b"]")?,
        None => (&b""[..], rest),
    };
    let (level, rest) = split_once(rest.trim_ascii_start(), b" -- ")?;
    let (logger, record) = split_once(rest, b": ")?;
    Some((Prefix { timestamp, pid, thread, level, logger, ..Prefix::default() }, record))
}

/// UAA's layout, up to and without `Audit: `:
/// `[UAA_AUDIT] [stamp] uaa - pid [thread] - [trace,span] ....  INFO --- `. The first part is written on Kubernetes, the
/// trace since 2023 (uaa-release, `log4j2.properties.erb`).
pub(crate) fn uaa(layout: &[u8]) -> Prefix<'_> {
    read_uaa(layout).unwrap_or_default()
}

fn read_uaa(layout: &[u8]) -> Option<Prefix<'_>> {
    let (before, rest) = split_once(layout, b"] uaa")?;
    let timestamp = rsplit_once(before, b"[")?.1;
    let (_context, rest) = split_once(rest, b" - ")?;
    let (pid, rest) = split_once(rest, b" [")?;
    let (thread, rest) = split_once(rest, b"]")?;
    let trace = rest.strip_prefix(b" - [").and_then(|rest| split_once(rest, b"]"));
    let (trace_id, span_id) = trace.and_then(|(trace, _)| split_once(trace, b",")).unwrap_or_default();
    let level = rest.strip_suffix(b" --- ")?.rsplit(|octet| *octet == b' ').next()?;
    Some(Prefix { timestamp, pid, thread, level, logger: b"Audit", trace_id, span_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_cef(text: &str, expected: Prefix<'_>) {
        assert_eq!(before_cef(text.as_bytes()), (expected, b"CEF:0|x".as_slice()));
    }

    #[test]
    fn ruby_writes_stamp_process_and_level() {
        let expected =
            Prefix { timestamp: b"2026-01-20T04:56:26.384189", pid: b"19", level: b"INFO", ..Prefix::default() };
        check_cef("I, [2026-01-20T04:56:26.384189 #19]  INFO -- : CEF:0|x", expected);
    }

    #[test]
    fn the_director_adds_thread_and_logger() {
        let expected = Prefix {
            timestamp: b"2024-05-01T10:00:00.557979",
            pid: b"29",
            thread: b"task:3",
            level: b"INFO",
            logger: b"DirectorAudit",
            ..Prefix::default()
        };
        check_cef("I, [2024-05-01T10:00:00.557979 #29] [task:3]  INFO -- DirectorAudit: CEF:0|x", expected);
        let nameless = Prefix { thread: b"", ..expected };
        check_cef("I, [2024-05-01T10:00:00.557979 #29] []  INFO -- DirectorAudit: CEF:0|x", nameless);
    }

    #[test]
    fn credhub_and_the_agent_write_a_stamp() {
        check_cef(
            "2024-05-01T10:00:00.883Z: CEF:0|x",
            Prefix { timestamp: b"2024-05-01T10:00:00.883Z", ..Prefix::default() },
        );
        check_cef("2024/05/01 10:00:00 CEF:0|x", Prefix { timestamp: b"2024/05/01 10:00:00", ..Prefix::default() });
        check_cef("CEF:0|x", Prefix::default());
    }

    #[test]
    fn uaa_layouts_old_and_new() {
        let old = Prefix {
            timestamp: b"2019-05-16 17:12:48.833",
            pid: b"7777",
            thread: b"https-jsse-nio-8443-exec-2",
            level: b"INFO",
            logger: b"Audit",
            ..Prefix::default()
        };
        assert_eq!(uaa(b"[2019-05-16 17:12:48.833] uaa - 7777 [https-jsse-nio-8443-exec-2] ....  INFO --- "), old);
        assert_eq!(uaa(b"[2019-05-16 17:12:48.833] uaa - 7777 [https-jsse-nio-8443-exec-2] .... INFO --- "), old);
        assert_eq!(
            uaa(b"[UAA_AUDIT] [2019-05-16 17:12:48.833] uaa - 7777 [https-jsse-nio-8443-exec-2] ....  INFO --- "),
            old
        );
        assert_eq!(
            uaa(b"[2019-05-16 17:12:48.833] uaa/zone - 7777 [https-jsse-nio-8443-exec-2] - [,] ....  INFO --- "),
            old
        );
        let traced = Prefix { trace_id: b"eebfc71902a0476ead3b365dc8a091b4", span_id: b"c3f14c02ca9d1c91", ..old };
        let line = b"[2019-05-16 17:12:48.833] uaa - 7777 [https-jsse-nio-8443-exec-2] - \
            [eebfc71902a0476ead3b365dc8a091b4,c3f14c02ca9d1c91] ....  INFO --- ";
        assert_eq!(uaa(line), traced);
        assert_eq!(uaa(b""), Prefix::default());
    }
}
