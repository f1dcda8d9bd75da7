//! The URL that only our mail holds, and the one that staff have.

use reqwest::Method;
use serde_json::json;
use vouchlink::domain::binding::Way;

use super::assurance::{found, register, send};
use crate::support::app::TestApp;
use crate::support::authenticator::Authenticator;

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_proves_nothing_to_whoever_has_staffs_url_or_token() {
    for stolen in ["token", "short_url"] {
        let app = TestApp::start().await;
        let link = app.link("1").await;
        send(&app, &link).await;
        let url = link["short_url"].as_str().unwrap().strip_prefix(&app.origin).unwrap();
        let token = match stolen {
            "token" => link["token"].clone(),
            _ => app.opened(url).await,
        };
        let stolen_link = json!({ "id": link["id"], "token": token });
        let told = register(&app, &stolen_link, &mut Authenticator::new()).await;
        assert_eq!(told["data"]["binding"], "link", "{stolen}");
        assert_eq!(told["data"]["assurance"], 0, "{stolen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mails_url_is_not_found_from_staffs() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let other = found(&app, &app.link("2").await).await;
    let mine = found(&app, &link).await;
    let verify = &app.services.verify;
    let long = verify.address(&mine, Way::Mailed).unwrap();
    let short = verify.address(&mine, Way::HandedOut).unwrap();
    let others = verify.address(&other, Way::Mailed).unwrap();
    assert!(long.starts_with(&short) && long.len() == short.len() + 16);
    let rest = others.get(short.len()..).unwrap();
    for wrong in [
        format!("{short}{rest}"),
        format!("{short}0000000000000000"),
        format!("{long}0"),
        long.get(..long.len() - 1).unwrap().to_owned(),
        long.to_uppercase(),
    ] {
        let page = TestApp::send(app.request(Method::GET, &format!("/l/{wrong}"))).await;
        assert_eq!(page.status, 404, "{wrong}");
    }
    // Neither the API's answers nor the page that staff's URL opens hold it.
    let page = TestApp::send(app.request(Method::GET, &format!("/l/{short}"))).await;
    let shown = app.shown(&link).await.to_string();
    let secret = long.get(short.len()..).unwrap();
    assert!(!page.text.contains(secret) && !shown.contains(secret));
    assert!(!link.to_string().contains(secret));
    // A page that the mail's URL opened leads a phone there in the same way.
    let token = app.opened(&format!("/l/{long}")).await;
    let again = app.opened(&format!("/v/{}", token.as_str().unwrap())).await;
    assert_eq!(again, token);
}
