//! What each daemon is told, with the settings that served it best when they were tried.

use std::path::Path;

use gully_load::Framing;

use crate::daemon::Place;
use crate::row::{Output, Row};

pub(crate) fn gully(place: &Place, row: Row) -> String {
    let encoding = match row.output {
        Output::Raw => "raw",
        Output::Json => "json",
    };
    let framing = match row.framing {
        Framing::Newline => "newline",
        Framing::Counted => "octet-counting",
    };
    let (directory, output) = (display(&place.directory), display(&place.output()));
    let (address, connections_max) = (place.address, place.connections_max);
    format!(
        r#"data_dir = "{directory}/data"

[listener.bench]
address = "{address}"
protocol = "tcp"
framing = "{framing}"
connections_max = {connections_max}

[sink.out]
kind = "file"
path = "{output}"
encoding = "{encoding}"

[admin]
address = "off"
"#
    )
}

pub(crate) fn rsyslog(place: &Place, row: Row) -> String {
    let template = match row.output {
        Output::Raw => "raw",
        Output::Json => "json",
    };
    let (directory, output) = (display(&place.directory), display(&place.output()));
    let (address, port) = (place.address.ip(), place.address.port());
    format!(
        r#"global(workDirectory="{directory}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
main_queue(queue.size="10000" queue.type="LinkedList")
template(name="raw" type="string" string="%rawmsg%\n")
template(name="json" type="list") {{
  constant(value="{{")
  property(outname="timestamp" name="timereported" dateFormat="rfc3339" format="jsonf") constant(value=",")
  property(outname="host" name="hostname" format="jsonf") constant(value=",")
  property(outname="severity" name="syslogseverity-text" format="jsonf") constant(value=",")
  property(outname="facility" name="syslogfacility-text" format="jsonf") constant(value=",")
  property(outname="appname" name="app-name" format="jsonf") constant(value=",")
  property(outname="procid" name="procid" format="jsonf") constant(value=",")
  property(outname="msgid" name="msgid" format="jsonf") constant(value=",")
  property(outname="sdata" name="structured-data" format="jsonf") constant(value=",")
  property(outname="message" name="msg" format="jsonf")
  constant(value="}}\n")
}}
module(load="imptcp" threads="2")
ruleset(name="r" parser="rsyslog.rfc5424" queue.type="fixedArray" queue.size="100000" queue.dequeueBatchSize="2048"
        queue.workerThreads="1" queue.workerThreadMinimumMessages="20000" queue.timeoutEnqueue="600000") {{
  action(type="omfile" file="{output}" template="{template}" ioBufferSize="256k" flushOnTXEnd="off" asyncWriting="on")
}}
input(type="imptcp" port="{port}" address="{address}" ruleset="r" socketBacklog="1000")
"#
    )
}

pub(crate) fn syslog_ng(place: &Place, row: Row) -> String {
    let template = match row.output {
        Output::Raw => "$RAWMSG",
        Output::Json => "$(format-json --scope rfc5424)",
    };
    // The driver `syslog` counts octets, `network` takes lines.
    let (driver, parse) = match row.framing {
        Framing::Newline => ("network", "syslog-protocol,"),
        Framing::Counted => ("syslog", ""),
    };
    let connections = place.connections_max;
    // A connection gets an equal part of the window, and at least 10 of it.
    let window = 200_000.max(connections * 10);
    let (address, port, output) = (place.address.ip(), place.address.port(), display(&place.output()));
    format!(
        r#"@version: 3.38
options {{ threaded(yes); keep-hostname(yes); keep-timestamp(yes); use-dns(no); use-fqdn(no); dns-cache(no); chain-hostnames(no);
  log-msg-size(65536); log-fifo-size(2000000); flush-lines(1000); stats-freq(0); stats-level(0); time-reopen(1); create-dirs(no); }};
source s {{ {driver}(ip("{address}") port({port}) transport("tcp") max-connections({connections}) log-iw-size({window})
  log-fetch-limit(1000) flags({parse}no-multi-line,store-raw-message)); }};
destination d {{ file("{output}" template("{template}\n")); }};
log {{ source(s); destination(d); flags(flow-control); }};
"#
    )
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
