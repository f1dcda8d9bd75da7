-- Authenticator apps (TOTP, RFC 6238) and recovery codes, for customers without a passkey at hand.

-- Whether the link takes codes beside passkeys.
ALTER TABLE links ADD COLUMN totp INTEGER NOT NULL DEFAULT 0 CHECK (totp IN (0, 1));
-- With what the ceremony is answered.
ALTER TABLE ceremonies ADD COLUMN means TEXT NOT NULL DEFAULT 'passkey'
    CHECK (means = 'passkey' OR means = 'totp');

-- New words: see migration 7 for why the checks are changed in place.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(sql,
    'method IN (''passkey'')',
    'method = ''passkey'' OR method = ''totp''
                                OR method = ''recovery_code''')
WHERE type = 'table' AND (name = 'customers' OR name = 'verdicts');

UPDATE sqlite_schema SET sql = replace(sql,
    'OR kind = ''contact_removed'')',
    'OR kind = ''contact_removed''
                                OR kind = ''app_added'' OR kind = ''app_removed'')')
WHERE type = 'table' AND name = 'mails';

PRAGMA writable_schema = RESET;

CREATE TABLE authenticator_apps (
    -- Drawn like a passkey's: a verdict names either in the same column.
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    customer      BLOB    NOT NULL REFERENCES customers (id),
    -- No reference: it outlives the link it was made in.
    link          BLOB    NOT NULL CHECK (length(link) = 16),
    -- The shared secret, encrypted with DATA_KEY; gone once it is revoked.
    sealed        BLOB,
    -- The time step of the newest code that was taken: none up to it is taken again.
    last_step     INTEGER NOT NULL CHECK (last_step >= 0),
    -- Codes tried since, across links; a right one is not counted in the end.
    tries         INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    tries_since   INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER,
    revoked_at    INTEGER,
    CHECK ((sealed IS NULL) = (revoked_at IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX authenticator_apps_one ON authenticator_apps (customer)
    WHERE revoked_at IS NULL;
CREATE INDEX authenticator_apps_by_customer ON authenticator_apps (customer, id);

CREATE TABLE recovery_codes (
    app      BLOB    NOT NULL REFERENCES authenticator_apps (id),
    number   INTEGER NOT NULL CHECK (number > 0),
    -- Hashed under the app's secret.
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    used_at  INTEGER,
    PRIMARY KEY (app, number)
) STRICT, WITHOUT ROWID;

-- The secret that a link shows until its app is bound: the same for whoever looks twice.
CREATE TABLE app_offers (
    link        BLOB    NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    app         BLOB    NOT NULL CHECK (length(app) = 16),
    -- The link's when it was offered: a reissued link offers another.
    jti         BLOB    NOT NULL CHECK (length(jti) = 16),
    sealed      BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX app_offers_by_age ON app_offers (created_at);

-- Our own record of a verdict that rests on a code: nobody else can check it.
CREATE TABLE code_records (
    link           BLOB    NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    statement      TEXT    NOT NULL,
    nonce          BLOB    NOT NULL CHECK (length(nonce) = 32),
    app            BLOB    NOT NULL CHECK (length(app) = 16),
    -- One of the two.
    step           INTEGER,
    recovery_code  INTEGER,
    origin         TEXT    NOT NULL,
    rp_id          TEXT    NOT NULL,
    CHECK ((step IS NULL) <> (recovery_code IS NULL))
) STRICT;

CREATE TRIGGER code_records_never_change BEFORE UPDATE ON code_records
BEGIN
    SELECT RAISE(ABORT, 'evidence never changes');
END;
