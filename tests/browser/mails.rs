//! The HTML part of our mails, as people open it on a phone.

use serde_json::{Value, json};

use super::screens::{WCAG, bring_axe, violations};
use crate::mail::app;
use crate::support::browser::{TestBrowser, View};
use crate::support::smtp::MailServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_fits_the_smallest_phone_and_its_link_a_finger() {
    let server = MailServer::start().await;
    let (app, browser) = (app(&server).await, TestBrowser::launch().await);
    let tab = browser.tab().await;
    for lang in ["en", "ar", "hi"] {
        let order = json!({ "locale": lang, "send": { "email": "dana@example.com" } });
        app.link_with(lang, order).await;
        let (_, html) = server.next().await.parts();
        tab.goto("about:blank").await;
        tab.evaluate(&format!("document.write({}); document.close()", Value::from(html))).await;
        tab.look_as(View { width: 320, height: 568, dark: false }).await;
        assert_eq!(tab.evaluate("document.documentElement.scrollWidth").await, 320, "{lang}");
        bring_axe(&tab).await;
        assert_eq!(violations(&tab, WCAG).await, Vec::<String>::new(), "{lang}");
        let height = "document.querySelector('a').getBoundingClientRect().height >= 44";
        assert_eq!(tab.evaluate(height).await, true, "{lang}");
        // The ground and the letters are the reader's own.
        tab.look_as(View { width: 320, height: 568, dark: true }).await;
        let letters = tab.evaluate("getComputedStyle(document.body).color").await;
        assert_eq!(letters, "rgb(255, 255, 255)", "{lang}");
    }
    browser.close().await;
}
