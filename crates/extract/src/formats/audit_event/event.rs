//! One event, in the words of either API.

use super::types;
use crate::field::Field;
use crate::json::{Kind, Scanner, keys};
use crate::octets::Octets;
use crate::out::Out;

keys! {
    /// Members of a v3 event; of the two objects that make up a v2 event; and `resources` of a page.
    Member {
        Guid b"guid"
        Type b"type"
        CreatedAt b"created_at"
        UpdatedAt b"updated_at"
        Actor b"actor"
        Target b"target"
        Data b"data"
        Space b"space"
        Organization b"organization"
        Metadata b"metadata"
        Entity b"entity"
        Resources b"resources"
    }
}

keys! {
    /// Members of `actor`, `target`, `space` and `organization`.
    PartyMember { Guid b"guid" Type b"type" Name b"name" }
}

keys! {
    /// Members of v2's `metadata`.
    MetadataMember { Guid b"guid" Url b"url" CreatedAt b"created_at" UpdatedAt b"updated_at" }
}

keys! {
    /// Members of v2's `entity`.
    EntityMember {
        Type b"type"
        Actor b"actor"
        ActorType b"actor_type"
        ActorName b"actor_name"
        ActorUsername b"actor_username"
        Actee b"actee"
        ActeeType b"actee_type"
        ActeeName b"actee_name"
        Timestamp b"timestamp"
        Metadata b"metadata"
        SpaceGuid b"space_guid"
        OrganizationGuid b"organization_guid"
    }
}

/// Who did it, or what it was done to.
#[derive(Debug, Clone, Default)]
struct Party {
    /// Whether it is there at all.
    present: bool,
    guid: Option<Octets>,
    kind: Option<Octets>,
    /// In API v3 and for users the e-mail address.
    name: Option<Octets>,
    /// The login name; API v2 alone has it.
    username: Option<Octets>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Event<'a> {
    guid: Option<Octets>,
    kind: Option<Octets>,
    url: Option<Octets>,
    created_at: Option<Octets>,
    updated_at: Option<Octets>,
    timestamp: Option<Octets>,
    actor: Party,
    target: Party,
    space: Option<Octets>,
    organization: Option<Octets>,
    /// As the producer wrote it; secrets in it are placeholders already.
    data: Option<&'a [u8]>,
    /// Whether it has what every event has.
    pub(super) is_one: bool,
    /// Where the events of a page begin.
    pub(super) resources: Option<Scanner<'a>>,
}

impl<'a> Event<'a> {
    /// Reads the object that comes next. What was read counts also when it does not end.
    pub(super) fn read(scanner: &mut Scanner<'a>, out: &mut Out<'_>) -> (Self, Option<()>) {
        let mut event = Self::default();
        let (mut metadata, mut entity) = (None, None);
        let end = scanner.keyed(|member, _, value| {
            let Some(member) = member else { return value.skip().map(drop) };
            match member {
                Member::Guid => string(&mut event.guid, value, out),
                Member::Type => string(&mut event.kind, value, out),
                Member::CreatedAt => string(&mut event.created_at, value, out),
                Member::UpdatedAt => string(&mut event.updated_at, value, out),
                Member::Actor => event.actor.read(value, out),
                Member::Target => event.target.read(value, out),
                Member::Space => reference(&mut event.space, value, out),
                Member::Organization => reference(&mut event.organization, value, out),
                Member::Data => {
                    event.data = Some(value.skip()?);
                    Some(())
                }
                Member::Metadata => later(&mut metadata, Kind::Object, value),
                Member::Entity => later(&mut entity, Kind::Object, value),
                Member::Resources => later(&mut event.resources, Kind::Array, value),
            }
        });
        // A v3 event is one, whatever else it has.
        event.is_one = event.kind.is_some() && event.actor.present && event.target.present;
        if !event.is_one {
            if let Some(mut metadata) = metadata {
                let end = event.read_metadata(&mut metadata, out);
                out.json_end(end, &mut metadata);
            }
            if let Some(mut entity) = entity {
                (event.actor, event.target) = (Party::default(), Party::default());
                let end = event.read_entity(&mut entity, out);
                out.json_end(end, &mut entity);
                event.is_one = event.actor.present && event.target.present;
            }
        }
        (event, end)
    }

    fn read_metadata(&mut self, value: &mut Scanner<'a>, out: &mut Out<'_>) -> Option<()> {
        value.keyed(|member, _, value| {
            let place = match member {
                Some(MetadataMember::Guid) => &mut self.guid,
                Some(MetadataMember::Url) => &mut self.url,
                Some(MetadataMember::CreatedAt) => &mut self.created_at,
                Some(MetadataMember::UpdatedAt) => &mut self.updated_at,
                None => return value.skip().map(drop),
            };
            string(place, value, out)
        })
    }

