//! Finding a producer's field by its dotted name.

use extract::{Item, Value as Native};

use crate::check::Value;

/// Deeper objects are not looked into; a name of the longest condition has fewer parts that matter.
const OPEN_MAX: usize = 16;

/// Whether `check` holds for any value that is called `path`. The names of objects and of their members are joined by dots;
/// an array of texts is several values. One pass over the items.
pub(crate) fn any<'a>(items: impl Iterator<Item = Item<'a>>, path: &str, check: impl Fn(Value<'_>) -> bool) -> bool {
    let path = path.as_bytes();
    // How much of the path the open objects have used up, outermost first, while they lead to it.
    let mut used = [0; OPEN_MAX];
    let mut open = 0_usize;
    // Objects and arrays that are open and do not lead to it.
    let mut elsewhere = 0_usize;
    for item in items {
        match item.value {
            Native::End if elsewhere > 0 => elsewhere -= 1,
            Native::End => open = open.saturating_sub(1),
            Native::Object | Native::Array if elsewhere > 0 => elsewhere += 1,
            Native::Object | Native::Array => match after(path, used[open], item.name) {
                Some(end) if open + 1 < OPEN_MAX => {
                    open += 1;
                    used[open] = end;
                }
                _ => elsewhere += 1,
            },
            _ if elsewhere > 0 => {}
            scalar => {
                let is_it = after(path, used[open], item.name) == Some(path.len());
                if is_it && value(scalar).is_some_and(&check) {
                    return true;
                }
            }
        }
    }
    false
}

/// How much of `path` is used up after a member called `name`, when it continues there; an element of an array has no name.
fn after(path: &[u8], used: usize, name: Option<&[u8]>) -> Option<usize> {
    let Some(name) = name else { return Some(used) };
    let rest = &path[used..];
    let rest = if used == 0 { rest } else { rest.strip_prefix(b".")? };
    let left = rest.strip_prefix(name)?;
    (left.is_empty() || left[0] == b'.').then_some(path.len() - left.len())
}

fn value(native: Native<'_>) -> Option<Value<'_>> {
    match native {
        Native::Text(text) => Some(Value::Text(text)),
        Native::Integer(number) => Some(Value::Integer(number)),
        Native::Boolean(true) => Some(Value::Text(b"true")),
        Native::Boolean(false) => Some(Value::Text(b"false")),
        Native::Json(json) => scalar(json),
        Native::Object | Native::Array | Native::End => None,
    }
}

/// The value of a JSON number, mark or plain string; `null`, objects and arrays have none.
fn scalar(json: &[u8]) -> Option<Value<'_>> {
    match json.first()? {
        b'{' | b'[' => None,
        b'"' => Some(Value::Text(json.get(1..json.len() - 1)?)),
        _ if json == b"null" => None,
        _ => Some(Value::Text(json)),
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
            item("tree", Native::Json(b"{\"a\":1}")),
            item("present", Native::Boolean(true)),
            item("pid", Native::Integer(-7)),
        ];
        let found = std::cell::RefCell::new(Vec::new());
        let stopped = any(items.into_iter(), path, |value| {
            found.borrow_mut().push(match value {
                Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Value::Integer(number) => number.to_string(),
                Value::Address(address) => address.to_string(),
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
        check("groups", &["a", "b"]);
        check("code", &["403"]);
        check("word", &["x"]);
        check("present", &["true"]);
        check("pid", &["-7"]);
        for nothing in
            ["cef", "cef.ext", "suser", "cef.ext.suse", "cef.ext.suser.x", "gone", "tree", "other", "groups.a"]
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
