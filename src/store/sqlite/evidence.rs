//! Evidence: written with its verdict; whoever reads it is recorded.

use rusqlite::OptionalExtension;
use serde_json::json;

use super::super::{Context, Result};
use super::columns::Count;
use super::transaction::Tx;
use super::{audit, links};
use crate::domain::audit::Action;
use crate::domain::evidence::{CodeRecord, CodeUse, Evidence, Proof, Record};
use crate::domain::id::LinkId;
use crate::domain::totp::Step;

pub(super) fn insert(tx: &Tx<'_>, link: LinkId, evidence: &Evidence) -> Result<()> {
    let (authenticator_data, signature, attestation_object) = match &evidence.proof {
        Proof::Assertion { authenticator_data, signature } => {
            (authenticator_data, Some(signature), None)
        }
        Proof::Attestation { attestation_object, authenticator_data } => {
            (authenticator_data, None, Some(attestation_object))
        }
    };
    tx.prepare_cached(
        "-- insert_evidence
         INSERT INTO evidence (link, statement, nonce, client_data_json, authenticator_data,
                               signature, attestation_object, public_key, credential_id, origin,
                               rp_id, binding)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute((
        link,
        &evidence.statement,
        evidence.nonce,
        &evidence.client_data_json,
        authenticator_data,
        signature,
        attestation_object,
        &evidence.public_key,
        &evidence.credential_id,
        &evidence.origin,
        &evidence.rp_id,
        evidence.binding,
    ))?;
    Ok(())
}

pub(super) fn read(tx: &Tx<'_>, id: LinkId, context: &Context) -> Result<Option<Record>> {
    let record = match find(tx, id)? {
        Some(evidence) => Some(Record::Passkey(evidence)),
        None => find_code(tx, id)?.map(Record::Code),
    };
    let Some(record) = record else { return Ok(None) };
    let link = links::must_load(tx, id)?;
    audit::append_about(tx, Action::EvidenceRead, &link, json!({}), context)?;
    Ok(Some(record))
}

pub(super) fn insert_code(tx: &Tx<'_>, link: LinkId, record: &CodeRecord) -> Result<()> {
    let (step, recovery_code) = match record.code {
        CodeUse::Step(step) => (Some(Count(step.0)), None),
        CodeUse::Recovery(number) => (None, Some(number)),
    };
    tx.prepare_cached(
        "-- insert_code_record
         INSERT INTO code_records (link, statement, nonce, app, step, recovery_code, origin, rp_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        link,
        &record.statement,
        record.nonce,
        record.app,
        step,
        recovery_code,
        &record.origin,
        &record.rp_id,
    ))?;
    Ok(())
}

fn find_code(tx: &Tx<'_>, link: LinkId) -> Result<Option<CodeRecord>> {
    let record = tx
        .prepare_cached(
            "-- find_code_record
             SELECT statement, nonce, app, step, recovery_code, origin, rp_id
             FROM code_records WHERE link = ?1",
        )?
        .query_row([link], |row| {
            Ok(CodeRecord {
                statement: row.get(0)?,
                nonce: row.get(1)?,
                app: row.get(2)?,
                code: match row.get::<_, Option<Count>>(3)? {
                    Some(Count(step)) => CodeUse::Step(Step(step)),
                    None => CodeUse::Recovery(row.get(4)?),
                },
                origin: row.get(5)?,
                rp_id: row.get(6)?,
            })
        })
        .optional()?;
    Ok(record)
}

fn find(tx: &Tx<'_>, link: LinkId) -> Result<Option<Evidence>> {
    let evidence = tx
        .prepare_cached(
            "-- find_evidence
             SELECT statement, nonce, client_data_json, authenticator_data, signature,
                    attestation_object, public_key, credential_id, origin, rp_id, binding
             FROM evidence WHERE link = ?1",
        )?
        .query_row([link], |row| {
            let authenticator_data = row.get(3)?;
            Ok(Evidence {
                statement: row.get(0)?,
                nonce: row.get(1)?,
                client_data_json: row.get(2)?,
                proof: match row.get(4)? {
                    Some(signature) => Proof::Assertion { authenticator_data, signature },
                    None => {
                        Proof::Attestation { attestation_object: row.get(5)?, authenticator_data }
                    }
                },
                public_key: row.get(6)?,
                credential_id: row.get(7)?,
                origin: row.get(8)?,
                rp_id: row.get(9)?,
                binding: row.get(10)?,
            })
        })
        .optional()?;
    Ok(evidence)
}
