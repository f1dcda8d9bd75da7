//! The library's errors as ours. Most of them cannot come any more when the library is asked; they
//! stand here so that an update which adds or renames one does not compile unseen.

use webauthn_rs::prelude::WebauthnError as E;

use crate::domain::ceremony::Refusal;

pub(super) fn refusal(error: &E) -> Refusal {
    match error {
        E::ParseBase64Failure(_) | E::ParseJSONFailure(_) => Refusal::ClientDataMalformed,
        E::InvalidClientDataType => Refusal::ClientDataType,
        E::MismatchedChallenge => Refusal::ChallengeMismatch,
        E::InvalidRPOrigin => Refusal::OriginMismatch,
        E::CredentialCrossOrigin => Refusal::CrossOrigin,
        E::ParseCBORFailure(_) => Refusal::AttestationMalformed,
        E::AttestationNotSupported => Refusal::AttestationFormat,
        E::AttestationStatementMapInvalid
        | E::AttestationStatementResponseMissing
        | E::AttestationStatementResponseInvalid
        | E::AttestationStatementSigMissing
        | E::AttestationStatementSigInvalid
        | E::AttestationStatementVerMissing
        | E::AttestationStatementVerInvalid
        | E::AttestationStatementVerUnsupported
        | E::AttestationStatementX5CMissing
        | E::AttestationStatementX5CInvalid
        | E::AttestationStatementAlgMissing
        | E::AttestationStatementCertInfoMissing
        | E::AttestationStatementMissingExtension
        | E::AttestationStatementPubAreaMissing
        | E::AttestationStatementAlgMismatch
        | E::AttestationStatementAlgInvalid
        | E::AttestationTrustFailure
        | E::AttestationCertificateAAGUIDMismatch
        | E::AttestationCertificateNonceMismatch
        | E::AttestationTpmStInvalid
        | E::AttestationTpmPubAreaMismatch
        | E::AttestationTpmExtraDataInvalid
        | E::AttestationTpmExtraDataMismatch
        | E::AttestationTpmPubAreaHashUnknown
        | E::AttestationTpmPubAreaHashInvalid
        | E::AttestationTpmAttestCertifyInvalid
        | E::AttestationCertificateRequirementsNotMet
        | E::AttestationCertificateTrustStoreEmpty
        | E::AttestationLeafCertMissing
        | E::AttestationNotVerifiable
        | E::AttestationUntrustedAaguid
        | E::AttestationFormatMissingAaguid
        | E::AttestationChainNotTrusted(_)
        | E::CertificatePublicKeyInvalid
        | E::TrustFailure
        | E::AttestationCredentialSubjectKeyMismatch
        | E::MissingAttestationCaList
        | E::X509DerInvalid
        | E::CertificatePublicKeyAlgorthimMismatch => Refusal::AttestationStatement,
        E::InvalidExtensions
        | E::AuthenticatorDataMissingExtension
        | E::MissingAttestationCredentialData
        | E::ParseNOMFailure
        | E::ParseInsufficientBytesAvailable => Refusal::AuthenticatorDataMalformed,
        E::InvalidRPIDHash => Refusal::RpIdMismatch,
        E::UserNotPresent => Refusal::UserNotPresent,
        E::UserNotVerified => Refusal::UserNotVerified,
        E::COSEKeyInvalidCBORValue
        | E::COSEKeyInvalidType
        | E::COSEKeyECDSAXYInvalid
        | E::COSEKeyRSANEInvalid
        | E::COSEKeyECDSAInvalidCurve
        | E::COSEKeyEDDSAXInvalid
        | E::COSEKeyEDDSAInvalidCurve
        | E::ECDSACurveInvalidNid
        | E::EcdsaPointInvalid
        | E::RsaParametersInvalid => Refusal::KeyMalformed,
        E::COSEKeyEDUnsupported
        | E::COSEKeyInvalidAlgorithm
        | E::CredentialInsecureCryptography
        | E::CredentialAlteredAlgFromRequest => Refusal::AlgorithmNotAllowed,
        E::CredentialNotFound => Refusal::CredentialUnknown,
        E::CredentialAlreadyExists | E::CredentialExcludedFromRequest => Refusal::CredentialInUse,
        E::AuthenticationFailure | E::SignatureInvalid => Refusal::SignatureInvalid,
        E::CredentialPossibleCompromise => Refusal::CloneSuspected,
        // The second is how the library calls a passkey that became backed up since it was made.
        E::CredentialMayNotBeHardwareBound | E::CredentialBackupEligibilityInconsistent => {
            Refusal::PasskeyChanged
        }
        // Its own set-up, stores it leaves to callers, and SSH keys.
        E::Configuration
        | E::ChallengeNotFound
        | E::ChallengePersistenceError
        | E::CredentialExistCheckError
        | E::CredentialPersistenceError
        | E::CredentialRetrievalError
        | E::CredentialCounterUpdateFailure
        | E::CredentialCompromiseReportFailure
        | E::InconsistentUserVerificationPolicy
        | E::InvalidUsername
        | E::InvalidUserUniqueId
        | E::SshPublicKeyBackupState
        | E::SshPublicKeyEDUnsupported
        | E::SshPublicKeyInvalidCurve
        | E::SshPublicKeyInvalidPubkey
        | E::SshPublicKeyInconsistentUserVerification
        | E::HmacKeyInvalid => Refusal::Rejected,
    }
}
