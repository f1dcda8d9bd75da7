//! The verifier, from outside: honest answers, attacks, published vectors, other people's
//! authenticators, and random changes. Every assertion is put to a second verifier, too.

mod attacks;
mod differential;
mod honest;
mod independent;
mod mutations;
mod oracle;
mod party;
mod signatures;
mod w3c;
