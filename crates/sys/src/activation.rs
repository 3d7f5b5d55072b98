//! Sockets that systemd has bound for us (sd_listen_fds(3)).

use std::env;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

/// The first descriptor that is passed (`SD_LISTEN_FDS_START`).
const FIRST: RawFd = 3;
/// More are not taken, so that a wild number in the environment costs nothing.
const SOCKETS_MAX: RawFd = 1024;

/// A socket that was bound before this process began.
#[derive(Debug)]
pub struct ActivatedSocket {
    /// What `FileDescriptorName=` calls it in the socket unit; empty when it has no name.
    pub name: String,
    /// The socket, marked close-on-exec.
    pub socket: OwnedFd,
}

/// Takes the sockets that were passed to this process by `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`.
///
/// The first call takes them all; later calls, and calls in a process that was not meant, give none. Descriptors that are
/// not open, or are no sockets, are left alone. Call it before anything else opens descriptors: a number in the range
/// that systemd did not pass, but that is a socket by then, would be taken from its owner.
pub fn activated_sockets() -> Vec<ActivatedSocket> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let variable = |name| env::var(name).ok();
    let passed = passed(variable("LISTEN_PID"), variable("LISTEN_FDS"), variable("LISTEN_FDNAMES"), process::id());
    if TAKEN.swap(true, Ordering::Relaxed) {
        return Vec::new();
    }
    passed
        .into_iter()
        .filter(|(fd, _)| mark_close_on_exec(*fd) && is_socket(*fd))
        // SAFETY: the descriptor is open (the filter has asked), and by the protocol it was opened for us alone; `TAKEN` lets
        // nobody take it twice.
        .map(|(fd, name)| ActivatedSocket { name, socket: unsafe { OwnedFd::from_raw_fd(fd) } })
        .collect()
}

/// The descriptors, with their names, that the environment says were passed to process `own_pid`.
fn passed(pid: Option<String>, count: Option<String>, names: Option<String>, own_pid: u32) -> Vec<(RawFd, String)> {
    if pid.and_then(|pid| pid.parse().ok()) != Some(own_pid) {
        return Vec::new();
    }
    let count = count.and_then(|count| count.parse::<RawFd>().ok()).unwrap_or(0).clamp(0, SOCKETS_MAX);
    let names = names.unwrap_or_default();
    let names = names.split(':').map(str::to_owned).chain(std::iter::repeat(String::new()));
    (FIRST..FIRST + count).zip(names).collect()
}

/// Keeps the descriptor out of programs that we start; false when it is not open.
fn mark_close_on_exec(fd: RawFd) -> bool {
    // SAFETY: fcntl takes any number; F_SETFD reads no memory.
    unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) == 0 }
}

fn is_socket(fd: RawFd) -> bool {
    let mut kind: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: getsockopt writes at most `length` bytes into `kind`; it takes any descriptor, and fails for what is no socket.
    let answer =
        unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE, (&raw mut kind).cast(), &raw mut length) };
    answer == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pid: &str, count: &str, names: Option<&str>, expected: &[(RawFd, &str)]) {
        let found = passed(Some(pid.to_owned()), Some(count.to_owned()), names.map(str::to_owned), 77);
        let found: Vec<_> = found.iter().map(|(fd, name)| (*fd, name.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn descriptors_begin_at_three_and_carry_their_names() {
        check("77", "2", Some("tls:udp"), &[(3, "tls"), (4, "udp")]);
        check("77", "2", Some("tls"), &[(3, "tls"), (4, "")]);
        check("77", "1", None, &[(3, "")]);
    }

    #[test]
    fn sockets_of_another_process_are_not_ours() {
        check("78", "2", None, &[]);
        assert_eq!(passed(None, None, None, 77), []);
    }

    #[test]
    fn nonsense_in_the_environment_passes_nothing() {
        for count in ["", "-1", "two", "99999999999999"] {
            check("77", count, None, &[]);
        }
        check("", "1", None, &[]);
    }

    #[test]
    fn a_test_run_is_passed_no_socket() {
        assert!(activated_sockets().is_empty());
    }

    #[test]
    fn only_open_sockets_count() {
        use std::os::fd::AsRawFd;
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let file = tempfile::tempfile().unwrap();
        assert!(is_socket(socket.as_raw_fd()) && mark_close_on_exec(socket.as_raw_fd()));
        assert!(!is_socket(file.as_raw_fd()) && !mark_close_on_exec(-1));
    }
}