    fn read_entity(&mut self, value: &mut Scanner<'a>, out: &mut Out<'_>) -> Option<()> {
        value.keyed(|member, _, value| {
            let Some(member) = member else { return value.skip().map(drop) };
            let place = match member {
                EntityMember::Type => &mut self.kind,
                EntityMember::Actor => {
                    self.actor.present = value.kind()? == Kind::String;
                    &mut self.actor.guid
                }
                EntityMember::ActorType => &mut self.actor.kind,
                EntityMember::ActorName => &mut self.actor.name,
                EntityMember::ActorUsername => &mut self.actor.username,
                EntityMember::Actee => {
                    self.target.present = true;
                    &mut self.target.guid
                }
                EntityMember::ActeeType => &mut self.target.kind,
                EntityMember::ActeeName => &mut self.target.name,
                EntityMember::Timestamp => &mut self.timestamp,
                EntityMember::SpaceGuid => &mut self.space,
                EntityMember::OrganizationGuid => &mut self.organization,
                EntityMember::Metadata => {
                    self.data = Some(value.skip()?);
                    return Some(());
                }
            };
            string(place, value, out)
        })
    }

    /// Says what was found.
    pub(super) fn report(&self, out: &mut Out<'_>) {
        let texts = [
            ("guid", self.guid, Some(Field::EventId)),
            ("type", self.kind, Some(Field::EventAction)),
            ("url", self.url, None),
            ("created_at", self.created_at, None),
            ("updated_at", self.updated_at, None),
            ("timestamp", self.timestamp, None),
            ("actor.guid", self.actor.guid, None),
            ("actor.type", self.actor.kind, None),
            ("actor.name", self.actor.name, None),
            ("actor.username", self.actor.username, None),
            ("target.guid", self.target.guid, Some(Field::ObjectId)),
            ("target.type", self.target.kind, Some(Field::ObjectType)),
            ("target.name", self.target.name, Some(Field::ObjectName)),
            ("space.guid", self.space, Some(Field::SpaceId)),
            ("organization.guid", self.organization, Some(Field::OrgId)),
        ];
        for (name, text, field) in texts {
            let Some(text) = text else { continue };
            out.text(name, text);
            if let Some(field) = field {
                out.set(field, text);
            }
        }
        if let Some(data) = self.data {
            out.json("data", data);
        }
        // In API v3 the two stamps of an event are one and the same.
        if let Some(time) = self.timestamp.or(self.created_at) {
            out.set_time(Field::Timestamp, time);
        }
        self.actor.report(Field::UserId, Field::UserName, out);
        // Events of roles have the user who was given or lost one.
        self.target.report(Field::UserTargetId, Field::UserTargetName, out);
        if let Some(kind) = self.kind {
            let meaning = types::meaning(out.get(kind));
            out.means(meaning);
        }
    }
}

impl Party {
    fn read(&mut self, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
        if value.kind()? != Kind::Object {
            return value.skip().map(drop);
        }
        self.present = true;
        value.keyed(|member, _, value| {
            let place = match member {
                Some(PartyMember::Guid) => &mut self.guid,
                Some(PartyMember::Type) => &mut self.kind,
                Some(PartyMember::Name) => &mut self.name,
                None => return value.skip().map(drop),
            };
            string(place, value, out)
        })
    }

    /// Sets the fields of a user; processes, apps, brokers and the system are none.
    fn report(&self, id: Field, name: Field, out: &mut Out<'_>) {
        if self.kind.is_none_or(|kind| out.get(kind) != b"user") {
            return;
        }
        if let Some(guid) = self.guid {
            out.set(id, guid);
        }
        // Either may be empty: a client has no login name, a token without a scope no address.
        for text in [self.username, self.name].into_iter().flatten() {
            out.set(name, text);
        }
    }
}

/// Remembers the place of the value that comes next, if it is of that kind, and passes over it.
fn later<'a>(place: &mut Option<Scanner<'a>>, kind: Kind, value: &mut Scanner<'a>) -> Option<()> {
    if value.kind()? == kind {
        *place = Some(value.clone());
    }
    value.skip().map(drop)
}

/// Takes the string that comes next; passes over any other value.
fn string(place: &mut Option<Octets>, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    if let Some(text) = value.string_or_skip()? {
        *place = place.or(Some(out.decode(&text)));
    }
    Some(())
}

/// Takes the id of the object that comes next, if it is one.
fn reference(place: &mut Option<Octets>, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    let mut party = Party::default();
    let end = party.read(value, out);
    *place = party.guid;
    end
}
