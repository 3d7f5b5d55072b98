//! Values inside a JSON text, by the names of the members that lead to them.

use super::{Kind, Scanner};

/// Whether `is_it` holds for a value inside `json` that `path` leads to: the names of members, joined by dots; none for
/// the whole. It is asked with the text of a string, its escapes undone, with a number, `true` or `false` as it stands
/// there, and with nothing for an object or array as such. The elements of an array are several values, but not those of
/// arrays in arrays; a `null` is none.
///
/// One pass; what comes after a fault is not seen. `decoded` is a buffer for strings with escapes, and keeps what it has
/// grown to.
pub fn any_in_json(
    json: &[u8],
    path: &[u8],
    decoded: &mut Vec<u8>,
    mut is_it: impl FnMut(Option<&[u8]>) -> bool,
) -> bool {
    let mut scanner = Scanner::new(json);
    if path.is_empty() && scanner.kind() == Some(Kind::Scalar) {
        // The scanner could not know that nothing more of it comes.
        return is_it(Some(json));
    }
    let mut search = Search { decoded, is_it: &mut is_it, found: false };
    search.value(&mut scanner, path);
    search.found
}

struct Search<'s> {
    decoded: &'s mut Vec<u8>,
    is_it: &'s mut dyn FnMut(Option<&[u8]>) -> bool,
    found: bool,
}

impl Search<'_> {
    /// Looks at the value that comes next, to which the names so far have led; `path` is left of them. Each level of
    /// recursion uses up a name, or an array that is in none.
    fn value(&mut self, scanner: &mut Scanner<'_>, path: &[u8]) -> Option<()> {
        let kind = scanner.kind()?;
        if path.is_empty() && matches!(kind, Kind::Object | Kind::Array) {
            self.ask(None)?;
        }
        match kind {
            Kind::Object if !path.is_empty() => {
                scanner.members(|name, value| match name.ask(|name| path_after(path, name)) {
                    Some(rest) => self.value(value, rest),
                    None => value.skip().map(drop),
                })
            }
            Kind::Array => scanner.elements(|element| match element.kind()? {
                Kind::Array => element.skip().map(drop),
                _ => self.value(element, path),
            }),
            Kind::String if path.is_empty() => {
                let text = scanner.string()?;
                if text.is_plain() {
                    return self.ask(Some(text.raw()));
                }
                let mut decoded = std::mem::take(self.decoded);
                decoded.clear();
                text.decode_into(&mut decoded);
                let goes_on = self.ask(Some(&decoded));
                *self.decoded = decoded;
                goes_on
            }
            Kind::Scalar if path.is_empty() => self.ask(Some(scanner.skip()?)),
            _ => scanner.skip().map(drop),
        }
    }

    /// Asks; `None` ends the search.
    fn ask(&mut self, value: Option<&[u8]>) -> Option<()> {
        self.found = (self.is_it)(value);
        (!self.found).then_some(())
    }
}

/// What is left of `path` after the member called `name`, if it leads there.
fn path_after<'p>(path: &'p [u8], name: &[u8]) -> Option<&'p [u8]> {
    let rest = path.strip_prefix(name).filter(|_| !name.is_empty())?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b".").filter(|rest| !rest.is_empty()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, path: &str, expected: &[&str]) {
        let mut found = Vec::new();
        let mut decoded = Vec::new();
        any_in_json(json.as_bytes(), path.as_bytes(), &mut decoded, |value| {
            found.push(value.map_or("…".to_owned(), |text| String::from_utf8_lossy(text).into_owned()));
            false
        });
        assert_eq!(found, expected, "{path} in {json}");
    }

    #[test]
    fn values_are_found_by_the_names_on_the_way_to_them() {
        let json = r#"{"a":{"b":"x","b.c":1},"a.b":{"c":true},"n":null,"l":["p","\u0071",[2],{"m":3}],"e":{}}"#;
        check(json, "a.b", &["x", "…"]);
        check(json, "a.b.c", &["1", "true"]);
        check(json, "l", &["…", "p", "q", "…"]);
        check(json, "l.m", &["3"]);
        check(json, "e", &["…"]);
        for nothing in ["n", "b", "a.b.d", "a..b", "x", "a."] {
            check(json, nothing, &[]);
        }
        check("17", "", &["17"]);
        check(r#""\"""#, "", &["\""]);
        check("null", "", &[]);
    }

    #[test]
    fn a_search_ends_with_the_first_hit_and_at_a_fault() {
        let mut asked = 0;
        let hit = |_: Option<&[u8]>| {
            asked += 1;
            true
        };
        assert!(any_in_json(br#"{"a":1,"a":2}"#, b"a", &mut Vec::new(), hit));
        assert_eq!(asked, 1);
        check(r#"{"a":1,"a":2}"#, "a", &["1", "2"]);
        check(r#"{"a":1,"b":}"#, "a", &["1"]);
        check(r#"{"b":},"a":1}"#, "a", &[]);
    }

    #[test]
    fn depth_is_bounded_by_the_path() {
        let arrays = "[".repeat(1 << 20);
        check(&format!(r#"{{"a":{arrays}"#), "a", &["…"]);
        let objects = r#"{"":"#.repeat(1 << 20);
        check(&objects, "a", &[]);
        check(&objects, ".", &[]);
    }
}
