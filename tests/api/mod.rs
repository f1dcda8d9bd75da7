//! The API over real HTTP, with a clock that the tests move.

mod attacks;
mod ceremonies;
mod customers;
mod gate;
mod hygiene;
mod keys;
mod link_events;
mod links;
mod openapi;
mod pages;
mod races;
mod retention;
mod webhooks;
