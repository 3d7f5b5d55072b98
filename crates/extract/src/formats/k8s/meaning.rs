//! What a call of the Kubernetes API means, in the words of the two common schemas.

use crate::meaning::Meaning;

/// Whether a call was let through, as far as the record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Decision {
    #[default]
    Unknown,
    Allowed,
    Denied,
}

impl Decision {
    /// By the annotation `authorization.k8s.io/decision`.
    pub(crate) fn of(annotation: &[u8]) -> Self {
        match annotation {
            b"allow" => Self::Allowed,
            b"forbid" => Self::Denied,
            _ => Self::Unknown,
        }
    }
}

/// Kinds of call: ECS categories and types, OCSF class and activity. A decision adds `allowed` or `denied` to the types.
macro_rules! operations {
    ($($operation:ident [$($category:literal)*] [$($kind:literal)*] $class:literal $activity:literal)*) => {
        /// What is done by a call of the Kubernetes API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operation { $($operation),* }

        /// By operation and decision.
        static MEANINGS: &[[Meaning; 3]] = &[$([
            Meaning::new(&[$($category),*], &[$($kind),*], $class, $activity),
            Meaning::new(&[$($category),*], &[$($kind,)* "allowed"], $class, $activity),
            Meaning::new(&[$($category),*], &[$($kind,)* "denied"], $class, $activity),
        ]),*];
    };
}

operations! {
    Read       ["api"]       ["access"]           6003 2
    ReadSecret ["api" "iam"] ["access"]           6003 2
    Create     ["api"]       ["creation"]         6003 1
    CreateRole ["api" "iam"] ["admin" "creation"] 6003 1
    Grant      ["api" "iam"] ["admin" "creation"] 3005 1
    Change     ["api"]       ["change"]           6003 3
    ChangeRole ["api" "iam"] ["admin" "change"]   6003 3
    Delete     ["api"]       ["deletion"]         6003 4
    DeleteRole ["api" "iam"] ["admin" "deletion"] 6003 4
    IssueToken ["api" "iam"] ["access"]           6003 99
    Use        ["api"]       ["access"]           6003 99
    Post       ["api"]       ["creation"]         6003 99
    Affect     ["api"]       ["change"]           6003 99
    Evict      ["api"]       ["deletion"]         6003 99
    Other      ["api"]       []                   6003 99
}

/// The sort of thing that a call is about; parts that the record does not name are empty.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sort<'a> {
    pub(crate) resource: &'a [u8],
    pub(crate) subresource: &'a [u8],
}

impl Sort<'_> {
    /// Whether a call opens a way into what it is about, whatever its verb.
    fn is_session(&self) -> bool {
        matches!(self.subresource, b"exec" | b"attach" | b"portforward" | b"proxy")
    }
}

impl Operation {
    /// The operation that `verb` is on `sort`.
    pub(crate) fn of(verb: &[u8], sort: Sort<'_>) -> Self {
        let has_roles = sort.subresource.is_empty()
            && matches!(sort.resource, b"roles" | b"clusterroles" | b"rolebindings" | b"clusterrolebindings");
        match verb {
            // A client that opens a web socket for one of these sends GET.
            b"get" if sort.is_session() => Self::Use,
            b"get" | b"list" | b"watch" if sort.resource == b"secrets" => Self::ReadSecret,
            b"get" | b"list" | b"watch" => Self::Read,
            b"create" => Self::creation(sort),
            b"update" | b"patch" if has_roles => Self::ChangeRole,
            b"update" | b"patch" => Self::Change,
            b"delete" | b"deletecollection" if has_roles => Self::DeleteRole,
            b"delete" | b"deletecollection" => Self::Delete,
            // Methods of requests for no resource.
            b"proxy" | b"head" | b"options" => Self::Use,
            b"post" => Self::Post,
            b"put" => Self::Affect,
            // Verbs of special authorisation.
            b"impersonate" | b"use" => Self::Use,
            b"approve" | b"sign" | b"attest" | b"bind" | b"escalate" => Self::Affect,
            _ => Self::Other,
        }
    }

