//! Time stamps: is it one, and is it a point in time?

use record::Flags;

/// A stamp of RFC 3164 headers: how long it is, and what is wrong with its value.
pub(super) struct Stamp {
    /// Length in octets.
    pub(super) len: usize,
    /// [`Flags::TIMESTAMP`], [`Flags::TS_SUSPECT`] or nothing.
    pub(super) flags: Flags,
}

/// The years in which a record can have been made; others are [`Flags::TS_SUSPECT`].
const PLAUSIBLE_YEARS: std::ops::RangeInclusive<u32> = 1970..=2100;

/// The value of two octets that are not both digits: above every limit.
const NO_NUMBER: u32 = 1000;

/// Checks TIMESTAMP of RFC 5424 section 6.2.3: RFC 3339 with an upper-case `T` and `Z`, one to six digits of fraction,
/// no leap second, and a day that exists. NILVALUE is not for this function.
///
/// Gives [`Flags::TIMESTAMP`] when it is none, [`Flags::TS_SUSPECT`] for a year before 1970 or after 2100.
pub(super) fn check(stamp: &[u8]) -> Flags {
    let Some((clock, rest)) = stamp.split_first_chunk::<19>() else { return Flags::TIMESTAMP };
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = clock else {
        return Flags::TIMESTAMP;
    };
    let two = |at: usize| number([clock[at], clock[at + 1]]);
    let (century, year_of_century) = (two(0), two(2));
    let year = century * 100 + year_of_century;
    let legal = century <= 99
        && year_of_century <= 99
        && (1..=days_of(two(5), Some(year))).contains(&two(8))
        && two(11) <= 23
        && two(14) <= 59
        && two(17) <= 59
        && is_zone(without_fraction(rest));
    match legal {
        false => Flags::TIMESTAMP,
        true if PLAUSIBLE_YEARS.contains(&year) => Flags::NONE,
        true => Flags::TS_SUSPECT,
    }
}

/// Finds a stamp that looks like RFC 3339, zone included, at the start of `octets`; its value need not be legal.
/// It ends at a space or with the octets. At most 40 octets are looked at.
pub(super) fn rfc3339(octets: &[u8]) -> Option<Stamp> {
    const LEN_MAX: usize = 40;
    let window = &octets[..octets.len().min(LEN_MAX)];
    let len = window.iter().position(|&octet| octet == b' ').unwrap_or(window.len());
    if len == window.len() && len < octets.len() {
        return None;
    }
    let stamp = &octets[..len];
    let (clock, rest) = stamp.split_first_chunk::<19>()?;
    let like_a_clock = clock.iter().zip(b"0000-00-00T00:00:00").all(|(octet, model)| match model {
        b'0' => octet.is_ascii_digit(),
        b'T' => matches!(octet, b'T' | b't'),
        _ => octet == model,
    });
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|octet| octet.is_ascii_digit()).count(),
        _ => 0,
    };
    let like_a_zone = match &rest[fraction..] {
        [] | [b'Z' | b'z'] => true,
        [b'+' | b'-', zone @ ..] => {
            zone.len() == 5
                && zone.iter().enumerate().all(|(at, o)| if at == 2 { *o == b':' } else { o.is_ascii_digit() })
        }
        _ => false,
    };
    (like_a_clock && like_a_zone).then(|| Stamp { len, flags: check(stamp) })
}

/// Finds a traditional stamp at the start of `octets`: `Mmm dd hh:mm:ss`, the day with two digits, one, or a blank and
/// one; a year may stand after the day, a fraction of up to nine digits at the end. The value need not be legal: a day
/// that does not exist is [`Flags::TIMESTAMP`].
pub(super) fn traditional(octets: &[u8]) -> Option<Stamp> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let (name, rest) = octets.split_first_chunk::<3>()?;
    let month = (1..).zip(MONTHS).find(|(_, month)| *month == name)?.0;
    let (day, rest) = match rest {
        [b' ', b' ', one @ b'0'..=b'9', b' ', rest @ ..] | [b' ', one @ b'0'..=b'9', b' ', rest @ ..] => {
            (number([b'0', *one]), rest)
        }
        [b' ', ten @ b'0'..=b'9', one @ b'0'..=b'9', b' ', rest @ ..] => (number([*ten, *one]), rest),
        _ => return None,
    };
    let (year, rest) = match rest {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', d @ b'0'..=b'9', b' ', rest @ ..] => {
            (Some(number([*a, *b]) * 100 + number([*c, *d])), rest)
        }
        _ => (None, rest),
    };
    let (clock, rest) = rest.split_first_chunk::<8>()?;
    let [h, hour, b':', m, minute, b':', s, second] = *clock else { return None };
    let (hour, minute, second) = (number([h, hour]), number([m, minute]), number([s, second]));
    if hour.max(minute).max(second) == NO_NUMBER {
        return None;
    }
    let rest = match rest {
        [b'.', digits @ ..] => match digits.iter().take(10).take_while(|octet| octet.is_ascii_digit()).count() {
            count @ 1..=9 => &digits[count..],
            _ => rest,
        },
        _ => rest,
    };
    let legal = (1..=days_of(month, year)).contains(&day) && hour <= 23 && minute <= 59 && second <= 59;
    let flags = match year {
        _ if !legal => Flags::TIMESTAMP,
        Some(year) if !PLAUSIBLE_YEARS.contains(&year) => Flags::TS_SUSPECT,
        _ => Flags::NONE,
    };
    Some(Stamp { len: octets.len() - rest.len(), flags })
}

/// The value of two digits, or [`NO_NUMBER`].
fn number([tens, ones]: [u8; 2]) -> u32 {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 { NO_NUMBER } else { u32::from(tens) * 10 + u32::from(ones) }
}

/// How many days a month has: 0 when there is no such month; February has 29 in a year that is not known.
fn days_of(month: u32, year: Option<u32>) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_none_or(|year| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// `rest` without a legal fraction of a second at its start.
fn without_fraction(rest: &[u8]) -> &[u8] {
    const DIGITS_MAX: usize = 6;
    let [b'.', digits @ ..] = rest else { return rest };
    match digits.iter().take_while(|octet| octet.is_ascii_digit()).count() {
        count @ 1..=DIGITS_MAX => &digits[count..],
        _ => rest,
    }
}

/// `Z`, or an offset of hours and minutes.
fn is_zone(zone: &[u8]) -> bool {
    match *zone {
        [b'Z'] => true,
        [b'+' | b'-', h, hours, b':', m, minutes] => number([h, hours]) <= 23 && number([m, minutes]) <= 59,
        _ => false,
    }
}
