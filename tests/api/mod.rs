//! The API over real HTTP, with a clock that the tests move.

mod attacks;
mod ceremonies;
mod customers;
mod deliveries;
mod endpoints;
mod gate;
mod hygiene;
mod keys;
mod link_events;
mod link_forms;
mod links;
mod metrics;
mod openapi;
mod pages;
mod races;
mod recovery;
mod retention;
mod scopes;
mod webhooks;
