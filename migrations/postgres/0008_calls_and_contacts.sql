-- What a customer says on the phone, how a link reached them, and whom to tell of new passkeys.

ALTER TABLE customers
    -- When a passkey last took the place of all others.
    ADD COLUMN rebound_at bigint;

ALTER TABLE links
    -- When our mail with this link was first taken by the mail server.
    ADD COLUMN sent_at bigint,
    -- Until when the call code may be typed; NULL: the link asks for none.
    ADD COLUMN call_code_until bigint
        CHECK ((call_code_until IS NOT NULL) = (enrolment = 'call_code' AND kind = 'register')),
    -- Whoever was not told the code is not verified.
    ADD COLUMN call_code_given_at bigint
        CHECK (call_code_until IS NULL OR status <> 'verified' OR call_code_given_at IS NOT NULL),
    -- Wrong call codes.
    ADD COLUMN call_code_tries bigint NOT NULL DEFAULT 0
        CHECK (call_code_tries >= 0 AND call_code_tries <= 3),
    -- Who called whom, as the customer says.
    ADD COLUMN call_answer text CHECK (call_answer IN ('customer', 'company')),
    -- The passkey whose owner asked for this link, to add another one.
    ADD COLUMN authorised_by uuid,
    -- When the customer said that they have a new phone.
    ADD COLUMN new_phone_asked_at bigint,
    -- The code that opens the link from the company's own address, hashed under the link's secret,
    -- and until when; NULL once the link has ended, so that the index holds open links only.
    ADD COLUMN door_hash bytea CHECK (octet_length(door_hash) = 32),
    ADD COLUMN door_until bigint,
    DROP CONSTRAINT links_enrolment_check,
    ADD CONSTRAINT links_enrolment_check CHECK (enrolment IN (
        'open', 'call_code', 'existing', 'replace', 'add'));

CREATE UNIQUE INDEX links_by_door ON links (door_hash) WHERE door_hash IS NOT NULL;

ALTER TABLE credentials
    -- When the customer declined a link after this passkey was made: it never seasons.
    ADD COLUMN objected_at bigint,
    -- The passkey whose owner added this one.
    ADD COLUMN added_by uuid;

ALTER TABLE verdicts
    DROP CONSTRAINT verdicts_reason_check,
    ADD CONSTRAINT verdicts_reason_check CHECK (reason IN (
        'ok', 'too_many_attempts', 'call_code_wrong', 'clone_suspected', 'not_me',
        'called_by_stranger', 'other', 'expired', 'revoked', 'superseded', 'lapsed'));

ALTER TABLE events
    DROP CONSTRAINT events_type_check,
    ADD CONSTRAINT events_type_check CHECK (type IN (
        'verification.verified', 'verification.failed', 'verification.declined',
        'verification.expired', 'verification.revoked', 'verification.opened',
        'verification.lapsed', 'credential.bound', 'credential.revoked', 'credential.suspected',
        'link.send_requested', 'endpoint.failing', 'endpoint.disabled'));

-- Passkeys that may season, by how long after their making they were last used: whichever is
-- beyond the waiting period is due, and nobody looks at those that are not.
CREATE INDEX credentials_to_season ON credentials ((last_used_at - created_at))
    WHERE binding IN ('channel', 'call_code') AND revoked_at IS NULL
      AND suspected_at IS NULL AND objected_at IS NULL;

-- Addresses of a customer that the CRM named: who has one is told when a passkey comes or goes.
CREATE TABLE contacts (
    id          uuid    NOT NULL UNIQUE,
    customer    uuid    NOT NULL REFERENCES customers (id),
    email       text    COLLATE "C" NOT NULL,
    created_at  bigint  NOT NULL,
    PRIMARY KEY (customer, email)
);

-- Mails on their way.
CREATE TABLE mails (
    id           uuid    NOT NULL PRIMARY KEY,
    customer     uuid    NOT NULL REFERENCES customers (id),
    link         uuid    REFERENCES links (id) ON DELETE CASCADE,
    kind         text    NOT NULL CHECK (kind IN (
                             'link', 'passkey_added', 'passkey_removed', 'contact_removed')),
    recipient    text    NOT NULL,
    locale       text,
    status       text    NOT NULL CHECK (status IN (
                             'pending', 'in_flight', 'sent', 'failed', 'cancelled')),
    attempts     bigint  NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- When somebody should take it next; in flight: when its lease runs out.
    due_at       bigint,
    lease        bytea   CHECK (octet_length(lease) = 16),
    -- What the mail server said, without the address.
    answer       text,
    created_at   bigint  NOT NULL,
    finished_at  bigint,
    CHECK ((status IN ('pending', 'in_flight')) = (due_at IS NOT NULL)),
    CHECK ((status = 'in_flight') = (lease IS NOT NULL))
);

CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mails_by_link ON mails (link) WHERE link IS NOT NULL;
CREATE INDEX mails_by_customer ON mails (customer);
