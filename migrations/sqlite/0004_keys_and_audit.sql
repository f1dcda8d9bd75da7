CREATE TABLE api_keys (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name        TEXT    NOT NULL,
    -- Words, parted by spaces.
    scopes      TEXT    NOT NULL,
    hash        BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- Whether the key is the one of `BOOTSTRAP_API_KEY`.
    bootstrap   INTEGER NOT NULL DEFAULT 0 CHECK (bootstrap IN (0, 1)),
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;

-- Entries outlive what they speak of, so nothing is referenced.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    link      BLOB    CHECK (length(link) = 16),
    customer  BLOB    CHECK (length(customer) = 16),
    detail    TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_by_link ON audit (link) WHERE link IS NOT NULL;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit never changes');
END;

CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit never shrinks');
END;
