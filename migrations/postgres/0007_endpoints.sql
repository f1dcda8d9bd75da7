-- Endpoints of staff's own beside the one of the environment, and how they fare.
ALTER TABLE endpoints
    ADD COLUMN name text NOT NULL DEFAULT 'CRM_WEBHOOK_URL',
    ADD COLUMN kind text NOT NULL DEFAULT 'standard' CHECK (kind IN (
        'standard', 'zoho_function', 'zoho_crm', 'hubspot', 'salesforce', 'pipedrive', 'zendesk',
        'freshdesk')),
    ADD COLUMN shown_url text NOT NULL DEFAULT '',
    ADD COLUMN body_mode text NOT NULL DEFAULT 'standard'
        CHECK (body_mode IN ('standard', 'envelope')),
    -- Words, parted by spaces.
    ADD COLUMN events text NOT NULL DEFAULT
        'verification.verified verification.failed verification.declined verification.expired verification.revoked verification.lapsed',
    ADD COLUMN timeout_ms bigint NOT NULL DEFAULT 15000,
    ADD COLUMN rate bigint,
    ADD COLUMN concurrency bigint,
    -- JSON.
    ADD COLUMN settings text NOT NULL DEFAULT '{}',
    -- Encrypted with DATA_KEY. NULL: it is in the environment.
    ADD COLUMN sealed bytea,
    ADD COLUMN status text NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'paused', 'disabled', 'removed')),
    ADD COLUMN disabled text CHECK (disabled IN ('gone', 'failing')),
    -- An unbroken row of failures; NULL while there is none.
    ADD COLUMN failing_since bigint,
    ADD COLUMN failing_last bigint,
    ADD COLUMN failing_attempts bigint NOT NULL DEFAULT 0,
    ADD COLUMN failing_days bigint NOT NULL DEFAULT 0,
    ADD COLUMN warnings bigint NOT NULL DEFAULT 0,
    -- While the breaker is open: when the next probe may go out, and how long it then waits.
    ADD COLUMN open_until bigint,
    ADD COLUMN open_wait_ms bigint NOT NULL DEFAULT 0,
    ADD COLUMN recovered_at bigint,
    ADD COLUMN created_at bigint NOT NULL DEFAULT 0,
    ADD COLUMN revision bigint NOT NULL DEFAULT 0;

UPDATE endpoints SET status = 'removed' WHERE NOT active;
ALTER TABLE endpoints DROP COLUMN active;

CREATE TABLE endpoint_keys (
    endpoint     uuid    NOT NULL REFERENCES endpoints (id),
    fingerprint  text    NOT NULL,
    sealed       bytea   NOT NULL,
    created_at   bigint  NOT NULL,
    -- When it stops signing; NULL for the newest.
    retires_at   bigint,
    PRIMARY KEY (endpoint, fingerprint)
);

CREATE TABLE replays (
    id           uuid    NOT NULL PRIMARY KEY,
    actor        text    NOT NULL,
    reason       text    NOT NULL,
    -- JSON: what was asked for.
    selection    text    NOT NULL,
    status       text    NOT NULL CHECK (status IN ('running', 'done', 'cancelled')),
    chosen       bigint  NOT NULL,
    requeued     bigint  NOT NULL DEFAULT 0,
    skipped      bigint  NOT NULL DEFAULT 0,
    created_at   bigint  NOT NULL,
    -- When the next delivery is sent on its way; NULL: never.
    due_at       bigint,
    finished_at  bigint,
    CHECK ((status = 'running') = (due_at IS NOT NULL))
);

CREATE INDEX replays_due ON replays (due_at) WHERE due_at IS NOT NULL;

-- What a replay still has before it, in order.
CREATE TABLE replay_queue (
    replay    uuid    NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    place     bigint  NOT NULL,
    delivery  uuid    NOT NULL,
    PRIMARY KEY (replay, place)
);

-- NULL: it is about an endpoint.
ALTER TABLE events
    ALTER COLUMN customer DROP NOT NULL,
    DROP CONSTRAINT events_type_check,
    ADD CONSTRAINT events_type_check CHECK (type IN (
        'verification.verified', 'verification.failed', 'verification.declined',
        'verification.expired', 'verification.revoked', 'verification.opened',
        'verification.lapsed', 'credential.bound', 'credential.revoked', 'credential.suspected',
        'endpoint.failing', 'endpoint.disabled'));

ALTER TABLE deliveries
    -- Attempts made before the schedule began anew.
    ADD COLUMN schedule_from bigint NOT NULL DEFAULT 0 CHECK (schedule_from >= 0),
    -- Why the next attempt is made.
    ADD COLUMN trigger text NOT NULL DEFAULT 'auto'
        CHECK (trigger IN ('auto', 'replay', 'probe')),
    DROP CONSTRAINT deliveries_status_check,
    ADD CONSTRAINT deliveries_status_check CHECK (status IN (
        'pending', 'in_flight', 'retrying', 'delivered', 'exhausted', 'held', 'superseded',
        'cancelled'));

ALTER TABLE attempts
    -- What staff can do about it.
    ADD COLUMN remedy text,
    ADD COLUMN trigger text NOT NULL DEFAULT 'auto'
        CHECK (trigger IN ('auto', 'replay', 'probe')),
    DROP CONSTRAINT attempts_class_check,
    ADD CONSTRAINT attempts_class_check CHECK (class IN (
        'success', 'unavailable', 'config', 'gone', 'redirect', 'dns', 'connect', 'tls', 'timeout',
        'protocol', 'ssrf_blocked', 'rejected'));

-- What staff look for: an endpoint's deliveries that did not arrive, newest first.
DROP INDEX deliveries_held;
CREATE INDEX deliveries_undelivered ON deliveries (endpoint, status, id)
    WHERE due_at IS NULL AND status <> 'delivered';
-- What newer news of the same customer makes needless.
CREATE INDEX deliveries_held ON deliveries (endpoint, customer) WHERE status = 'held';
