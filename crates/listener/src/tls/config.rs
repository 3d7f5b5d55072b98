//! From files to a rustls configuration, with every mistake named by its file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::SupportedProtocolVersion;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::names::{NamePattern, client_name};

/// A certificate that ends sooner than this is worth a warning.
const EXPIRY_WARNING: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where the certificate of a TLS listener is, and which clients it takes. Read again at each reload.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// The chain in PEM, the listener's own certificate first.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
    /// Whether clients show a certificate, and which are good.
    pub clients: ClientAuth,
    /// Whether TLS 1.2 is refused, so that 1.3 is the only version.
    pub only_tls13: bool,
}

/// Whether clients show a certificate.
#[derive(Debug, Clone)]
pub enum ClientAuth {
    /// None is asked for.
    None,
    /// A client may come without one; one that is shown must be good.
    Optional {
        /// Certificates in PEM that issue those of clients.
        ca: PathBuf,
        /// Names that are good; empty takes every certificate of `ca`.
        names: Vec<NamePattern>,
    },
    /// A client without a good certificate is refused.
    Required {
        /// Certificates in PEM that issue those of clients.
        ca: PathBuf,
        /// Names that are good; empty takes every certificate of `ca`.
        names: Vec<NamePattern>,
    },
}

/// What has been loaded, ready for handshakes.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) not_after: SystemTime,
}

/// Why TLS cannot be configured. Always the operator's to repair; what was in use before a reload stays in use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file is missing or unreadable, or we may not read it.
    #[error("cannot read {}: {cause}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file is there but no PEM, or broken.
    #[error("cannot understand {}: {cause}; expected PEM", file.display())]
    NotPem {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// There is no certificate in the file.
    #[error("found no certificate in {}, expected at least one BEGIN CERTIFICATE", .0.display())]
    NoCertificate(PathBuf),
    /// There is no private key in the file.
    #[error("found no private key in {}, expected a BEGIN PRIVATE KEY that is not encrypted", .0.display())]
    NoKey(PathBuf),
    /// A certificate in the file cannot be used.
    #[error("cannot use a certificate in {}: {cause}", file.display())]
    BadCertificate {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The key cannot be used.
    #[error("cannot use the key in {}: {cause}", file.display())]
    BadKey {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: rustls::Error,
    },
    /// The key belongs to another certificate.
    #[error("the key in {} does not belong to the first certificate in {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// The certificate has ended; no client would take it.
    #[error("the certificate in {} ended {} days ago", file.display(), ago.as_secs() / 86_400)]
    Expired {
        /// The file.
        file: PathBuf,
        /// How long ago.
        ago: Duration,
    },
    /// The certificate is not valid yet.
    #[error("the certificate in {} is not valid yet, but in {} hours", file.display(), wait.as_secs().div_ceil(3_600))]
    NotValidYet {
        /// The file.
        file: PathBuf,
        /// How long until it is.
        wait: Duration,
    },
    /// rustls refuses the configuration as a whole.
    #[error("cannot configure TLS: {0}")]
    Refused(String),
}

/// What is good enough to start with, but will not be for ever.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsWarning {
    /// The certificate ends in less than 30 days.
    #[error("the certificate in {} ends in {} days", file.display(), left.as_secs() / 86_400)]
    EndsSoon {
        /// The file.
        file: PathBuf,
        /// Time that is left.
        left: Duration,
    },
}

impl TlsSettings {
    /// Reads the files as a start would, and keeps nothing.
    ///
    /// # Errors
    /// [`TlsError`]: the first thing that would keep the listener from starting.
    pub fn check(&self) -> Result<Vec<TlsWarning>, TlsError> {
        self.load().map(|(_, warnings)| warnings)
    }

