//! syslog-ng's load generator `loggen`.

use std::process::Command;
use std::time::Duration;

use crate::support::process::Process;

/// Sends `count` messages on each of `connections` connections, and returns when `loggen` has ended.
///
/// `by` chooses the transport and `to` names the target, both in its own words: `["--inet", "--stream"]` to address and port,
/// `["--unix", "--stream"]` to a path. Each message carries `seq: N, thread: N`, see [`sequence_of`].
#[track_caller]
pub(crate) fn send(by: &[&str], to: &[&str], connections: u32, count: u64) {
    let mut command = Command::new(super::unpacked("loggen"));
    command.args(by).arg(format!("--active-connections={connections}")).arg(format!("--number={count}"));
    // The rate is so high that it does not matter, and the time ends a run that hangs.
    command.args(["--rate=1000000", "--interval=60", "--size=256", "--quiet"]).args(to);
    Process::start("loggen", &mut command).wait_for_success(Duration::from_secs(90));
}

/// The connection and the number, from 0, in a message that `loggen` made.
#[track_caller]
pub(crate) fn sequence_of(message: &str) -> (u32, u64) {
    let number = |name: &str| {
        let rest = message.split_once(name)?.1;
        let digits = rest.split_once(',')?.0;
        digits.parse::<u64>().ok()
    };
    let found = number("seq: ").zip(number("thread: "));
    let (sequence, thread) = found.unwrap_or_else(|| panic!("not from loggen: {message:?}"));
    (u32::try_from(thread).expect("few threads"), sequence)
}
