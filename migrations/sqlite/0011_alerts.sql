-- What the operators are mailed about endpoints.

CREATE TABLE alerts (
    endpoint        BLOB    NOT NULL PRIMARY KEY REFERENCES endpoints (id),
    -- What they do not know yet, and since when it waits to be told.
    news            TEXT    CHECK (news = 'failing' OR news = 'disabled' OR news = 'undelivered'
                                OR news = 'recovered'),
    news_at         INTEGER,
    -- Whether they were last told that it fails, not that it recovered.
    alarmed         INTEGER NOT NULL DEFAULT 0 CHECK (alarmed IN (0, 1)),
    -- When it was last news that something did not arrive.
    undelivered_at  INTEGER,
    -- When they were last told anything of it.
    alerted_at      INTEGER,
    CHECK ((news IS NULL) = (news_at IS NULL))
) STRICT, WITHOUT ROWID;

-- What an alert tells, JSON. Alerts are about no customer.
ALTER TABLE mails ADD COLUMN alert TEXT
    CHECK ((kind = 'alert') = (alert IS NOT NULL) AND (kind = 'alert') = (customer IS NULL));

-- A new word, and a column that need not be filled: see migration 7 for why this is done in place.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(replace(sql,
    'customer     BLOB    NOT NULL REFERENCES',
    'customer     BLOB    REFERENCES'),
    'OR kind = ''app_removed'')',
    'OR kind = ''app_removed''
                                OR kind = ''alert'')')
WHERE type = 'table' AND name = 'mails';

PRAGMA writable_schema = RESET;

CREATE INDEX mails_of_alerts ON mails (created_at) WHERE kind = 'alert';
