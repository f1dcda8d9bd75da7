CREATE TABLE endpoints (
    id      uuid     NOT NULL PRIMARY KEY,
    active  boolean  NOT NULL
);

CREATE TABLE events (
    id        uuid    NOT NULL PRIMARY KEY,
    type      text    NOT NULL CHECK (type IN (
                          'verification.verified', 'verification.failed', 'verification.declined',
                          'verification.expired', 'verification.revoked', 'verification.opened',
                          'verification.lapsed', 'credential.bound', 'credential.revoked',
                          'credential.suspected')),
    customer  uuid    NOT NULL REFERENCES customers (id),
    link      uuid    REFERENCES links (id) ON DELETE CASCADE,
    sequence  bigint  NOT NULL,
    at        bigint  NOT NULL,
    body      text    NOT NULL,
    UNIQUE (customer, sequence)
);

CREATE INDEX events_by_link ON events (link, sequence) WHERE link IS NOT NULL;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change('an event never changes');

CREATE TABLE deliveries (
    id           uuid    NOT NULL PRIMARY KEY,
    event        uuid    NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    endpoint     uuid    NOT NULL REFERENCES endpoints (id),
    -- The event's, beside the delivery, so that whom it must not overtake is one look-up.
    customer     uuid    NOT NULL,
    sequence     bigint  NOT NULL,
    status       text    NOT NULL CHECK (status IN (
                             'pending', 'in_flight', 'retrying', 'delivered', 'exhausted', 'held')),
    attempts     bigint  NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When somebody should take it next: for one in flight, when its lease runs out. NULL: never.
    due_at       bigint,
    lease        bytea   CHECK (octet_length(lease) = 16),
    finished_at  bigint,
    CHECK ((status IN ('pending', 'in_flight', 'retrying')) = (due_at IS NOT NULL)),
    CHECK ((status = 'in_flight') = (lease IS NOT NULL))
)
-- The few unfinished rows are read all the time and changed several times each, while the finished
-- ones pile up: dead versions must be swept by their number, not by their share of the table.
WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_in_order ON deliveries (endpoint, customer, sequence)
    WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (endpoint) WHERE status = 'held';
CREATE INDEX deliveries_by_event ON deliveries (event);

CREATE TABLE attempts (
    delivery        uuid    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number          bigint  NOT NULL CHECK (number > 0),
    started_at      bigint  NOT NULL,
    took_ms         bigint  NOT NULL,
    class           text    NOT NULL CHECK (class IN (
                                'success', 'unavailable', 'config', 'gone', 'redirect', 'dns',
                                'connect', 'tls', 'timeout', 'protocol', 'ssrf_blocked')),
    http_status     bigint,
    remote_addr     text,
    retry_after_ms  bigint,
    answer          text    NOT NULL,
    PRIMARY KEY (delivery, number)
);
