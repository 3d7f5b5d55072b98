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

/// What no list drops, whatever its definition says: failures, and records of which not everything is certain.
pub const NEVER_NOISE: &str = r#"event.outcome == "failure" or http.response.status_code >= 400 or event.type == "denied"
or flags in ["truncated", "truncated_upstream", "unterminated", "invalid_utf8", "json_syntax", "json_depth", "json_dup",
             "cef_short", "cef_version", "cef_severity", "uaa_ambiguous", "broken_framing"]"#;

/// Every list. None looks at what a client can choose freely, such as its user agent: nobody can hide behind a list by
/// calling himself a health check.
pub const DROP_LISTS: &[DropList] = &[
    DropList {
        name: "kubernetes-leases",
        meaning: "Nodes and controllers renewing their leases, every few seconds each.",
        definition: r#"class == "k8s.audit" and native.objectRef.apiGroup == "coordination.k8s.io"
and orchestrator.resource.type == "leases" and event.action in ["get", "list", "watch", "update", "patch"]
and user.name starts_with ["system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:kube-system:"]"#,
    },
    DropList {
        name: "kubernetes-watches",
        meaning: "Watches, which controllers open anew every few minutes; not those of secrets.",
        definition: r#"class == "k8s.audit" and event.action == "watch" and exists(orchestrator.resource.type)
and not orchestrator.resource.type == "secrets" and not user.name == "system:anonymous"
and not exists(user.effective.name)"#,
    },
    DropList {
        name: "kubernetes-health",
        meaning: "Probes of the API server's own health, metrics and version.",
        definition: r#"class == "k8s.audit" and event.action == "get" and not exists(orchestrator.resource.type)
and url.original matches "^/(healthz|livez|readyz|metrics|version)([/?]|$)""#,
    },
    DropList {
        name: "kubernetes-system-reads",
        meaning: "Reads by Kubernetes' own components; not of secrets, and not by way of exec, proxy and the like.",
        definition: r#"class == "k8s.audit" and event.action in ["get", "list", "watch"]
and user.name starts_with ["system:node:", "system:kube-", "system:apiserver", "system:serviceaccount:kube-system:"]
and exists(orchestrator.resource.type) and not orchestrator.resource.type == "secrets"
and (not exists(native.objectRef.subresource) or native.objectRef.subresource in ["status", "scale"])
and not exists(user.effective.name)"#,
    },
    DropList {
        name: "health-probes",
        meaning: "Health checks and version queries of Cloud Controller, CredHub and the BOSH director.",
        definition: r#"http.request.method in ["GET", "HEAD"] and (
class == "cf.cloud_controller.cef" and url.original in ["/", "/healthz", "/v2/info", "/v3", "/v3/info"]
or class == "cf.credhub.cef" and url.original in ["/health", "/info", "/version"]
or class == "bosh.director.cef" and native.cef.signature_id == "director_api" and url.original == "/info")"#,
    },
    DropList {
        name: "uaa-client-logins",
        meaning: "Successful logins of OAuth clients, which UAA writes for every token that a component fetches.",
        definition: r#"class == "cf.uaa.audit" and event.action == "ClientAuthenticationSuccess""#,
    },
    DropList {
        name: "pks-broker-polls",
        meaning: "Polls of a task that is still running; how it ended is kept.",
        definition: r#"class == "pks.broker" and native.bosh.task_state in ["queued", "processing", "cancelling"]"#,
    },
    DropList {
        name: "pks-telemetry-pings",
        meaning: "What the telemetry server and its collector write about themselves; not about clusters.",
        definition: r#"class == "pks.telemetry" and not exists(event.action)"#,
    },
    DropList {
        name: "ucp-metrics",
        meaning: "The dashboard's own queries of container metrics in UCP and MKE.",
        definition: r#"class == "ucp.audit" and http.request.method in ["GET", "HEAD"]
and url.original starts_with "/metricsservice/query""#,
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
