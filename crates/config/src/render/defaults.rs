//! `gully config defaults`: every key with its default, as a file that can be loaded.

use toml::de::DeTable;

use super::{comment, each_key};
use crate::keys::{EMBEDDED, Fallback, Form, Key, Kind, SECTIONS, Section};
use crate::problem::alternatives;
use crate::value::describe;

/// The defaults as a commented TOML file: what `gully run` does without a file.
///
/// Every key is there. One without a default value, or one that does not apply, stands in a comment. The second listener
/// has its keys without their explanations. Loads without problems.
#[must_use]
pub fn defaults_toml() -> String {
    let mut page = String::new();
    comment(
        &mut page,
        "Every key of gully with its default. Sizes and durations have units: \"256KiB\" (1024s) or \"256KB\" (1000s), \"1h30m\", \"500ms\". Texts may hold ${env:NAME} and ${file:/path}; \"$${\" is a plain \"${\". Relative paths start at the directory of this file.",
    );
    for section in SECTIONS {
        match section.form {
            Form::Named => {
                for (index, (name, given)) in embedded(section).into_iter().enumerate() {
                    header(&mut page, section, Some(&name), index == 0);
                    keys(&mut page, section, &given, index == 0);
                }
            }
            Form::Single | Form::Listed => {
                header(&mut page, section, None, true);
                keys(&mut page, section, &[], true);
            }
        }
    }
    page
}

/// Keys and values of a section as they are written.
type Given = Vec<(String, String)>;

/// The sections of a kind that the embedded configuration has.
fn embedded(section: &Section) -> Vec<(String, Given)> {
    let document = DeTable::parse(EMBEDDED).expect("the embedded configuration is TOML").into_inner();
    let Some(named) = document.get(section.name).and_then(|value| value.get_ref().as_table()) else {
        return Vec::new();
    };
    let given = |table: &DeTable<'_>| {
        let written = table.iter().map(|(key, value)| (key.get_ref().to_string(), EMBEDDED[value.span()].to_owned()));
        written.collect()
    };
    let sections =
        named.iter().filter_map(|(name, value)| Some((name.get_ref().to_string(), given(value.get_ref().as_table()?))));
    sections.collect()
}

fn header(page: &mut String, section: &Section, name: Option<&str>, is_explained: bool) {
    page.push('\n');
    if is_explained {
        comment(page, section.meaning);
    }
    match (section.name, name) {
        ("", _) => {}
        (kind, Some(name)) => page.push_str(&format!("[{kind}.{name}]\n")),
        // There is none by default.
        (_, None) if section.form == Form::Listed => page.push_str(&format!("# {}\n", section.header())),
        (_, None) => page.push_str(&format!("{}\n", section.header())),
    }
}

fn keys(page: &mut String, section: &'static Section, given: &[(String, String)], is_explained: bool) {
    let of_given = |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let word = section.selector.and_then(|selector| {
        let default = section.keys.iter().find(|key| key.name == selector).map(|key| key.default.example());
        Some(of_given(selector).or(default)?.trim_matches('"'))
    });
    // A table that does not apply, or is not there, takes what is in it along.
    let mut hidden_table = None::<(String, &'static Key)>;
    each_key(section.keys, section.selector, "", &mut |name, key, selector| {
        let outer = hidden_table.as_ref().filter(|(table, _)| name.starts_with(table.as_str())).map(|(_, key)| *key);
        let only = outer.unwrap_or(key).only;
        let applies = word.is_none_or(|word| only.is_empty() || only.contains(&word));
        let is_there = applies && outer.is_none() && section.form != Form::Listed;
        if is_explained {
            page.push('\n');
            let mut conditions = Vec::new();
            if !applies {
                conditions.extend(section.selector.map(|selector| (selector, only)));
            }
            if outer.is_some() && !key.only.is_empty() {
                conditions.extend(selector.map(|selector| (selector, key.only)));
            }
            explain(page, key, &conditions);
        }
        match (&key.kind, &key.default) {
            (Kind::Table { .. }, Fallback::Value(_)) if is_there => {}
            (Kind::Table { .. }, _) => hidden_table = Some((format!("{name}."), key)),
            (_, default) => {
                let is_value = is_there && (of_given(name).is_some() || matches!(default, Fallback::Value(_)));
                let value = of_given(name).unwrap_or(default.example());
                let commented = if is_value { "" } else { "# " };
                if is_value || is_explained {
                    page.push_str(&format!("{commented}{name} = {value}\n"));
                }
            }
        }
    });
}

/// `conditions` are selectors and the words of them with which the key applies.
fn explain(page: &mut String, key: &Key, conditions: &[(&str, &[&str])]) {
    comment(page, key.meaning);
    if !matches!(key.kind, Kind::Table { .. }) {
        comment(page, &format!("Takes {}.", describe(&key.kind)));
    }
    for (selector, words) in conditions {
        comment(page, &format!("Only with {selector} = {}.", alternatives(words.iter().copied())));
    }
    if let Fallback::Absent { so, .. } = key.default {
        comment(page, &format!("Without it: {so}."));
    }
    comment(page, &format!("At worst: {}", key.worst));
}
