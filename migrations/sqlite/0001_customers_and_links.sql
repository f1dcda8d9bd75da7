-- Ids are 16 bytes, times are milliseconds since the Unix epoch, words are the domain's own.
--
-- A check compares a word with one after another: for `IN` with more than two, SQLite would build
-- and drop a table of them with every row it checks.

CREATE TABLE customers (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id         TEXT    NOT NULL UNIQUE,
    username        TEXT    NOT NULL,
    handle          BLOB    NOT NULL CHECK (length(handle) = 16),
    sequence        INTEGER NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    created_at      INTEGER NOT NULL,
    -- Where the customer stands, beside the name, so that the gate is one look-up by `user_id`.
    -- Retention must keep the link that `standing_link` names.
    standing        TEXT    NOT NULL DEFAULT 'never'
                            CHECK (standing = 'never' OR standing = 'verified'
                                OR standing = 'refused'),
    standing_link   BLOB    CHECK (length(standing_link) = 16),
    standing_at     INTEGER,
    method          TEXT    CHECK (method IN ('passkey')),
    binding         TEXT    CHECK (binding = 'link' OR binding = 'channel'
                                OR binding = 'call_code' OR binding = 'seasoned'
                                OR binding = 'proofed'),
    first_use       INTEGER CHECK (first_use IN (0, 1)),
    credential      BLOB    CHECK (length(credential) = 16),
    verified_until  INTEGER,
    lapsed          INTEGER NOT NULL DEFAULT 0 CHECK (lapsed IN (0, 1)),
    CHECK ((standing = 'never') = (standing_link IS NULL)),
    CHECK ((standing = 'never') = (standing_at IS NULL)),
    CHECK ((standing = 'verified') = (method IS NOT NULL)),
    CHECK ((standing = 'verified') = (binding IS NOT NULL)),
    CHECK ((standing = 'verified') = (first_use IS NOT NULL)),
    CHECK ((standing = 'verified') = (credential IS NOT NULL)),
    CHECK ((standing = 'verified') = (verified_until IS NOT NULL))
) STRICT;

CREATE INDEX customers_to_lapse ON customers (verified_until)
    WHERE standing = 'verified' AND lapsed = 0;

CREATE TABLE links (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    customer        BLOB    NOT NULL REFERENCES customers (id),
    username        TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('register', 'authenticate')),
    status          TEXT    NOT NULL CHECK (status = 'pending' OR status = 'opened'
                                OR status = 'verified' OR status = 'failed'
                                OR status = 'declined' OR status = 'expired'
                                OR status = 'revoked'),
    requester       TEXT    NOT NULL,
    created_by      TEXT    NOT NULL,
    statement       TEXT,
    call_initiator  TEXT    CHECK (call_initiator IN ('customer', 'company')),
    enrolment       TEXT    NOT NULL CHECK (enrolment = 'open' OR enrolment = 'existing'
                                OR enrolment = 'replace'),
    locale          TEXT,
    reference       TEXT,
    crm_module      TEXT,
    crm_record_id   TEXT,
    -- JSON; NULL for none.
    metadata        TEXT,
    return_url      TEXT,
    jti             BLOB    NOT NULL CHECK (length(jti) = 16),
    code_hash       BLOB    NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    kid             TEXT    NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- The ceremony whose challenge is live: the newest, until it is answered.
    ceremony        BLOB    CHECK (length(ceremony) = 16),
    created_at      INTEGER NOT NULL,
    opened_at       INTEGER,
    expires_at      INTEGER NOT NULL,
    CHECK (status <> 'pending' OR opened_at IS NULL),
    CHECK (opened_at IS NOT NULL
           OR (status <> 'opened' AND status <> 'verified' AND status <> 'failed')),
    CHECK ((crm_module IS NULL) = (crm_record_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX links_one_open ON links (customer) WHERE status IN ('pending', 'opened');
CREATE INDEX links_to_expire ON links (expires_at) WHERE status IN ('pending', 'opened');
CREATE INDEX links_by_customer ON links (customer, id);
CREATE INDEX links_by_status ON links (status, id);
CREATE INDEX links_by_maker ON links (created_by, id);
CREATE INDEX links_by_reference ON links (reference, id) WHERE reference IS NOT NULL;

-- Codes that a reissue replaced: who still holds one is told so.
CREATE TABLE former_codes (
    code_hash  BLOB  NOT NULL PRIMARY KEY CHECK (length(code_hash) = 32),
    link       BLOB  NOT NULL REFERENCES links (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX former_codes_by_link ON former_codes (link);

-- A caller's `Idempotency-Key` and what it made.
CREATE TABLE idempotency (
    scope       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    body        BLOB    NOT NULL CHECK (length(body) = 32),
    link        BLOB    NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    UNIQUE (scope, key)
) STRICT;

CREATE INDEX idempotency_by_link ON idempotency (link);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
