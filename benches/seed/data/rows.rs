//! Every table's rows, their values in the order of its columns.

use serde_json::json;
use vouchlink::domain::api_key::Scope;
use vouchlink::domain::audit::{Action, Actor};
use vouchlink::domain::digest::sha256;
use vouchlink::domain::endpoint::{BUILT_IN, BodyMode, EndpointStatus, Events, Kind};
use vouchlink::domain::event::{Event, EventType};
use vouchlink::domain::id::LinkId;
use vouchlink::domain::link::{CallInitiator, Link, Status};
use vouchlink::store::bulk::{Result, Value};

use super::dice::Draw;
use super::passkeys::{REAL, cose_key, credential_id, signing_key};
use super::plan::{DAY, End, Planned, Walk};
use super::story::{TEAMS, VERDICT_TTL, facts, user_id, username};
use super::{Year, deliveries};

/// Takes a row.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&[Value<'_>]) -> Result<()>;

/// All rows of a table; none of one that is not known here.
pub(super) fn of(year: &Year, table: &str, sink: Sink<'_>) -> Result<()> {
    match table {
        "customers" => return customers(year, sink),
        "endpoints" => return endpoint(year, sink),
        "api_keys" => return api_keys(year, sink),
        _ => {}
    }
    let mut entries = 0;
    for planned in Walk::new(&year.seed) {
        match (table, planned.end) {
            ("links", _) => link(year, &planned, sink)?,
            ("former_codes", _) if planned.number.is_multiple_of(199) => {
                let dice = year.dice(Draw::FormerCode, planned.number);
                let former: [u8; 32] = dice.bytes();
                sink(&[Value::Bytes(&former), Value::Bytes(link_id(year, &planned).as_bytes())])?;
            }
            ("idempotency", _) => idempotency(year, &planned, sink)?,
            ("ceremonies", Some(end)) if planned.enrols() => ceremony(year, &planned, &end, sink)?,
            ("credentials", Some(end)) if planned.enrols() => {
                credential(year, &planned, &end, sink)?;
            }
            ("verdicts", Some(end)) => verdict(year, &planned, &end, sink)?,
            ("evidence", Some(end)) if planned.enrols() => evidence(year, &planned, &end, sink)?,
            ("events", Some(end)) => events(year, &planned, &end, sink)?,
            ("deliveries", Some(end)) => deliveries::delivery(year, &planned, &end, sink)?,
            ("attempts", Some(end)) => deliveries::attempts(year, &planned, &end, sink)?,
            ("audit", end) => audit(year, &planned, end, &mut entries, sink)?,
            _ => {}
        }
    }
    Ok(())
}

/// The environment's, as a server makes it.
fn endpoint(year: &Year, sink: Sink<'_>) -> Result<()> {
    let events: Vec<&str> = Events::default().iter().map(EventType::as_str).collect();
    sink(&[
        Value::Bytes(BUILT_IN.as_bytes()),
        Value::Text("CRM_WEBHOOK_URL"),
        Value::Text(Kind::Standard.as_str()),
        Value::Text("https://crm.example.com/hook"),
        Value::Text(BodyMode::Standard.as_str()),
        Value::Text(&events.join(" ")),
        Value::Integer(15_000),
        Value::Null,
        Value::Null,
        Value::Text("{}"),
        Value::Null,
        Value::Text(EndpointStatus::Active.as_str()),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Integer(0),
        Value::Integer(0),
        Value::Integer(0),
        Value::Null,
        Value::Integer(0),
        Value::Null,
        Value::Integer(year.seed.until.millis()),
        Value::Integer(0),
    ])
}

