//! A certificate authority for one test.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// The name that the client certificate carries.
pub(crate) const CLIENT_NAME: &str = "drain.diego.internal";

/// PEM files: an authority, a server for `localhost` and 127.0.0.1, and clients. All live as long as this.
pub(crate) struct Certificates {
    directory: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its private key, in PEM files.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The certificate.
    pub(crate) certificate: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

impl Certificates {
    /// Makes all of them anew.
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let mut authority = params(&[], "gully test authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = authority.self_signed(&key).expect("a certificate");
        write(directory.path(), "authority.pem", &certificate.pem());
        let issuer = Issuer::new(authority, key);

        let certificates = Self { directory, issuer };
        certificates.issue("server", server());
        certificates
    }

    /// The authority's certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.directory.path().join("authority.pem")
    }

    /// The server's certificate.
    pub(crate) fn server(&self) -> PathBuf {
        self.directory.path().join("server.pem")
    }

    /// The server's private key.
    pub(crate) fn server_key(&self) -> PathBuf {
        self.directory.path().join("server.key")
    }

    /// The server's certificate and private key.
    pub(crate) fn server_identity(&self) -> Identity {
        Identity { certificate: self.server(), key: self.server_key() }
    }

    /// A client that the authority vouches for, by the name [`CLIENT_NAME`].
    pub(crate) fn client(&self) -> Identity {
        self.issue("client", client(CLIENT_NAME))
    }

    /// The authority vouches for `params`. `file` is the name of the files, without extension.
    pub(crate) fn issue(&self, file: &str, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        self.keep(file, &certificate.pem(), &key)
    }

    /// Nobody but itself vouches for `params`.
    pub(crate) fn self_signed(&self, file: &str, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        self.keep(file, &certificate.pem(), &key)
    }

    /// The `tls` key of a listener that serves with these. `more` are further members, each after a comma.
    pub(crate) fn listener_key(&self, more: &str) -> String {
        let (certificate, key) = (self.server(), self.server_key());
        format!("tls = {{ certificate = \"{}\", key = \"{}\"{more} }}\n", certificate.display(), key.display())
    }

    fn keep(&self, file: &str, certificate: &str, key: &KeyPair) -> Identity {
        let path = |extension| self.directory.path().join(format!("{file}.{extension}"));
        let identity = Identity { certificate: path("pem"), key: path("key") };
        write(self.directory.path(), &format!("{file}.pem"), certificate);
        write(self.directory.path(), &format!("{file}.key"), &key.serialize_pem());
        identity
    }
}

/// The sound certificate of a client called `name`, to be issued or spoilt.
pub(crate) fn client(name: &str) -> CertificateParams {
    leaf(&[name], ExtendedKeyUsagePurpose::ClientAuth)
}

/// The sound certificate of a server for `localhost` and 127.0.0.1, to be issued or spoilt.
pub(crate) fn server() -> CertificateParams {
    leaf(&["localhost", "127.0.0.1"], ExtendedKeyUsagePurpose::ServerAuth)
}

fn leaf(names: &[&str], usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = params(names, names[0]);
    params.extended_key_usages = vec![usage];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

fn params(names: &[&str], common_name: &str) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names are legal");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

fn write(directory: &Path, name: &str, pem: &str) {
    fs::write(directory.join(name), pem).expect("the temporary directory is writable");
}
