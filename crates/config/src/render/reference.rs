//! The reference page.

use super::each_key;
use crate::choices::Choices;
use crate::keys::{Fallback, Key, Kind, SECTIONS};
use crate::problem::alternatives;
use crate::properties::{LIMITS, REFUSALS, Refusal};
use crate::value::describe;

/// Every key with its values, default, meaning and worst case, in Markdown: `REFERENCE.md` of this crate.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = String::from(INTRODUCTION);
    for section in SECTIONS {
        let title =
            if section.name.is_empty() { "The top of the file".to_owned() } else { format!("`{}`", section.header()) };
        page.push_str(&format!("\n## {title}\n\n{}\n\n", section.meaning));
        page.push_str("| Key | Takes | Default | Meaning | At worst |\n|---|---|---|---|---|\n");
        let mut words = String::new();
        let mut has_properties = false;
        each_key(section.keys, section.selector, "", &mut |name, key, selector| {
            page.push_str(&row(name, key, selector));
            let is_one_of_several = section.keys.iter().filter(|other| other.name == name).count() > 1;
            let only = selector.filter(|_| is_one_of_several).map(|selector| (selector, key.only));
            match key.kind {
                Kind::Choice(choices) => words.push_str(&choice(name, choices, ("\"", "\""), only)),
                Kind::List { of: Kind::Choice(choices), .. } => {
                    words.push_str(&choice(name, choices, ("[\"", "\"]"), only));
                }
                _ => {}
            }
            has_properties |= matches!(key.kind, Kind::Properties);
        });
        if !words.is_empty() {
            page.push_str(&format!("\n{words}"));
        }
        if has_properties {
            page.push_str(&refused_properties());
        }
    }
    page
}

const INTRODUCTION: &str = "\
# Configuration reference

Made from the table of keys in `src/keys.rs`; do not edit. `GULLY_WRITE_REFERENCE=1 cargo test -p gully-config` writes it anew.

The file is TOML, in UTF-8, of at most 1 MiB. `gully check` tells every mistake at once, each with file, line, column, key,
what was found and what would be right; the exit code is 78. An unknown key is a mistake.

- **Sizes** are texts with a unit: `\"256KiB\"` counts in 1024s, `\"256KB\"` in 1000s; `B`, `K`, `M`, `G`, `T`. No space, no fraction.
- **Durations** are texts with units: `\"30s\"`, `\"500ms\"`, `\"1h30m\"`; `w`, `d`, `h`, `m`, `s`, `ms`, the longest first.
- **Texts** may hold `${env:NAME}` and `${file:/path}` (a file of at most 64 KiB; the line end at its end is left out). They are
  filled in after parsing, so a value can never add a key; in `where` it is a part of the condition, and may change what that says.
  `$${` is a plain `${`. A variable that is not set, and a file that is empty or cannot be read, are mistakes. What came from a file is
  never shown in a message about it, nor are conditions with such a part.
- **Secrets** are one `${env:NAME}` or `${file:/path}` and nothing else, never a text of their own. They are never shown.
- **Paths** that are relative start at the directory of the configuration file; without a file, at the working directory.
- **Listeners and sinks** have names of `[A-Za-z0-9_-]{1,64}`. A file that names any of either replaces all default ones.
- **Warnings** are errors with `strict = true`.
";

fn row(name: &str, key: &Key, selector: Option<&str>) -> String {
    let takes = describe(&key.kind);
    let default = match key.default {
        Fallback::Value("{}") => "its keys' own".to_owned(),
        Fallback::Value(text) => format!("`{text}`"),
        Fallback::Absent { so, example } => format!("{so}; such as `{example}`"),
        Fallback::Required { example } => format!("required; such as `{example}`"),
    };
    let only = match (selector, key.only) {
        (Some(selector), [_, ..]) => format!(" Only with {selector} = {}.", alternatives(key.only.iter().copied())),
        _ => String::new(),
    };
    format!("| `{name}` | {takes} | {default} | {}{only} | {} |\n", key.meaning, key.worst)
}

/// `around` stands around each word; `only` is the selector and its words where the name means something else with another
/// word.
fn choice(name: &str, choices: &Choices, around: (&str, &str), only: Option<(&str, &[&str])>) -> String {
    let with = only.map(|(selector, words)| format!(" with {selector} = {}", alternatives(words.iter().copied())));
    let with = with.unwrap_or_default();
    let mut lines = String::new();
    let (before, after) = around;
    for (word, meaning) in choices.now {
        lines.push_str(&format!("- `{name} = {before}{word}{after}`{with}: {meaning}.\n"));
    }
    lines
}

fn refused_properties() -> String {
    let mut table = String::from(
        "\nOf librdkafka's properties these are not passed on, nor with `topic.` in front; a `*` stands for any text.\n\n\
         | Property | Why not | Instead |\n|---|---|---|\n",
    );
    let code = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    for Refusal { names, why, instead } in REFUSALS {
        table.push_str(&format!("| {} | {why} | {} |\n", code(names), code(instead)));
    }
    table.push_str("\nThese are whole numbers from 1 to a limit:\n\n| Property | At most | Because |\n|---|---|---|\n");
    for (name, max, why) in LIMITS {
        table.push_str(&format!("| `{name}` | {max} | {why} |\n"));
    }
    table.push_str(
        "\n`partitioner` is `random` only with `key = \"none\"`: records with the same key would lose their order.\n",
    );
    table
}
