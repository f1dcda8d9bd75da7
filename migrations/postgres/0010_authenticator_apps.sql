-- Authenticator apps (TOTP, RFC 6238) and recovery codes, for customers without a passkey at hand.

ALTER TABLE links
    -- Whether the link takes codes beside passkeys.
    ADD COLUMN totp boolean NOT NULL DEFAULT false;

ALTER TABLE ceremonies
    -- With what the ceremony is answered.
    ADD COLUMN means text NOT NULL DEFAULT 'passkey' CHECK (means IN ('passkey', 'totp'));

ALTER TABLE customers
    DROP CONSTRAINT customers_method_check,
    ADD CONSTRAINT customers_method_check CHECK (method IN ('passkey', 'totp', 'recovery_code'));

ALTER TABLE verdicts
    DROP CONSTRAINT verdicts_method_check,
    ADD CONSTRAINT verdicts_method_check CHECK (method IN ('passkey', 'totp', 'recovery_code'));

ALTER TABLE mails
    DROP CONSTRAINT mails_kind_check,
    ADD CONSTRAINT mails_kind_check CHECK (kind IN (
        'link', 'passkey_added', 'passkey_removed', 'contact_removed', 'app_added', 'app_removed'));

CREATE TABLE authenticator_apps (
    -- Drawn like a passkey's: a verdict names either in the same column.
    id            uuid    NOT NULL PRIMARY KEY,
    customer      uuid    NOT NULL REFERENCES customers (id),
    -- No reference: it outlives the link it was made in.
    link          uuid    NOT NULL,
    -- The shared secret, encrypted with DATA_KEY; gone once it is revoked.
    sealed        bytea,
    -- The time step of the newest code that was taken: none up to it is taken again.
    last_step     bigint  NOT NULL CHECK (last_step >= 0),
    -- Codes tried since, across links; a right one is not counted in the end.
    tries         bigint  NOT NULL DEFAULT 0 CHECK (tries >= 0),
    tries_since   bigint  NOT NULL DEFAULT 0,
    created_at    bigint  NOT NULL,
    last_used_at  bigint,
    revoked_at    bigint,
    CHECK ((sealed IS NULL) = (revoked_at IS NOT NULL))
);

CREATE UNIQUE INDEX authenticator_apps_one ON authenticator_apps (customer)
    WHERE revoked_at IS NULL;
CREATE INDEX authenticator_apps_by_customer ON authenticator_apps (customer, id);

CREATE TABLE recovery_codes (
    app      uuid    NOT NULL REFERENCES authenticator_apps (id),
    number   bigint  NOT NULL CHECK (number > 0),
    -- Hashed under the app's secret.
    hash     bytea   NOT NULL CHECK (octet_length(hash) = 32),
    used_at  bigint,
    PRIMARY KEY (app, number)
);

-- The secret that a link shows until its app is bound: the same for whoever looks twice.
CREATE TABLE app_offers (
    link        uuid    NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    app         uuid    NOT NULL,
    -- The link's when it was offered: a reissued link offers another.
    jti         bytea   NOT NULL CHECK (octet_length(jti) = 16),
    sealed      bytea   NOT NULL,
    created_at  bigint  NOT NULL
);

CREATE INDEX app_offers_by_age ON app_offers (created_at);

-- Our own record of a verdict that rests on a code: nobody else can check it.
CREATE TABLE code_records (
    link           uuid    NOT NULL PRIMARY KEY REFERENCES links (id) ON DELETE CASCADE,
    statement      text    NOT NULL,
    nonce          bytea   NOT NULL CHECK (octet_length(nonce) = 32),
    app            uuid    NOT NULL,
    -- One of the two.
    step           bigint,
    recovery_code  bigint,
    origin         text    NOT NULL,
    rp_id          text    NOT NULL,
    CHECK ((step IS NULL) <> (recovery_code IS NULL))
);

CREATE TRIGGER code_records_never_change BEFORE UPDATE ON code_records
    FOR EACH ROW EXECUTE FUNCTION refuse_change('evidence never changes');
