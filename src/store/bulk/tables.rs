//! Every table with its columns: the one description that exporters, importers and checksums stand
//! on. A test compares it with both engines' schemas.

pub use super::table::{Column, Kind, Table, TextOrder};

/// Finds a table by its name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

macro_rules! tables {
    ($($table:ident by ($($key:ident),+) {
        $($column:ident: $kind:ident $(| $null:ident)?,)+
    })+) => {
        /// In an order in which every row finds what it refers to.
        pub static TABLES: &[Table] = &[$(Table {
            name: stringify!($table),
            columns: &[$(Column {
                name: stringify!($column),
                kind: Kind::$kind,
                nullable: nullable!($($null)?),
            }),+],
            key: &[$(stringify!($key)),+],
        }),+];
    };
}

macro_rules! nullable {
    () => {
        false
    };
    (Null) => {
        true
    };
}

tables! {
    customers by (id) {
        id: Id,
        user_id: Text,
        username: Text,
        handle: Bytes,
        sequence: Integer,
        created_at: Integer,
        standing: Text,
        standing_link: Id | Null,
        standing_at: Integer | Null,
        method: Text | Null,
        binding: Text | Null,
        first_use: Bool | Null,
        credential: Id | Null,
        verified_until: Integer | Null,
        lapsed: Bool,
        rebound_at: Integer | Null,
    }
    links by (id) {
        id: Id,
        customer: Id,
        username: Text,
        kind: Text,
        status: Text,
        requester: Text,
        created_by: Text,
        statement: Text | Null,
        call_initiator: Text | Null,
        enrolment: Text,
        locale: Text | Null,
        reference: Text | Null,
        crm_module: Text | Null,
        crm_record_id: Text | Null,
        metadata: Text | Null,
        return_url: Text | Null,
        jti: Bytes,
        code_hash: Bytes,
        kid: Text,
        attempts: Integer,
        ceremony: Id | Null,
        created_at: Integer,
        opened_at: Integer | Null,
        expires_at: Integer,
        sent_at: Integer | Null,
        call_code_until: Integer | Null,
        call_code_given_at: Integer | Null,
        call_code_tries: Integer,
        call_answer: Text | Null,
        authorised_by: Id | Null,
        new_phone_asked_at: Integer | Null,
        door_hash: Bytes | Null,
        door_until: Integer | Null,
        totp: Bool,
    }
    former_codes by (code_hash) {
        code_hash: Bytes,
        link: Id,
    }
    idempotency by (scope, key) {
        scope: Text,
        key: Text,
        body: Bytes,
        link: Id,
        created_at: Integer,
    }
    ceremonies by (link, id) {
        id: Id,
        link: Id,
        kind: Text,
        nonce: Bytes,
        statement: Text,
        created_at: Integer,
        expires_at: Integer,
        consumed_at: Integer | Null,
        answer: Bytes | Null,
        means: Text,
    }
    credentials by (id) {
        id: Id,
        customer: Id,
        credential_id: Bytes,
        public_key: Bytes,
        sign_count: Integer,
        backup_eligible: Bool,
        backup_state: Bool,
        transports: Text,
        attachment: Text | Null,
        aaguid: Bytes,
        fmt: Text,
        discoverable: Bool | Null,
        binding: Text,
        link: Id,
        created_at: Integer,
        last_used_at: Integer | Null,
        revoked_at: Integer | Null,
        suspected_at: Integer | Null,
        objected_at: Integer | Null,
        added_by: Id | Null,
    }
    verdicts by (link) {
        link: Id,
        reason: Text,
        decided_at: Integer,
        ceremony: Id | Null,
        method: Text | Null,
        binding: Text | Null,
        first_use: Bool | Null,
        credential: Id | Null,
        verified_until: Integer | Null,
    }
    evidence by (link) {
        link: Id,
        statement: Text,
        nonce: Bytes,
        client_data_json: Bytes,
        authenticator_data: Bytes,
        signature: Bytes | Null,
        attestation_object: Bytes | Null,
        public_key: Bytes,
        credential_id: Bytes,
        origin: Text,
        rp_id: Text,
        binding: Text,
    }
    authenticator_apps by (id) {
        id: Id,
        customer: Id,
        link: Id,
        sealed: Bytes | Null,
        last_step: Integer,
        tries: Integer,
        tries_since: Integer,
        created_at: Integer,
        last_used_at: Integer | Null,
        revoked_at: Integer | Null,
    }
    recovery_codes by (app, number) {
        app: Id,
        number: Integer,
        hash: Bytes,
        used_at: Integer | Null,
    }
    app_offers by (link) {
        link: Id,
        app: Id,
        jti: Bytes,
        sealed: Bytes,
        created_at: Integer,
    }
    code_records by (link) {
        link: Id,
        statement: Text,
        nonce: Bytes,
        app: Id,
        step: Integer | Null,
        recovery_code: Integer | Null,
        origin: Text,
        rp_id: Text,
    }
    contacts by (customer, email) {
        id: Id,
        customer: Id,
        email: Text,
        created_at: Integer,
    }
    mails by (id) {
        id: Id,
        customer: Id | Null,
        link: Id | Null,
        kind: Text,
        recipient: Text,
        locale: Text | Null,
        status: Text,
        attempts: Integer,
        due_at: Integer | Null,
        lease: Bytes | Null,
        answer: Text | Null,
        created_at: Integer,
        finished_at: Integer | Null,
        alert: Text | Null,
    }
    endpoints by (id) {
        id: Id,
        name: Text,
        kind: Text,
        shown_url: Text,
        body_mode: Text,
        events: Text,
        timeout_ms: Integer,
        rate: Integer | Null,
        concurrency: Integer | Null,
        settings: Text,
        sealed: Bytes | Null,
        status: Text,
        disabled: Text | Null,
        failing_since: Integer | Null,
        failing_last: Integer | Null,
        failing_attempts: Integer,
        failing_days: Integer,
        warnings: Integer,
        open_until: Integer | Null,
        open_wait_ms: Integer,
        recovered_at: Integer | Null,
        created_at: Integer,
        revision: Integer,
    }
    alerts by (endpoint) {
        endpoint: Id,
        news: Text | Null,
        news_at: Integer | Null,
        alarmed: Bool,
        undelivered_at: Integer | Null,
        alerted_at: Integer | Null,
    }
    endpoint_keys by (endpoint, fingerprint) {
        endpoint: Id,
        fingerprint: Text,
        sealed: Bytes,
        created_at: Integer,
        retires_at: Integer | Null,
    }
    events by (id) {
        id: Id,
        type: Text,
        customer: Id | Null,
        link: Id | Null,
        sequence: Integer,
        at: Integer,
        body: Text,
    }
    deliveries by (id) {
        id: Id,
        event: Id,
        endpoint: Id,
        customer: Id,
        sequence: Integer,
        status: Text,
        attempts: Integer,
        due_at: Integer | Null,
        lease: Bytes | Null,
        finished_at: Integer | Null,
        parked: Bool,
        schedule_from: Integer,
        trigger: Text,
    }
    attempts by (delivery, number) {
        delivery: Id,
        number: Integer,
        started_at: Integer,
        took_ms: Integer,
        class: Text,
        http_status: Integer | Null,
        remote_addr: Text | Null,
        retry_after_ms: Integer | Null,
        answer: Text,
        remedy: Text | Null,
        trigger: Text,
    }
    replays by (id) {
        id: Id,
        actor: Text,
        reason: Text,
        selection: Text,
        status: Text,
        chosen: Integer,
        requeued: Integer,
        skipped: Integer,
        created_at: Integer,
        due_at: Integer | Null,
        finished_at: Integer | Null,
    }
    replay_queue by (replay, place) {
        replay: Id,
        place: Integer,
        delivery: Id,
    }
    repeats by (scope, key) {
        scope: Text,
        key: Text,
        body: Bytes,
        endpoint: Id | Null,
        replay: Id | Null,
        created_at: Integer,
    }
    api_keys by (id) {
        id: Id,
        name: Text,
        scopes: Text,
        hash: Bytes,
        bootstrap: Bool,
        created_at: Integer,
        revoked_at: Integer | Null,
    }
    audit by (id) {
        id: Integer,
        at: Integer,
        actor: Text,
        action: Text,
        link: Id | Null,
        customer: Id | Null,
        detail: Text,
    }
}
