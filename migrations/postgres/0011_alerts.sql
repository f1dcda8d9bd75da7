-- What the operators are mailed about endpoints.

CREATE TABLE alerts (
    endpoint        uuid    NOT NULL PRIMARY KEY REFERENCES endpoints (id),
    -- What they do not know yet, and since when it waits to be told.
    news            text    CHECK (news IN ('failing', 'disabled', 'undelivered', 'recovered')),
    news_at         bigint,
    -- Whether they were last told that it fails, not that it recovered.
    alarmed         boolean NOT NULL DEFAULT false,
    -- When it was last news that something did not arrive.
    undelivered_at  bigint,
    -- When they were last told anything of it.
    alerted_at      bigint,
    CHECK ((news IS NULL) = (news_at IS NULL))
);

-- What an alert tells, JSON. Alerts are about no customer.
ALTER TABLE mails
    ALTER COLUMN customer DROP NOT NULL,
    ADD COLUMN alert text,
    ADD CONSTRAINT mails_alert_check
        CHECK ((kind = 'alert') = (alert IS NOT NULL) AND (kind = 'alert') = (customer IS NULL)),
    DROP CONSTRAINT mails_kind_check,
    ADD CONSTRAINT mails_kind_check CHECK (kind IN (
        'link', 'passkey_added', 'passkey_removed', 'contact_removed', 'app_added', 'app_removed',
        'alert'));

CREATE INDEX mails_of_alerts ON mails (created_at) WHERE kind = 'alert';
