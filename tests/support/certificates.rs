//! A certificate authority for one test.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// The name that the client certificate carries.
pub(crate) const CLIENT_NAME: &str = "drain.diego.internal";

/// PEM files: an authority, a server for `localhost` and 127.0.0.1, and a client. All live as long as this.
pub(crate) struct Certificates {
    directory: TempDir,
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

        let certificates = Self { directory };
        certificates.issue("server", &["localhost", "127.0.0.1"], ExtendedKeyUsagePurpose::ServerAuth, &issuer);
        certificates.issue("client", &[CLIENT_NAME], ExtendedKeyUsagePurpose::ClientAuth, &issuer);
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

    /// The client's certificate.
    pub(crate) fn client(&self) -> PathBuf {
        self.directory.path().join("client.pem")
    }

    /// The client's private key.
    pub(crate) fn client_key(&self) -> PathBuf {
        self.directory.path().join("client.key")
    }

    /// The `tls` key of a listener that serves with these. `more` are further members, each after a comma.
    pub(crate) fn listener_key(&self, more: &str) -> String {
        let (certificate, key) = (self.server(), self.server_key());
        format!("tls = {{ certificate = \"{}\", key = \"{}\"{more} }}\n", certificate.display(), key.display())
    }

    fn issue(&self, file: &str, names: &[&str], usage: ExtendedKeyUsagePurpose, issuer: &Issuer<'_, KeyPair>) {
        let mut params = params(names, names[0]);
        params.extended_key_usages = vec![usage];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, issuer).expect("a certificate");
        write(self.directory.path(), &format!("{file}.pem"), &certificate.pem());
        write(self.directory.path(), &format!("{file}.key"), &key.serialize_pem());
    }
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
