//! The messages: distinct, always the same, in the mix and the sizes of a platform's stream.
//!
//! Of every 100 messages 30 are Cloud Controller CEF, 5 CredHub CEF, 15 UAA audit lines, 20 Kubernetes audit events, 10 UCP audit
//! records, and 20 ordinary lines of applications and routers. Each has an RFC 5424 header of about 150 octets with structured
//! data. The mean is about 706 octets; `mean_sizes_are_as_stated` holds every kind to its own mean.

use std::fmt::Write;

use crate::Framing;

/// How many distinct messages there are.
pub const MESSAGES: usize = 100_000;

/// All messages, framed, one after another.
#[derive(Debug)]
pub struct Corpus {
    octets: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
    /// Octets of messages alone up to and including each frame.
    message_bytes: Vec<usize>,
}

impl Corpus {
    /// Renders all messages. Takes about 80 MB.
    #[must_use]
    pub fn render(framing: Framing) -> Self {
        let mut random = Random(0x67_75_6c_6c_79);
        let mut corpus = Self { octets: Vec::new(), ends: Vec::new(), message_bytes: Vec::new() };
        let mut total = 0;
        for number in 0..MESSAGES {
            let message = message(number, &mut random);
            total += message.len();
            match framing {
                Framing::Newline => {
                    corpus.octets.extend_from_slice(message.as_bytes());
                    corpus.octets.push(b'\n');
                }
                Framing::Counted => {
                    corpus.octets.extend_from_slice(format!("{} ", message.len()).as_bytes());
                    corpus.octets.extend_from_slice(message.as_bytes());
                }
            }
            corpus.ends.push(corpus.octets.len());
            corpus.message_bytes.push(total);
        }
        corpus
    }

    /// The frames from message `first` on, at most `count` of them and not beyond the last message.
    #[must_use]
    pub fn frames(&self, first: usize, count: usize) -> &[u8] {
        let start = if first == 0 { 0 } else { self.ends[first - 1] };
        let last = (first + count).min(MESSAGES);
        &self.octets[start..self.ends[last - 1]]
    }

    /// Octets of `count` messages without framing, when they are sent from message `first` on, over and over.
    #[must_use]
    pub fn message_bytes(&self, first: usize, count: u64) -> u64 {
        let all = self.message_bytes[MESSAGES - 1] as u64;
        let before = |index: usize| if index == 0 { 0 } else { self.message_bytes[index - 1] as u64 };
        let (rounds, rest) = (count / MESSAGES as u64, (count % MESSAGES as u64) as usize);
        let end = first + rest;
        let part =
            if end <= MESSAGES { before(end) - before(first) } else { all - before(first) + before(end - MESSAGES) };
        rounds * all + part
    }
}

/// splitmix64: enough to make messages distinct.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xffff,
            b >> 48,
            b & 0xffff_ffff_ffff
        )
    }
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CloudController,
    Credhub,
    Uaa,
    Kubernetes,
    Ucp,
    Ordinary,
}

/// The kind of the message at `number`: the mix in every hundred, spread out.
const fn kind(number: usize) -> Kind {
    // 37 and 100 have no common divisor, so this visits all of 0 to 99.
    match number * 37 % 100 {
        0..30 => Kind::CloudController,
        30..35 => Kind::Credhub,
        35..50 => Kind::Uaa,
        50..70 => Kind::Kubernetes,
        70..80 => Kind::Ucp,
        _ => Kind::Ordinary,
    }
}

fn message(number: usize, random: &mut Random) -> String {
    let time = Time::of(number);
    match kind(number) {
        Kind::CloudController => cloud_controller(&time, random),
        Kind::Credhub => credhub(&time, random),
        Kind::Uaa => uaa(&time, random),
        Kind::Kubernetes => kubernetes(&time, random),
        Kind::Ucp => ucp(&time, random),
        Kind::Ordinary => ordinary(&time, random),
    }
}

/// A moment of one made-up morning: a message each 25 milliseconds.
struct Time {
    hour: usize,
    minute: usize,
    second: usize,
    micros: usize,
}

impl Time {
    const fn of(number: usize) -> Self {
        let millis = number * 25;
        let seconds = millis / 1000;
        Self {
            hour: 8 + seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            micros: millis % 1000 * 1000 + 123,
        }
    }

    fn rfc3339(&self) -> String {
        format!("2026-11-20T{:02}:{:02}:{:02}.{:06}Z", self.hour, self.minute, self.second, self.micros)
    }

    fn unix_millis(&self) -> usize {
        // 2026-11-20 00:00:00 UTC.
        (1_795_132_800 + self.hour * 3600 + self.minute * 60 + self.second) * 1000 + self.micros / 1000
    }
}

