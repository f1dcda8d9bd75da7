//! What the parts of a verification cost, each alone and on one thread, without network and disk:
//! `cargo bench --bench parts`. The whole, on a disk and at different sizes, is in `scale.rs`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up has nothing to measure")]

mod support;

use std::time::Duration;

use vouchlink::config::Tokens as TokenSettings;
use vouchlink::domain::audit::Actor;
use vouchlink::domain::ceremony::{CHALLENGE_TTL, Ceremony, Kind, Means};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::customer::UserId;
use vouchlink::domain::id::{CeremonyId, CustomerId, LinkId};
use vouchlink::domain::link::{CodeHash, Enrolment, Handover, Link, LinkSecret, Request, State};
use vouchlink::domain::random::{self, SystemRandom};
use vouchlink::domain::secret::Secret;
use vouchlink::domain::statement::{Nonce, Statement};
use vouchlink::domain::text::Line;
use vouchlink::token::Tokens;

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000);

fn main() {
    divan::main();
}

/// The tokens in links and between a ceremony's two calls.
mod token {
    use vouchlink::domain::binding::Way;

    use divan::{Bencher, black_box};

    use super::{ceremony, link, tokens};

    #[divan::bench]
    fn sign_link(bencher: Bencher<'_, '_>) {
        let (tokens, link) = (tokens(), link());
        bencher.bench(|| tokens.sign_link(black_box(&link), Way::HandedOut).unwrap());
    }

    #[divan::bench]
    fn read_link(bencher: Bencher<'_, '_>) {
        let tokens = tokens();
        let token = tokens.sign_link(&link(), Way::HandedOut).unwrap();
        bencher.bench(|| tokens.read_link(black_box(&token)).unwrap());
    }

    #[divan::bench]
    fn refuse_a_forged_link(bencher: Bencher<'_, '_>) {
        let tokens = tokens();
        let mut token = tokens.sign_link(&link(), Way::HandedOut).unwrap();
        let last = if token.pop() == Some('A') { 'Q' } else { 'A' };
        token.push(last);
        bencher.bench(|| tokens.read_link(black_box(&token)).unwrap_err());
    }

    #[divan::bench]
    fn sign_challenge(bencher: Bencher<'_, '_>) {
        let (tokens, ceremony) = (tokens(), ceremony());
        bencher.bench(|| tokens.sign_challenge(black_box(&ceremony), Way::HandedOut).unwrap());
    }

    #[divan::bench]
    fn read_challenge(bencher: Bencher<'_, '_>) {
        let tokens = tokens();
        let token = tokens.sign_challenge(&ceremony(), Way::HandedOut).unwrap();
        bencher.bench(|| tokens.read_challenge(black_box(&token)).unwrap());
    }
}

/// What the customer approves, and what is signed for it.
mod statement {
    use divan::{Bencher, black_box};
    use vouchlink::domain::ceremony::Ceremony;
    use vouchlink::domain::statement::{Challenge, Statement};

    use super::{ceremony, link};

    #[divan::bench]
    fn write_statement(bencher: Bencher<'_, '_>) {
        let link = link();
        bencher.bench(|| Statement::of(black_box(&link), "verify.example.com").unwrap());
    }

    #[divan::bench]
    fn bind_challenge(bencher: Bencher<'_, '_>) {
        let Ceremony { nonce, statement, .. } = ceremony();
        bencher.bench(|| Challenge::new(black_box(&nonce), black_box(&statement)).encoded());
    }
}

/// A phone's answers. What the phone does is not measured.
mod answer {
    use divan::{Bencher, black_box};
    use vouchlink::domain::ceremony::Kind;
    use vouchlink::domain::statement::Challenge;

    use super::support::authenticator::Authenticator;
    use super::support::party::Party;

    /// Parsed whole and checked up to the challenge, which is another: no cryptography is done.
    #[divan::bench]
    fn parse_an_assertion_strictly(bencher: Bencher<'_, '_>) {
        let (party, _, json) = assertion();
        let other = Challenge::from_bytes([7; 32]);
        bencher.bench(|| party.check_authentication(black_box(&json), &other).unwrap_err());
    }

    #[divan::bench]
    fn parse_a_registration_strictly(bencher: Bencher<'_, '_>) {
        let (party, _, json) = registration();
        let other = Challenge::from_bytes([7; 32]);
        bencher.bench(|| party.check_registration(black_box(&json), &other).unwrap_err());
    }

