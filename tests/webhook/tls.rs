//! Encrypted connections: a verdict goes to whom an authority of the system vouches for, under the
//! name in the URL, and to nobody else.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use crate::process::server::{Server, free_port, program};
use crate::support::certificates::Authority;

/// Takes connections on a port of its own, each of which it then tells of: the first of what came
/// over it, or `None` if the other side left while TLS was set up.
async fn receiver(config: Arc<ServerConfig>) -> (SocketAddr, UnboundedReceiver<Option<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let said = match TlsAcceptor::from(Arc::clone(&config)).accept(stream).await {
                Err(_) => None,
                Ok(mut stream) => {
                    let mut said = vec![0; 64];
                    let length = stream.read(&mut said).await.unwrap_or_default();
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                    let _ = stream.shutdown().await;
                    (length > 0).then(|| String::from_utf8_lossy(&said[..length]).into_owned())
                }
            };
            if tell.send(said).is_err() {
                return;
            }
        }
    });
    (address, told)
}

/// A test event, by a process to which these are the system's authorities.
fn test_event(folder: &Path, url: &str, authorities: &Path) -> Value {
    let output = program(folder)
        .args(["webhook", "test", "--json"])
        .env("CRM_WEBHOOK_URL", url)
        .env("SSL_CERT_FILE", authorities)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_receiver_that_the_system_vouches_for_by_its_name_is_told_anything() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("CRM_WEBHOOK_URL", "http://127.0.0.1:1/hook")];
    assert!(Server::start(folder.path(), free_port(), &environment).terminate().success());

    let (authority, stranger) = (Authority::new(), Authority::new());
    let elsewhere = authority.vouch_for("crm.example.com");
    let here = authority.vouch_for("localhost");
    for (what, config, host, authorities, arrives) in [
        ("as it should be", &here, "localhost", &authority, true),
        ("another authority", &here, "localhost", &stranger, false),
        ("another name", &elsewhere, "localhost", &authority, false),
        ("an address", &here, "127.0.0.1", &authority, false),
    ] {
        let (address, mut told) = receiver(Arc::clone(config)).await;
        let url = format!("https://{host}:{}/hook", address.port());
        let report = test_event(folder.path(), &url, &authorities.path());
        assert_eq!(report["delivered"], arrives, "{what}: {report}");
        let said = told.recv().await.unwrap();
        if arrives {
            assert!(said.is_some_and(|said| said.starts_with("POST /hook HTTP/1.1")), "{what}");
        } else {
            assert_eq!(report["class"], "tls", "{what}: {report}");
            assert_eq!(said, None, "{what}");
        }
    }
}
