//! Octets as a JSON string that fits into one line and is safe to show.

/// Appends `octets` as a JSON string, quotes included.
///
/// The string is one line of valid UTF-8 whatever the octets. Escaped are, beside `"` and `\`, all characters that a
/// terminal or an editor obeys and does not show: U+0000 to U+001F, DEL, C1 controls, line and paragraph separator,
/// and the controls of bidirectional text. Octets that are not UTF-8 become U+FFFD, one for each maximal part of a
/// character (Unicode 16, section 3.9.6), and the result is then `false`: the text is not what was received.
///
/// Linear time; at most six octets of output for one of input.
pub fn write_json_string(octets: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(octets.len() + 2);
    out.push(b'"');
    let is_utf8 = write_json_text(octets, out);
    out.push(b'"');
    is_utf8
}

/// Appends `octets` as the inside of a JSON string; as [`write_json_string`], without the quotes.
pub(super) fn write_json_text(octets: &[u8], out: &mut Vec<u8>) -> bool {
    let mut rest = octets;
    let mut is_utf8 = true;
    loop {
        copy_plain(&mut rest, out);
        match rest.split_first() {
            None => return is_utf8,
            Some((octet, after)) if octet.is_ascii() => {
                write_escape(*octet, out);
                rest = after;
            }
            Some(_) => is_utf8 &= copy_non_ascii(&mut rest, out),
        }
    }
}

/// Moves octets from the front of `rest` to `out`, up to the first that is not plain: a quote, a backslash, a control
/// character or DEL, or not ASCII.
pub(super) fn copy_plain(rest: &mut &[u8], out: &mut Vec<u8>) {
    // A copy of a fixed length costs no call; what was copied too much is cut off again.
    while let Some((block, after)) = rest.split_first_chunk::<16>() {
        let plain = plain_prefix_of_block(block);
        out.extend_from_slice(block);
        if plain < block.len() {
            out.truncate(out.len() - block.len() + plain);
            *rest = &rest[plain..];
            return;
        }
        *rest = after;
        // What has gone well for a block may go well for long.
        while let Some((stretch, after)) = rest.split_first_chunk::<64>() {
            if !stretch.iter().fold(true, |all_plain, octet| all_plain & is_plain(*octet)) {
                break;
            }
            out.extend_from_slice(stretch);
            *rest = after;
        }
    }
    while !rest.is_empty() {
        let (word, length) = first_word(rest);
        let plain = plain_prefix_of_word(word).min(length);
        out.extend_from_slice(&word.to_le_bytes());
        out.truncate(out.len() - size_of_val(&word) + plain);
        *rest = &rest[plain..];
        if plain < length {
            return;
        }
    }
}

/// Whether an octet stands for itself in a JSON string, and is safe to show.
#[inline]
fn is_plain(octet: u8) -> bool {
    // Not short-circuiting, here and where it is used: the compiler then makes vector instructions of it.
    (octet.wrapping_sub(0x20) < 0x5f) & (octet != b'"') & (octet != b'\\')
}

/// How many octets of the block are plain before the first that is not.
// Inlined, it is taken apart into sixteen single octets; on its own it is twenty vector instructions.
#[inline(never)]
fn plain_prefix_of_block(block: &[u8; 16]) -> usize {
    let marks = block.map(|octet| if is_plain(octet) { 0 } else { 0xff });
    u128::from_le_bytes(marks).trailing_zeros() as usize / 8
}

/// As [`plain_prefix_of_block`], for eight octets in a register, the first one lowest.
#[inline]
fn plain_prefix_of_word(word: u64) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    // Each step leaves the high bit of an octet set when the octet has the property. A borrow may set bits of higher
    // octets as well, never of lower ones, and only the lowest counts.
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let is_below_blank = word.wrapping_sub(ONES * 0x20) & !word;
    let is_quote = is_zero(word ^ (ONES * u64::from(b'"')));
    let is_backslash = is_zero(word ^ (ONES * u64::from(b'\\')));
    let is_delete = is_zero(word ^ (ONES * 0x7f));
    let special = (is_below_blank | is_quote | is_backslash | is_delete | word) & HIGHS;
    special.trailing_zeros() as usize / 8
}

/// Up to eight octets, the first one lowest, and how many there are. Octets beyond the end are of no meaning.
#[inline]
fn first_word(octets: &[u8]) -> (u64, usize) {
    if let Some(word) = octets.first_chunk::<8>() {
        return (u64::from_le_bytes(*word), 8);
    }
    // Two loads that overlap read four to seven octets, or two and three, without a loop.
    let length = octets.len();
    let word = if let (Some(head), Some(tail)) = (octets.first_chunk::<4>(), octets.last_chunk::<4>()) {
        u64::from(u32::from_le_bytes(*head)) | u64::from(u32::from_le_bytes(*tail)) << (8 * (length - 4))
    } else if let (Some(head), Some(tail)) = (octets.first_chunk::<2>(), octets.last_chunk::<2>()) {
        u64::from(u16::from_le_bytes(*head)) | u64::from(u16::from_le_bytes(*tail)) << (8 * (length - 2))
    } else {
        octets.first().map_or(0, |octet| u64::from(*octet))
    };
    (word, length)
}

/// Appends the escape of an ASCII character.
pub(super) fn write_escape(octet: u8, out: &mut Vec<u8>) {
    let letter = match octet {
        b'"' | b'\\' => octet,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => return write_unicode_escape(u16::from(octet), out),
    };
    out.extend_from_slice(&[b'\\', letter]);
}

fn write_unicode_escape(code: u16, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| DIGITS[usize::from(code >> shift & 15)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Moves all octets up to the next ASCII character from `rest` to `out`; `false` when some were not UTF-8.
pub(super) fn copy_non_ascii(rest: &mut &[u8], out: &mut Vec<u8>) -> bool {
    let length = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
    let (run, after) = rest.split_at(length);
    *rest = after;
    if let Ok(text) = std::str::from_utf8(run) {
        write_characters(text, out);
        return true;
    }
    for chunk in run.utf8_chunks() {
        write_characters(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    false
}

fn write_characters(text: &str, out: &mut Vec<u8>) {
    // Every character that has a code to write begins with one of these octets.
    let has_lead = text.bytes().fold(false, |found, octet| found | matches!(octet, 0xc2 | 0xd8 | 0xe2));
    if !has_lead {
        return out.extend_from_slice(text.as_bytes());
    }
    let mut written = 0;
    for (start, character) in text.char_indices() {
        if let Some(code) = obeyed_code(character) {
            out.extend_from_slice(&text.as_bytes()[written..start]);
            write_unicode_escape(code, out);
            written = start + character.len_utf8();
        }
    }
    out.extend_from_slice(&text.as_bytes()[written..]);
}

/// The code of a character beyond ASCII that directs how text is shown and is not shown itself.
fn obeyed_code(character: char) -> Option<u16> {
    let code = u16::try_from(u32::from(character)).ok()?;
    matches!(code, 0x80..=0x9f | 0x61c | 0x200e | 0x200f | 0x2028..=0x202e | 0x2066..=0x2069).then_some(code)
}

#[cfg(test)]
mod tests;