    #[divan::bench]
    fn check_an_assertion(bencher: Bencher<'_, '_>) {
        let (party, challenge, json) = assertion();
        bencher.bench(|| party.check_authentication(black_box(&json), &challenge).unwrap());
    }

    #[divan::bench]
    fn check_a_registration(bencher: Bencher<'_, '_>) {
        let (party, challenge, json) = registration();
        bencher.bench(|| party.check_registration(black_box(&json), &challenge).unwrap());
    }

    /// What of `check_an_assertion` is the curve: one ECDSA verification over P-256 with the
    /// library that verifies it, from the bytes of key and signature.
    #[divan::bench]
    fn the_signature_alone(bencher: Bencher<'_, '_>) {
        use p256::ecdsa::signature::Signer;
        use p256::ecdsa::{DerSignature, SigningKey};
        use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let verifying = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.as_bytes());
        let signature: DerSignature = key.sign(b"message");
        bencher.bench(|| verifying.verify(black_box(b"message"), signature.as_bytes()).unwrap());
    }

    #[divan::bench]
    fn options_to_register(bencher: Bencher<'_, '_>) {
        let party = Party::new();
        bencher.bench(|| party.options(Kind::Register));
    }

    #[divan::bench]
    fn options_to_authenticate(bencher: Bencher<'_, '_>) {
        let (party, _, _) = assertion();
        bencher.bench(|| party.options(Kind::Authenticate));
    }

    fn registration() -> (Party, Challenge, String) {
        let party = Party::new();
        let (challenge, options) = party.options(Kind::Register);
        let json = Authenticator::new().register(&options, &party.origin);
        (party, challenge, json)
    }

    fn assertion() -> (Party, Challenge, String) {
        let (mut party, mut device) = (Party::new(), Authenticator::new());
        party.enrol(&mut device);
        let (challenge, options) = party.options(Kind::Authenticate);
        let json = device.authenticate(&options, &party.origin);
        (party, challenge, json)
    }
}

mod webhook {
    use divan::{Bencher, black_box};
    use vouchlink::domain::id::EventId;
    use vouchlink::domain::secret::Secret;
    use vouchlink::webhook::sign::SigningKey;

    use super::NOW;

    /// With a body of the usual size.
    #[divan::bench]
    fn sign(bencher: Bencher<'_, '_>) {
        let key = SigningKey::new(Secret::from("0123456789abcdef0123456789abcdef"));
        let body = [b'x'; 600];
        let event = EventId::from_bytes([3; 16]);
        bencher.bench(|| key.sign(event, NOW, black_box(&body)));
    }
}

fn tokens() -> Tokens {
    let settings = TokenSettings {
        secrets: vec![Secret::from("benchmark benchmark benchmark benchmark")],
        link_ttl: Duration::from_secs(900),
        link_ttl_max: Duration::from_secs(86_400),
    };
    Tokens::new(&settings, "verify.example.com")
}

fn link() -> Link {
    let draw = || random::bytes(&SystemRandom).unwrap();
    Link {
        id: LinkId::new(NOW, &SystemRandom).unwrap(),
        customer: CustomerId::new(NOW, &SystemRandom).unwrap(),
        user_id: UserId::parse("12345").unwrap(),
        username: Line::parse("noa@example.com").unwrap(),
        kind: Kind::Authenticate,
        request: Request {
            requester: Line::parse("Acme Support").unwrap(),
            created_by: Actor::Operator,
            statement: Some(
                Line::parse("Change the payout account to the one ending 4471").unwrap(),
            ),
            call_initiator: None,
            enrolment: Enrolment::Open,
            totp: false,
            locale: None,
            reference: None,
            crm: None,
            metadata: serde_json::Map::new(),
            return_url: None,
        },
        secret: LinkSecret {
            jti: draw(),
            code_hash: CodeHash::of(&draw()),
            kid: tokens().signing_kid().to_owned(),
            door: None,
        },
        handover: Handover::default(),
        state: State::Pending,
        attempts: 0,
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(900)),
    }
}

fn ceremony() -> Ceremony {
    let link = link();
    Ceremony {
        id: CeremonyId::new(NOW, &SystemRandom).unwrap(),
        link: link.id,
        means: Means::Passkey,
        kind: link.kind,
        nonce: Nonce(random::bytes(&SystemRandom).unwrap()),
        statement: Statement::of(&link, "verify.example.com").unwrap(),
        created_at: NOW,
        expires_at: NOW.plus(CHALLENGE_TTL),
    }
}
