//! Who makes the records of a class, by the names that consumers of events know.

use record::Class;

/// A program that writes audit records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Producer {
    pub(super) vendor: &'static str,
    pub(super) product: &'static str,
    /// The name by which its platform runs it.
    pub(super) service: &'static str,
}

impl Producer {
    /// The producer of a class, unless its records come from anybody.
    pub(super) const fn of(class: Class) -> Option<&'static Self> {
        const fn producer(vendor: &'static str, product: &'static str, service: &'static str) -> Producer {
            Producer { vendor, product, service }
        }
        // In CEF's own words where the producer writes CEF.
        const CLOUD_CONTROLLER: &Producer = &producer("cloud_foundry", "cloud_controller_ng", "cloud_controller_ng");
        const CREDHUB: &Producer = &producer("cloud_foundry", "credhub", "credhub");
        const BOSH: &Producer = &producer("CloudFoundry", "BOSH", "bosh");
        const UAA: &Producer = &producer("cloud_foundry", "uaa", "uaa");
        const LOGGREGATOR: &Producer = &producer("cloud_foundry", "loggregator", "loggregator");
        const PKS_API: &Producer = &producer("VMware", "TKGI", "pks-api");
        const PKS_BROKER: &Producer = &producer("VMware", "TKGI", "on-demand-service-broker");
        const PKS_TELEMETRY: &Producer = &producer("VMware", "TKGI", "telemetry-server");
        const KUBERNETES: &Producer = &producer("Kubernetes", "kube-apiserver", "kube-apiserver");
        const UCP: &Producer = &producer("Mirantis", "MKE", "ucp-controller");
        match class {
            Class::CloudControllerCef | Class::AuditEvent => Some(CLOUD_CONTROLLER),
            Class::CredhubCef => Some(CREDHUB),
            Class::BoshCef => Some(BOSH),
            Class::UaaAudit => Some(UAA),
            Class::LogMessage => Some(LOGGREGATOR),
            Class::PksApi => Some(PKS_API),
            Class::PksBroker => Some(PKS_BROKER),
            Class::PksTelemetry => Some(PKS_TELEMETRY),
            Class::K8sAudit => Some(KUBERNETES),
            Class::UcpAudit => Some(UCP),
            Class::Cef | Class::Other => None,
        }
    }
}
