//! Pages made from the table of keys.

mod defaults;
mod init;
mod reference;
mod schema;

pub use defaults::defaults_toml;
pub use init::init_toml;
pub use reference::reference_markdown;
pub use schema::schema_json;

use crate::keys::{Key, Kind};

/// Characters in a line of a comment.
const COMMENT_WIDTH: usize = 100;

/// Adds `text` to `page` as comment lines, broken between words.
fn comment(page: &mut String, text: &str) {
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count() + 1;
        if width == 0 || width + length > COMMENT_WIDTH {
            page.push_str(if width == 0 { "#" } else { "\n#" });
            width = 1;
        }
        page.push(' ');
        page.push_str(word);
        width += length;
    }
    page.push('\n');
}

/// Every key of `keys` and of the tables in it, each with its name inside the section (`keepalive.idle`) and the selector of
/// the table that it is in. A table itself comes before what is in it.
fn each_key(
    keys: &'static [Key],
    selector: Option<&'static str>,
    prefix: &str,
    visit: &mut dyn FnMut(&str, &'static Key, Option<&'static str>),
) {
    for key in keys {
        let name = format!("{prefix}{}", key.name);
        visit(&name, key, selector);
        if let Kind::Table { keys, selector } = key.kind {
            each_key(keys, selector, &format!("{name}."), visit);
        }
    }
}
