//! The browser itself, on a page of one button: what the other tests take for granted.

use std::fmt::Write;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::support::browser::{TestBrowser, View};

const PAGE: &str = r#"<!doctype html><title>One button</title><body><button id="make">Make</button><p id="said"></p>
<script>
document.getElementById("make").addEventListener("click", event => {
  const bytes = new Uint8Array(32);
  navigator.credentials.create({ publicKey: {
    challenge: bytes, rp: { id: "localhost", name: "Test" },
    user: { id: bytes, name: "asaf", displayName: "asaf" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }],
    authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required" }
  } }).then(
    made => "made " + made.type + ", trusted " + event.isTrusted,
    error => "refused " + error.name
  ).then(text => { document.getElementById("said").textContent = text; });
});
</script>"#;

/// Serves [`PAGE`] to whoever asks, until the test's runtime ends; its address.
async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut request, mut piece) = (Vec::new(), [0; 4096]);
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read(&mut piece).await {
                        Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
                        // A connection that was opened in advance.
                        _ => return,
                    }
                }
                let mut answer = String::from("HTTP/1.1 200 OK\r\nConnection: close\r\n");
                write!(answer, "Content-Type: text/html\r\nContent-Length: {}\r\n\r\n", PAGE.len())
                    .unwrap();
                answer.push_str(PAGE);
                // Who asked may be gone.
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_reaches_the_authenticator_which_obeys_the_test() {
    let (url, browser) = (serve().await, TestBrowser::launch().await);
    let mut tab = browser.tab().await;
    tab.look_as(View { dark: true, ..View::PHONE }).await;
    tab.goto(&url).await;
    assert_eq!(
        tab.evaluate("innerWidth > 0 && matchMedia('(prefers-color-scheme: dark)').matches").await,
        true
    );
    tab.click("#make").await;
    tab.sees("#said", "made public-key, trusted true").await;

    tab.set_user_verified(false).await;
    tab.click("#make").await;
    tab.sees("#said", "refused NotAllowedError").await;

    let lock = "PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()";
    assert_eq!(tab.evaluate(lock).await, true);
    tab.remove_screen_lock().await;
    assert_eq!(tab.evaluate(lock).await, false);

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("page.png");
    tab.screenshot(&picture).await;
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(tab.complaints(), Vec::<String>::new());
    tab.evaluate("setTimeout(() => { throw new Error('told') })").await;
    let heard = async {
        while !tab.complaints().iter().any(|text| text.contains("told")) {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), heard).await.expect("an exception stays unheard");
    browser.close().await;
}
