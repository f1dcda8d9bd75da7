//! Pages in every kind of sample.

use std::sync::LazyLock;

use serde_json::json;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::link::{CallInitiator, Closed};
use vouchlink::http::pages::brand::Brand;
use vouchlink::http::pages::code::CodePage;
use vouchlink::http::pages::demo::{DemoPage, DemoWebhook};
use vouchlink::http::pages::docs::DocsPage;
use vouchlink::http::pages::trouble::TroublePage;
use vouchlink::http::pages::verify::{EndedPage, UnknownPage, VerifyPage};
use vouchlink::words::Lang;

pub(super) const EXPIRES: Timestamp = Timestamp::from_millis(1_795_255_200_000);
pub(super) const HOSTILE: &str = "<script>alert(\"1\")</script> & '</title>";
pub(super) const ENDS: [Closed; 5] =
    [Closed::Used, Closed::Expired, Closed::Revoked, Closed::Failed, Closed::Declined];

pub(super) static QR: LazyLock<String> = LazyLock::new(|| {
    let code = qrcode::QrCode::new(LOCAL).unwrap();
    code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build()
});

pub(super) fn plain() -> VerifyPage<'static> {
    VerifyPage {
        company: "Northwind Bank",
        brand: Brand::default(),
        requester: "Maya Levi",
        kind: Kind::Authenticate,
        statement: None,
        call_initiator: None,
        asks_call_code: false,
        reference: None,
        expires_at: EXPIRES,
        token: "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        qr: None,
        takes_codes: false,
        support_phone: None,
        lang: Lang::En,
    }
}

pub(super) fn full() -> VerifyPage<'static> {
    VerifyPage {
        statement: Some("Change the payout account of order 8841 to the one ending in 4402"),
        call_initiator: Some(CallInitiator::Customer),
        reference: Some("case-8841"),
        asks_call_code: true,
        qr: Some(&QR),
        takes_codes: true,
        support_phone: Some("+49 30 123 456"),
        ..plain()
    }
}

fn hostile() -> VerifyPage<'static> {
    VerifyPage {
        company: HOSTILE,
        requester: HOSTILE,
        statement: Some(HOSTILE),
        reference: Some(HOSTILE),
        token: HOSTILE,
        support_phone: Some(HOSTILE),
        ..full()
    }
}

pub(super) fn code(page: VerifyPage<'_>) -> CodePage<'_> {
    CodePage { page, only: false }
}

/// Every page in every kind of sample, with the name of the file it is written to.
pub(super) fn pages() -> Vec<(String, String)> {
    let long = "Anneliese Wolfeschlegelsteinhausenbergerdorff-Papadopoulou-Smith ".repeat(2);
    let mut pages = vec![
        ("verify-plain", plain().render()),
        ("verify-full", full().render()),
        ("verify-register", VerifyPage { kind: Kind::Register, qr: Some(&QR), ..plain() }.render()),
        (
            "verify-called",
            VerifyPage { call_initiator: Some(CallInitiator::Company), ..full() }.render(),
        ),
        (
            "verify-long",
            VerifyPage {
                company: &long,
                requester: &long,
                statement: Some(&long.repeat(4)),
                ..full()
            }
            .render(),
        ),
        (
            "verify-rtl",
            VerifyPage {
                company: "בנק הצפון",
                requester: "مايا ليفي",
                statement: Some("אישור שינוי כתובת לרחוב הרצל 12"),
                lang: Lang::He,
                ..full()
            }
            .render(),
        ),
        ("verify-hostile", hostile().render()),
        ("code-plain", CodePage { page: plain(), only: true }.render()),
        ("code-full", code(full()).render()),
        ("code-rtl", code(VerifyPage { lang: Lang::Ar, ..full() }).render()),
        ("code-hostile", code(hostile()).render()),
        (
            "unknown",
            UnknownPage {
                support_phone: Some("+49 30 123 456"),
                company: "Northwind Bank",
                brand: Brand::default(),
                lang: Lang::En,
            }
            .render(),
        ),
        (
            "unknown-hostile",
            UnknownPage {
                company: HOSTILE,
                brand: Brand { style: Some(HOSTILE), logo: Some(HOSTILE) },
                support_phone: Some(HOSTILE),
                lang: Lang::Ar,
            }
            .render(),
        ),
        (
            "trouble-busy",
            TroublePage {
                company: "Northwind Bank",
                brand: Brand::default(),
                busy: true,
                support_phone: None,
                lang: Lang::En,
            }
            .render(),
        ),
        (
            "trouble-hostile",
            TroublePage {
                company: HOSTILE,
                brand: Brand { style: Some(HOSTILE), logo: Some(HOSTILE) },
                busy: false,
                support_phone: Some(HOSTILE),
                lang: Lang::Fr,
            }
            .render(),
        ),
        (
            "demo-empty",
            DemoPage { company: "Northwind Bank", url: LOCAL, qr: &QR, webhooks: &[] }.render(),
        ),
        (
            "demo-full",
            DemoPage { company: HOSTILE, url: PUBLIC, qr: &QR, webhooks: &webhooks() }.render(),
        ),
        ("docs", DocsPage { company: HOSTILE, document: &openapi() }.render()),
        ("docs-empty", DocsPage { company: "Northwind Bank", document: &json!({}) }.render()),
    ]
    .into_iter()
    .map(|(name, html)| (name.to_owned(), html.unwrap()))
    .collect::<Vec<_>>();
    pages.extend(ended());
    pages
}

/// The page of each end, with all that may be said and with nothing.
fn ended() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for (i, ended) in ENDS.into_iter().enumerate() {
        let bare = EndedPage {
            company: HOSTILE,
            brand: Brand::default(),
            ended,
            at: None,
            reference: None,
            support_phone: Some(HOSTILE),
            lang: Lang::Ar,
        };
        let told = EndedPage {
            company: "Northwind Bank",
            at: Some(EXPIRES),
            reference: Some("case-8841"),
            support_phone: Some("+49 30 123 456"),
            lang: Lang::En,
            ..bare
        };
        pages.push((format!("ended-{i}"), told.render().unwrap()));
        pages.push((format!("ended-{i}-bare"), bare.render().unwrap()));
    }
    pages
}