    pub(crate) const fn meaning(self, decision: Decision) -> &'static Meaning {
        &MEANINGS[self as usize][decision as usize]
    }

    /// What the verb `create` does: with a subresource, and for a few resources, it creates nothing.
    fn creation(sort: Sort<'_>) -> Self {
        match (sort.resource, sort.subresource) {
            _ if sort.is_session() => Self::Use,
            (_, b"eviction") => Self::Evict,
            (_, b"token") => Self::IssueToken,
            (resource, b"") if resource.ends_with(b"reviews") => Self::Use,
            (b"bindings", b"") => Self::Affect,
            (b"rolebindings" | b"clusterrolebindings", b"") => Self::Grant,
            (b"roles" | b"clusterroles", b"") => Self::CreateRole,
            (_, b"") => Self::Create,
            _ => Self::Affect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(verb: &str, resource: &str, category: &[&str], kind: &[&str], ocsf: (u16, u8)) {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let sort = Sort { resource: resource.as_bytes(), subresource: subresource.as_bytes() };
        let meaning = Operation::of(verb.as_bytes(), sort).meaning(Decision::Unknown);
        let found = (meaning.category, meaning.kind, (meaning.ocsf_class, meaning.ocsf_activity));
        assert_eq!(found, (category, kind, ocsf), "{verb} {resource}/{subresource}");
    }

    #[test]
    fn verbs_mean_what_they_do() {
        for verb in ["get", "list", "watch"] {
            check(verb, "pods", &["api"], &["access"], (6003, 2));
            check(verb, "secrets", &["api", "iam"], &["access"], (6003, 2));
        }
        check("get", "pods/log", &["api"], &["access"], (6003, 2));
        check("get", "", &["api"], &["access"], (6003, 2));
        check("create", "configmaps", &["api"], &["creation"], (6003, 1));
        check("create", "secrets", &["api"], &["creation"], (6003, 1));
        for verb in ["update", "patch"] {
            check(verb, "deployments/scale", &["api"], &["change"], (6003, 3));
            check(verb, "clusterroles", &["api", "iam"], &["admin", "change"], (6003, 3));
        }
        for verb in ["delete", "deletecollection"] {
            check(verb, "pods", &["api"], &["deletion"], (6003, 4));
            check(verb, "rolebindings", &["api", "iam"], &["admin", "deletion"], (6003, 4));
        }
        check("proxy", "nodes", &["api"], &["access"], (6003, 99));
        check("post", "", &["api"], &["creation"], (6003, 99));
        check("approve", "certificatesigningrequests/approval", &["api"], &["change"], (6003, 99));
        check("impersonate", "users", &["api"], &["access"], (6003, 99));
        check("juggle", "pods", &["api"], &[], (6003, 99));
        check("", "", &["api"], &[], (6003, 99));
    }

    #[test]
    fn a_subresource_gives_the_verb_another_meaning() {
        for subresource in ["exec", "attach", "portforward", "proxy"] {
            for verb in ["create", "get"] {
                check(verb, &format!("pods/{subresource}"), &["api"], &["access"], (6003, 99));
            }
        }
        check("create", "pods/eviction", &["api"], &["deletion"], (6003, 99));
        check("create", "pods/binding", &["api"], &["change"], (6003, 99));
        check("create", "bindings", &["api"], &["change"], (6003, 99));
        check("create", "serviceaccounts/token", &["api", "iam"], &["access"], (6003, 99));
        for review in ["tokenreviews", "subjectaccessreviews", "selfsubjectaccessreviews", "localsubjectaccessreviews"]
        {
            check("create", review, &["api"], &["access"], (6003, 99));
        }
    }

    #[test]
    fn a_binding_of_a_role_is_a_grant() {
        check("create", "rolebindings", &["api", "iam"], &["admin", "creation"], (3005, 1));
        check("create", "clusterrolebindings", &["api", "iam"], &["admin", "creation"], (3005, 1));
        check("create", "roles", &["api", "iam"], &["admin", "creation"], (6003, 1));
    }

    #[test]
    fn the_decision_is_the_last_type() {
        let kind = |decision| Operation::Delete.meaning(decision).kind;
        assert_eq!(kind(Decision::Unknown), ["deletion"]);
        assert_eq!(kind(Decision::Allowed), ["deletion", "allowed"]);
        assert_eq!(kind(Decision::Denied), ["deletion", "denied"]);
    }
}