/// The header of a platform component, as syslog-release writes it.
fn platform_header(time: &Time, app: &str, group: &str, random: &mut Random) -> String {
    let (time, net, host, id) = (time.rfc3339(), random.below(32), random.below(250), random.guid());
    let zone = random.below(3) + 1;
    format!(
        "<14>1 {time} 10.0.{net}.{host} {app} rs2 - [instance@47450 director=\"\" deployment=\"cf\" group=\"{group}\" az=\"z{zone}\" id=\"{id}\"] "
    )
}

fn cloud_controller(time: &Time, random: &mut Random) -> String {
    let mut line = platform_header(time, "cloud_controller_ng", "control", random);
    let method = random.pick(&["GET", "GET", "GET", "POST", "PATCH", "DELETE"]);
    let resource = random.pick(&["apps", "spaces", "routes", "service_instances", "organizations", "domains"]);
    let path = format!("/v3/{resource}/{}", random.guid());
    let status = random.pick(&["200", "200", "200", "201", "404", "422"]);
    let result = if status.starts_with('2') { "success" } else { "clientError" };
    let (user, user_id, request) = (random.below(5_000), random.guid(), random.guid());
    let (source, hop) = (random.below(250), random.below(250));
    let millis = time.unix_millis();
    write!(
        line,
        "CEF:0|cloud_foundry|cloud_controller_ng|3.181.0|{method} {path}|{method} {path}|0|rt={millis} suser=op-{user} \
         suid={user_id} request={path} requestMethod={method} src=10.0.4.{source} dst=10.0.16.7 \
         cs1Label=userAuthenticationMechanism cs1=oauth-access-token cs2Label=vcapRequestId cs2={request} \
         cs3Label=result cs3={result} cs4Label=httpStatusCode cs4={status} cs5Label=xForwardedFor cs5=203.0.113.{hop}"
    )
    .expect("a string takes all");
    line
}

fn credhub(time: &Time, random: &mut Random) -> String {
    let mut line = platform_header(time, "credhub", "credhub", random);
    let method = random.pick(&["GET", "GET", "PUT", "POST", "DELETE"]);
    let name = format!("/bosh-lite/cf/{}-{}", random.pick(&["nats", "router", "uaa", "diego"]), random.guid());
    let (user, version) = (random.guid(), random.guid());
    let (source, millis) = (random.below(250), time.unix_millis());
    write!(
        line,
        "CEF:0|cloud_foundry|credhub|2.12.74|{method} /api/v1/data|{method} /api/v1/data|0|rt={millis} suser=credhub_admin_client \
         suid=uaa-client:credhub_admin_client:{user} cs1Label=userAuthenticationMechanism cs1=oauth-access-token \
         request=/api/v1/data?name\\={name}&versions\\=1 requestMethod={method} cs3Label=versionUuid cs3={version} \
         cs4Label=httpStatusCode cs4=200 src=10.0.4.{source} dst=10.0.16.9 cs2Label=resourceName cs2={name}"
    )
    .expect("a string takes all");
    line
}

fn uaa(time: &Time, random: &mut Random) -> String {
    let mut line = platform_header(time, "uaa", "uaa", random);
    let event = random.pick(&["TokenIssuedEvent", "UserAuthenticationSuccess", "ClientAuthenticationSuccess"]);
    let client = random.pick(&["cf", "doppler", "cloud_controller", "ssh-proxy", "gorouter"]);
    let (user, remote, time) = (random.guid(), random.below(250), time.rfc3339());
    let thread = random.below(40);
    write!(
        line,
        "[{time}] uaa - 14 [https-jsse-nio-8443-exec-{thread}] .... INFO --- Audit: {event} ('[\"cloud_controller.read\",\"openid\"]'): \
         principal={user}, origin=[client={client}, user=operator, remoteAddress=10.0.4.{remote}], identityZoneId=[uaa]"
    )
    .expect("a string takes all");
    line
}

fn kubernetes(time: &Time, random: &mut Random) -> String {
    let mut line = platform_header(time, "kube-apiserver", "master", random);
    let verb = random.pick(&["get", "list", "watch", "create", "patch", "delete"]);
    let resource = random.pick(&["pods", "secrets", "configmaps", "services", "endpoints"]);
    let namespace = random.pick(&["kube-system", "default", "payments", "pks-system"]);
    let (id, user, uid, pod) = (random.guid(), random.below(300), random.guid(), random.next() >> 40);
    let (remote, version, time) = (random.below(250), random.below(9_000_000), time.rfc3339());
    let uri = format!("/api/v1/namespaces/{namespace}/{resource}/worker-{pod:06x}");
    write!(
        line,
        "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"{id}\",\"stage\":\"ResponseComplete\",\
         \"requestURI\":\"{uri}?timeout=32s\",\"verb\":\"{verb}\",\"user\":{{\"username\":\"system:serviceaccount:{namespace}:deployer-{user}\",\
         \"uid\":\"{uid}\",\"groups\":[\"system:serviceaccounts\",\"system:serviceaccounts:{namespace}\",\"system:authenticated\"]}},\
         \"sourceIPs\":[\"10.200.3.{remote}\"],\"userAgent\":\"kubectl/v1.31.4 (linux/amd64) kubernetes/a78aa47\",\
         \"objectRef\":{{\"resource\":\"{resource}\",\"namespace\":\"{namespace}\",\"name\":\"worker-{pod:06x}\",\"apiVersion\":\"v1\",\
         \"resourceVersion\":\"{version}\"}},\"responseStatus\":{{\"metadata\":{{}},\"code\":200}},\
         \"requestReceivedTimestamp\":\"{time}\",\"stageTimestamp\":\"{time}\",\"annotations\":{{\"authorization.k8s.io/decision\":\"allow\",\
         \"authorization.k8s.io/reason\":\"RBAC: allowed by RoleBinding deployer-{user}/{namespace} of Role deployer to ServiceAccount deployer-{user}/{namespace}\"}}}}"
    )
    .expect("a string takes all");
    line
}

