//! What a call of the Docker API is about, by its path: `/v1.40/services/{id}/update`.
//!
//! Source: the Docker Engine API, whose Swarm part UCP serves, and the accounts of UCP itself.

use crate::field::Field;
use crate::formats::k8s::path::Segments;
use crate::octets::Octets;
use crate::out::Out;

/// Collections, and what the segment after each is, when it is no operation.
const COLLECTIONS: &[(&str, Option<Field>)] = &[
    ("accounts", Some(Field::ObjectName)),
    ("configs", Some(Field::ObjectId)),
    ("containers", Some(Field::ObjectId)),
    // Names of images and plugins have slashes in them.
    ("images", None),
    ("networks", Some(Field::ObjectId)),
    ("nodes", Some(Field::ObjectId)),
    ("plugins", None),
    ("secrets", Some(Field::ObjectId)),
    ("services", Some(Field::ObjectId)),
    ("swarm", None),
    ("tasks", Some(Field::ObjectId)),
    ("volumes", Some(Field::ObjectName)),
];

/// Operations on a collection.
const OPERATIONS: &[&[u8]] = &[b"create", b"json", b"prune"];

/// A collection, or one thing of it.
#[derive(Debug, Default)]
pub(super) struct EngineCall {
    collection: Option<&'static str>,
    member: Option<(Field, Octets)>,
}

impl EngineCall {
    pub(super) fn of(uri: Octets, out: &Out<'_>) -> Self {
        let text = out.get(uri);
        let mut segments = Segments::of(text).skip_while(|range| is_version(&text[range.clone()])).fuse();
        let Some(first) = segments.next() else { return Self::default() };
        let known = COLLECTIONS.iter().find(|(name, _)| name.as_bytes() == &text[first.clone()]);
        let Some((collection, field)) = known else { return Self::default() };
        let member = segments.next().filter(|range| !OPERATIONS.contains(&&text[range.clone()]));
        let member = field.zip(member.map(|range| uri.part(range)));
        Self { collection: Some(collection), member }
    }

    pub(super) fn settle(&self, out: &mut Out<'_>) {
        if let Some(collection) = self.collection {
            out.set_word(Field::ObjectType, collection);
        }
        if let Some((field, value)) = self.member {
            out.set(field, value);
        }
    }
}

/// `v1.40`.
fn is_version(segment: &[u8]) -> bool {
    let number = segment.strip_prefix(b"v").unwrap_or_default();
    !number.is_empty() && number.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.')
}