fn customers(year: &Year, sink: Sink<'_>) -> Result<()> {
    for (left, number) in year.customers.iter().zip(1..) {
        let id = year.customer_id(number);
        let handle: [u8; 16] = year.dice(Draw::Customer, !number).bytes();
        let credential = year.credential_id(number);
        let link: Option<LinkId> =
            left.standing.map(|(_, link, _)| year.id(Draw::Link, link, left.standing_made));
        let at = left.standing.map(|(at, _, _)| at);
        let verified = at.filter(|_| matches!(left.standing, Some((_, _, true))));
        let until = verified.map(|at| at.plus(VERDICT_TTL));
        sink(&[
            Value::Bytes(id.as_bytes()),
            Value::Text(user_id(number).as_str()),
            Value::Text(username(number).as_str()),
            Value::Bytes(&handle),
            Value::Integer(i64::from(left.sequence)),
            Value::Integer(left.created_at.millis()),
            Value::Text(match left.standing {
                None => "never",
                Some((_, _, true)) => "verified",
                Some((_, _, false)) => "refused",
            }),
            link.as_ref().map_or(Value::Null, |link| Value::Bytes(link.as_bytes())),
            at.map_or(Value::Null, |at| Value::Integer(at.millis())),
            verified.map_or(Value::Null, |_| Value::Text("passkey")),
            verified.map_or(Value::Null, |_| Value::Text("link")),
            verified.map_or(Value::Null, |at| {
                Value::Bool(left.enrolled.is_some_and(|(bound, _)| bound == at))
            }),
            verified.map_or(Value::Null, |_| Value::Bytes(credential.as_bytes())),
            until.map_or(Value::Null, |until| Value::Integer(until.millis())),
            Value::Bool(until.is_some_and(|until| until <= year.seed.until)),
            Value::Null,
        ])?;
    }
    Ok(())
}

fn api_keys(year: &Year, sink: Sink<'_>) -> Result<()> {
    let scopes = Scope::ALL.map(Scope::as_str).join(" ");
    for (name, number) in TEAMS.into_iter().zip(0..) {
        let id = year.key_id(number);
        let hash: [u8; 32] = year.dice(Draw::Key, !number).bytes();
        sink(&[
            Value::Bytes(id.as_bytes()),
            Value::Text(name),
            Value::Text(&scopes),
            Value::Bytes(&hash),
            Value::Bool(false),
            Value::Integer(year.begin().millis()),
            Value::Null,
        ])?;
    }
    Ok(())
}

fn link_id(year: &Year, planned: &Planned) -> LinkId {
    year.id(Draw::Link, planned.number, planned.created_at)
}

fn link(year: &Year, planned: &Planned, sink: Sink<'_>) -> Result<()> {
    let link = year.link(planned);
    let request = &link.request;
    let created_by = request.created_by.to_string();
    let metadata = (!request.metadata.is_empty())
        .then(|| serde_json::to_string(&request.metadata).unwrap_or_default());
    let text = |text: Option<&'static str>| text.map_or(Value::Null, Value::Text);
    sink(&[
        Value::Bytes(link.id.as_bytes()),
        Value::Bytes(link.customer.as_bytes()),
        Value::Text(link.username.as_str()),
        Value::Text(link.kind.as_str()),
        Value::Text(link.state.status().as_str()),
        Value::Text(request.requester.as_str()),
        Value::Text(&created_by),
        request.statement.as_ref().map_or(Value::Null, |line| Value::Text(line.as_str())),
        text(request.call_initiator.map(CallInitiator::as_str)),
        Value::Text(request.enrolment.as_str()),
        request.locale.as_ref().map_or(Value::Null, |line| Value::Text(line.as_str())),
        request.reference.as_ref().map_or(Value::Null, |line| Value::Text(line.as_str())),
        request.crm.as_ref().map_or(Value::Null, |crm| Value::Text(crm.module.as_str())),
        request.crm.as_ref().map_or(Value::Null, |crm| Value::Text(crm.record_id.as_str())),
        metadata.as_deref().map_or(Value::Null, Value::Text),
        request.return_url.as_deref().map_or(Value::Null, Value::Text),
        Value::Bytes(&link.secret.jti),
        Value::Bytes(&link.secret.code_hash.0),
        Value::Text(&link.secret.kid),
        Value::Integer(i64::from(link.attempts)),
        Value::Null,
        Value::Integer(link.created_at.millis()),
        link.state.opened_at().map_or(Value::Null, |at| Value::Integer(at.millis())),
        Value::Integer(link.expires_at.millis()),
        // Nobody was mailed or called.
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Integer(0),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Bool(false),
    ])
}

