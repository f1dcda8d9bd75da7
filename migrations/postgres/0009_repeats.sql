-- A caller's `Idempotency-Key` and the endpoint or the replay that it made. Nothing is referenced:
-- neither is ever deleted.
CREATE TABLE repeats (
    scope       text    COLLATE "C" NOT NULL,
    key         text    COLLATE "C" NOT NULL,
    body        bytea   NOT NULL CHECK (octet_length(body) = 32),
    endpoint    uuid,
    replay      uuid,
    created_at  bigint  NOT NULL,
    UNIQUE (scope, key),
    CHECK ((endpoint IS NULL) <> (replay IS NULL))
);

CREATE INDEX repeats_by_age ON repeats (created_at);
