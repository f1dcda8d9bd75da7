//! Vouchlink: one-time identity-verification links.
//!
//! Staff or a CRM ask for a link; the customer opens it and unlocks their device in a WebAuthn
//! ceremony (the first time a passkey is made, later it signs); a verdict is recorded with its
//! evidence and sent to the CRM by signed webhook; the CRM asks the gate before it goes on.
//!
//! # The map
//!
//! A folder is a layer, a file is a noun, spelled the same in every layer.
//!
//! | layer | knows |
//! |---|---|
//! | [`domain`] | the nouns and their rules: no I/O, no async, no framework |
//! | [`words`] | what customers read on pages and in mails, in their language |
//! | [`config`] | the environment, read once, every problem reported together |
//! | [`metrics`] | what the process counts |
//! | [`store`] | everything that knows SQL: small traits, behind them [`store::sqlite`] for one server and [`store::postgres`] for several, and the hub that announces commits |
//! | [`passkey`] | options and strict checks; the WebAuthn library for registrations, `ring` for signatures |
//! | [`token`] | the JWTs of links and challenges |
//! | [`seal`] | secrets at rest |
//! | [`webhook`] | signing, the address guard, the HTTP client, the terms of each CRM |
//! | [`mail`] | mails: what they say, as messages, and the one way out to the mail server |
//! | [`flows`] | what the product does: issue, send, verify, follow, gate, deliver, mail, me, endpoints, history, replay, keys, customers, measure |
//! | [`http`] | everything that knows poem: API, pages, problems |
//! | [`workers`] | loops: deliver, alert, mail, replay, season, expire, lapse, purge |
//! | [`app`] | wiring and shutdown |
//! | [`cli`] | commands |
//! | [`telemetry`] | what is logged, and what never is |
//!
//! `domain <- words <- config <- metrics <- {store, passkey, token, seal, webhook, mail} <- flows <- {http, workers} <- app <- cli`:
//! a module uses itself and what stands to its left, never its neighbours. A test holds the
//! arrows, the one home of each foreign crate, and the clock rule.
//!
//! # Ways through the house
//!
//! - **Create**: `http/links` parses and authorises, `flows/issue` draws the secret, the store
//!   inserts (superseding an older link) and answers 201 after the commit.
//! - **Verify**: `http/ceremonies` -> `flows/verify` -> `store.answer_ceremony`, one transaction: the
//!   challenge is consumed, [`passkey`] checks the answer, and link, verdict, evidence, credential,
//!   standing, event, deliveries and audit are settled. Then the worker is woken; the CRM is never
//!   called inside the request.
//! - **Fall back**: `http/totp` -> `flows/verify/authenticator_app`: where a link takes codes, one of
//!   the customer's app ([`domain::totp`]) does as well and is worth less; the try is counted before
//!   the code is looked at, and `store.settle_code` takes its step once and for all. The session it
//!   opens for `flows/me` looks and changes nothing.
//! - **Move**: `cli/transfer` opens a source that nobody uses and an empty target; [`store::bulk`]
//!   passes every table from one engine's `bulk/export` to the other's `bulk/import`, reads it back
//!   and commits if both have the same checksums. Made-up data (`benches/seed`) takes the same way in.
//! - **Deliver**: `workers/endpoints` keeps one `workers/deliver` for each active endpoint, which
//!   `flows/destinations` opens. It leases what is due, and with SQLite takes what is new, leased
//!   from its commit on, while the receiver is swift; `flows/deliver` sends and records, and with
//!   the record the store notes how the endpoint fares: a breaker that waits, warnings, an end. A
//!   crash only lets the lease run out. What waits for an older delivery of its customer is parked;
//!   what newer news made needless is superseded.
//! - **Replay**: `http/deliveries` or `cli/webhook` ask, the store chooses once and for all; then
//!   `workers/replay` takes it step by step: a delivery goes back to its old place in its customer's
//!   queue, with a whole schedule before it, unless newer news was told meanwhile.
//! - **Try out**: `flows/endpoints` sends a test past the store, and shows what went over the wire.
//! - **Mail**: queued with what it tells of; `workers/mail` leases, `flows/mail` writes, hands over and
//!   records. The URL in a link's mail is not the one staff have, so that a page opened by it shows
//!   where it was read.
//! - **Alert**: what an attempt says of its endpoint, or that a delivery is given up, is noted as news
//!   with it; a minute later `workers/alert` has the store make one mail of all news ([`domain::alert`]),
//!   a quarter of an hour after the last one at the soonest.
//! - **Grow**: [`domain::binding`] says what a new passkey is bound at, from what the link knows of its
//!   way; the settling transaction asks it again. `workers/season` raises what waited and was used.
//! - **Forget**: `workers/purge` deletes old links in small batches, with all that hangs on them.
//! - **Follow**: `http/link_events` streams what `flows/follow` finds changed: it looks when the
//!   store announces a commit (with PostgreSQL also those of other processes), and every two
//!   seconds for those it was not told of.
//!
//! # What always holds
//!
//! 1. A link ends in exactly one verdict, by one guarded `UPDATE` that touches one row.
//! 2. A challenge is consumed before its answer is checked, and stays consumed; a passkey's answer
//!    commits together with what it came to, so that a crash leaves both or neither.
//! 3. Registration is never reachable from an `authenticate` link; an authenticator app is bound only
//!    while an agent reads out a code.
//! 4. What was answered 2xx is on the disk; a state change and its event commit together.
//! 5. A customer's verdicts reach an endpoint one after another, in the order of their events; one
//!    that newer news overtook before it arrived is not sent any more.
//! 6. A passkey that staff or its owner revoke takes the verdict that rests on it along; one that its
//!    owner adds to another changes nothing about where they stand.
//! 7. A verdict is worth no more than its ceremony, nor than its passkey's binding; a binding is raised
//!    by the waiting period and use only, and never after an objection.
//! 8. Time and randomness are arguments; only `domain/clock.rs` and `domain/random.rs` know the
//!    system's.
//! 9. Tokens, codes, keys, secrets, statements and customers' data are never logged, and what is
//!    secret about an endpoint is never shown again.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod flows;
pub mod http;
pub mod mail;
pub mod metrics;
pub mod passkey;
pub mod seal;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod webhook;
pub mod words;
pub mod workers;
