//! Who sent it: which positions count, and which sign wins.

use super::*;
use Provenance::{Application, Container, Envelope, None, Platform};

#[track_caller]
fn check_provenance(rows: &[(&str, Provenance)]) {
    for (frame, expected) in rows {
        let located = locate(frame.as_bytes());
        assert_eq!(located.provenance, *expected, "{frame}");
        assert_eq!(located.flags.contains(record::Flags::NO_PROVENANCE), *expected == None, "{frame}");
    }
}

#[test]
fn the_sd_id_tells() {
    check_provenance(&[
        ("<14>1 - - - - - [tags@47450 a=\"b\"] x", Application),
        ("<14>1 - - - - - [tags@47450] x", Application),
        ("<14>1 - - - - - [x@1][tags@47450 a=\"b\"] x", Application),
        ("<14>1 - - - - - [instance@47450 a=\"b\"][tags@47450 a=\"b\"] x", Application),
        ("<14>1 - - - - - [kubernetes@47450 a=\"b\"] x", Container),
        ("<14>1 - - - - - [instance@47450 a=\"b\"][kubernetes@47450] x", Container),
        ("<14>1 - - - - - [instance@47450 a=\"b\"] x", Platform),
        ("<14>1 - - - - - [tags@474500] x", None),
        ("<14>1 - - - - - [Tags@47450] x", None),
        ("<14>1 - - - - - [tags] x", None),
        ("<14>1 - - - - - - x", None),
    ]);
}

#[test]
fn a_metric_or_event_counts_only_as_the_first_element() {
    for sd_id in ["gauge@47450", "counter@47450", "timer@47450", "event@47450"] {
        check_provenance(&[
            (&format!("<14>1 - h a [1] - [{sd_id} name=\"n\"][tags@47450 a=\"b\"] \n"), Envelope),
            (&format!("<14>1 - h a [APP/0] - [{sd_id} name=\"n\"] \n"), Envelope),
            (&format!("<14>1 - h a [1] - [tags@47450 a=\"b\"][{sd_id}] x"), Application),
            (&format!("<14>1 - h a [1] - [x@1][{sd_id}] x"), None),
            // Loggregator has written these values without escapes.
            (&format!("<14>1 - h a [1] - [{sd_id} name=\"say \"hi\"\"][tags@47450 a=\"b\"] \n"), Envelope),
        ]);
    }
}

#[test]
fn a_guid_for_a_name_is_an_application() {
    const GUID: &str = "c5b4a3d2-1f0e-4d3c-9b8a-7f6e5d4c3b2a";
    let (cut, shorter) = (&GUID[..32], &GUID[..31]);
    check_provenance(&[
        (&format!("<14>1 - h {GUID} - - - x"), Application),
        (&format!("<14>Nov 22 05:00:00 h {cut} [2026-01-20T04:56:26.322731Z] uaa - 11"), Application),
        (&format!("<14>Nov 22 05:00:00 h {GUID}: x"), Application),
        (&format!("<14>1 - h {shorter} - - - x"), None),
        (&format!("<14>1 - {GUID} uaa - - - x"), None),
        ("<14>1 - h c5b4a3d21f0e4d3c9b8a7f6e5d4c3b2a - - - x", None),
    ]);
}

#[test]
fn a_source_type_in_procid_is_an_application() {
    for procid in [
        "[APP/PROC/WEB/0]",
        "[RTR/1]",
        "[APP/TASK/NAME/0]",
        "[TASK//2]",
        "[MY-TASK/2]",
        "[APP/PROC/WEB/a1b2-c3]",
        "[APP/]",
        "[STG]",
        "[APP/TASK/MY",
    ] {
        check_provenance(&[
            (&format!("<14>1 - h a {procid} - - x"), Application),
            (&format!("<14>1 - h a {procid} - [instance@47450 a=\"b\"] x"), Application),
        ]);
    }
    for procid in ["rs2", "[1]", "[]", "[app/0]", "APP/0", "[ab12-cd34]", "[", "-", "1234"] {
        check_provenance(&[(&format!("<14>1 - h a {procid} - - x"), None)]);
    }
}

#[test]
fn a_blank_in_the_name_of_a_task_does_not_hide_the_application() {
    check_provenance(&[("<14>1 - h a [APP/TASK/MY TASK/0] - [tags@47450 a=\"b\"] CEF:0|x", Application)]);
}

#[test]
fn a_relay_keeps_the_source_type_in_the_tag() {
    check_provenance(&[
        ("<14>May  1 10:00:00 org.space.app guid[[APP/PROC/WEB/0]] CEF:0|x", Application),
        ("May  1 10:00:00 org.space.app guid[[APP/PROC/WEB/0]]: CEF:0|x", Application),
        ("<14>May  1 10:00:00 h uaa[rs2]: x", None),
    ]);
}

#[test]
fn the_app_name_tells_container_output() {
    check_provenance(&[
        ("<14>1 - vm pod.log/ns/pod/c - - - x", Container),
        ("<14>1 - vm k8s.event/ns/pod - - - x", Container),
        ("<14>1 - vm pod.log/ns/pod/c - - [instance@47450 a=\"b\"] x", Container),
        ("<14>1 - vm pod.log - - - x", None),
        ("<14>1 - vm xpod.log/ - - - x", None),
        ("<14>May  1 10:00:00 vm pod.log/ns/pod/c: x", Container),
        ("<14>May  1 10:00:00 vm pod.log/ns/pod/c CEF:0|x", Container),
        ("2026-05-01T10:00:00Z vm-1 pod.log/ns/pod/c {\"kind\":", Container),
    ]);
}

#[test]
fn msg_and_values_tell_nothing() {
    check_provenance(&[
        ("<14>1 - - - - - - [tags@47450 a=\"b\"] x", None),
        ("<14>1 - - - - - [a@1 k=\"[tags@47450 \\]\"] [instance@47450] x", None),
        ("<14>1 - - - - - [a@1 k=\"\\\"\\][tags@47450 l=\\\"\"] x", None),
        ("<14>1 - - - - - [a@1 tags@47450=\"instance@47450\"] x", None),
        ("<14>1 - - - - - [a@1 k=\"v\"] [instance@47450 a=\"b\"] x", None),
        ("<14>May  1 10:00:00 h [instance@47450 a=\"b\"] x", None),
        ("<14>[instance@47450 a=\"b\"] x", None),
        ("[instance@47450 a=\"b\"] x", None),
        ("<14>1 - - - [instance@47450 - - x", None),
    ]);
}

#[test]
fn damage_does_not_hide_the_sender() {
    check_provenance(&[
        ("<14>1 - h a p - [tags@47450 app_name=\"a\"b\"] CEF:0|x", Application),
        ("<14>1 - h a p - [tags@47450 app_name=\"cut off", Application),
        ("<14>1 - h a p - [kubernetes@47450 label=\"x]y\"] CEF:0|x", Container),
        // Loggregator has left out structured data without writing a nil.
        ("<14>1 - h a [APP/PROC/WEB/0] -  CEF:0|x", Application),
        ("<14>1 - h a [APP/PROC/WEB/0]", None),
        ("<14>1 - h a [APP/PROC/WEB/0] -", Application),
        ("<14>1 - vm pod.log/ns/pod/c -\tx", Container),
        ("<-1>1 - h a [APP/PROC/WEB/0] - - x", Application),
    ]);
}
