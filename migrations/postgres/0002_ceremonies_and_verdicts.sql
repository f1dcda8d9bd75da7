-- Refuses what a trigger sees; the trigger says why.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_ARGV[0];
END
$$;

CREATE TABLE ceremonies (
    id           uuid    NOT NULL PRIMARY KEY,
    link         uuid    NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    kind         text    NOT NULL CHECK (kind IN ('register', 'authenticate')),
    nonce        bytea   NOT NULL CHECK (octet_length(nonce) = 32),
    statement    text    NOT NULL,
    created_at   bigint  NOT NULL,
    expires_at   bigint  NOT NULL,
    consumed_at  bigint,
    -- SHA-256 of the answer's body.
    answer       bytea   CHECK (octet_length(answer) = 32),
    CHECK ((consumed_at IS NULL) = (answer IS NULL))
);

CREATE INDEX ceremonies_by_link ON ceremonies (link);

CREATE TABLE credentials (
    id               uuid     NOT NULL PRIMARY KEY,
    customer         uuid     NOT NULL REFERENCES customers (id),
    -- The authenticator's id: one row in the whole store, revoked or not
    -- (WebAuthn Level 3, section 7.1, step 26).
    credential_id    bytea    NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 16 AND 1023),
    public_key       bytea    NOT NULL,
    sign_count       bigint   NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    backup_eligible  boolean  NOT NULL,
    backup_state     boolean  NOT NULL,
    -- Words, parted by spaces.
    transports       text     NOT NULL,
    attachment       text     CHECK (attachment IN ('platform', 'cross-platform')),
    aaguid           bytea    NOT NULL CHECK (octet_length(aaguid) = 16),
    fmt              text     NOT NULL,
    discoverable     boolean,
    binding          text     NOT NULL CHECK (binding IN (
                                  'link', 'channel', 'call_code', 'seasoned', 'proofed')),
    -- No reference: a credential outlives the link it was made in.
    link             uuid     NOT NULL,
    created_at       bigint   NOT NULL,
    last_used_at     bigint,
    revoked_at       bigint,
    suspected_at     bigint
);

CREATE INDEX credentials_by_customer ON credentials (customer, id);

CREATE TABLE verdicts (
    link            uuid     NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    reason          text     NOT NULL CHECK (reason IN (
                                 'ok', 'too_many_attempts', 'clone_suspected', 'not_me',
                                 'called_by_stranger', 'other', 'expired', 'revoked', 'superseded',
                                 'lapsed')),
    decided_at      bigint   NOT NULL,
    -- The rest is known of positive verdicts only.
    ceremony        uuid,
    method          text     CHECK (method IN ('passkey')),
    binding         text     CHECK (binding IN ('link', 'channel', 'call_code', 'seasoned', 'proofed')),
    first_use       boolean,
    credential      uuid,
    verified_until  bigint,
    CHECK ((reason = 'ok') = (ceremony IS NOT NULL)),
    CHECK ((reason = 'ok') = (method IS NOT NULL)),
    CHECK ((reason = 'ok') = (binding IS NOT NULL)),
    CHECK ((reason = 'ok') = (first_use IS NOT NULL)),
    CHECK ((reason = 'ok') = (credential IS NOT NULL)),
    CHECK ((reason = 'ok') = (verified_until IS NOT NULL))
);

CREATE TRIGGER verdicts_never_change BEFORE UPDATE ON verdicts
    FOR EACH ROW EXECUTE FUNCTION refuse_change('a verdict never changes');

CREATE TABLE evidence (
    link                uuid   NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    statement           text   NOT NULL,
    nonce               bytea  NOT NULL CHECK (octet_length(nonce) = 32),
    client_data_json    bytea  NOT NULL,
    authenticator_data  bytea  NOT NULL,
    -- One of the two: an authentication has a signature, a registration an attestation object.
    signature           bytea,
    attestation_object  bytea,
    public_key          bytea  NOT NULL,
    credential_id       bytea  NOT NULL,
    origin              text   NOT NULL,
    rp_id               text   NOT NULL,
    binding             text   NOT NULL CHECK (binding IN (
                                   'link', 'channel', 'call_code', 'seasoned', 'proofed')),
    CHECK ((signature IS NULL) <> (attestation_object IS NULL))
);

CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON evidence
    FOR EACH ROW EXECUTE FUNCTION refuse_change('evidence never changes');
