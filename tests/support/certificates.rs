//! Certificates of authorities that only a test trusts, made by OpenSSL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that vouches for whomever it is told to.
pub(crate) struct Authority(tempfile::TempDir);

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        let mut request = authority.request("authority", "/CN=An authority of tests");
        request.args(["-addext", "keyUsage=critical,keyCertSign"]);
        run(request);
        authority
    }

    /// Its own certificate, PEM.
    pub(crate) fn path(&self) -> PathBuf {
        self.file("authority.crt")
    }

    /// Of a server by this name.
    pub(crate) fn vouch_for(&self, name: &str) -> Arc<ServerConfig> {
        let mut request = self.request("server", &format!("/CN={name}"));
        request.arg("-CA").arg(self.path()).arg("-CAkey").arg(self.file("authority.key"));
        request.args(["-addext", &format!("subjectAltName=DNS:{name}")]);
        request.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        run(request);
        let certificate = CertificateDer::from_pem_file(self.file("server.crt")).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.file("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key);
        Arc::new(config.unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn request(&self, file: &str, subject: &str) -> Command {
        let mut command = Command::new("openssl");
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        command.args(["req", "-x509", "-nodes", "-days", "2", "-subj", subject]).args(curve);
        command.arg("-keyout").arg(self.file(&format!("{file}.key")));
        command.arg("-out").arg(self.file(&format!("{file}.crt")));
        command
    }
}

fn run(mut command: Command) {
    let output = command.output().expect("openssl is missing");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A file that an operator took for a certificate.
pub(crate) fn no_certificate(folder: &Path) -> PathBuf {
    let path = folder.join("none.pem");
    std::fs::write(&path, "a certificate will be here\n").unwrap();
    path
}
