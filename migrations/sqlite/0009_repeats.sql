-- A caller's `Idempotency-Key` and the endpoint or the replay that it made. Nothing is referenced:
-- neither is ever deleted.
CREATE TABLE repeats (
    scope       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    body        BLOB    NOT NULL CHECK (length(body) = 32),
    endpoint    BLOB    CHECK (length(endpoint) = 16),
    replay      BLOB    CHECK (length(replay) = 16),
    created_at  INTEGER NOT NULL,
    UNIQUE (scope, key),
    CHECK ((endpoint IS NULL) <> (replay IS NULL))
) STRICT;

CREATE INDEX repeats_by_age ON repeats (created_at);
