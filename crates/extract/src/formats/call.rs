//! Calls of an API: what they mean, by their method or by the operation's name.

use crate::meaning::Meaning;

/// OCSF class API Activity.
pub(crate) const API_ACTIVITY: u16 = 6003;

/// What a call does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Access,
    Creation,
    Change,
    Deletion,
    Unknown,
}

impl Effect {
    /// OCSF `activity_id` of the class API Activity.
    const fn activity(self) -> u8 {
        match self {
            Self::Creation => 1,
            Self::Access => 2,
            Self::Change => 3,
            Self::Deletion => 4,
            Self::Unknown => 99,
        }
    }

    /// What a method of HTTP does.
    pub(crate) fn of_method(method: &[u8]) -> Self {
        match method {
            b"GET" | b"HEAD" | b"OPTIONS" => Self::Access,
            b"POST" => Self::Creation,
            b"PUT" | b"PATCH" => Self::Change,
            b"DELETE" => Self::Deletion,
            _ => Self::Unknown,
        }
    }
}

/// The two meanings of a call: refused for want of a right, and not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    done: Meaning,
    denied: Meaning,
}

impl Call {
    /// A call of OCSF's class API Activity.
    pub(crate) const fn new(category: &'static [&'static str], effect: Effect) -> Self {
        Self::in_class(category, effect, API_ACTIVITY, effect.activity())
    }

    /// A call of another class, or with another activity than its effect has.
    pub(crate) const fn in_class(
        category: &'static [&'static str],
        effect: Effect,
        ocsf_class: u16,
        ocsf_activity: u8,
    ) -> Self {
        let (done, denied): (&[&str], &[&str]) = match effect {
            Effect::Access => (&["access"], &["access", "denied"]),
            Effect::Creation => (&["creation"], &["creation", "denied"]),
            Effect::Change => (&["change"], &["change", "denied"]),
            Effect::Deletion => (&["deletion"], &["deletion", "denied"]),
            Effect::Unknown => (&[], &["denied"]),
        };
        Self {
            done: Meaning::new(category, done, ocsf_class, ocsf_activity),
            denied: Meaning::new(category, denied, ocsf_class, ocsf_activity),
        }
    }

    /// Its meaning with this status of HTTP.
    pub(crate) const fn meaning(&self, status: Option<i64>) -> &Meaning {
        if matches!(status, Some(401 | 403)) { &self.denied } else { &self.done }
    }
}

/// The five effects in one category, for producers whose records say no more than the method.
#[derive(Debug)]
pub(crate) struct Calls([Call; 5]);

impl Calls {
    pub(crate) const fn new(category: &'static [&'static str]) -> Self {
        Self([
            Call::new(category, Effect::Access),
            Call::new(category, Effect::Creation),
            Call::new(category, Effect::Change),
            Call::new(category, Effect::Deletion),
            Call::new(category, Effect::Unknown),
        ])
    }

    pub(crate) const fn get(&self, effect: Effect) -> &Call {
        &self.0[effect as usize]
    }
}

/// Calls of a web API.
pub(crate) static WEB: Calls = Calls::new(&["api", "web"]);

/// `event.outcome` by the status of HTTP.
pub(crate) const fn outcome(status: i64) -> &'static str {
    if status < 400 { "success" } else { "failure" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_effects() {
        let rows = [("GET", "access", 2), ("POST", "creation", 1), ("PATCH", "change", 3), ("DELETE", "deletion", 4)];
        for (method, kind, activity) in rows {
            let call = WEB.get(Effect::of_method(method.as_bytes()));
            let done = call.meaning(Some(200));
            assert_eq!((done.category, done.kind), (&["api", "web"][..], &[kind][..]));
            assert_eq!((done.ocsf_class, done.ocsf_activity), (6003, activity));
            assert_eq!(call.meaning(Some(403)).kind, [kind, "denied"]);
            assert_eq!(call.meaning(Some(401)).kind, [kind, "denied"]);
        }
        assert_eq!(*WEB.get(Effect::of_method(b"MKCOL")).meaning(None), Meaning::new(&["api", "web"], &[], 6003, 99));
    }
}
