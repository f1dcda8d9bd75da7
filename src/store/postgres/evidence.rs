//! Evidence: written with its verdict; whoever reads it is recorded.

use serde_json::json;

use super::super::Context;
use super::columns::{Whole, read};
use super::failure::{Done, missing};
use super::query::{Query, params};
use super::transaction::Tx;
use super::{audit, links};
use crate::domain::audit::Action;
use crate::domain::evidence::{CodeRecord, CodeUse, Evidence, Proof, Record};
use crate::domain::id::LinkId;
use crate::domain::totp::Step;

pub(super) fn insert(tx: &mut Tx, link: LinkId, evidence: &Evidence) {
    let Evidence { statement, nonce, client_data_json, proof, .. } = evidence.clone();
    let (authenticator_data, signature, attestation_object) = match proof {
        Proof::Assertion { authenticator_data, signature } => {
            (authenticator_data, Some(signature), None)
        }
        Proof::Attestation { attestation_object, authenticator_data } => {
            (authenticator_data, None, Some(attestation_object))
        }
    };
    let Evidence { public_key, credential_id, origin, rp_id, binding, .. } = evidence.clone();
    tx.write(
        "-- insert_evidence
         INSERT INTO evidence (link, statement, nonce, client_data_json, authenticator_data,
                               signature, attestation_object, public_key, credential_id, origin,
                               rp_id, binding)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            link,
            statement,
            nonce,
            client_data_json,
            authenticator_data,
            signature,
            attestation_object,
            public_key,
            credential_id,
            origin,
            rp_id,
            binding,
        ],
    );
}

pub(super) async fn read_and_record(
    tx: &mut Tx,
    id: LinkId,
    context: &Context,
) -> Done<Option<Record>> {
    let (evidence, code, link) = tx.ask3(find(id), find_code(id), links::load(id)).await?;
    let record = evidence.map(Record::Passkey).or(code.map(Record::Code));
    let Some(record) = record else { return Ok(None) };
    let link = link.ok_or_else(|| missing("a link"))?;
    audit::append_about(tx, Action::EvidenceRead, &link, json!({}), context);
    Ok(Some(record))
}

pub(super) fn insert_code(tx: &mut Tx, link: LinkId, record: &CodeRecord) {
    let CodeRecord { statement, nonce, app, code, origin, rp_id } = record.clone();
    let (step, recovery_code) = match code {
        CodeUse::Step(step) => (Some(Whole(step.0)), None),
        CodeUse::Recovery(number) => (None, Some(Whole(number))),
    };
    tx.write(
        "-- insert_code_record
         INSERT INTO code_records (link, statement, nonce, app, step, recovery_code, origin, rp_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![link, statement, nonce, app, step, recovery_code, origin, rp_id],
    );
}

fn find_code(link: LinkId) -> Query<Option<CodeRecord>> {
    Query::optional(
        "-- find_code_record
         SELECT statement, nonce, app, step, recovery_code, origin, rp_id
         FROM code_records WHERE link = $1",
        params![link],
        |row| {
            Ok(CodeRecord {
                statement: read(row, 0)?,
                nonce: read(row, 1)?,
                app: read(row, 2)?,
                code: match read::<Option<Whole<u64>>>(row, 3)? {
                    Some(Whole(step)) => CodeUse::Step(Step(step)),
                    None => CodeUse::Recovery(read::<Whole<u8>>(row, 4)?.0),
                },
                origin: read(row, 5)?,
                rp_id: read(row, 6)?,
            })
        },
    )
}

fn find(link: LinkId) -> Query<Option<Evidence>> {
    Query::optional(
        "-- find_evidence
         SELECT statement, nonce, client_data_json, authenticator_data, signature,
                attestation_object, public_key, credential_id, origin, rp_id, binding
         FROM evidence WHERE link = $1",
        params![link],
        |row| {
            let authenticator_data = read(row, 3)?;
            Ok(Evidence {
                statement: read(row, 0)?,
                nonce: read(row, 1)?,
                client_data_json: read(row, 2)?,
                proof: if let Some(signature) = read(row, 4)? {
                    Proof::Assertion { authenticator_data, signature }
                } else {
                    let attestation_object = read(row, 5)?;
                    Proof::Attestation { attestation_object, authenticator_data }
                },
                public_key: read(row, 6)?,
                credential_id: read(row, 7)?,
                origin: read(row, 8)?,
                rp_id: read(row, 9)?,
                binding: read(row, 10)?,
            })
        },
    )
}
