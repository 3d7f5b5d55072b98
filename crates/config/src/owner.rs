//! Whom the files of a sink belong to.

use std::path::Path;

use crate::problem::{Fault, quoted};

/// Whom files belong to. At least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user; `None` leaves it as it is.
    pub user_id: Option<u32>,
    /// The group; `None` leaves it as it is.
    pub group_id: Option<u32>,
}

impl Owner {
    /// Parses `user:group`, `user` or `:group`, each a name or a number.
    ///
    /// Names are looked up in `/etc/passwd` and `/etc/group` alone; users of a directory service are given by number.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let (user, group) = text.split_once(':').unwrap_or((text, ""));
        if user.is_empty() && group.is_empty() {
            return Err(Fault::expected("\"user:group\", \"user\" or \":group\", each a name or a number"));
        }
        Ok(Self { user_id: id(user, "user", "/etc/passwd")?, group_id: id(group, "group", "/etc/group")? })
    }
}

fn id(name: &str, kind: &str, database: &str) -> Result<Option<u32>, Fault> {
    if name.is_empty() {
        return Ok(None);
    }
    // The highest number means "leave it" to chown(2).
    if let Some(id) = name.parse().ok().or_else(|| look_up(name, Path::new(database))).filter(|id| *id != u32::MAX) {
        return Ok(Some(id));
    }
    Err(Fault::new(format!("the unknown {kind} {}", quoted(name)), format!("a {kind} of {database}, or a number")))
}

/// The third field of the line that begins with `name` (passwd(5), group(5)).
fn look_up(name: &str, database: &Path) -> Option<u32> {
    let database = std::fs::read(database).ok()?;
    let database = String::from_utf8_lossy(&database);
    let mut lines = database.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, user_id: Option<u32>, group_id: Option<u32>) {
        assert_eq!(Owner::parse(text), Ok(Owner { user_id, group_id }), "{text}");
    }

    #[test]
    fn names_and_numbers_are_taken() {
        check("root:root", Some(0), Some(0));
        check("root", Some(0), None);
        check(":root", None, Some(0));
        check("1000:4", Some(1000), Some(4));
    }

    #[test]
    fn an_unknown_name_says_where_it_was_looked_up() {
        let fault = Owner::parse("root:no-such-group").unwrap_err();
        assert_eq!(fault.found.unwrap(), "the unknown group \"no-such-group\"");
        assert_eq!(fault.expected, "a group of /etc/group, or a number");
        for text in ["", ":", "-1", "4294967295", "4294967296", "no-such-user:root"] {
            assert!(Owner::parse(text).is_err(), "{text}");
        }
    }
}