fn ucp(time: &Time, random: &mut Random) -> String {
    let mut line = platform_header(time, "ucp-controller", "manager", random);
    let method = random.pick(&["GET", "POST", "PUT", "DELETE"]);
    let resource = random.pick(&["containers", "services", "secrets", "networks", "volumes"]);
    let (id, user, object, remote) = (random.guid(), random.guid(), random.guid(), random.below(250));
    let (name, time) = (random.below(900), time.rfc3339());
    write!(
        line,
        "{{\"audit\":{{\"metadata\":{{}},\"level\":\"Metadata\",\"timestamp\":\"{time}\",\"auditID\":\"{id}\",\"stage\":\"RequestReceived\",\
         \"requestURI\":\"/v1.41/{resource}/{object}/json\",\"verb\":\"{method}\",\"user\":{{\"username\":\"{user}\",\"uid\":\"{user}\",\
         \"groups\":[\"authenticated\"],\"extra\":{{\"username\":[\"operator-{name}\"],\"licenseKey\":[\"redacted\"]}}}},\
         \"sourceIPs\":[\"10.96.12.{remote}\"],\"objectRef\":{{\"resource\":\"{resource}\",\"name\":\"{object}\"}},\
         \"requestReceivedTimestamp\":null,\"stageTimestamp\":null,\"orgID\":\"operators\"}},\"level\":\"info\",\"msg\":\"audit\",\"time\":\"{time}\"}}"
    )
    .expect("a string takes all");
    line
}

/// A line of an application, in a shorter header.
fn ordinary(time: &Time, random: &mut Random) -> String {
    let (app, instance, time) = (random.guid(), random.below(8), time.rfc3339());
    let (millis, item) = (random.below(900), random.below(1_000_000));
    let what = random.pick(&["GET /cart/items", "POST /orders", "cache refreshed for", "GET /health of"]);
    format!(
        "<14>1 {time} shop.prod.web {app} [APP/PROC/WEB/{instance}] - [tags@47450 source_type=\"APP/PROC/WEB\" instance_id=\"{instance}\" \
         job=\"diego_cell\" process_type=\"web\"] level=info msg=\"{what} {item}\" status=200 took={millis}ms"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn messages_are_distinct_and_hold_no_line_feed() {
        let mut random = Random(1);
        let messages: HashSet<_> = (0..MESSAGES).map(|number| message(number, &mut random)).collect();
        assert_eq!(messages.len(), MESSAGES);
        assert!(messages.iter().all(|message| !message.contains('\n') && message.is_ascii()));
    }

    #[test]
    fn mean_sizes_are_as_stated() {
        let check = |kinds: &[Kind], stated: usize| {
            let mut random = Random(1);
            let numbers: Vec<_> = (0..1_000).filter(|number| kinds.contains(&kind(*number))).collect();
            let sum: usize = numbers.iter().map(|number| message(*number, &mut random).len()).sum();
            let mean = sum / numbers.len();
            assert!(mean.abs_diff(stated) * 50 <= stated, "{kinds:?}: {mean} instead of {stated}");
        };
        check(&[Kind::CloudController, Kind::Credhub], 743);
        check(&[Kind::Uaa], 456);
        check(&[Kind::Kubernetes], 1194);
        check(&[Kind::Ucp], 868);
        check(&[Kind::Ordinary], 260);
    }

    #[test]
    fn octets_add_up_over_the_end_of_the_corpus() {
        let corpus = Corpus::render(Framing::Newline);
        assert_eq!(corpus.octets.len() as u64, corpus.message_bytes(0, MESSAGES as u64) + MESSAGES as u64);
        let wrapped = corpus.message_bytes(MESSAGES - 1, 2);
        assert_eq!(wrapped, corpus.message_bytes(MESSAGES - 1, 1) + corpus.message_bytes(0, 1));
        assert_eq!(corpus.frames(5, 3).len() as u64, corpus.message_bytes(5, 3) + 3);
    }
}
