-- Endpoints of staff's own beside the one of the environment, and how they fare.
ALTER TABLE endpoints ADD COLUMN name TEXT NOT NULL DEFAULT 'CRM_WEBHOOK_URL';
ALTER TABLE endpoints ADD COLUMN kind TEXT NOT NULL DEFAULT 'standard'
    CHECK (kind = 'standard' OR kind = 'zoho_function' OR kind = 'zoho_crm' OR kind = 'hubspot'
        OR kind = 'salesforce' OR kind = 'pipedrive' OR kind = 'zendesk' OR kind = 'freshdesk');
ALTER TABLE endpoints ADD COLUMN shown_url TEXT NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN body_mode TEXT NOT NULL DEFAULT 'standard'
    CHECK (body_mode = 'standard' OR body_mode = 'envelope');
-- Words, parted by spaces.
ALTER TABLE endpoints ADD COLUMN events TEXT NOT NULL DEFAULT
    'verification.verified verification.failed verification.declined verification.expired verification.revoked verification.lapsed';
ALTER TABLE endpoints ADD COLUMN timeout_ms INTEGER NOT NULL DEFAULT 15000;
ALTER TABLE endpoints ADD COLUMN rate INTEGER;
ALTER TABLE endpoints ADD COLUMN concurrency INTEGER;
-- JSON.
ALTER TABLE endpoints ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
-- Encrypted with DATA_KEY. NULL: it is in the environment.
ALTER TABLE endpoints ADD COLUMN sealed BLOB;
ALTER TABLE endpoints ADD COLUMN status TEXT NOT NULL DEFAULT 'active'
    CHECK (status = 'active' OR status = 'paused' OR status = 'disabled' OR status = 'removed');
ALTER TABLE endpoints ADD COLUMN disabled TEXT CHECK (disabled = 'gone' OR disabled = 'failing');
-- An unbroken row of failures; NULL while there is none.
ALTER TABLE endpoints ADD COLUMN failing_since INTEGER;
ALTER TABLE endpoints ADD COLUMN failing_last INTEGER;
ALTER TABLE endpoints ADD COLUMN failing_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN failing_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN warnings INTEGER NOT NULL DEFAULT 0;
-- While the breaker is open: when the next probe may go out, and how long it then waits.
ALTER TABLE endpoints ADD COLUMN open_until INTEGER;
ALTER TABLE endpoints ADD COLUMN open_wait_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN recovered_at INTEGER;
ALTER TABLE endpoints ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

UPDATE endpoints SET status = 'removed' WHERE active = 0;
ALTER TABLE endpoints DROP COLUMN active;