/// A third of the last day's links came with an `Idempotency-Key`.
fn idempotency(year: &Year, planned: &Planned, sink: Sink<'_>) -> Result<()> {
    if !planned.number.is_multiple_of(3)
        || year.seed.until.millis() - planned.created_at.millis() > DAY
    {
        return Ok(());
    }
    let body: [u8; 32] = year.dice(Draw::Idempotency, planned.number).bytes();
    sink(&[
        Value::Text(&year.link(planned).request.created_by.to_string()),
        Value::Text(&format!("request-{}", planned.number)),
        Value::Bytes(&body),
        Value::Bytes(link_id(year, planned).as_bytes()),
        Value::Integer(planned.created_at.millis()),
    ])
}

fn ceremony(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let ceremony = year.ceremony(planned, &year.link(planned), end);
    let answer: [u8; 32] = sha256(&[&ceremony.nonce.0]);
    sink(&[
        Value::Bytes(ceremony.id.as_bytes()),
        Value::Bytes(ceremony.link.as_bytes()),
        Value::Text(ceremony.kind.as_str()),
        Value::Bytes(&ceremony.nonce.0),
        Value::Text(ceremony.statement.as_str()),
        Value::Integer(ceremony.created_at.millis()),
        Value::Integer(ceremony.expires_at.millis()),
        Value::Integer(end.at.millis()),
        Value::Bytes(&answer),
        Value::Text(ceremony.means.as_str()),
    ])
}

fn public_key(year: &Year, customer: u32) -> Vec<u8> {
    if customer <= REAL {
        cose_key(&signing_key(year.seed.number, customer))
    } else {
        year.shared_key.clone()
    }
}

fn credential(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let Planned { customer, .. } = *planned;
    let left = &year.customers[customer as usize - 1];
    sink(&[
        Value::Bytes(year.credential_id(customer).as_bytes()),
        Value::Bytes(year.customer_id(customer).as_bytes()),
        Value::Bytes(&credential_id(year.seed.number, customer)),
        Value::Bytes(&public_key(year, customer)),
        Value::Integer(0),
        Value::Bool(true),
        Value::Bool(true),
        Value::Text("internal hybrid"),
        Value::Text("platform"),
        Value::Bytes(&[0; 16]),
        Value::Text("none"),
        Value::Bool(true),
        Value::Text("link"),
        Value::Bytes(link_id(year, planned).as_bytes()),
        Value::Integer(end.at.millis()),
        left.last_used_at.map_or(Value::Null, |at| Value::Integer(at.millis())),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
    ])
}

fn verdict(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let link = link_id(year, planned);
    let (reason, at) = (Value::Text(end.reason.as_str()), Value::Integer(end.at.millis()));
    let Some(end) = planned.verified() else {
        let none = Value::Null;
        return sink(&[
            Value::Bytes(link.as_bytes()),
            reason,
            at,
            none,
            none,
            none,
            none,
            none,
            none,
        ]);
    };
    let verified = year.verified(planned, &end);
    let begun = planned.opened_at.unwrap_or(planned.created_at);
    let ceremony: vouchlink::domain::id::CeremonyId =
        year.id(Draw::Ceremony, planned.number, begun);
    sink(&[
        Value::Bytes(link.as_bytes()),
        reason,
        at,
        Value::Bytes(ceremony.as_bytes()),
        Value::Text(verified.method.as_str()),
        Value::Text(verified.binding.as_str()),
        Value::Bool(verified.first_use),
        Value::Bytes(verified.credential.as_bytes()),
        Value::Integer(verified.verified_until.millis()),
    ])
}

