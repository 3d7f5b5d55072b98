//! A frame with fingerprints in place of secrets, and where its header lies then.

use record::{FrameSpan, HeaderSpans, ShortSpan};

use crate::finds::Finds;

/// Appends `frame` to `out`, with what replaces each of `finds` in its place. They are in order and lie apart.
pub(crate) fn append(frame: &[u8], finds: &Finds, out: &mut Vec<u8>) {
    let mut at = 0;
    let added: usize = finds.list().iter().map(|find| finds.replacement(find).len()).sum();
    out.reserve(frame.len() + added);
    for find in finds.list() {
        out.extend_from_slice(&frame[at..find.span.start as usize]);
        out.extend_from_slice(finds.replacement(find));
        at = find.span.end as usize;
    }
    out.extend_from_slice(&frame[at..]);
}

/// Where the parts of `header` lie after that.
pub(crate) fn header(header: &HeaderSpans, finds: &Finds) -> HeaderSpans {
    // Beyond 65,535 octets a field counts as absent, as it does when a header is located.
    let short = |field: ShortSpan| {
        if field.is_absent() {
            return field;
        }
        let start = u32::from(field.start);
        let end = start + u32::from(field.len);
        ShortSpan::new(moved(start, finds) as usize, moved(end, finds) as usize).unwrap_or(ShortSpan::ABSENT)
    };
    let data = header.structured_data;
    HeaderSpans {
        timestamp: short(header.timestamp),
        hostname: short(header.hostname),
        app_name: short(header.app_name),
        procid: short(header.procid),
        msgid: short(header.msgid),
        structured_data: if data.is_empty() {
            data
        } else {
            FrameSpan::new(moved(data.start, finds), moved(data.end, finds))
        },
        msg: moved(header.msg, finds),
        ..*header
    }
}

/// Where the octet at `at` comes to stand; one inside a secret, before its fingerprint.
fn moved(at: u32, finds: &Finds) -> u32 {
    let mut moved = at;
    for find in finds.list().iter().take_while(|find| find.span.start < at) {
        if find.span.end <= at {
            moved = moved + finds.replacement(find).len() as u32 - find.span.len() as u32;
        } else {
            moved -= at - find.span.start;
        }
    }
    moved
}