CREATE TABLE endpoint_keys (
    endpoint     BLOB    NOT NULL REFERENCES endpoints (id),
    fingerprint  TEXT    NOT NULL,
    sealed       BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    -- When it stops signing; NULL for the newest.
    retires_at   INTEGER,
    PRIMARY KEY (endpoint, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE replays (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    actor        TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    -- JSON: what was asked for.
    selection    TEXT    NOT NULL,
    status       TEXT    NOT NULL CHECK (status = 'running' OR status = 'done'
                                OR status = 'cancelled'),
    chosen       INTEGER NOT NULL,
    requeued     INTEGER NOT NULL DEFAULT 0,
    skipped      INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    -- When the next delivery is sent on its way; NULL: never.
    due_at       INTEGER,
    finished_at  INTEGER,
    CHECK ((status = 'running') = (due_at IS NOT NULL))
) STRICT;

CREATE INDEX replays_due ON replays (due_at) WHERE due_at IS NOT NULL;

-- What a replay still has before it, in order.
CREATE TABLE replay_queue (
    replay    BLOB    NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL,
    delivery  BLOB    NOT NULL,
    PRIMARY KEY (replay, place)
) STRICT, WITHOUT ROWID;

-- New words and columns for three large tables. SQLite can change a check only by copying the
-- table, or by changing what it remembers of its definition, which is safe where every row that
-- was allowed before still is ("Making Other Kinds Of Table Schema Changes" in its manual).
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = 'CREATE TABLE events (
    id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    type      TEXT    NOT NULL CHECK (type = ''verification.verified''
                                OR type = ''verification.failed''
                                OR type = ''verification.declined''
                                OR type = ''verification.expired''
                                OR type = ''verification.revoked'' OR type = ''verification.opened''
                                OR type = ''verification.lapsed'' OR type = ''credential.bound''
                                OR type = ''credential.revoked'' OR type = ''credential.suspected''
                                OR type = ''endpoint.failing'' OR type = ''endpoint.disabled''),
    -- NULL: it is about an endpoint.
    customer  BLOB    REFERENCES customers (id),
    link      BLOB    REFERENCES links (id) ON DELETE CASCADE,
    sequence  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    body      TEXT    NOT NULL,
    UNIQUE (customer, sequence)
) STRICT' WHERE type = 'table' AND name = 'events';

UPDATE sqlite_schema SET sql = 'CREATE TABLE deliveries (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    event          BLOB    NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    endpoint       BLOB    NOT NULL REFERENCES endpoints (id),
    -- The event''s, beside the delivery, so that whom it must not overtake is one look-up. For an
    -- event without a customer, the event: it waits for nobody.
    customer       BLOB    NOT NULL CHECK (length(customer) = 16),
    sequence       INTEGER NOT NULL,
    status         TEXT    NOT NULL CHECK (status = ''pending'' OR status = ''in_flight''
                                OR status = ''retrying'' OR status = ''delivered''
                                OR status = ''exhausted'' OR status = ''held''
                                OR status = ''superseded'' OR status = ''cancelled''),
    attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When somebody should take it next: for one in flight, when its lease runs out. NULL: never.
    due_at         INTEGER,
    lease          BLOB    CHECK (length(lease) = 16),
    finished_at    INTEGER,
    parked         INTEGER NOT NULL DEFAULT 0
        CHECK (parked IN (0, 1)) CHECK (parked = 0 OR due_at IS NOT NULL),
    -- Attempts made before the schedule began anew.
    schedule_from  INTEGER NOT NULL DEFAULT 0 CHECK (schedule_from >= 0),
    -- Why the next attempt is made.
    trigger        TEXT    NOT NULL DEFAULT ''auto'' CHECK (trigger = ''auto''
                                OR trigger = ''replay'' OR trigger = ''probe''),
    CHECK ((status = ''pending'' OR status = ''in_flight'' OR status = ''retrying'')
           = (due_at IS NOT NULL)),
    CHECK ((status = ''in_flight'') = (lease IS NOT NULL))
) STRICT, WITHOUT ROWID' WHERE type = 'table' AND name = 'deliveries';

UPDATE sqlite_schema SET sql = 'CREATE TABLE attempts (
    delivery        BLOB    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL CHECK (number > 0),
    started_at      INTEGER NOT NULL,
    took_ms         INTEGER NOT NULL,
    class           TEXT    NOT NULL CHECK (class = ''success'' OR class = ''unavailable''
                                OR class = ''config'' OR class = ''gone'' OR class = ''redirect''
                                OR class = ''dns'' OR class = ''connect'' OR class = ''tls''
                                OR class = ''timeout'' OR class = ''protocol''
                                OR class = ''ssrf_blocked'' OR class = ''rejected''),
    http_status     INTEGER,
    remote_addr     TEXT,
    retry_after_ms  INTEGER,
    answer          TEXT    NOT NULL,
    -- What staff can do about it.
    remedy          TEXT,
    trigger         TEXT    NOT NULL DEFAULT ''auto'' CHECK (trigger = ''auto''
                                OR trigger = ''replay'' OR trigger = ''probe''),
    PRIMARY KEY (delivery, number)
) STRICT' WHERE type = 'table' AND name = 'attempts';

PRAGMA writable_schema = RESET;

-- What staff look for: an endpoint's deliveries that did not arrive, newest first.
DROP INDEX deliveries_held;
CREATE INDEX deliveries_undelivered ON deliveries (endpoint, status, id)
    WHERE due_at IS NULL AND status <> 'delivered';
-- What newer news of the same customer makes needless.
CREATE INDEX deliveries_held ON deliveries (endpoint, customer) WHERE status = 'held';
