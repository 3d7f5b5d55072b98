//! Times that contradict each other.

use std::time::Duration;

use crate::config::Config;
use crate::duration::show;
use crate::listener::Listener;
use crate::report::Report;

/// Cloud Foundry closes a quiet application drain after 10 to 20 minutes, and expects its receiver to wait longer.
const QUIET_SENDER: Duration = Duration::from_secs(20 * 60);

pub(super) fn check(config: &Config, report: &mut Report) {
    for listener in config.listeners.iter().filter(|listener| listener.protocol.is_stream()) {
        idle_connections(listener, report);
        keepalive(listener, report);
        rejoining(listener, report);
        if let Some(per_source) = listener.connections_per_source_max
            && per_source > listener.connections_max
            && !report.is_faulty(&listener.key("connections_max"))
        {
            let expected = format!("at most connections_max, which is {}", listener.connections_max);
            report.warning(&listener.key("connections_per_source_max"), per_source.to_string(), expected);
        }
    }
}

fn idle_connections(listener: &Listener, report: &mut Report) {
    let Some(idle) = listener.idle_timeout else { return };
    let key = listener.key("idle_timeout");
    if listener.frame_timeout > idle && !report.is_faulty(&listener.key("frame_timeout")) {
        let found =
            format!("\"{}\", shorter than frame_timeout, which is \"{}\"", show(idle), show(listener.frame_timeout));
        report.error(&key, found, "frame_timeout of at most idle_timeout");
    }
    if idle < QUIET_SENDER {
        let expected = "\"off\", or more than \"20m\": Cloud Foundry keeps quiet connections that long";
        report.warning(&key, format!("\"{}\"", show(idle)), expected);
    }
}

fn rejoining(listener: &Listener, report: &mut Report) {
    if listener.rejoin.is_some() || report.is_faulty(&listener.key("rejoin")) {
        return;
    }
    for key in ["rejoin_time_max", "rejoin_bytes_max"].map(|name| listener.key(name)) {
        if report.is_given(&key) && !report.is_faulty(&key) {
            report.warning(&key, "it with rejoin = false, where it has no effect", "it only with rejoin = true");
        }
    }
}

fn keepalive(listener: &Listener, report: &mut Report) {
    let times = [("keepalive.idle", listener.keepalive.idle), ("keepalive.interval", listener.keepalive.interval)];
    for (name, time) in times.into_iter().filter(|(_, time)| time.subsec_nanos() != 0) {
        report.error(
            &listener.key(name),
            format!("\"{}\"", show(time)),
            "whole seconds: the kernel counts nothing smaller",
        );
    }
}
