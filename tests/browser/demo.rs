//! `vouchlink demo`, as somebody who tries it sees it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::page::phone;
use super::screens::{WCAG, bring_axe, violations};
use crate::process::server::{free_port, program};
use crate::support::browser::{TestBrowser, View};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_confirmed_and_its_webhook_arrives_on_a_page_that_all_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut child = program(folder.path())
        .arg("demo")
        .env("PORT", port.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let link = lines.find(|line| line.trim().starts_with("http")).unwrap();
    assert!(lines.any(|line| line.starts_with("Stop with")));

    let browser = TestBrowser::launch().await;
    let (tab, demo) = (phone(&browser).await, format!("http://localhost:{port}/demo"));
    tab.goto(link.trim()).await;
    tab.click("#screen-start [data-do=next]").await;
    tab.click("#confirm").await;
    tab.screen("success").await;
    tab.goto(&demo).await;
    tab.sees(".webhook", "Signature valid").await;
    bring_axe(&tab).await;
    for dark in [false, true] {
        for view in [View::PHONE, View::DESKTOP] {
            tab.look_as(View { dark, ..view }).await;
            assert_eq!(violations(&tab, WCAG).await, Vec::<String>::new(), "dark={dark}");
        }
    }
    tab.look_as(View { width: 320, height: 568, dark: false }).await;
    assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320);
    assert_eq!(tab.complaints(), Vec::<String>::new());
    browser.close().await;
    child.kill().unwrap();
    child.wait().unwrap();
}
