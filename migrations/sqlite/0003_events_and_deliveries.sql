CREATE TABLE endpoints (
    id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    active  INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE events (
    id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    type      TEXT    NOT NULL CHECK (type = 'verification.verified'
                                OR type = 'verification.failed'
                                OR type = 'verification.declined'
                                OR type = 'verification.expired'
                                OR type = 'verification.revoked' OR type = 'verification.opened'
                                OR type = 'verification.lapsed' OR type = 'credential.bound'
                                OR type = 'credential.revoked' OR type = 'credential.suspected'),
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
    status       TEXT    NOT NULL CHECK (status = 'pending' OR status = 'in_flight'
                                OR status = 'retrying' OR status = 'delivered'
                                OR status = 'exhausted' OR status = 'held'),
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When somebody should take it next: for one in flight, when its lease runs out. NULL: never.
    due_at       INTEGER,
    lease        BLOB    CHECK (length(lease) = 16),
    finished_at  INTEGER,
    CHECK ((status = 'pending' OR status = 'in_flight' OR status = 'retrying')
           = (due_at IS NOT NULL)),
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
    class           TEXT    NOT NULL CHECK (class = 'success' OR class = 'unavailable'
                                OR class = 'config' OR class = 'gone' OR class = 'redirect'
                                OR class = 'dns' OR class = 'connect' OR class = 'tls'
                                OR class = 'timeout' OR class = 'protocol'
                                OR class = 'ssrf_blocked'),
    http_status     INTEGER,
    remote_addr     TEXT,
    retry_after_ms  INTEGER,
    answer          TEXT    NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT;
