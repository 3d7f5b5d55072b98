//! A condition, parsed.

use crate::check::Check;
use crate::name::Name;

/// How the comparisons of a condition are joined.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    Not(Box<Self>),
    /// The comparison at this place holds.
    Comparison(usize),
}

/// One comparison.
#[derive(Debug, Clone)]
pub(crate) enum Comparison {
    /// The name has one of the words at these places of its closed list.
    Listed(Name, u64),
    /// A value of the name passes.
    Value(Name, Check),
}

impl Comparison {
    pub(crate) const fn name(&self) -> &Name {
        match self {
            Self::Listed(name, _) | Self::Value(name, _) => name,
        }
    }
}

impl Tree {
    /// What the tree comes to when some comparisons are not decided (Kleene's three values). Stops where the rest changes
    /// nothing.
    pub(crate) fn value(&self, decide: &mut impl FnMut(usize) -> Option<bool>) -> Option<bool> {
        match self {
            Self::All(parts) => joined(parts, false, decide),
            Self::Any(parts) => joined(parts, true, decide),
            Self::Not(part) => part.value(decide).map(|value| !value),
            Self::Comparison(place) => decide(*place),
        }
    }
}

/// The value of parts of which one that is `decisive` decides.
fn joined(parts: &[Tree], decisive: bool, decide: &mut impl FnMut(usize) -> Option<bool>) -> Option<bool> {
    let mut all_decided = true;
    for part in parts {
        match part.value(decide) {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => all_decided = false,
        }
    }
    all_decided.then_some(!decisive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_decided_matters_only_where_it_could_change_the_result() {
        let values = [Some(false), Some(true), None];
        for a in values {
            for b in values {
                let parts = || vec![Tree::Comparison(0), Tree::Comparison(1)];
                let mut decide = |place: usize| [a, b][place];
                // A result is decided when it is the same whatever the undecided ones turn out to be.
                let outcomes = |join: fn(bool, bool) -> bool| {
                    let either = |value: Option<bool>| value.map_or(vec![false, true], |value| vec![value]);
                    let all: Vec<_> =
                        either(a).into_iter().flat_map(|a| either(b).into_iter().map(move |b| join(a, b))).collect();
                    all.iter().all(|value| *value == all[0]).then_some(all[0])
                };
                assert_eq!(Tree::All(parts()).value(&mut decide), outcomes(|a, b| a && b), "{a:?} and {b:?}");
                assert_eq!(Tree::Any(parts()).value(&mut decide), outcomes(|a, b| a || b), "{a:?} or {b:?}");
                let not = Tree::Not(Box::new(Tree::Comparison(0)));
                assert_eq!(not.value(&mut decide), a.map(|a| !a), "not {a:?}");
            }
        }
    }
}
