//! Finding a producer's field by its dotted name.

use std::cell::RefCell;

use extract::{Item, Value as Native, any_in_json};

use crate::check::Value;
use crate::limits::NATIVE_PARTS_MAX;

/// A buffer that has grown beyond this is given back.
const KEPT_BYTES: usize = 256 * 1024;

thread_local! {
    /// For texts of which escapes have to be undone: kept, so that nothing is allocated per record.
    static DECODED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Whether `check` holds for any value that is called `path`. The names of objects and of their members are joined by dots;
/// the elements of an array are several values. One pass over the items.
pub(crate) fn any<'a>(items: impl Iterator<Item = Item<'a>>, path: &str, check: impl Fn(Value<'_>) -> bool) -> bool {
    let path = path.as_bytes();
    // How much of the path the open objects have used up, outermost first, while they lead to it.
    let mut used = [0; NATIVE_PARTS_MAX + 1];
    let mut open = 0_usize;
    // Objects and arrays that are open and do not lead to it.
    let mut elsewhere = 0_usize;
    for item in items {
        match item.value {
            Native::End if elsewhere > 0 => elsewhere -= 1,
            Native::End => open = open.saturating_sub(1),
            Native::Object | Native::Array if elsewhere > 0 => elsewhere += 1,
            _ if elsewhere > 0 => {}
            Native::Object | Native::Array => match after(path, used[open], item.name) {
                Some(end) if end == path.len() && item.name.is_some() && check(Value::Structure) => return true,
                Some(end) if open < NATIVE_PARTS_MAX => {
                    open += 1;
                    used[open] = end;
                }
                _ => elsewhere += 1,
            },
            value => {
                if let Some(end) = after(path, used[open], item.name)
                    && holds(value, &path[end..], &check)
                {
                    return true;
                }
            }
        }
    }
    false
}

/// How much of `path` is used up after a member called `name`, when it leads on; an element of an array has no name.
fn after(path: &[u8], used: usize, name: Option<&[u8]>) -> Option<usize> {
    let Some(name) = name else { return Some(used) };
    let rest = &path[used..];
    let rest = if used == 0 { rest } else { rest.strip_prefix(b".")? };
    let left = rest.strip_prefix(name).filter(|_| !name.is_empty())?;
    (left.is_empty() || left[0] == b'.').then_some(path.len() - left.len())
}

/// Whether `check` holds for a value, or for one inside it to which `rest` leads.
fn holds(native: Native<'_>, rest: &[u8], check: &impl Fn(Value<'_>) -> bool) -> bool {
    match native {
        Native::Json(json) => DECODED.with_borrow_mut(|decoded| {
            let inside = rest.strip_prefix(b".").unwrap_or(rest);
            let found = any_in_json(json, inside, decoded, |value| check(value.map_or(Value::Structure, Value::Text)));
            decoded.clear();
            decoded.shrink_to(KEPT_BYTES);
            found
        }),
        _ if !rest.is_empty() => false,
        Native::Text(text) => check(Value::Text(text)),
        Native::Integer(number) => check(Value::Integer(number)),
        Native::Boolean(mark) => check(Value::Text(if mark { b"true" } else { b"false" })),
        Native::Object | Native::Array | Native::End => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &[&str]) {
        fn item(name: &'static str, value: Native<'static>) -> Item<'static> {
            Item { name: Some(name.as_bytes()), value }
        }
        let element = |text: &'static str| Item { name: None, value: Native::Text(text.as_bytes()) };
        let end = Item { name: None, value: Native::End };
        let items = [
            item("cef.name", Native::Text(b"n")),
            item("cef.ext", Native::Object),
            item("suser", Native::Text(b"alice")),
            item("cef.name", Native::Text(b"not this one")),
            end,
            item("other", Native::Object),
            item("cef.ext", Native::Object),
            item("suser", Native::Text(b"nor this one")),
            end,
            end,
            item("groups", Native::Array),
            element("a"),
            element("b"),
            end,
            item("code", Native::Json(b"403")),
            item("gone", Native::Json(b"null")),
            item("word", Native::Json(b"\"x\"")),
            item("tree", Native::Json(br#"{"a":1,"b.c":{"d":["\u0078","y"]}}"#)),
            item("present", Native::Boolean(true)),
            item("pid", Native::Integer(-7)),
        ];
        let found = RefCell::new(Vec::new());
        let stopped = any(items.into_iter(), path, |value| {
            found.borrow_mut().push(match value {
                Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Value::Integer(number) => number.to_string(),
                Value::Address(address) => address.to_string(),
                Value::Structure => "…".to_owned(),
            });
            false
        });
        assert!(!stopped);
        assert_eq!(found.into_inner(), expected, "{path}");
    }

    #[test]
    fn values_are_found_by_the_names_on_the_way_to_them() {
        check("cef.name", &["n"]);
        check("cef.ext.suser", &["alice"]);
        check("groups", &["…", "a", "b"]);
        check("cef.ext", &["…"]);
        check("tree", &["…"]);
        check("tree.a", &["1"]);
        check("tree.b.c.d", &["…", "x", "y"]);
        check("code", &["403"]);
        check("word", &["x"]);
        check("present", &["true"]);
        check("pid", &["-7"]);
        for nothing in ["cef", "suser", "cef.ext.suse", "cef.ext.suser.x", "gone", "other.suser", "groups.a", "tree.b"]
        {
            check(nothing, &[]);
        }
    }

    #[test]
    fn objects_that_are_nested_too_deeply_are_passed_over() {
        let object = Item { name: Some(b"a"), value: Native::Object };
        let end = Item { name: None, value: Native::End };
        let value = Item { name: Some(b"b"), value: Native::Text(b"found") };
        let items = [vec![object; 100], vec![end; 100], vec![value]].concat();
        let path = "a.".repeat(99) + "a";
        assert!(!any(items.clone().into_iter(), &path, |_| true));
        assert!(any(items.into_iter(), "b", |_| true));
    }
}
