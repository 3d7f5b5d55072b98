//! One file for each format; this one knows which class is whose.

mod audit_event;
mod bosh;
mod call;
mod cef;
mod cloud_controller;
mod credhub;
mod k8s;
mod logmessage;
mod ordered;
mod pks;
mod prefix;
mod uaa;
mod ucp;

use record::Class;

use crate::extractor::Input;
use crate::field::Field;
use crate::message::Body;
use crate::out::Out;

/// Says what holds for every event of the record.
pub(crate) fn common(input: &Input<'_>, out: &mut Out<'_>) {
    if input.class != Class::Other {
        out.set_word(Field::EventKind, "event");
        out.set_word(Field::EventDataset, input.class.name());
    }
}

/// Takes the record apart by the rules of its class.
pub(crate) fn extract(input: &Input<'_>, body: &Body<'_>, out: &mut Out<'_>) {
    let end = |text: &[u8]| text.as_ptr_range().end as usize;
    out.cut_end = body.is_cut.then(|| end(body.text.trim_ascii_end())..=end(body.text));
    match input.class {
        Class::CloudControllerCef => cloud_controller::extract(body, input.header.app_name.of(input.octets), out),
        Class::CredhubCef => credhub::extract(body, out),
        Class::BoshCef => bosh::extract(body, out),
        Class::Cef => cef::extract(body, out),
        Class::UaaAudit => uaa::extract(body, out),
        Class::PksApi => pks::api(body, out),
        Class::PksBroker => pks::broker(body, out),
        Class::PksTelemetry => pks::telemetry(body, out),
        Class::K8sAudit => k8s::extract(body, out),
        Class::UcpAudit => ucp::extract(body, out),
        Class::LogMessage => logmessage::extract(input, body, out),
        Class::AuditEvent => audit_event::extract(body, out),
        Class::Other => {}
    }
    if body.is_cut {
        out.truncated();
    }
}
