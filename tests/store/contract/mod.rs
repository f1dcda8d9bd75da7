//! What every engine of the store promises, written against `dyn Store` alone. An engine's test
//! module says how to open an empty one, with the built-in endpoint active: `fresh()`.

use super::fresh;

mod ceremonies;
mod customers;
mod deliveries;
mod events;
mod keys;
mod links;
mod lists;
mod order;
mod races;
mod refusals;
pub(crate) mod samples;
mod settling;
mod whole;
