//! Spring Boot's log layout:
//! `2019-05-16 14:59:34.897  INFO 7594 --- [nio-9021-exec-7] i.p.pks.cluster.ClusterService    : text`. Documentation
//! and viewers collapse its runs of blanks.

use crate::formats::prefix::Prefix;
use crate::text::split_once;

/// What stands before the text, and the text.
pub(super) fn split(line: &[u8]) -> Option<(Prefix<'_>, &[u8])> {
    let (before, after) = split_once(line, b" --- [")?;
    let (thread, after) = split_once(after, b"] ")?;
    let after = after.trim_ascii_start();
    let (logger, text) = split_once(after, b" ")?;
    let text = text.trim_ascii_start().strip_prefix(b": ")?;
    let mut words = before.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
    let (_date, time) = (words.next()?, words.next()?);
    let (level, pid) = (words.next()?, words.next()?);
    let timestamp = &before[..end_in(before, time)?];
    Some((Prefix { timestamp, pid, thread: thread.trim_ascii(), level, logger, ..Prefix::default() }, text))
}

/// Where `part` ends in `text`, of which it is a part.
fn end_in(text: &[u8], part: &[u8]) -> Option<usize> {
    let (start, len) = crate::octets::place_in(text, part)?;
    Some(start as usize + len as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str) {
        let expected = Prefix {
            timestamp: b"2019-05-16 14:59:34.897",
            pid: b"7594",
            thread: b"nio-9021-exec-7",
            level: b"INFO",
            logger: b"io.pivotal.pks.cluster.ClusterService",
            ..Prefix::default()
        };
        assert_eq!(split(line.as_bytes()), Some((expected, b"a : b".as_slice())));
    }

    #[test]
    fn padded_and_collapsed() {
        check(
            "2019-05-16 14:59:34.897  INFO 7594 --- [nio-9021-exec-7] io.pivotal.pks.cluster.ClusterService    : a : b",
        );
        check("2019-05-16 14:59:34.897 INFO 7594 --- [nio-9021-exec-7] io.pivotal.pks.cluster.ClusterService : a : b");
        check(
            "2019-05-16 14:59:34.897  INFO 7594 --- [  nio-9021-exec-7] io.pivotal.pks.cluster.ClusterService : a : b",
        );
    }

    #[test]
    fn another_layout_is_none() {
        assert_eq!(split(b"2019-05-16 14:59:34.897 INFO 7594 [x] y : z"), None);
        assert_eq!(split(b""), None);
    }
}
