//! Points in time as syslog headers write them, to nanoseconds since the epoch. No clock and no time zone is read.

use record::UnixNanos;

const SECOND: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// Reads an RFC 3339 stamp (RFC 5424 TIMESTAMP is a subset of it) as nanoseconds since 1970-01-01 00:00:00 UTC.
///
/// Exact: up to nine digits of a second are read, more give `None`, as does everything that is no point in time: a 30th
/// of February, hour 24, second 60 (leap seconds have no place on this scale), an offset of a day or more, no offset,
/// octets left over, or a time that 64 bits do not hold (before September 1677, after April 2262). `t` and `z` are
/// accepted for `T` and `Z`.
#[must_use]
pub fn timestamp_nanos(octets: &[u8]) -> Option<i64> {
    let mut rest = octets;
    let year = digits(&mut rest, 4)?;
    one_of(&mut rest, b"-")?;
    let month = digits(&mut rest, 2)?;
    one_of(&mut rest, b"-")?;
    let day = digits(&mut rest, 2)?;
    one_of(&mut rest, b"Tt")?;
    let date_seconds = days_since_epoch(year, month, day)? * DAY_SECONDS;
    let time_nanos = time_of_day(&mut rest)?;
    let offset_seconds = match one_of(&mut rest, b"Zz+-")? {
        sign @ (b'+' | b'-') => {
            let (hours, _, minutes) = (digits(&mut rest, 2)?, one_of(&mut rest, b":")?, digits(&mut rest, 2)?);
            let ahead = (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
            if sign == b'+' { ahead } else { -ahead }
        }
        _ => 0,
    };
    // Before 1970 the seconds are negative and the fraction is not: add in a type where no step overflows.
    let nanos = i128::from(date_seconds - offset_seconds) * i128::from(SECOND) + i128::from(time_nanos);
    rest.is_empty().then(|| i64::try_from(nanos).ok())?
}

/// Whether `octets` are a legal TIMESTAMP of RFC 5424 section 6.2.3 (NILVALUE aside), so that they can be sent on as
/// one: as [`timestamp_nanos`], but with upper-case `T` and `Z`, and at most six digits of a second.
#[must_use]
pub fn is_rfc5424_timestamp(octets: &[u8]) -> bool {
    let fraction = octets.get(19..).and_then(|rest| rest.strip_prefix(b"."));
    let fraction_digits = fraction.map_or(0, |rest| rest.iter().take_while(|octet| octet.is_ascii_digit()).count());
    fraction_digits <= 6
        && !octets.iter().any(|octet| matches!(octet, b't' | b'z'))
        && timestamp_nanos(octets).is_some()
}

/// Reads an RFC 3164 stamp, `Mmm dd hh:mm:ss`, as nanoseconds since the epoch.
///
/// Such a stamp has no zone and no year. UTC is assumed, and the year in which it is nearest to `received`; a stamp
/// that is over half a year away in every year (a 29th of February) gives `None`. The day may be padded with a
/// blank, with a zero, or not at all. Where a sender adds a year after the day, or a fraction after the second, they are
/// taken at their word.
#[must_use]
pub fn rfc3164_nanos(octets: &[u8], received: UnixNanos) -> Option<i64> {
    const HALF_YEAR: i64 = 184 * DAY_SECONDS * SECOND;

    let mut rest = octets;
    let month = month_number(rest.split_off(..3)?)?;
    one_of(&mut rest, b" ")?;
    let is_padded = one_of(&mut rest, b" ").is_some();
    let day = if !is_padded && rest.get(1).is_some_and(u8::is_ascii_digit) { 2 } else { 1 };
    let day = digits(&mut rest, day)?;
    one_of(&mut rest, b" ")?;
    let sent_year = rest.get(4).filter(|octet| **octet == b' ').and_then(|_| digits(&mut rest, 4));
    if sent_year.is_some() {
        one_of(&mut rest, b" ")?;
    }
    let time_nanos = time_of_day(&mut rest)?;
    if !rest.is_empty() {
        return None;
    }
    let in_year = |year| {
        let date_nanos = (days_since_epoch(year, month, day)? * DAY_SECONDS).checked_mul(SECOND)?;
        date_nanos.checked_add(time_nanos)
    };
    if let Some(year) = sent_year {
        return in_year(year);
    }
    let received = i64::try_from(received.0).ok()?;
    let received_year = year_of(received.div_euclid(DAY_SECONDS * SECOND));
    let candidates = (received_year - 1..=received_year + 1).filter_map(in_year);
    let nearest = candidates.min_by_key(|nanos| nanos.abs_diff(received))?;
    (nearest.abs_diff(received) <= HALF_YEAR.unsigned_abs()).then_some(nearest)
}

/// `hh:mm:ss` and, if there is one, a fraction of one to nine digits; as nanoseconds since midnight.
fn time_of_day(rest: &mut &[u8]) -> Option<i64> {
    let hour = digits(rest, 2)?;
    one_of(rest, b":")?;
    let minute = digits(rest, 2)?;
    one_of(rest, b":")?;
    let second = digits(rest, 2)?;
    let mut fraction_nanos = 0;
    if one_of(rest, b".").is_some() {
        let length = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let power = 9_u32.checked_sub(u32::try_from(length).ok().filter(|length| *length > 0)?)?;
        fraction_nanos = digits(rest, length)? * 10_i64.pow(power);
    }
    let legal = hour < 24 && minute < 60 && second < 60;
    legal.then_some((hour * 3600 + minute * 60 + second) * SECOND + fraction_nanos)
}

/// Takes exactly `count` decimal digits, at most nine.
fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let taken = rest.split_off(..count)?;
    taken.iter().try_fold(0, |number, octet| octet.is_ascii_digit().then(|| number * 10 + i64::from(octet - b'0')))
}

/// Takes one octet if it is one of `allowed`.
fn one_of(rest: &mut &[u8], allowed: &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    allowed.contains(first).then(|| *rest = after)?;
    Some(*first)
}

fn month_number(name: &[u8]) -> Option<i64> {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let index = MONTHS.chunks_exact(3).position(|month| month == name)?;
    Some(index as i64 + 1)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, if there is such a date.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    /// Days of a year before the month, in a year that is not a leap year.
    const BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    /// Days from 0000-01-01 to 1970-01-01.
    const EPOCH: i64 = 719_528;

    let index = usize::try_from(month - 1).ok().filter(|index| *index < 12)?;
    let leap_day = i64::from(is_leap(year));
    let month_days = BEFORE[index + 1] - BEFORE[index] + if month == 2 { leap_day } else { 0 };
    let after_leap_day = if month > 2 { leap_day } else { 0 };
    (1..=month_days).contains(&day).then(|| days_before_year(year) + BEFORE[index] + after_leap_day + day - 1 - EPOCH)
}

/// Days from 0000-01-01 to the first day of `year`, which is not negative.
fn days_before_year(year: i64) -> i64 {
    let last = year - 1;
    // Year 0 is a leap year, hence the one.
    if year == 0 { 0 } else { year * 365 + last / 4 - last / 100 + last / 400 + 1 }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The year that has the day `days` after 1970-01-01, for days from then on.
fn year_of(days: i64) -> i64 {
    // At most one year too early: no year has more than 366 days, and 2554 is the last one asked for.
    let mut year = 1970 + days / 366;
    while days_since_epoch(year + 1, 1, 1).is_some_and(|first| first <= days) {
        year += 1;
    }
    year
}

#[cfg(test)]
mod tests;
