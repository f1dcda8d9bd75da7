CREATE TABLE endpoints (
    id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    active  INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE events (
    id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    type      TEXT    NOT NULL CHECK (type IN (
                          'verification.verified', 'verification.failed', 'verification.declined',
                          'verification.expired', 'verification.revoked', 'verification.opened',
                          'verification.lapsed', 'credential.bound', 'credential.revoked',
                          'credential.suspected')),
    customer  BLOB    NOT NULL REFERENCES customers (id),
    link      BLOB    REFERENCES links (id) ON DELETE CASCADE,
    sequence  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    body      TEXT    NOT NULL,
    UNIQUE (customer, sequence)
) STRICT;

CREATE INDEX events_by_link ON events (link, sequence) WHERE link IS NOT NULL;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event never changes');
END;

CREATE TABLE deliveries (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    event        BLOB    NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    endpoint     BLOB    NOT NULL REFERENCES endpoints (id),
    -- The event's, beside the delivery, so that whom it must not overtake is one look-up.
    customer     BLOB    NOT NULL CHECK (length(customer) = 16),
    sequence     INTEGER NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN (
                             'pending', 'in_flight', 'retrying', 'delivered', 'exhausted', 'held')),
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When somebody should take it next: for one in flight, when its lease runs out. NULL: never.
    due_at       INTEGER,
    lease        BLOB    CHECK (length(lease) = 16),
    finished_at  INTEGER,
    CHECK ((status IN ('pending', 'in_flight', 'retrying')) = (due_at IS NOT NULL)),
    CHECK ((status = 'in_flight') = (lease IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_in_order ON deliveries (endpoint, customer, sequence)
    WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (endpoint) WHERE status = 'held';
CREATE INDEX deliveries_by_event ON deliveries (event);

CREATE TABLE attempts (
    delivery        BLOB    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL CHECK (number > 0),
    started_at      INTEGER NOT NULL,
    took_ms         INTEGER NOT NULL,
    class           TEXT    NOT NULL CHECK (class IN (
                                'success', 'unavailable', 'config', 'gone', 'redirect', 'dns',
                                'connect', 'tls', 'timeout', 'protocol', 'ssrf_blocked')),
    http_status     INTEGER,
    remote_addr     TEXT,
    retry_after_ms  INTEGER,
    answer          TEXT    NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT;
