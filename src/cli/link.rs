//! `vouchlink link`: links without the API, for operators and for trying things.

use std::time::Duration;

use clap::Subcommand;

use super::Failure;
use crate::app::App;
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::call::Digits;
use crate::domain::customer::{UserId, Username};
use crate::domain::link::{IfOpen, Request};
use crate::domain::text::{BadText, Line};
use crate::flows::issue::Order;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a link and print its URL
    Create {
        /// Your id for the customer
        #[arg(long, value_parser = user_id)]
        user_id: UserId,
        /// What the customer's device shows beside the passkey
        #[arg(long, value_parser = username)]
        username: Username,
        /// What the customer approves
        #[arg(long, value_parser = statement)]
        statement: Option<Line<500>>,
        /// How long the link lives
        #[arg(long)]
        ttl_seconds: Option<u64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn user_id(text: &str) -> Result<UserId, BadText> {
    UserId::parse(text)
}

fn username(text: &str) -> Result<Username, BadText> {
    Username::parse(text)
}

fn statement(text: &str) -> Result<Line<500>, BadText> {
    Line::parse(text)
}

pub(super) async fn run(command: Command, config: Config) -> Result<(), Failure> {
    let enrolment = config.verification.enrolment_default;
    let requester = config.relying_party.name.clone();
    let app = App::open(config).await?;
    let Command::Create { user_id, username, statement, ttl_seconds, json } = command;
    let order = Order {
        user_id,
        username,
        ttl: ttl_seconds.map(Duration::from_secs),
        request: Request {
            totp: false,
            requester,
            created_by: Actor::Operator,
            statement,
            call_initiator: None,
            enrolment,
            locale: None,
            reference: None,
            crm: None,
            metadata: serde_json::Map::new(),
            return_url: None,
        },
        if_open: IfOpen::Supersede,
        idempotency: None,
        send: None,
    };
    let issued = app.services.issue.create(order, Actor::Operator).await;
    app.close().await?;
    let issued = issued?;
    let call_code = issued.call_code.as_ref().map(Digits::reveal);
    if json {
        let link = &issued.link;
        let mut shown = serde_json::json!({
            "id": link.id,
            "url": issued.url,
            "short_url": issued.short_url,
            "expires_at": link.expires_at,
        });
        if let (Some(code), Some(shown)) = (call_code, shown.as_object_mut()) {
            shown.insert("call_code".to_owned(), code.into());
        }
        println!("{shown}");
    } else {
        println!("{}", issued.url);
        if let Some(code) = call_code {
            println!("Read out on the phone: {code}");
        }
    }
    Ok(())
}
