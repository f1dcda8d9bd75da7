//! What every engine of the store promises, written against `dyn Store` alone. An engine's test
//! module says how to open an empty one, with the built-in endpoint active: `fresh()`.

use super::fresh;

mod added;
pub(crate) mod addressees;
mod alerts;
pub(crate) mod answers;
mod authenticator_apps;
mod bystanders;
mod calls;
mod ceremonies;
mod changes;
mod customers;
mod deliveries;
mod door;
mod endpoints;
mod events;
mod fan_out;
mod health;
mod keys;
mod ladder;
mod links;
mod lists;
mod mails;
mod order;
mod races;
mod refusals;
mod repeats;
mod replays;
mod retention;
pub(crate) mod samples;
mod settling;
mod walk;
mod whole;
