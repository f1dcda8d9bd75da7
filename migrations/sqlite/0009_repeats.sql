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

-- Every look at a ceremony knows its link: one tree instead of three, and new ones at its end.
CREATE TABLE ceremonies_of_links (
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    link         BLOB    NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind IN ('register', 'authenticate')),
    nonce        BLOB    NOT NULL CHECK (length(nonce) = 32),
    statement    TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    consumed_at  INTEGER,
    -- SHA-256 of the answer's body.
    answer       BLOB    CHECK (length(answer) = 32),
    PRIMARY KEY (link, id),
    CHECK ((consumed_at IS NULL) = (answer IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO ceremonies_of_links (id, link, kind, nonce, statement, created_at, expires_at,
                                 consumed_at, answer)
SELECT id, link, kind, nonce, statement, created_at, expires_at, consumed_at, answer
FROM ceremonies ORDER BY link, id;
DROP TABLE ceremonies;
ALTER TABLE ceremonies_of_links RENAME TO ceremonies;
