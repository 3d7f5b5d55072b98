//! What a call was about.

use super::meaning::Sort;
use super::path::Path;
use crate::field::Field;
use crate::json::{Scanner, keys};
use crate::octets::Octets;
use crate::out::Out;

keys! {
    /// The members of `objectRef` that are looked at.
    Part {
        Resource b"resource"
        Namespace b"namespace"
        Name b"name"
        Uid b"uid"
        ApiGroup b"apiGroup"
        ApiVersion b"apiVersion"
        Subresource b"subresource"
    }
}

/// A resource, or a collection of resources, of the API.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    parts: [Option<Octets>; Part::COUNT],
    /// Whether the text ends within it, so that parts may be missing that were there.
    is_cut: bool,
}

impl Reference {
    /// Reads the object `objectRef`.
    pub(crate) fn read(&mut self, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
        let whole = value.keyed(|part: Option<Part>, _, value| match part {
            Some(part) => {
                self.parts[part as usize] = value.string_or_skip()?.map(|text| out.decode(&text));
                Some(())
            }
            None => value.skip().map(drop),
        });
        self.is_cut = whole.is_none();
        whole
    }

    pub(crate) const fn namespace(&mut self) -> &mut Option<Octets> {
        &mut self.parts[Part::Namespace as usize]
    }

    /// Takes from the path of the request what is not there. A path that tells of another resource says nothing.
    pub(crate) fn complete(&mut self, uri: Octets, out: &Out<'_>) {
        let resource = self.parts[Part::Resource as usize].map(|resource| out.get(resource));
        if resource.is_some() && !self.is_cut {
            return;
        }
        let text = out.get(uri);
        let is_same = |path: &Path| resource.is_none_or(|resource| Some(resource) == path.resource(text));
        let Some(path) = Path::of(text).filter(is_same) else { return };
        for (part, range) in [
            (Part::Resource, path.resource),
            (Part::Namespace, path.namespace),
            (Part::Name, path.name),
            (Part::ApiVersion, path.version),
            (Part::Subresource, path.subresource),
        ] {
            let place = &mut self.parts[part as usize];
            *place = place.or(range.map(|range| uri.part(range)));
        }
    }

    pub(crate) fn sort<'o>(&self, out: &'o Out<'_>) -> Sort<'o> {
        let text = |part: Part| self.parts[part as usize].map_or(&b""[..], |octets| out.get(octets));
        Sort { resource: text(Part::Resource), subresource: text(Part::Subresource) }
    }

    /// Sets the fields that say what was called and what it was done to.
    pub(crate) fn settle(&self, out: &mut Out<'_>) {
        const FIELDS: &[(Part, &[Field])] = &[
            (Part::Resource, &[Field::ResourceType, Field::ObjectType]),
            (Part::Namespace, &[Field::Namespace]),
            (Part::Name, &[Field::ResourceName, Field::ObjectName]),
            (Part::Uid, &[Field::ResourceId, Field::ObjectId]),
            (Part::ApiVersion, &[Field::ApiVersion]),
        ];
        for (part, fields) in FIELDS {
            let Some(value) = self.parts[*part as usize] else { continue };
            fields.iter().for_each(|field| out.set(*field, value));
        }
    }
}
