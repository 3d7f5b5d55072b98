//! Kubernetes audit events, lists and legacy lines.

#![no_main]

gully_extract_fuzz::target!(K8sAudit);