    /// Reads the files.
    pub(crate) fn load(&self) -> Result<(Loaded, Vec<TlsWarning>), TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = certificates(&self.certificate)?;
        let (not_after, warnings) = validity(&chain[0], &self.certificate, SystemTime::now())?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|cause| match cause {
            pem::Error::NoItemsFound => TlsError::NoKey(self.key.clone()),
            cause => unreadable(&self.key, cause),
        })?;
        self.check_key(&chain, &key, &provider)?;
        let refused = |cause: rustls::Error| TlsError::Refused(cause.to_string());
        let versions: &[&SupportedProtocolVersion] = if self.only_tls13 { &[&TLS13] } else { &[&TLS13, &TLS12] };
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .map_err(refused)?;
        let config = match self.verifier(provider)? {
            Some(verifier) => config.with_client_cert_verifier(verifier),
            None => config.with_no_client_auth(),
        };
        let mut config = config.with_single_cert(chain, key).map_err(refused)?;
        // A ticket is an octet that a sender never reads, and its close then destroys what it has sent. Resumption is worth
        // nothing to connections that live for hours, and would outlive a change of certificates.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok((Loaded { config: Arc::new(config), not_after }, warnings))
    }

    fn check_key(
        &self,
        chain: &[CertificateDer<'static>],
        key: &PrivateKeyDer<'static>,
        provider: &CryptoProvider,
    ) -> Result<(), TlsError> {
        let bad_key = |cause| TlsError::BadKey { file: self.key.clone(), cause };
        let key = provider.key_provider.load_private_key(key.clone_key()).map_err(bad_key)?;
        CertifiedKey::new(chain.to_vec(), key).keys_match().map_err(|cause| match cause {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::KeyMismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            cause => TlsError::BadCertificate { file: self.certificate.clone(), cause: cause.to_string() },
        })
    }

    fn verifier(&self, provider: Arc<CryptoProvider>) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
        let (ca, names, required) = match &self.clients {
            ClientAuth::None => return Ok(None),
            ClientAuth::Optional { ca, names } => (ca, names, false),
            ClientAuth::Required { ca, names } => (ca, names, true),
        };
        let bad = |cause: String| TlsError::BadCertificate { file: ca.clone(), cause };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca)? {
            roots.add(certificate).map_err(|cause| bad(cause.to_string()))?;
        }
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let builder = if required { builder } else { builder.allow_unauthenticated() };
        let chain = builder.build().map_err(|cause| bad(cause.to_string()))?;
        Ok(Some(Arc::new(NamedClients { chain, names: names.clone() })))
    }
}

impl ClientAuth {
    /// The names that are good; none when any is.
    pub(crate) fn names(&self) -> &[NamePattern] {
        match self {
            Self::None => &[],
            Self::Optional { names, .. } | Self::Required { names, .. } => names,
        }
    }
}

fn unreadable(file: &Path, cause: pem::Error) -> TlsError {
    let file = file.to_owned();
    match cause {
        pem::Error::Io(cause) => TlsError::Unreadable { file, cause },
        cause => TlsError::NotPem { file, cause },
    }
}

/// All certificates of a file, at least one.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_file_iter(file).map_err(|cause| unreadable(file, cause))?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(|cause| unreadable(file, cause))?;
    if certificates.is_empty() { Err(TlsError::NoCertificate(file.to_owned())) } else { Ok(certificates) }
}

/// When the certificate ends, and a warning when that is soon.
fn validity(
    certificate: &CertificateDer<'_>,
    file: &Path,
    now: SystemTime,
) -> Result<(SystemTime, Vec<TlsWarning>), TlsError> {
    let file = file.to_owned();
    let (_, certificate) = match X509Certificate::from_der(certificate) {
        Ok(certificate) => certificate,
        Err(cause) => return Err(TlsError::BadCertificate { file, cause: cause.to_string() }),
    };
    let at = |timestamp: i64| UNIX_EPOCH + Duration::from_secs(u64::try_from(timestamp).unwrap_or(0));
    let not_before = at(certificate.validity().not_before.timestamp());
    let not_after = at(certificate.validity().not_after.timestamp());
    if let Ok(wait) = not_before.duration_since(now)
        && !wait.is_zero()
    {
        return Err(TlsError::NotValidYet { file, wait });
    }
    match not_after.duration_since(now) {
        Err(past) => Err(TlsError::Expired { file, ago: past.duration() }),
        Ok(left) if left < EXPIRY_WARNING => Ok((not_after, vec![TlsWarning::EndsSoon { file, left }])),
        Ok(_) => Ok((not_after, Vec::new())),
    }
}

/// Takes client certificates of a CA that also have an allowed name; others are refused within the handshake, with an alert
/// that tells the client why.
#[derive(Debug)]
struct NamedClients {
    chain: Arc<dyn ClientCertVerifier>,
    names: Vec<NamePattern>,
}

impl ClientCertVerifier for NamedClients {
    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        if !self.names.is_empty() && client_name(end_entity, &self.names).is_none() {
            return Err(CertificateError::NotValidForName.into());
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests;
