//! What each daemon is told, with the settings that served it best when they were tried.

use std::path::Path;

use gully_load::Framing;

use crate::daemon::Place;
use crate::row::{Output, Row};
use crate::target::Target;

/// What the peers' librdkafka is told, so that it promises what ours does and makes batches as ours does. Its queue is so large that
/// it is never full in a run: both peers do worse when it is.
const LIBRDKAFKA: [(&str, &str); 8] = [
    ("acks", "all"),
    ("enable.idempotence", "true"),
    ("message.timeout.ms", "0"),
    ("compression.codec", "lz4"),
    ("linger.ms", "50"),
    ("batch.size", "1000000"),
    ("queue.buffering.max.messages", "1000000"),
    ("queue.buffering.max.kbytes", "2000000"),
];

pub(crate) fn gully(place: &Place<'_>, row: Row) -> String {
    let encoding = match row.output {
        Output::Raw => "raw",
        Output::Json => "json",
    };
    let framing = match row.framing {
        Framing::Newline => "newline",
        Framing::Counted => "octet-counting",
    };
    let sink = match &place.target {
        Target::File(path) => format!("kind = \"file\"\npath = \"{}\"", display(path)),
        Target::Topic(topic) => {
            format!("kind = \"kafka\"\nbrokers = [\"{}\"]\ntopic = \"{}\"", topic.broker.address, topic.name)
        }
    };
    let directory = display(&place.directory);
    let (address, connections_max) = (place.address, place.connections_max);
    format!(
        r#"data_dir = "{directory}/data"

[listener.bench]
address = "{address}"
protocol = "tcp"
framing = "{framing}"
connections_max = {connections_max}

[sink.out]
{sink}
encoding = "{encoding}"

[admin]
address = "off"
"#
    )
}

pub(crate) fn rsyslog(place: &Place<'_>, row: Row) -> String {
    let template = match row.output {
        Output::Raw => "raw",
        Output::Json => "json",
    };
    let (end, module, action) = match &place.target {
        Target::File(path) => {
            let action = format!(
                r#"type="omfile" file="{}" ioBufferSize="256k" flushOnTXEnd="off" asyncWriting="on""#,
                display(path)
            );
            (r"\n", "", action)
        }
        Target::Topic(topic) => {
            let properties = LIBRDKAFKA.map(|(name, value)| format!(r#""{name}={value}""#)).join(",");
            let action = format!(
                r#"type="omkafka" broker="{}" topic="{}" key="127.0.0.1" partitions.auto="on" confParam=[{properties}]
         resubmitOnFailure="on" closeTimeout="60000" action.resumeInterval="1" action.resumeRetryCount="-1""#,
                topic.broker.address, topic.name
            );
            ("", r#"module(load="omkafka")"#, action)
        }
    };
    let directory = display(&place.directory);
    let (address, port) = (place.address.ip(), place.address.port());
    format!(
        r#"global(workDirectory="{directory}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
main_queue(queue.size="10000" queue.type="LinkedList")
template(name="raw" type="string" string="%rawmsg%{end}")
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
  constant(value="}}{end}")
}}
module(load="imptcp" threads="2") {module}
ruleset(name="r" parser="rsyslog.rfc5424" queue.type="fixedArray" queue.size="100000" queue.dequeueBatchSize="2048"
        queue.workerThreads="1" queue.workerThreadMinimumMessages="20000" queue.timeoutEnqueue="600000") {{
  action({action} template="{template}")
}}
input(type="imptcp" port="{port}" address="{address}" ruleset="r" socketBacklog="1000")
"#
    )
}

pub(crate) fn syslog_ng(place: &Place<'_>, row: Row) -> String {
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
    let destination = match &place.target {
        Target::File(path) => format!(r#"file("{}" template("{template}\n"))"#, display(path)),
        Target::Topic(topic) => {
            let properties = LIBRDKAFKA.map(|(name, value)| format!(r#""{name}"("{value}")"#)).join(" ");
            format!(
                r#"kafka-c(bootstrap-servers("{}") topic("{}") message("{template}") key("127.0.0.1") workers(2) sync-send(no)
  flush-timeout-on-shutdown(60000) config({properties}))"#,
                topic.broker.address, topic.name
            )
        }
    };
    let (address, port) = (place.address.ip(), place.address.port());
    format!(
        r#"@version: 3.38
options {{ threaded(yes); keep-hostname(yes); keep-timestamp(yes); use-dns(no); use-fqdn(no); dns-cache(no); chain-hostnames(no);
  log-msg-size(65536); log-fifo-size(2000000); flush-lines(1000); stats-freq(0); stats-level(0); time-reopen(1); create-dirs(no); }};
source s {{ {driver}(ip("{address}") port({port}) transport("tcp") max-connections({connections}) log-iw-size({window})
  log-fetch-limit(1000) flags({parse}no-multi-line,store-raw-message)); }};
destination d {{ {destination}; }};
log {{ source(s); destination(d); flags(flow-control); }};
"#
    )
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
