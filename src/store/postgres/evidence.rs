//! Evidence: written with its verdict; whoever reads it is recorded.

use serde_json::json;

use super::super::Context;
use super::columns::read;
use super::failure::{Done, missing};
use super::query::{Query, params};
use super::transaction::Tx;
use super::{audit, links};
use crate::domain::audit::Action;
use crate::domain::evidence::{Evidence, Proof};
use crate::domain::id::LinkId;

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
) -> Done<Option<Evidence>> {
    let (evidence, link) = tx.ask2(find(id), links::load(id)).await?;
    let Some(evidence) = evidence else { return Ok(None) };
    let link = link.ok_or_else(|| missing("a link"))?;
    audit::append_about(tx, Action::EvidenceRead, &link, json!({}), context);
    Ok(Some(evidence))
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
