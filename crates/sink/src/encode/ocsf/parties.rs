//! Who did it, and to whom.

use extract::Field;

use super::super::document::{Value, word};
use super::class::{ACCESS, ACCOUNT, API, AUTHENTICATION, Classes, ENTITY, GROUP, SESSION};
use super::{Typed, UNKNOWN};

/// Classes in which the user of the event is who did it.
pub(super) const WITH_ACTOR: Classes = API.and(ACCOUNT).and(ENTITY).and(ACCESS).and(GROUP);
/// Classes that require a user: who logs in, or who was changed.
pub(super) const WITH_USER: Classes = ACCOUNT.and(AUTHENTICATION).and(SESSION).and(ACCESS);

// user.type_id
const USER: i64 = 1;
const SYSTEM: i64 = 3;
const SERVICE: i64 = 4;

/// A user as the schema has it. Without a name it has an id.
#[derive(Debug, Clone, Copy)]
pub(super) struct User<'v> {
    pub(super) name: Option<Value<'v>>,
    pub(super) uid: Option<Value<'v>>,
    pub(super) type_id: i64,
}

/// Nobody is named who did it.
pub(super) fn has_no_actor(event: &Typed<'_, '_>) -> bool {
    let fields = [Field::UserName, Field::UserId, Field::OauthClient];
    fields.iter().all(|field| event.view.peek(*field).is_none())
}

/// What sort of user did it, by the names that Kubernetes gives.
pub(super) fn actor_type<'v>(event: &Typed<'_, 'v>) -> Option<Value<'v>> {
    let name = event.view.peek(Field::UserName);
    let type_id = match name.or(event.view.peek(Field::UserId))? {
        name if name.starts_with(b"system:serviceaccount:") => SERVICE,
        name if name.starts_with(b"system:") => SYSTEM,
        _ => USER,
    };
    Some(Value::Integer(type_id))
}

/// The user who logs in, or to whom it was done.
pub(super) fn user<'v>(event: &Typed<'_, 'v>) -> User<'v> {
    let acting = (Field::UserName, Field::UserId, USER);
    let candidates: &[(Field, Field, i64)] = if AUTHENTICATION.and(SESSION).contain(event.class_uid) {
        &[acting, (Field::OauthClient, Field::OauthClient, SYSTEM)]
    } else {
        // Who is changed is named, or is the object, or changes himself.
        &[(Field::UserTargetName, Field::UserTargetId, USER), (Field::ObjectName, Field::ObjectId, USER), acting]
    };
    let users = candidates.iter().map(|(name, uid, type_id)| User {
        name: event.text(*name),
        uid: event.text(*uid),
        type_id: *type_id,
    });
    let mut users = users.filter(|user| user.name.is_some() || user.uid.is_some());
    users.next().unwrap_or_else(|| User { name: word(UNKNOWN), uid: None, type_id: 0 })
}
