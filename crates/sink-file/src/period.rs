//! Until when a dated path is written.

use std::time::{Duration, SystemTime};

use jiff::civil::Date;
use jiff::tz::Offset;
use record::UnixNanos;

const HOUR_SECONDS: u64 = 3_600;

/// What the date in a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    Day,
    /// When there is an hour, too.
    Hour,
}

impl Period {
    const fn seconds(self) -> u64 {
        match self {
            Self::Day => 24 * HOUR_SECONDS,
            Self::Hour => HOUR_SECONDS,
        }
    }

    /// The end of the period of `date` and `hour` in UTC; the hour is 0 for a day. None before 1970.
    pub(crate) fn end(self, date: Date, hour: i8) -> Option<SystemTime> {
        let start = Offset::UTC.to_timestamp(date.at(hour, 0, 0, 0)).ok()?.as_second();
        let end = u64::try_from(start).ok()?.checked_add(self.seconds())?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end))
    }

    /// The end of the period that `moment` lies in.
    pub(crate) fn end_after(self, moment: UnixNanos) -> SystemTime {
        let seconds = moment.0 / 1_000_000_000;
        SystemTime::UNIX_EPOCH + Duration::from_secs((seconds / self.seconds() + 1) * self.seconds())
    }
}

/// How long it is until the next full hour after `now`, when hours and dates in paths change.
pub(crate) fn until_next_hour(now: SystemTime) -> Duration {
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Duration::from_secs(HOUR_SECONDS - seconds % HOUR_SECONDS)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_name_and_a_moment_agree_on_the_end() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        // 2026-11-21T10:15:00Z
        let moment = UnixNanos(1_795_256_100_000_000_000);
        let day = date(2026, 11, 21);
        assert_eq!(
            (Period::Hour.end(day, 10), Period::Hour.end_after(moment)),
            (Some(at(1_795_258_800)), at(1_795_258_800))
        );
        assert_eq!(
            (Period::Day.end(day, 0), Period::Day.end_after(moment)),
            (Some(at(1_795_305_600)), at(1_795_305_600))
        );
        assert_eq!(Period::Day.end(date(1969, 12, 30), 0), None);
        assert!(Period::Hour.end(date(9999, 12, 31), 23).is_none_or(|end| end > at(0)), "the last date there is");
    }

    #[test]
    fn the_next_hour_is_never_now() {
        let after = |seconds| until_next_hour(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).as_secs();
        assert_eq!((after(0), after(1), after(3_599), after(3_600)), (3_600, 3_599, 1, 3_600));
    }
}
