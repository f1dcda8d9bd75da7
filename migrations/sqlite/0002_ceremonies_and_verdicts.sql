CREATE TABLE ceremonies (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    link         BLOB    NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind IN ('register', 'authenticate')),
    nonce        BLOB    NOT NULL CHECK (length(nonce) = 32),
    statement    TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    consumed_at  INTEGER,
    -- SHA-256 of the answer's body.
    answer       BLOB    CHECK (length(answer) = 32),
    CHECK ((consumed_at IS NULL) = (answer IS NULL))
) STRICT;

CREATE INDEX ceremonies_by_link ON ceremonies (link);

CREATE TABLE credentials (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    customer         BLOB    NOT NULL REFERENCES customers (id),
    -- The authenticator's id: one row in the whole store, revoked or not
    -- (WebAuthn Level 3, section 7.1, step 26).
    credential_id    BLOB    NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 16 AND 1023),
    public_key       BLOB    NOT NULL,
    sign_count       INTEGER NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    backup_eligible  INTEGER NOT NULL CHECK (backup_eligible IN (0, 1)),
    backup_state     INTEGER NOT NULL CHECK (backup_state IN (0, 1)),
    -- Words, parted by spaces.
    transports       TEXT    NOT NULL,
    attachment       TEXT    CHECK (attachment IN ('platform', 'cross-platform')),
    aaguid           BLOB    NOT NULL CHECK (length(aaguid) = 16),
    fmt              TEXT    NOT NULL,
    discoverable     INTEGER CHECK (discoverable IN (0, 1)),
    binding          TEXT    NOT NULL CHECK (binding = 'link' OR binding = 'channel'
                                OR binding = 'call_code' OR binding = 'seasoned'
                                OR binding = 'proofed'),
    -- No reference: a credential outlives the link it was made in.
    link             BLOB    NOT NULL CHECK (length(link) = 16),
    created_at       INTEGER NOT NULL,
    last_used_at     INTEGER,
    revoked_at       INTEGER,
    suspected_at     INTEGER
) STRICT;

CREATE INDEX credentials_by_customer ON credentials (customer, id);

CREATE TABLE verdicts (
    link            BLOB    NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    reason          TEXT    NOT NULL CHECK (reason = 'ok' OR reason = 'too_many_attempts'
                                OR reason = 'clone_suspected' OR reason = 'not_me'
                                OR reason = 'called_by_stranger' OR reason = 'other'
                                OR reason = 'expired' OR reason = 'revoked'
                                OR reason = 'superseded' OR reason = 'lapsed'),
    decided_at      INTEGER NOT NULL,
    -- The rest is known of positive verdicts only.
    ceremony        BLOB    CHECK (length(ceremony) = 16),
    method          TEXT    CHECK (method IN ('passkey')),
    binding         TEXT    CHECK (binding = 'link' OR binding = 'channel'
                                OR binding = 'call_code' OR binding = 'seasoned'
                                OR binding = 'proofed'),
    first_use       INTEGER CHECK (first_use IN (0, 1)),
    credential      BLOB    CHECK (length(credential) = 16),
    verified_until  INTEGER,
    CHECK ((reason = 'ok') = (ceremony IS NOT NULL)),
    CHECK ((reason = 'ok') = (method IS NOT NULL)),
    CHECK ((reason = 'ok') = (binding IS NOT NULL)),
    CHECK ((reason = 'ok') = (first_use IS NOT NULL)),
    CHECK ((reason = 'ok') = (credential IS NOT NULL)),
    CHECK ((reason = 'ok') = (verified_until IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER verdicts_never_change BEFORE UPDATE ON verdicts
BEGIN
    SELECT RAISE(ABORT, 'a verdict never changes');
END;

CREATE TABLE evidence (
    link                BLOB NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    statement           TEXT NOT NULL,
    nonce               BLOB NOT NULL CHECK (length(nonce) = 32),
    client_data_json    BLOB NOT NULL,
    authenticator_data  BLOB NOT NULL,
    -- One of the two: an authentication has a signature, a registration an attestation object.
    signature           BLOB,
    attestation_object  BLOB,
    public_key          BLOB NOT NULL,
    credential_id       BLOB NOT NULL,
    origin              TEXT NOT NULL,
    rp_id               TEXT NOT NULL,
    binding             TEXT NOT NULL CHECK (binding = 'link' OR binding = 'channel'
                                OR binding = 'call_code' OR binding = 'seasoned'
                                OR binding = 'proofed'),
    CHECK ((signature IS NULL) <> (attestation_object IS NULL))
) STRICT;

CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON evidence
BEGIN
    SELECT RAISE(ABORT, 'evidence never changes');
END;
