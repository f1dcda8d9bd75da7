//! `vouchlink webhook`: see whether an endpoint works, and send again what did not arrive there.

use clap::Subcommand;
use serde_json::{Value, json};

use super::Failure;
use crate::app::App;
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::endpoint::BUILT_IN;
use crate::domain::id::{DeliveryId, EndpointId};
use crate::domain::replay::{Replay, Selection, Which};
use crate::domain::text::{BadText, Line};
use crate::flows::endpoints::Report;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a test event now, and show what went out and what came back
    Test {
        /// The endpoint's id, as ep_...; left out, that of `CRM_WEBHOOK_URL`
        #[arg(value_parser = endpoint)]
        endpoint: Option<EndpointId>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send deliveries again: the server does, five a second
    Replay {
        /// These; repeat it
        #[arg(long = "delivery", value_parser = delivery, required_unless_present = "endpoint",
              conflicts_with_all = ["endpoint", "status", "since", "until"])]
        deliveries: Vec<DeliveryId>,
        /// Those to this endpoint that match the rest; the oldest 10000
        #[arg(long, value_parser = endpoint)]
        endpoint: Option<EndpointId>,
        /// Only exhausted, held, superseded, cancelled or delivered ones; left out, exhausted and
        /// held
        #[arg(long, value_parser = status)]
        status: Option<DeliveryStatus>,
        /// Only of events from this moment on, as 2026-11-21T10:00:00Z
        #[arg(long, value_parser = moment)]
        since: Option<Timestamp>,
        /// Only of events before this moment
        #[arg(long, value_parser = moment)]
        until: Option<Timestamp>,
        /// Why, for whoever asks later
        #[arg(long, value_parser = reason)]
        reason: Line<200>,
        /// Also what newer news of the same customer has replaced
        #[arg(long)]
        include_superseded: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn endpoint(text: &str) -> Result<EndpointId, &'static str> {
    text.parse().map_err(|_| "is not the id of an endpoint")
}

fn delivery(text: &str) -> Result<DeliveryId, &'static str> {
    text.parse().map_err(|_| "is not the id of a delivery")
}

fn status(text: &str) -> Result<DeliveryStatus, &'static str> {
    DeliveryStatus::parse(text)
        .filter(|status| status.may_be_replayed(true))
        .ok_or("must be exhausted, held, superseded, cancelled or delivered")
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("must be a time such as 2026-11-21T10:00:00Z")
}

fn reason(text: &str) -> Result<Line<200>, BadText> {
    Line::parse(text)
}

pub(super) async fn run(command: Command, config: Config) -> Result<(), Failure> {
    let app = App::open(config).await?;
    let done = execute(command, &app).await;
    app.close().await?;
    done
}

async fn execute(command: Command, app: &App) -> Result<(), Failure> {
    match command {
        Command::Test { endpoint, json } => {
            let id = endpoint.unwrap_or(BUILT_IN);
            let report = app.services.endpoints.test(id, Actor::Operator).await?;
            if json {
                println!("{}", report_json(&report));
            } else {
                print!("{}", report_text(&report));
            }
            if report.arrived() {
                Ok(())
            } else {
                let class = report.exchange.class;
                Err(format!("the test event did not arrive ({class}): {}", report.advice()).into())
            }
        }
        Command::Replay {
            deliveries,
            endpoint,
            status,
            since,
            until,
            reason,
            include_superseded,
            json,
        } => {
            let which = match endpoint {
                Some(endpoint) => Which::Matching { endpoint, status, event: None, since, until },
                None => Which::These(deliveries),
            };
            let selection = Selection { which, forced: include_superseded };
            let replay =
                app.services.replays.create(selection, reason, None, Actor::Operator).await?;
            if json {
                println!("{}", replay_json(&replay));
            } else {
                println!("{}: {} deliveries were chosen.", replay.id, replay.chosen);
                println!("The server sends them again, five a second.");
            }
            Ok(())
        }
    }
}

fn report_json(report: &Report) -> Value {
    let exchange = &report.exchange;
    let requests = report.requests.iter().map(|request| {
        json!({
            "method": request.method,
            "url": request.url,
            "headers": request.headers,
            "body": request.body,
            "signed_text": request.signed,
        })
    });
    json!({
        "delivered": report.arrived(),
        "class": exchange.class,
        "event_id": report.event,
        "milliseconds": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        "requests": requests.collect::<Value>(),
        "remote_addr": exchange.remote_addr,
        "http_status": exchange.http_status,
        "answer": exchange.answer,
        "remedy": exchange.remedy,
    })
}

/// A request and its answer as they are written down.
fn report_text(report: &Report) -> String {
    let mut lines = Vec::new();
    for request in &report.requests {
        lines.push(format!("{} {}", request.method, request.url));
        lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.push(String::new());
        lines.push(request.body.clone());
        if let Some(signed) = &request.signed {
            lines.push(format!("(signed: {signed})"));
        }
        lines.push(String::new());
    }
    let exchange = &report.exchange;
    let status = exchange.http_status.map_or("no answer".to_owned(), |status| status.to_string());
    let address = exchange.remote_addr.as_deref().unwrap_or("nobody");
    lines.push(format!("{status} from {address} after {} ms", report.took.as_millis()));
    lines.push(exchange.answer.clone());
    lines.push(String::new());
    lines.join("\n")
}

fn replay_json(replay: &Replay) -> Value {
    json!({ "id": replay.id, "chosen": replay.chosen, "status": replay.status })
}
