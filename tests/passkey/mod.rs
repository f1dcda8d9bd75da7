//! The verifier, from outside: honest answers, attacks, published vectors, other people's
//! authenticators, and random changes.

mod attacks;
mod honest;
mod independent;
mod mutations;
mod party;
mod w3c;
