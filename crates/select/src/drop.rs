//! Ready-made lists of known noise.

use crate::condition::Condition;

/// A named list of records that hardly anybody wants to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DropList {
    /// What the configuration calls it; also the reason in the metric.
    pub name: &'static str,
    /// What it is about, in a sentence.
    pub meaning: &'static str,
    /// Which records it drops, as a condition; each event of the record has to meet it, and [`NEVER_NOISE`] must not hold.
    pub definition: &'static str,
}

/// What no list drops, whatever its definition says: failures, and records of which not everything is certain. A status that
/// is there and is none that we know may be a failure: `responseStatus` itself is there when it is no object with members.
pub const NEVER_NOISE: &str = r#"event.outcome == "failure" or http.response.status_code >= 400 or event.type == "denied"
or exists(native.responseStatus) or exists(native.audit.responseStatus)
or (exists(native.responseStatus.code) or exists(native.audit.responseStatus.code))
    and not exists(http.response.status_code)
or flags in ["truncated", "truncated_upstream", "unterminated", "invalid_utf8", "json_syntax", "json_depth", "json_dup",
             "events_limit", "cef_ambiguous", "cef_short", "cef_version", "cef_severity", "uaa_ambiguous", "broken_framing"]"#;

/// Every list. None goes by what a client can choose freely, such as its user agent: nobody can hide behind a list by
/// calling himself a health check.
pub const DROP_LISTS: &[DropList] = &[
    DropList {
        name: "kubernetes-leases",
        meaning: "Nodes and controllers that renew their leases, every few seconds each; people are kept.",
        definition: r#"class == "k8s.audit" and event.action in ["get", "list", "watch", "update", "patch"]
and orchestrator.resource.type == "leases" and native.objectRef.apiGroup == "coordination.k8s.io"
and user.name starts_with ["system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:"]
and not exists(user.effective.name)"#,
    },
    DropList {
        name: "kubernetes-watches",
        meaning: "Watches, which controllers open anew every few minutes; those of people, of secrets and without objectRef are kept.",
        definition: r#"class == "k8s.audit" and event.action == "watch" and exists(native.objectRef.resource)
and not orchestrator.resource.type == "secrets" and not exists(native.objectRef.subresource)
and user.name starts_with ["system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:"]
and not exists(user.effective.name)"#,
    },
    DropList {
        name: "kubernetes-health",
        meaning: "Requests for the API server's own health, version and metrics, whoever asks; paths that may lead elsewhere are kept.",
        definition: r#"class == "k8s.audit" and event.action in ["get", "head"] and not exists(orchestrator.resource.type)
and url.original matches "^/(healthz|livez|readyz|version|metrics)([/?]|$)" and not url.original matches "[.][.]|%|//""#,
    },
    DropList {
        name: "kubernetes-system-reads",
        meaning: "Reads by Kubernetes' own components; those of secrets, without objectRef, and by exec, proxy, log and the like are kept.",
        definition: r#"class == "k8s.audit" and event.action in ["get", "list", "watch"]
and exists(native.objectRef.resource) and not orchestrator.resource.type == "secrets"
and (not exists(native.objectRef.subresource)
    or native.objectRef.subresource in ["status", "scale"] and not native.objectRef.subresource matches "^([^s]|s[^ct])")
and user.name starts_with ["system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:kube-system:"]
and not exists(user.effective.name)"#,
    },
    DropList {
        name: "health-probes",
        meaning: "Health and version queries without a login to Cloud Controller and the BOSH director, and by clients to CredHub.",
        definition: r#"http.request.method in ["GET", "HEAD"] and (
class == "cf.cloud_controller.cef" and url.original in ["/", "/healthz", "/v2/info", "/v3", "/v3/info"]
    and not exists(user.name) and not exists(user.id)
or class == "bosh.director.cef" and url.original == "/info" and native.cef.signature_id == "director_api"
    and not exists(user.name)
or class == "cf.credhub.cef" and url.original in ["/health", "/info", "/version"]
    and user.id starts_with ["uaa-client:", "mtls-app:"])"#,
    },
    DropList {
        name: "uaa-client-logins",
        meaning: "Components that log in to UAA as an OAuth client, for each token that they fetch; the client admin is kept.",
        definition: r#"class == "cf.uaa.audit" and event.action == "ClientAuthenticationSuccess"
and not native.uaa.principal == "admin""#,
    },
    DropList {
        name: "pks-broker-polls",
        meaning: "Polls of a task that is still at work; how it ends is kept.",
        definition: r#"class == "pks.broker" and native.bosh.task_state in ["queued", "processing", "cancelling"]"#,
    },
    DropList {
        name: "pks-telemetry-pings",
        meaning: "Telemetry server and collector that assure each other that they are there; connections and clusters are kept.",
        definition: r#"class == "pks.telemetry"
and native.telemetry.message in ["generating helo", "checking ping", "generating pong"]"#,
    },
    DropList {
        name: "ucp-metrics",
        meaning: "The dashboard's queries of container metrics in UCP and MKE.",
        definition: r#"class == "ucp.audit" and http.request.method in ["GET", "HEAD"]
and url.original matches "^/metricsservice/query([?]|$)""#,
    },
];

impl DropList {
    /// The list called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        DROP_LISTS.iter().find(|list| list.name == name)
    }

    /// What it drops, in full; each event of a record has to meet it.
    ///
    /// # Panics
    /// Never: a test reads every list.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let text = format!("({})\nand not ({NEVER_NOISE})", self.definition);
        Condition::parse(&text).expect("every list is read by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_can_be_read_and_is_found_by_its_name() {
        for list in DROP_LISTS {
            Condition::parse(list.definition).unwrap_or_else(|error| panic!("{}: {error}", list.name));
            assert!(list.condition().text().starts_with(&format!("({})", list.definition)));
            assert_eq!(DropList::named(list.name), Some(list));
        }
        Condition::parse(NEVER_NOISE).unwrap();
        assert_eq!(DropList::named("noise"), None);
    }
}
