//! TKGI's log sinks (its Fluent Bit plugin, `pkg/syslog/out.go`).

use header::{Fields, Params, Value};

use super::{has_element, name};
use crate::field::Field;
use crate::json::work;
use crate::out::Out;

const KUBERNETES: &[u8] = b"kubernetes@47450";
const POD_LOG: &[u8] = b"pod.log/";
const EVENT: &[u8] = b"k8s.event/";

pub(super) fn is_container(header: &Fields<'_>) -> bool {
    let name = name(header).unwrap_or_default();
    name.starts_with(POD_LOG) || name.starts_with(EVENT) || has_element(header.structured_data, KUBERNETES)
}

pub(super) fn extract(header: &Fields<'_>, out: &mut Out<'_>) {
    // An event's object is of any kind.
    let is_pod = !name(header).is_some_and(|name| name.starts_with(EVENT));
    let element = header.structured_data.elements().find(|(id, _)| *id == KUBERNETES);
    let Some((_, params)) = element else { return from_name(header, out) };
    let sender = Sender::read(params);
    if let Some(namespace) = sender.namespace {
        let namespace = out.param(namespace);
        out.set(Field::PlatformNamespace, namespace);
    }
    if let Some(pod) = sender.object.filter(|_| is_pod) {
        let pod = out.param(pod);
        out.set(Field::PlatformPod, pod);
    }
    if let Some(container) = sender.container.filter(|_| is_pod) {
        let container = out.param(container);
        out.set(Field::PlatformContainer, container);
    }
    if let Some(vm) = sender.vm {
        let vm = out.param(vm);
        out.set(Field::PlatformInstance, vm);
    }
    // HOSTNAME is the name of the cluster where the sink knows it, otherwise that of the machine.
    if let Some(host) = header.hostname.filter(|host| !sender.vm.is_some_and(|vm| is_same_host(host, vm.as_sent()))) {
        let host = out.octets(host);
        out.set(Field::PlatformCluster, host);
    }
}

/// What the sink itself says in its element.
#[derive(Debug, Default)]
struct Sender<'a> {
    namespace: Option<Value<'a>>,
    object: Option<Value<'a>>,
    container: Option<Value<'a>>,
    vm: Option<Value<'a>>,
}

impl<'a> Sender<'a> {
    /// Labels of the pod come first, with names that whoever deploys it chooses: also `namespace_name`, or `vm_id`, which
    /// the sink leaves out when it does not know it. So only what follows the last `namespace_name` is the sink's.
    fn read(params: Params<'a>) -> Self {
        let mut sender = Self::default();
        for (name, value) in params {
            work::visit(name.len() + value.as_sent().len());
            match name {
                b"namespace_name" => sender = Self { namespace: Some(value), ..Self::default() },
                b"object_name" => sender.object = Some(value),
                b"container_name" => sender.container = Some(value),
                b"vm_id" => sender.vm = Some(value),
                _ => {}
            }
        }
        if sender.namespace.is_some() { sender } else { Self::default() }
    }
}

/// APP-NAME `pod.log/namespace/pod/container`, cut to 48 octets: its last part counts only if nothing can be missing.
fn from_name(header: &Fields<'_>, out: &mut Out<'_>) {
    const LEN_MAX: usize = 48;

    let name = name(header).unwrap_or_default();
    let Some(path) = name.strip_prefix(POD_LOG) else { return };
    let mut parts = path.split(|octet| *octet == b'/').peekable();
    for field in [Field::PlatformNamespace, Field::PlatformPod, Field::PlatformContainer] {
        let Some(part) = parts.next() else { return };
        if parts.peek().is_some() || name.len() < LEN_MAX {
            let part = out.octets(part);
            out.set(field, part);
        }
    }
}

/// Whether two names are of one host: newer sinks put HOSTNAME into lower case and drop what no host name holds.
fn is_same_host(one: &[u8], other: &[u8]) -> bool {
    let letters = |name| <[u8]>::iter(name).filter(|octet| octet.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    letters(one).eq(letters(other))
}
