//! A relying party's desk: it hands out options, checks answers and keeps the customer's records.

use serde_json::Value;
use vouchlink::config::RelyingParty;
use vouchlink::domain::ceremony::{Kind, Refused};
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::credential::{Credential, NewKey};
use vouchlink::domain::customer::UserHandle;
use vouchlink::domain::id::{CredentialId, CustomerId, LinkId};
use vouchlink::domain::random::{self, SystemRandom};
use vouchlink::domain::statement::Challenge;
use vouchlink::domain::text::Line;
use vouchlink::domain::verdict::Binding;
use vouchlink::passkey::{Asserted, Passkeys, Registered, UserEntity};

use crate::support::authenticator::Authenticator;

pub(crate) struct Party {
    pub(crate) passkeys: Passkeys,
    pub(crate) origin: String,
    pub(crate) handle: UserHandle,
    pub(crate) credentials: Vec<Credential>,
}

impl Party {
    pub(crate) fn new() -> Self {
        Self::at("example.org", "https://example.org")
    }

    pub(crate) fn at(id: &str, origin: &str) -> Self {
        let party = RelyingParty {
            id: id.to_owned(),
            name: Line::parse("Example").unwrap(),
            origin: origin.to_owned(),
        };
        Self {
            passkeys: Passkeys::new(&party).unwrap(),
            origin: origin.to_owned(),
            handle: UserHandle(random::bytes(&SystemRandom).unwrap()),
            credentials: Vec::new(),
        }
    }

    pub(crate) fn options(&self, kind: Kind) -> (Challenge, Value) {
        let challenge = Challenge::from_bytes(random::bytes(&SystemRandom).unwrap());
        let user = UserEntity { handle: self.handle, username: "ada@example.com" };
        let options = match kind {
            Kind::Register => self.passkeys.registration_options(&user, &[], &challenge),
            Kind::Authenticate => {
                self.passkeys.authentication_options(&self.credentials, &challenge).unwrap()
            }
        };
        (challenge, options)
    }

    pub(crate) fn check_registration(
        &self,
        json: &str,
        challenge: &Challenge,
    ) -> Result<Registered, Refused> {
        self.passkeys.check_registration(json.as_bytes(), challenge)
    }

    pub(crate) fn check_authentication(
        &self,
        json: &str,
        challenge: &Challenge,
    ) -> Result<Asserted, Refused> {
        let json = json.as_bytes();
        self.passkeys.check_authentication(json, challenge, self.handle, &self.credentials)
    }

    /// An honest registration, kept.
    pub(crate) fn enrol(&mut self, authenticator: &mut Authenticator) -> Registered {
        let (challenge, options) = self.options(Kind::Register);
        let json = authenticator.register(&options, &self.origin);
        let registered =
            self.check_registration(&json, &challenge).expect("an honest registration");
        self.credentials.push(record(registered.key.clone()));
        registered
    }

    /// An honest authentication, kept.
    pub(crate) fn verify(&mut self, authenticator: &mut Authenticator) -> Asserted {
        let (challenge, options) = self.options(Kind::Authenticate);
        let json = authenticator.authenticate(&options, &self.origin);
        let asserted =
            self.check_authentication(&json, &challenge).expect("an honest authentication");
        let used = &asserted.used;
        let mut records = self.credentials.iter_mut();
        let record = records.find(|record| record.id == used.credential).unwrap();
        record.key.sign_count = used.sign_count;
        record.key.backup_state = used.backup_state;
        asserted
    }
}

/// A credential record of this key.
pub(crate) fn record(key: NewKey) -> Credential {
    Credential {
        id: CredentialId::new(Timestamp::from_millis(1), &SystemRandom).unwrap(),
        customer: CustomerId::from_bytes([1; 16]),
        key,
        binding: Binding::Link,
        link: LinkId::from_bytes([1; 16]),
        created_at: Timestamp::from_millis(1),
        last_used_at: None,
        revoked_at: None,
        suspected_at: None,
        added_by: None,
    }
}
