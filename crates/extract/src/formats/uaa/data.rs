//! The data of events that have some with a form of their own.

use super::kind::{self, Data, Kind};
use crate::field::Field;
use crate::formats::ordered::{Order, key};
use crate::json::{Kind as JsonKind, Scanner, Text};
use crate::octets::Octets;
use crate::out::Out;
use crate::text::split_once;

/// Members of data that are a JSON object, and elements `name=value` of data that are a JSON array, with the fields that
/// they set.
const NAMES: [(&str, &[Field]); 18] = [
    ("scopes", &[]),
    ("authorities", &[]),
    ("members", &[]),
    ("group_name", &[Field::GroupName, Field::ObjectName]),
    ("scope", &[Field::ObjectName]),
    ("status", &[]),
    ("ZoneID", &[]),
    ("UserID", &[Field::UserTargetId]),
    ("ClientID", &[]),
    ("user_id", &[Field::UserTargetId, Field::ObjectId]),
    ("username", &[Field::UserTargetName, Field::ObjectName]),
    ("user_origin", &[]),
    ("created_by_client_id", &[]),
    ("created_by_user_id", &[]),
    ("created_by_username", &[]),
    ("deleted_by_client_id", &[]),
    ("deleted_by_user_id", &[]),
    ("deleted_by_username", &[]),
];

/// Identity providers, zones and service providers.
static PROVIDER: Order = Order::new(
    &[
        key("id"),
        key("type").optional(),
        key("origin").optional(),
        key("zone").optional(),
        key("subdomain").optional(),
        key("name").optional(),
        key("entityID").optional(),
    ],
    b"; ",
    b'=',
);
/// What was deleted.
static ENTITY: Order = Order::new(&[key("Class"), key("ID")], b"; ", b':');

/// Says what the data hold.
pub(super) fn report(kind: &Kind, data: &[u8], out: &mut Out<'_>) {
    let has_form = match kind.data {
        Data::Scopes | Data::Elements => data.starts_with(b"["),
        Data::Members => data.starts_with(b"{"),
        Data::Provider => data.starts_with(b"id="),
        Data::Entity => data.starts_with(b"Class:"),
        Data::UserName | Data::Reason | Data::Free => false,
    };
    if !has_form {
        return;
    }
    out.object("uaa.data_fields");
    match kind.data {
        Data::Scopes => drop(report_array("scopes", &mut Scanner::new(data), out)),
        Data::Elements => report_elements(data, out),
        Data::Members => report_members(data, out),
        Data::Provider => report_provider(data, out),
        _ => report_entity(data, out),
    }
    out.end();
}

/// An array of strings; whatever else is in it is left out.
fn report_array(name: &'static str, scanner: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    out.array(name);
    let whole = scanner.elements(|element| {
        if let Some(text) = element.string_or_skip()? {
            let value = out.decode(&text);
            out.element(value);
        }
        Some(())
    });
    out.end();
    whole
}

/// Which names of [`NAMES`] have been: of several members or elements with the same name the first counts.
#[derive(Debug, Default)]
struct Seen(u32);

impl Seen {
    fn first(&mut self, is_it: impl Fn(&'static str) -> bool) -> Option<(&'static str, &'static [Field])> {
        let index = NAMES.iter().position(|(name, _)| is_it(name))?;
        let is_new = self.0 & 1 << index == 0;
        self.0 |= 1 << index;
        is_new.then_some(NAMES[index])
    }
}

/// `{"group_name":"…","members":["…"]}`.
fn report_members(data: &[u8], out: &mut Out<'_>) {
    let mut seen = Seen::default();
    let _ = Scanner::new(data).members(|member, value| {
        let Some((name, fields)) = seen.first(|name| member.is(name.as_bytes())) else { return value.skip().map(drop) };
        match value.kind()? {
            JsonKind::String => report_value(name, fields, &value.string()?, out),
            JsonKind::Array => report_array(name, value, out)?,
            _ => drop(value.skip()?),
        }
        Some(())
    });
}

/// `["user_id=…","username=…"]`.
fn report_elements(data: &[u8], out: &mut Out<'_>) {
    let mut seen = Seen::default();
    let _ = Scanner::new(data).elements(|element| {
        let Some(text) = element.string_or_skip()? else { return Some(()) };
        if let Some((member, value)) = split_once(text.raw(), b"=")
            && let Some((name, fields)) = seen.first(|name| name.as_bytes() == member)
        {
            report_value(name, fields, &Text::new(value, text.is_plain()), out);
        }
        Some(())
    });
}

fn report_value(name: &'static str, fields: &[Field], text: &Text<'_>, out: &mut Out<'_>) {
    let value = out.decode(text);
    out.text(name, value);
    for field in fields {
        out.set(*field, value);
    }
    // An approval says by its status what became of it.
    match (name, out.get(value)) {
        ("status", b"APPROVED") => out.means(&kind::APPROVED),
        ("status", b"DENIED") => out.means(&kind::DENIED),
        _ => {}
    }
}

/// `id=…; name=…`.
fn report_provider(data: &[u8], out: &mut Out<'_>) {
    for pair in PROVIDER.pairs(data) {
        let value = out.octets(pair.value);
        out.pair(Octets::Word(pair.name), value);
        match pair.name {
            "id" => out.set(Field::ObjectId, value),
            "name" | "subdomain" | "origin" => out.set(Field::ObjectName, value),
            _ => {}
        }
    }
}

/// `Class:…; ID:…`.
fn report_entity(data: &[u8], out: &mut Out<'_>) {
    for pair in ENTITY.pairs(data) {
        let value = out.octets(pair.value);
        out.pair(Octets::Word(pair.name), value);
        if pair.name == "ID" {
            out.set(Field::ObjectId, value);
        } else {
            let package = pair.value.iter().rposition(|octet| *octet == b'.').map_or(0, |dot| dot + 1);
            out.set(Field::ObjectType, value.part(package..pair.value.len()));
        }
    }
}
