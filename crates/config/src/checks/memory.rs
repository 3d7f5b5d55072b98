//! Whether what has to be in memory at once fits `limits.memory`.

use crate::config::{Config, Limits};
use crate::report::Report;
use crate::size::{show, show_mebibytes};

/// Longest frames that have to fit beside each other: one that is being read while another is on its way to a sink.
const FRAMES: u64 = 2;

/// What a busy connection holds of an unfinished frame: about an ordinary audit record.
const UNFINISHED_FRAME_BYTES: u64 = 1 << 10;

pub(super) fn check(config: &Config, report: &mut Report) {
    if report.is_faulty("limits") {
        return;
    }
    let memory = show(config.limits.memory);
    let Some(longest) = config.listeners.iter().max_by_key(|listener| listener.frame_bytes_max) else { return };
    let frames = FRAMES * longest.frame_bytes_max;
    let with_connections = frames + UNFINISHED_FRAME_BYTES * config.connections_max();
    let is_derived = !report.is_given("limits.udp_reserve");
    if with_reserve(frames, &config.limits, is_derived) > config.limits.memory {
        let found = format!(
            "\"{memory}\", too small for frames of \"{}\" ({}) beside udp_reserve = \"{}\"",
            show(longest.frame_bytes_max),
            longest.key("frame_bytes_max"),
            show(config.limits.udp_reserve),
        );
        let needed = show_mebibytes(with_reserve(frames, &config.limits, is_derived));
        report.error("limits.memory", found, format!("at least \"{needed}\""));
    } else if with_reserve(with_connections, &config.limits, is_derived) > config.limits.memory {
        let found = format!("\"{memory}\", too small for {} connections that all send", config.connections_max());
        let needed = show_mebibytes(with_reserve(with_connections, &config.limits, is_derived));
        report.warning("limits.memory", found, format!("at least \"{needed}\", or a smaller connections_max"));
    }
}

/// The memory of which `bytes` are left beside the reserve for datagrams, which grows with it when it `is_derived`.
fn with_reserve(bytes: u64, limits: &Limits, is_derived: bool) -> u64 {
    match is_derived {
        true => (bytes * 8).div_ceil(7).min(bytes + Limits::UDP_RESERVE_DEFAULT_MAX),
        false => bytes + limits.udp_reserve,
    }
}
