//! Names that become parts of paths and labels: of this instance, of listeners and sinks.

use crate::problem::Fault;

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Refuses an instance name that is not `[A-Za-z0-9._-]{1,64}`, or is `.` or `..`.
pub(crate) fn check_instance(name: &str) -> Result<(), Fault> {
    let is_name = (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_instance_octet);
    if is_name && name != "." && name != ".." {
        return Ok(());
    }
    Err(Fault::expected("a name of 1 to 64 letters, digits, \".\", \"_\" and \"-\""))
}

/// Whether `name` can be the name of a listener or a sink: `[A-Za-z0-9_-]{1,64}`, what TOML calls a bare key.
pub(crate) fn is_section_name(name: &str) -> bool {
    let is_octet = |octet: u8| is_instance_octet(octet) && octet != b'.';
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_octet)
}

fn is_instance_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"._-".contains(&octet)
}

/// The name of this host where it can be an instance name, else `gully`.
pub(crate) fn default_instance() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim_end();
    if check_instance(host).is_ok() { host.to_owned() } else { "gully".to_owned() }
}

/// `name` as a part of a key: as it is when it is a bare key of TOML, else quoted and escaped.
pub(crate) fn key_part(name: &str) -> String {
    if is_section_name(name) { name.to_owned() } else { crate::problem::quoted(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_name_is_safe_in_a_path() {
        for name in ["node-1", "a.b_c", "x", ".hidden", &"x".repeat(64)] {
            assert!(check_instance(name).is_ok(), "{name}");
        }
        for name in ["", ".", "..", "a/b", "a b", "ü", "a\0", "a\n", &"x".repeat(65)] {
            assert!(check_instance(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_default_instance_is_a_name() {
        assert!(check_instance(&default_instance()).is_ok());
    }
}