/// A registration's, which the customer's device would have sent just so.
fn evidence(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let ceremony = year.ceremony(planned, &year.link(planned), end);
    let (rp_id, origin) = (&year.seed.rp_id, &year.seed.origin);
    let client_data = format!(
        "{{\"type\":\"webauthn.create\",\"challenge\":\"{}\",\"origin\":\"{origin}\",\
         \"crossOrigin\":false}}",
        ceremony.challenge().encoded()
    );
    let id = credential_id(year.seed.number, planned.customer);
    let key = public_key(year, planned.customer);
    // UP, UV, BE, BS and AT; a counter and a model of zeros; the id's length, the id and the key
    // (WebAuthn Level 3, section 6.1).
    let data = [&sha256(&[rp_id.as_bytes()])[..], &[0x5d], &[0; 20], &[0, 32], &id, &key].concat();
    let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
    // {"fmt": "none", "attStmt": {}, "authData": data}
    let attestation =
        [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"[..], &[length], &data].concat();
    sink(&[
        Value::Bytes(ceremony.link.as_bytes()),
        Value::Text(ceremony.statement.as_str()),
        Value::Bytes(&ceremony.nonce.0),
        Value::Bytes(client_data.as_bytes()),
        Value::Bytes(&data),
        Value::Null,
        Value::Bytes(&attestation),
        Value::Bytes(&key),
        Value::Bytes(&id),
        Value::Text(origin),
        Value::Text(rp_id),
        Value::Text("link"),
    ])
}

fn events(year: &Year, planned: &Planned, end: &End, sink: Sink<'_>) -> Result<()> {
    let link: Link = year.link(planned);
    let mut event = |event: &Event| {
        sink(&[
            Value::Bytes(event.id.as_bytes()),
            Value::Text(event.kind.as_str()),
            event
                .customer
                .as_ref()
                .map_or(Value::Null, |customer| Value::Bytes(customer.as_bytes())),
            Value::Bytes(link.id.as_bytes()),
            Value::Integer(event.sequence.cast_signed()),
            Value::Integer(event.at.millis()),
            Value::Text(&event.body),
        ])
    };
    if planned.enrols() {
        event(&year.bound_event(planned, &link, end))?;
    }
    event(&year.verdict_event(planned, &link, end))
}

fn audit(
    year: &Year,
    planned: &Planned,
    end: Option<End>,
    entries: &mut i64,
    sink: Sink<'_>,
) -> Result<()> {
    let link = year.link(planned);
    let mut entry = |at: i64, actor: Actor, action: Action, detail: &str| {
        *entries += 1;
        sink(&[
            Value::Integer(*entries),
            Value::Integer(at),
            Value::Text(&actor.to_string()),
            Value::Text(action.as_str()),
            Value::Bytes(link.id.as_bytes()),
            Value::Bytes(link.customer.as_bytes()),
            Value::Text(detail),
        ])
    };
    let staff = link.request.created_by;
    let detail = facts(&json!({ "kind": link.kind, "enrolment": link.request.enrolment }));
    entry(planned.created_at.millis(), staff, Action::LinkCreated, &detail)?;
    let Some(end) = end else { return Ok(()) };
    if planned.enrols() {
        let credential = year.credential_id(planned.customer);
        let detail = facts(&json!({ "credential": credential, "binding": "link" }));
        entry(end.at.millis(), Actor::Customer, Action::CredentialBound, &detail)?;
    }
    let (actor, action) = match end.status {
        Status::Verified => (Actor::Customer, Action::LinkVerified),
        Status::Failed => (Actor::Customer, Action::LinkFailed),
        Status::Declined => (Actor::Customer, Action::LinkDeclined),
        Status::Expired => (Actor::System, Action::LinkExpired),
        Status::Revoked | Status::Pending | Status::Opened => (staff, Action::LinkRevoked),
    };
    entry(end.at.millis(), actor, action, &facts(&json!({ "reason": end.reason })))
}
