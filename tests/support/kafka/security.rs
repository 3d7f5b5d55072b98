//! What a secured cluster asks of its clients.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::certificates::Identity;

/// The user that a secured cluster knows, by PLAIN and by SCRAM.
pub(crate) const USER: &str = "gully";
/// The password of [`USER`].
pub(crate) const PASSWORD: &str = "a-password-that-nobody-must-see";

/// What a listener of a secured cluster asks of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS with a client certificate.
    Ssl,
    /// TLS, and a user.
    SaslSsl,
    /// A user, in clear.
    SaslPlaintext,
}

impl Security {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Ssl, Self::SaslSsl, Self::SaslPlaintext];

    /// Kafka's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ssl => "SSL",
            Self::SaslSsl => "SASL_SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
        }
    }
}

/// Puts a certificate and its key into one file, as Kafka wants them.
pub(super) fn write_keys(file: &Path, identity: &Identity) {
    let read = |path| fs::read_to_string(path).expect("a file in PEM");
    let both = read(&identity.key) + &read(&identity.certificate);
    fs::write(file, both).expect("the temporary directory is writable");
}

/// The users by SCRAM, in the words of Kafka's storage tool.
pub(super) fn scram_users() -> [String; 2] {
    ["SCRAM-SHA-256", "SCRAM-SHA-512"].map(|mechanism| format!("{mechanism}=[name={USER},password={PASSWORD}]"))
}

/// The properties of a broker with the certificate and key in `keys` that trusts `authority`. Whoever comes without security is
/// the administrator.
pub(super) fn properties(keys: &Path, authority: &Path) -> String {
    let mut text = format!(
        "ssl.keystore.type=PEM\nssl.keystore.location={}\nssl.truststore.type=PEM\nssl.truststore.location={}\n\
         listener.name.ssl.ssl.client.auth=required\n\
         authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\nsuper.users=User:ANONYMOUS\n",
        keys.display(),
        authority.display()
    );
    let login = |module: &str, options: &str| format!("org.apache.kafka.common.security.{module} required{options};");
    let mechanisms = [
        ("plain", login("plain.PlainLoginModule", &format!(" user_{USER}=\"{PASSWORD}\""))),
        ("scram-sha-256", login("scram.ScramLoginModule", "")),
        ("scram-sha-512", login("scram.ScramLoginModule", "")),
        ("oauthbearer", login("oauthbearer.OAuthBearerLoginModule", "")),
    ];
    for listener in ["listener.name.sasl_ssl", "listener.name.sasl_plaintext"] {
        let names = mechanisms.each_ref().map(|(name, _)| name.to_uppercase()).join(",");
        writeln!(text, "{listener}.sasl.enabled.mechanisms={names}").expect("a string takes all");
        for (mechanism, login) in &mechanisms {
            writeln!(text, "{listener}.{mechanism}.sasl.jaas.config={login}").expect("a string takes all");
        }
        // Whoever came with a token has to show one again after this long.
        writeln!(text, "{listener}.oauthbearer.connections.max.reauth.ms=3000").expect("a string takes all");
    }
    text
}
