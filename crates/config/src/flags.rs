//! The names of the flags that records have.

use record::Flags;

use crate::nearest::nearest;
use crate::problem::Fault;

/// Refuses a name that no flag has, with the nearest one.
pub(crate) fn check_flag(name: &str) -> Result<(), Fault> {
    let names = || Flags::ALL.iter().map(|(_, name)| *name);
    if names().any(|known| known == name) {
        return Ok(());
    }
    Err(Fault::expected(match nearest(name, names()) {
        Some(near) => format!("{near:?}"),
        None => format!("a flag of records: {}", names().collect::<Vec<_>>().join(", ")),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_flag_names_the_nearest() {
        assert_eq!(check_flag("truncated_upstream"), Ok(()));
        assert_eq!(check_flag("upstream_truncated").unwrap_err().expected, "\"truncated_upstream\"");
        assert!(check_flag("x").unwrap_err().expected.contains(", no_provenance, "));
    }
}