pub(super) const LOCAL: &str = "http://localhost:8080/v/eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
pub(super) const PUBLIC: &str =
    "https://verify.northwind.example/v/eyJhbGciOiJIUzI1NiJ9.e30.c2ln?a=1&b=<2>";

pub(super) fn webhooks() -> Vec<DemoWebhook> {
    let webhook = |event: &str, signature_valid, body: &str| DemoWebhook {
        received_at: EXPIRES,
        event: event.into(),
        signature_valid,
        body: body.into(),
    };
    vec![
        webhook(
            "verification.verified",
            true,
            "{\n  \"user_id\": \"12345\",\n  \"verified\": true\n}",
        ),
        webhook("<b>forged</b>", false, "</pre><script>alert(1)</script>"),
    ]
}

pub(super) fn openapi() -> serde_json::Value {
    json!({
        "openapi": "3.0.0",
        "info": {"title": "Vouchlink", "version": "0.1.0", "description": "Links.\n\nSee `docs/` & <more>."},
        "tags": [{"name": "Links", "description": "One request each."}, {"name": "Unused"}],
        "paths": {
            "/api/verification/link": {
                "post": {
                    "tags": ["Links"], "summary": "Create a link", "description": "Needs `links:write`.",
                    "security": [{"key": ["links:write"]}],
                    "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewLink"}}}},
                    "responses": {
                        "201": {"description": "Made", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Link"}}}},
                        "422": {"description": "`validation`"}
                    }
                },
                "get": {
                    "tags": ["Links"], "summary": "List links",
                    "parameters": [{"name": "limit", "in": "query", "required": true, "schema": {"type": "integer", "format": "int32"}, "description": "At most 100."}],
                    "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}}}}}
                }
            },
            "/healthz": {"get": {"responses": {"200": {"description": "Alive"}}}}
        },
        "components": {"schemas": {
            "Link": {"type": "object", "properties": {"id": {"type": "string"}, "expires_at": {"type": "string", "format": "date-time"}}},
            "NewLink": {"type": "object", "required": ["user_id"], "properties": {
                "user_id": {"type": "string", "description": "The CRM's id."},
                "if_open": {"allOf": [{"$ref": "#/components/schemas/IfOpen"}, {"description": "What to do with an open one."}]},
                "note": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}},
            "IfOpen": {"type": "string", "enum": ["supersede", "refuse"]}
        }}
    })
}
