//! Values that are one word of a few.

/// The words that a key takes.
#[derive(Debug)]
pub(crate) struct Choices {
    /// A word and what it means.
    pub(crate) now: &'static [(&'static str, &'static str)],
    /// Words that a later version takes. They get an error of their own, which says so.
    pub(crate) later: &'static [&'static str],
}

macro_rules! choices {
    ($(#[doc = $about:literal])* $name:ident { $($variant:ident $word:literal $doc:literal)* } later { $($later:literal)* }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = concat!("`", $word, "`: ", $doc, ".")] $variant),* }

        impl $name {
            pub(crate) const CHOICES: Choices =
                Choices { now: &[$(($word, $doc)),*], later: &[$($later),*] };

            /// The word that stands for it in the configuration.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl Chosen for $name {
            fn by_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

/// A value that is chosen by its word.
pub(crate) trait Chosen: Sized {
    fn by_word(word: &str) -> Option<Self>;
}

choices! {
    /// How a listener's octets arrive.
    Protocol {
        Tcp "tcp" "plain TCP (RFC 6587)"
        Tls "tls" "TLS 1.2 and 1.3 over TCP (RFC 5425)"
        Udp "udp" "one message per datagram (RFC 5426)"
        Unix "unix" "a unix stream socket"
        UnixDatagram "unix-datagram" "a unix datagram socket, one message per datagram"
    } later { "relp" "https" }
}

impl Protocol {
    /// Whether it carries a stream, in which frames have to be found.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Tcp | Self::Tls | Self::Unix)
    }

    /// Whether its sockets are unix sockets.
    #[must_use]
    pub const fn is_unix(self) -> bool {
        matches!(self, Self::Unix | Self::UnixDatagram)
    }
}

choices! {
    /// How frames are found in a stream (RFC 6587 §3.4).
    Framing {
        Detect "detect" "octet counting or newline, told once from a connection's first octets"
        OctetCounting "octet-counting" "a decimal length, a space, the message"
        Newline "newline" "each message ends with LF or CR LF"
        Nul "nul" "each message ends with NUL"
    } later {}
}

choices! {
    /// How safe a record is before it counts as accepted.
    Durability {
        Memory "memory" "in memory: a crash loses what no sink has delivered"
    } later { "os" "fsync" }
}

choices! {
    /// What a sender's acknowledgement waits for, where the protocol has one.
    Ack {
        Journal "journal" "the journal has the record"
    } later { "sinks" }
}

choices! {
    /// Whether TLS clients show a certificate.
    ClientAuth {
        None "none" "clients are not asked"
        Optional "optional" "asked, and checked when there is one"
        Required "required" "a client without a valid certificate is refused"
    } later {}
}

choices! {
    /// The oldest version of TLS that is spoken.
    TlsVersion {
        Tls12 "1.2" "TLS 1.2 and 1.3"
        Tls13 "1.3" "TLS 1.3 alone"
    } later {}
}

choices! {
    /// Where records wait for their sinks.
    JournalKind {
        Memory "memory" "in memory, within `limits.memory`; empty after a restart"
    } later { "disk" }
}

choices! {
    /// What a sink writes to.
    SinkKind {
        File "file" "files on this machine"
        Kafka "kafka" "topics of an Apache Kafka cluster"
    } later {}
}

choices! {
    /// What a sink writes for a record.
    Encoding {
        Raw "raw" "the octets as received; in files with LF after them"
        Syslog "syslog" "the record as an RFC 5424 message; in files octet-counted (RFC 6587 §3.4.1)"
        Json "json" "one JSON object; in files on a line of its own"
        Ecs "ecs" "a document of the Elastic Common Schema for each event, one JSON object each; those of a batch are joined by line feeds"
        Ocsf "ocsf" "the same with events of the Open Cybersecurity Schema Framework"
        Cef "cef" "the same with lines of the Common Event Format, escaped by its rules"
    } later {}
}

choices! {
    /// A set of extracted fields that JSON can carry.
    FieldSet {
        Native "native" "the member `native`: the fields by the producer's own names"
        Ecs "ecs" "the member `ecs`: the normalised event, flat dotted names of the Elastic Common Schema and a few of our own; `events` inside it for a batch"
    } later {}
}

choices! {
    /// A ready-made list of records that nobody misses.
    DropList {
        KubernetesLeases "kubernetes-leases" "Kubernetes: leases that nodes and controllers renew, every few seconds"
        KubernetesWatches "kubernetes-watches" "Kubernetes: watches, which controllers open all the time"
        KubernetesHealth "kubernetes-health" "Kubernetes: health checks of the API server"
        KubernetesSystemReads "kubernetes-system-reads" "Kubernetes: what its own components read"
        HealthProbes "health-probes" "health checks by load balancers and monitors"
        UaaClientLogins "uaa-client-logins" "UAA: clients that get their tokens"
        PksBrokerPolls "pks-broker-polls" "PKS: the broker's questions how far an operation is"
        PksTelemetryPings "pks-telemetry-pings" "PKS: telemetry that says only that it is there"
        UcpMetrics "ucp-metrics" "UCP: metrics that are fetched"
    } later {}
}

choices! {
    /// What is looked for and replaced by a fingerprint.
    Detector {
        UaaToken "uaa-token" "tokens as UAA names them: `tokenValue`, `access_token`, `refresh_token`, `id_token`"
        Jwt "jwt" "JSON Web Tokens (RFC 7519), anywhere"
        Authorization "authorization" "credentials in `Authorization` and `Proxy-Authorization`, and behind `Bearer` and `Basic`"
        LicenceKey "licence-key" "licence keys, as in UCP's `user.extra`"
        K8sSecret "k8s-secret" "the values of Kubernetes Secrets, and tokens of TokenReview and TokenRequest"
        CredhubValue "credhub-value" "the values of CredHub's credentials, and JSON members whose names end in `password`, `private_key` and the like"
        QuerySecret "query-secret" "passwords, secrets, tokens and codes in queries and forms"
        PrivateKey "private-key" "private keys in PEM (RFC 7468)"
        UrlPassword "url-password" "the password in `scheme://user:password@host`"
        Cookie "cookie" "the values of cookies"
    } later {}
}

choices! {
    /// Which header the line of a test has.
    Transport {
        Auto "auto" "found out, as a listener does"
        Raw "raw" "none: all of it is MSG"
        Rfc5424 "rfc5424" "that of RFC 5424"
        Rfc3164 "rfc3164" "that of RFC 3164 and its kin"
    } later {}
}

choices! {
    /// How closed files are compressed.
    Compression {
        None "none" "not at all"
        Zstd "zstd" "Zstandard (RFC 8878)"
        Gzip "gzip" "gzip (RFC 1952)"
    } later {}
}

choices! {
    /// When a file sink asks the kernel to put its files on the disk.
    Fsync {
        Never "never" "when the kernel likes: a power cut may lose about 30 s"
        Interval "interval" "every `fsync_interval`"
        Batch "batch" "after every batch, before it counts as delivered"
    } later {}
}

choices! {
    /// How a Kafka sink compresses its batches.
    KafkaCompression {
        None "none" "not at all"
        Gzip "gzip" "gzip (RFC 1952)"
        Snappy "snappy" "Snappy"
        Lz4 "lz4" "LZ4"
        Zstd "zstd" "Zstandard (RFC 8878)"
    } later {}
}

choices! {
    /// What the key of a Kafka message is.
    MessageKey {
        None "none" "no key: messages are spread over all partitions"
        Peer "peer" "the address of the peer that sent the record"
        Hostname "hostname" "the record's HOSTNAME, or the peer where it has none"
        AppName "app_name" "the record's APP-NAME, or the peer where it has none"
        Class "class" "the record's class"
        Fixed "fixed" "`fixed_key`"
        Actor "actor" "who did it: the event's user.name, user.id or oauth.client.id, the first that it has, or the peer where it has none"
    } later {}
}

choices! {
    /// What the timestamp of a Kafka message is.
    Timestamp {
        Record "record" "the record's TIMESTAMP when it is at most a day before and five minutes after the receipt, else the receipt"
        Received "received" "when the record was received"
    } later {}
}

choices! {
    /// How a Kafka sink shows who it is (SASL, RFC 4422).
    SaslMechanism {
        Plain "plain" "user and password (RFC 4616)"
        ScramSha256 "scram-sha-256" "proof that we know the password, without sending it (RFC 7677)"
        ScramSha512 "scram-sha-512" "the same with SHA-512"
        OauthBearer "oauthbearer" "a token that is fetched with client credentials (RFC 7628)"
    } later {}
}

choices! {
    /// How gully's own log is written.
    LogFormat {
        Text "text" "a line for people"
        Json "json" "one JSON object per line"
    } later {}
}

choices! {
    /// The least important event of gully's own log that is written.
    LogLevel {
        Error "error" "only what needs somebody now"
        Warn "warn" "also what will need somebody"
        Info "info" "also starts, stops, connections refused"
        Debug "debug" "also each connection; may show message bodies"
        Trace "trace" "everything"
    } later {}
}
