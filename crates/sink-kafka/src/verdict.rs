//! What an error of librdkafka or of a broker means for the record that it concerns.

use ::sink::{DeliveryError, Trouble};
use rdkafka::types::RDKafkaErrorCode::{self, *};

/// What follows from a failed report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The record, or the batch of the client that it travelled in, is too large.
    TooLarge,
    /// The broker names this record as one that it will never take.
    Rejected(&'static str),
    /// It was in the client when that ended, or in a batch with a rejected one: says nothing.
    Purged,
    /// Something outside the record: see [`of_error`].
    Fails,
}

/// Something that hinders all records, and what kind of help it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    kind: Kind,
    reason: &'static str,
    remedy: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Passing,
    Configuration,
    Fatal,
}

const UNREACHABLE: Failure = Failure {
    kind: Kind::Passing,
    reason: "unreachable",
    remedy: "see whether the brokers run, and whether their names and ports can be reached from here",
};
/// No client can be made of the settings.
pub(crate) const SETTINGS: Failure = Failure {
    kind: Kind::Configuration,
    reason: "settings",
    remedy: "see `tls`, when it is about files or certificates, and `properties`",
};
const AUTHENTICATION: Failure = Failure {
    kind: Kind::Configuration,
    reason: "authentication",
    remedy: "compare `sasl` with what the brokers expect: mechanism, name, password; or `tls`, when they speak it",
};
const TLS: Failure = Failure {
    kind: Kind::Configuration,
    reason: "tls",
    remedy: "compare `tls.ca` with who signed the brokers' certificates, their names with `brokers`, and the dates of all; \
             and see whether the brokers want a certificate of ours (`tls.certificate`) and trust the one that they get",
};
const AUTHORIZATION: Failure = Failure {
    kind: Kind::Configuration,
    reason: "authorization",
    remedy: "let the user write to the topic: the operations Write and Describe on it, and IdempotentWrite on the cluster before Kafka 2.8",
};
const UNKNOWN_TOPIC: Failure = Failure {
    kind: Kind::Configuration,
    reason: "unknown_topic",
    remedy: "create the topic; delivery goes on by itself",
};
const UNSUPPORTED: Failure = Failure {
    kind: Kind::Configuration,
    reason: "unsupported",
    remedy: "the brokers, or the topic, are set up for an older format: see `compression`, and `properties`",
};
const FATAL: Failure = Failure {
    kind: Kind::Fatal,
    reason: "fatal",
    remedy: "nothing: the client is made anew, and sends again what is not known to have arrived",
};
const BROKER: Failure = Failure {
    kind: Kind::Passing,
    reason: "broker",
    remedy: "see the brokers' logs; delivery is tried again for ever",
};

/// What a failed delivery report with `code` means.
pub(crate) const fn of_report(code: RDKafkaErrorCode) -> Verdict {
    match code {
        MessageSizeTooLarge | MessageBatchTooLarge => Verdict::TooLarge,
        InvalidRecord => Verdict::Rejected("invalid_record"),
        InvalidTimestamp => Verdict::Rejected("invalid_timestamp"),
        PurgeQueue | PurgeInflight | InvalidDifferentRecord => Verdict::Purged,
        _ => Verdict::Fails,
    }
}

/// What `code` means when it concerns no single record.
pub(crate) const fn of_error(code: RDKafkaErrorCode) -> Failure {
    match code {
        BrokerTransportFailure | AllBrokersDown | Resolve | OperationTimedOut | MessageTimedOut | NetworkException => {
            UNREACHABLE
        }
        Authentication | SaslAuthenticationFailed | UnsupportedSASLMechanism | IllegalSASLState => AUTHENTICATION,
        SSL => TLS,
        TopicAuthorizationFailed | ClusterAuthorizationFailed | TransactionalIdAuthorizationFailed => AUTHORIZATION,
        UnknownTopic | UnknownTopicOrPartition | UnknownPartition | InvalidTopic => UNKNOWN_TOPIC,
        UnsupportedForMessageFormat
        | UnsupportedCompressionType
        | UnsupportedVersion
        | UnsupportedFeature
        | InvalidRequiredAcks
        | SecurityDisabled => UNSUPPORTED,
        Fatal
        | OutOfOrderSequenceNumber
        | DuplicateSequenceNumber
        | UnknownProducerId
        | InvalidProducerEpoch
        | InvalidProducerIdMapping
        | Fenced
        | ProducerFenced
        | Inconsistent
        | GaplessGuarantee => FATAL,
        _ => BROKER,
    }
}

impl Failure {
    /// Whether a new client may help where the old one does not come along.
    pub(crate) const fn is_configuration(self) -> bool {
        matches!(self.kind, Kind::Configuration)
    }

    /// The trouble that people see, with `what` happened.
    pub(crate) fn trouble(self, what: String) -> Trouble {
        Trouble { reason: self.reason, what, remedy: self.remedy.to_owned() }
    }

    /// The error that the driver sees.
    pub(crate) fn error(self, what: String) -> DeliveryError {
        let trouble = self.trouble(what);
        match self.kind {
            Kind::Passing => DeliveryError::Passing(trouble),
            Kind::Configuration => DeliveryError::Configuration(trouble),
            Kind::Fatal => DeliveryError::Fatal(trouble),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sorted_by_what_helps() {
        let cases = [
            (MessageSizeTooLarge, Verdict::TooLarge),
            (InvalidTimestamp, Verdict::Rejected("invalid_timestamp")),
            (PurgeInflight, Verdict::Purged),
            (InvalidDifferentRecord, Verdict::Purged),
            // What nobody has thought of is never a reason to give a record up.
            (Unknown, Verdict::Fails),
            (PolicyViolation, Verdict::Fails),
        ];
        for (code, expected) in cases {
            assert_eq!(of_report(code), expected, "{code:?}");
        }
        let cases = [
            (MessageTimedOut, UNREACHABLE),
            (TopicAuthorizationFailed, AUTHORIZATION),
            (UnknownTopic, UNKNOWN_TOPIC),
            (OutOfOrderSequenceNumber, FATAL),
            // A broker's own limits on what a client may send: an event hub answers so when it throttles.
            (PolicyViolation, BROKER),
            (NotEnoughReplicas, BROKER),
            (Unknown, BROKER),
        ];
        for (code, expected) in cases {
            assert_eq!(of_error(code), expected, "{code:?}");
        }
    }
}
