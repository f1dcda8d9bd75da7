//! `vouchlink demo`: the whole path in a minute, with a database of its own under `data/demo`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use qrcode::QrCode;
use qrcode::render::unicode;

use super::Failure;
use crate::app::{self, App};
use crate::config::{self, Config, Database, Webhook};
use crate::domain::audit::Actor;
use crate::domain::clock::SystemClock;
use crate::domain::customer::{UserId, Username};
use crate::domain::endpoint::{EndpointUrl, Kind};
use crate::domain::link::{IfOpen, Request};
use crate::domain::random::SystemRandom;
use crate::domain::secret::{Secret, base62};
use crate::domain::text::Line;
use crate::flows::issue::Order;
use crate::http::Demo;
use crate::telemetry;
use crate::webhook::sign::SigningKey;

pub(super) async fn run(mut config: Config) -> Result<(), Failure> {
    telemetry::start("warn")?;
    let secret = Secret::from(base62(43, &SystemRandom)?.as_str());
    let address = SocketAddr::new(config.http.host, config.http.port);
    config.database = Database::Sqlite(PathBuf::from("data/demo/vouchlink.db"));
    config.webhook = Some(Webhook {
        kind: Kind::Standard,
        url: EndpointUrl::parse(&format!("http://localhost:{}/demo/webhook", address.port()))?,
        secret: secret.clone(),
        token: None,
    });
    config.delivery.allow_cidrs.extend(config::loopback());
    let origin = config.relying_party.origin.clone();
    let company = config.relying_party.name.clone();
    let stop = app::signals()?;
    let app = App::open(config).await?;
    let listener = app.listen()?;
    let demo = Demo::new(
        app.services.issue.clone(),
        SigningKey::new(secret),
        Arc::new(SystemClock),
        company.clone(),
        order(company)?,
    );
    let issued = demo.new_link().await?;
    println!("{}", qr(&issued.short_url)?);
    println!("You are the customer. Open this link, or scan it:\n\n  {}\n", issued.url);
    println!("You are the CRM. Watch the webhook arrive, signed:\n\n  {origin}/demo\n");
    println!("The first time a passkey is made; the next time it signs.");
    if origin.starts_with("http://localhost") {
        println!("(localhost opens on this computer only; for your phone set ORIGIN to an https");
        println!("address that leads here.)");
    }
    println!("Stop with Ctrl+C.");
    app.run(listener, Some(demo), stop).await?;
    Ok(())
}

fn order(requester: Line<64>) -> Result<Order, Failure> {
    Ok(Order {
        user_id: UserId::parse("demo-customer")?,
        username: Username::parse("demo@example.com")?,
        ttl: None,
        request: Request {
            requester,
            created_by: Actor::Operator,
            statement: Some(Line::parse("Change my delivery address to 5 Harbour Street")?),
            call_initiator: None,
            enrolment: crate::domain::link::Enrolment::Open,
            totp: false,
            locale: None,
            reference: Some(Line::parse("case-8841")?),
            crm: None,
            metadata: serde_json::Map::new(),
            return_url: None,
        },
        if_open: IfOpen::Supersede,
        idempotency: None,
        send: None,
    })
}

/// Light on dark, as most terminals are.
fn qr(url: &str) -> Result<String, Failure> {
    let code = QrCode::new(url)?;
    let mut image = code.render::<unicode::Dense1x2>();
    image.dark_color(unicode::Dense1x2::Light).light_color(unicode::Dense1x2::Dark);
    Ok(image.quiet_zone(true).build())
}
