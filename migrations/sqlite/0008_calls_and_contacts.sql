-- What a customer says on the phone, how a link reached them, and whom to tell of new passkeys.

-- When a passkey last took the place of all others.
ALTER TABLE customers ADD COLUMN rebound_at INTEGER;

-- When our mail with this link was first taken by the mail server.
ALTER TABLE links ADD COLUMN sent_at INTEGER;
-- Until when the call code may be typed; NULL: the link asks for none.
ALTER TABLE links ADD COLUMN call_code_until INTEGER
    CHECK ((call_code_until IS NOT NULL) = (enrolment = 'call_code' AND kind = 'register'));
-- Whoever was not told the code is not verified.
ALTER TABLE links ADD COLUMN call_code_given_at INTEGER
    CHECK (call_code_until IS NULL OR status <> 'verified' OR call_code_given_at IS NOT NULL);
-- Wrong call codes.
ALTER TABLE links ADD COLUMN call_code_tries INTEGER NOT NULL DEFAULT 0
    CHECK (call_code_tries >= 0 AND call_code_tries <= 3);
-- Who called whom, as the customer says.
ALTER TABLE links ADD COLUMN call_answer TEXT CHECK (call_answer IN ('customer', 'company'));
-- The passkey whose owner asked for this link, to add another one.
ALTER TABLE links ADD COLUMN authorised_by BLOB CHECK (length(authorised_by) = 16);
-- When the customer said that they have a new phone.
ALTER TABLE links ADD COLUMN new_phone_asked_at INTEGER;
-- The code that opens the link from the company's own address, hashed under the link's secret, and
-- until when; NULL once the link has ended, so that the index holds open links only.
ALTER TABLE links ADD COLUMN door_hash BLOB CHECK (length(door_hash) = 32);
ALTER TABLE links ADD COLUMN door_until INTEGER;
CREATE UNIQUE INDEX links_by_door ON links (door_hash) WHERE door_hash IS NOT NULL;

-- When the customer declined a link after this passkey was made: it never seasons.
ALTER TABLE credentials ADD COLUMN objected_at INTEGER;
-- The passkey whose owner added this one.
ALTER TABLE credentials ADD COLUMN added_by BLOB CHECK (length(added_by) = 16);

-- New words: see migration 7 for why the checks are changed in place.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(sql,
    'enrolment = ''replace'')',
    'enrolment = ''replace'' OR enrolment = ''call_code''
                                OR enrolment = ''add'')')
WHERE type = 'table' AND name = 'links';

UPDATE sqlite_schema SET sql = replace(sql,
    'OR reason = ''lapsed'')',
    'OR reason = ''lapsed''
                                OR reason = ''call_code_wrong'')')
WHERE type = 'table' AND name = 'verdicts';

UPDATE sqlite_schema SET sql = replace(sql,
    'OR type = ''endpoint.disabled'')',
    'OR type = ''endpoint.disabled''
                                OR type = ''link.send_requested'')')
WHERE type = 'table' AND name = 'events';

PRAGMA writable_schema = RESET;

-- Passkeys that may season, by how long after their making they were last used: whichever is
-- beyond the waiting period is due, and nobody looks at those that are not.
CREATE INDEX credentials_to_season ON credentials (last_used_at - created_at)
    WHERE binding IN ('channel', 'call_code') AND revoked_at IS NULL
      AND suspected_at IS NULL AND objected_at IS NULL;

-- Addresses of a customer that the CRM named: who has one is told when a passkey comes or goes.
CREATE TABLE contacts (
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    customer    BLOB    NOT NULL REFERENCES customers (id),
    email       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (customer, email)
) STRICT, WITHOUT ROWID;

-- Mails on their way.
CREATE TABLE mails (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    customer     BLOB    NOT NULL REFERENCES customers (id),
    link         BLOB    REFERENCES links (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind = 'link' OR kind = 'passkey_added'
                                OR kind = 'passkey_removed' OR kind = 'contact_removed'),
    recipient    TEXT    NOT NULL,
    locale       TEXT,
    status       TEXT    NOT NULL CHECK (status = 'pending' OR status = 'in_flight'
                                OR status = 'sent' OR status = 'failed' OR status = 'cancelled'),
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When somebody should take it next; in flight: when its lease runs out.
    due_at       INTEGER,
    lease        BLOB    CHECK (length(lease) = 16),
    -- What the mail server said, without the address.
    answer       TEXT,
    created_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    CHECK ((status = 'pending' OR status = 'in_flight') = (due_at IS NOT NULL)),
    CHECK ((status = 'in_flight') = (lease IS NOT NULL))
) STRICT;

CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mails_by_link ON mails (link) WHERE link IS NOT NULL;
CREATE INDEX mails_by_customer ON mails (customer);
