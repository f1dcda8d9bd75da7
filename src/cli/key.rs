//! `vouchlink key`: API keys. A key's text is shown once, when it is made.

use clap::Subcommand;

use super::Failure;
use crate::app::App;
use crate::config::Config;
use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::id::ApiKeyId;
use crate::domain::text::{BadText, Line};
use crate::flows::keys::Keys;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key and print it, this once
    Create {
        /// Whom it is for; customers read it as the name of who asks
        #[arg(long, value_parser = name)]
        name: Line<64>,
        /// What it may do; repeat it, or leave it out for everything
        #[arg(long = "scope", value_parser = scope)]
        scopes: Vec<Scope>,
        /// Print JSON: {"id","key"}
        #[arg(long)]
        json: bool,
    },
    /// List keys
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key; it works no more from this moment on
    Revoke {
        /// The key's id, as key_...
        #[arg(value_parser = id)]
        id: ApiKeyId,
    },
}

fn name(text: &str) -> Result<Line<64>, BadText> {
    Line::parse(text)
}

fn scope(text: &str) -> Result<Scope, crate::domain::api_key::NotAScope> {
    text.parse()
}

fn id(text: &str) -> Result<ApiKeyId, String> {
    text.parse().map_err(|_| "is not the id of a key, see: vouchlink key list".to_owned())
}

pub(super) async fn run(command: Command, config: Config) -> Result<(), Failure> {
    let app = App::open(config).await?;
    let done = execute(command, &app).await;
    app.close().await?;
    done
}

async fn execute(command: Command, app: &App) -> Result<(), Failure> {
    let keys = &app.services.keys;
    match command {
        Command::Create { name, scopes, json } => {
            let scopes = if scopes.is_empty() { Scope::ALL.to_vec() } else { scopes };
            let (key, text) = keys.create(name, scopes).await?;
            let text = std::str::from_utf8(text.expose())?;
            if json {
                println!("{}", serde_json::json!({ "id": key.id, "key": text }));
            } else {
                println!("{text}");
                eprintln!("This is {}. It is not shown again: keep it now.", key.id);
            }
        }
        Command::List { json } => {
            let keys = keys.list().await?;
            if json {
                println!("{}", keys.iter().map(as_json).collect::<serde_json::Value>());
            } else if keys.is_empty() {
                println!("There is no key yet. Make one: vouchlink key create --name NAME");
            } else {
                for key in &keys {
                    let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
                    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                    println!("{}  {state:7}  {}  {}", key.id, key.name, scopes.join(" "));
                }
            }
        }
        Command::Revoke { id } => {
            if !keys.revoke(id).await? {
                return Err(format!("there is no active key {id}, see: vouchlink key list").into());
            }
            println!("{id} is revoked.");
            if Keys::is_bootstrap(id) {
                println!("It is BOOTSTRAP_API_KEY: unset it, or it works again at the next start.");
            }
        }
    }
    Ok(())
}

fn as_json(key: &ApiKey) -> serde_json::Value {
    serde_json::json!({
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    })
}
