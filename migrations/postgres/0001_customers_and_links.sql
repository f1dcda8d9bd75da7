-- The tables and columns of SQLite's schema, in the same order, so that rows can be copied over.
-- Ids are UUIDs, numbers bigint, times milliseconds since the Unix epoch, words the domain's own.
-- Texts that are looked up have COLLATE "C": their indexes survive a new version of the locales.

CREATE TABLE customers (
    id              uuid     NOT NULL PRIMARY KEY,
    user_id         text     COLLATE "C" NOT NULL UNIQUE,
    username        text     NOT NULL,
    handle          bytea    NOT NULL CHECK (octet_length(handle) = 16),
    sequence        bigint   NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    created_at      bigint   NOT NULL,
    -- Where the customer stands, beside the name, so that the gate is one look-up by `user_id`.
    -- Retention must keep the link that `standing_link` names.
    standing        text     NOT NULL DEFAULT 'never'
                             CHECK (standing IN ('never', 'verified', 'refused')),
    standing_link   uuid,
    standing_at     bigint,
    method          text     CHECK (method IN ('passkey')),
    binding         text     CHECK (binding IN ('link', 'channel', 'call_code', 'seasoned', 'proofed')),
    first_use       boolean,
    credential      uuid,
    verified_until  bigint,
    lapsed          boolean  NOT NULL DEFAULT false,
    CHECK ((standing = 'never') = (standing_link IS NULL)),
    CHECK ((standing = 'never') = (standing_at IS NULL)),
    CHECK ((standing = 'verified') = (method IS NOT NULL)),
    CHECK ((standing = 'verified') = (binding IS NOT NULL)),
    CHECK ((standing = 'verified') = (first_use IS NOT NULL)),
    CHECK ((standing = 'verified') = (credential IS NOT NULL)),
    CHECK ((standing = 'verified') = (verified_until IS NOT NULL))
)
-- Most updates only draw a sequence number, which no index knows: with room on its page such an
-- update leaves the indexes alone.
WITH (fillfactor = 80);

CREATE INDEX customers_to_lapse ON customers (verified_until)
    WHERE standing = 'verified' AND NOT lapsed;

CREATE TABLE links (
    id              uuid    NOT NULL PRIMARY KEY,
    customer        uuid    NOT NULL REFERENCES customers (id),
    username        text    NOT NULL,
    kind            text    NOT NULL CHECK (kind IN ('register', 'authenticate')),
    status          text    COLLATE "C" NOT NULL CHECK (status IN (
                                'pending', 'opened', 'verified', 'failed', 'declined', 'expired',
                                'revoked')),
    requester       text    NOT NULL,
    created_by      text    COLLATE "C" NOT NULL,
    statement       text,
    call_initiator  text    CHECK (call_initiator IN ('customer', 'company')),
    enrolment       text    NOT NULL CHECK (enrolment IN ('open', 'existing', 'replace')),
    locale          text,
    reference       text    COLLATE "C",
    crm_module      text,
    crm_record_id   text,
    -- JSON; NULL for none.
    metadata        text,
    return_url      text,
    jti             bytea   NOT NULL CHECK (octet_length(jti) = 16),
    code_hash       bytea   NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
    kid             text    NOT NULL,
    attempts        bigint  NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- The ceremony whose challenge is live: the newest, until it is answered.
    ceremony        uuid,
    created_at      bigint  NOT NULL,
    opened_at       bigint,
    expires_at      bigint  NOT NULL,
    CHECK (status <> 'pending' OR opened_at IS NULL),
    CHECK (status NOT IN ('opened', 'verified', 'failed') OR opened_at IS NOT NULL),
    CHECK ((crm_module IS NULL) = (crm_record_id IS NULL))
)
-- A challenge and an answer change no indexed column.
WITH (fillfactor = 85);

CREATE UNIQUE INDEX links_one_open ON links (customer) WHERE status IN ('pending', 'opened');
CREATE INDEX links_to_expire ON links (expires_at) WHERE status IN ('pending', 'opened');
CREATE INDEX links_by_customer ON links (customer, id);
CREATE INDEX links_by_status ON links (status, id);
CREATE INDEX links_by_maker ON links (created_by, id);
CREATE INDEX links_by_reference ON links (reference, id) WHERE reference IS NOT NULL;

-- Codes that a reissue replaced: who still holds one is told so.
CREATE TABLE former_codes (
    code_hash  bytea  NOT NULL PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    link       uuid   NOT NULL REFERENCES links (id) ON DELETE CASCADE
);

CREATE INDEX former_codes_by_link ON former_codes (link);

-- A caller's `Idempotency-Key` and what it made.
CREATE TABLE idempotency (
    scope       text    COLLATE "C" NOT NULL,
    key         text    COLLATE "C" NOT NULL,
    body        bytea   NOT NULL CHECK (octet_length(body) = 32),
    link        uuid    NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    created_at  bigint  NOT NULL,
    UNIQUE (scope, key)
);

CREATE INDEX idempotency_by_link ON idempotency (link);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
