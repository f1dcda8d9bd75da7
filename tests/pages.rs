//! Every page rendered from samples, and what holds for pages, styles and scripts alike.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::json;
use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::clock::Timestamp;
use vouchlink::domain::link::{CallInitiator, Closed};
use vouchlink::http::pages::assets;
use vouchlink::http::pages::demo::{DemoPage, DemoWebhook};
use vouchlink::http::pages::docs::DocsPage;
use vouchlink::http::pages::verify::{EndedPage, UnknownPage, VerifyPage};

const EXPIRES: Timestamp = Timestamp::from_millis(1_795_255_200_000);
const HOSTILE: &str = "<script>alert(\"1\")</script> & '</title>";
const ENDS: [Closed; 5] =
    [Closed::Used, Closed::Expired, Closed::Revoked, Closed::Failed, Closed::Declined];

static QR: LazyLock<String> = LazyLock::new(|| {
    let code = qrcode::QrCode::new(LOCAL).unwrap();
    code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build()
});

fn plain() -> VerifyPage<'static> {
    VerifyPage {
        company: "Northwind Bank",
        requester: "Maya Levi",
        kind: Kind::Authenticate,
        statement: None,
        call_initiator: None,
        reference: None,
        expires_at: EXPIRES,
        token: "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        qr: None,
        lang: "en",
    }
}

fn full() -> VerifyPage<'static> {
    VerifyPage {
        statement: Some("Change the payout account of order 8841 to the one ending in 4402"),
        call_initiator: Some(CallInitiator::Customer),
        reference: Some("case-8841"),
        qr: Some(&QR),
        ..plain()
    }
}

/// Every page in every kind of sample, with the name of the file it is written to.
fn pages() -> Vec<(String, String)> {
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
                lang: "he-IL",
                ..full()
            }
            .render(),
        ),
        (
            "verify-hostile",
            VerifyPage {
                company: HOSTILE,
                requester: HOSTILE,
                statement: Some(HOSTILE),
                reference: Some(HOSTILE),
                token: HOSTILE,
                lang: "\"><script>",
                ..full()
            }
            .render(),
        ),
        ("unknown", UnknownPage { company: "Northwind Bank", lang: "en" }.render()),
        ("unknown-hostile", UnknownPage { company: HOSTILE, lang: HOSTILE }.render()),
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
    for (i, ended) in ENDS.into_iter().enumerate() {
        let bare = EndedPage { company: HOSTILE, ended, at: None, reference: None, lang: "ar" };
        let told = EndedPage {
            company: "Northwind Bank",
            at: Some(EXPIRES),
            reference: Some("case-8841"),
            lang: "en",
            ..bare
        };
        pages.push((format!("ended-{i}"), told.render().unwrap()));
        pages.push((format!("ended-{i}-bare"), bare.render().unwrap()));
    }
    pages
}

const LOCAL: &str = "http://localhost:8080/v/eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
const PUBLIC: &str = "https://verify.northwind.example/v/eyJhbGciOiJIUzI1NiJ9.e30.c2ln?a=1&b=<2>";

fn webhooks() -> Vec<DemoWebhook> {
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

fn openapi() -> serde_json::Value {
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

#[test]
fn every_page_renders_from_every_sample_without_letting_markup_through() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, html) in pages() {
        std::fs::write(folder.join(format!("{name}.html")), &html).unwrap();
        assert!(html.starts_with("<!doctype html>\n<html lang="), "{name}");
        assert!(html.trim_end().ends_with("</html>"), "{name}");
        assert!(
            !html.contains("alert(\"1\")") && !html.contains("<script>"),
            "{name} lets markup through"
        );
        assert!(!html.contains("<b>forged"), "{name} lets markup through");
        for forbidden in ["style=", " onclick", " onload", "javascript:", "<style", "None", "Some("]
        {
            assert!(!html.contains(forbidden), "{name} has {forbidden:?}");
        }
    }
}

#[test]
fn the_open_page_tells_who_asks_for_what_and_nothing_to_previews() {
    let html = full().render().unwrap();
    assert!(html.contains("<title>Northwind Bank</title>"));
    assert!(html.contains(r#"<meta property="og:title" content="Northwind Bank">"#));
    assert!(html.contains(r#"<meta name="robots" content="noindex, nofollow">"#));
    let (head, body) = html.split_once("</head>").unwrap();
    assert!(!head.contains("Maya") && !head.contains("8841"), "previews learn too much");
    for text in [
        r#"data-token="eyJhbGciOiJIUzI1NiJ9.e30.c2ln" data-kind="authenticate""#,
        r#"<b dir="auto">Maya Levi</b> at <b dir="auto">Northwind Bank</b> is asking you to confirm that it’s really you."#,
        "Change the payout account of order 8841 to the one ending in 4402</blockquote>",
        r#"<dd><bdi id="reference">case-8841</bdi></dd>"#,
        r#"<time id="expires" datetime="2026-11-21T10:00:00Z">2026-11-21 10:00 UTC</time>"#,
        "You called <bdi>Northwind Bank</bdi>",
        "<b>This page needs JavaScript.</b>",
        "will never ask you for your PIN or a password",
    ] {
        assert!(body.contains(text), "missing: {text}");
    }
}

#[test]
fn what_is_not_known_leaves_no_trace_on_the_page() {
    let html = plain().render().unwrap();
    for absent in
        ["<dt>Reference", "<dt>The call", "<blockquote", "class=\"qr\"", "decline-stranger"]
    {
        assert!(!html.contains(absent), "{absent}");
    }
    let same = VerifyPage { requester: "Northwind Bank", ..plain() }.render().unwrap();
    assert!(same.contains(r#"<p><b dir="auto">Northwind Bank</b> is asking you"#));
}

#[test]
fn a_registration_says_that_something_is_saved() {
    let html = VerifyPage { kind: Kind::Register, ..plain() }.render().unwrap();
    assert!(html.contains(r#"data-kind="register""#));
    assert!(html.contains("Set up and confirm"));
    assert!(html.contains("A passkey for <bdi>Northwind Bank</bdi> is saved for next time."));
}

#[test]
fn each_end_has_its_words_and_the_open_page_has_the_same() {
    let open = plain().render().unwrap();
    let titles = [
        ("used", "All done, already confirmed"),
        ("expired", "This link has ended"),
        ("revoked", "This link was replaced or cancelled"),
        ("failed", "This link can’t be used any more"),
        ("declined", "You said this wasn’t you"),
    ];
    for (ended, (name, title)) in ENDS.into_iter().zip(titles) {
        let page =
            EndedPage { company: "Northwind Bank", ended, at: None, reference: None, lang: "en" };
        let html = page.render().unwrap();
        let heading = format!("<h1 tabindex=\"-1\">{title}</h1>");
        assert!(
            html.contains(&heading) && html.contains(&format!("id=\"screen-{name}\"")),
            "{name}"
        );
        assert!(!html.contains("<script") && !html.contains("data-token"), "{name} needs neither");
        let screen = open.split_once(&format!("id=\"screen-{name}\" hidden>")).unwrap().1;
        assert!(screen.split_once("</section>").unwrap().0.contains(&heading), "{name}");
    }
    let unknown = UnknownPage { company: "Northwind Bank", lang: "en" }.render().unwrap();
    assert!(unknown.contains("<h1 tabindex=\"-1\">We don’t know this link</h1>"));
}

#[test]
fn no_page_claims_more_than_the_ceremony_proves() {
    for (name, html) in pages() {
        let text = html.to_lowercase();
        assert!(!text.contains("biometric") && !text.contains("identity verified"), "{name}");
    }
    assert!(
        plain().render().unwrap().contains("Confirmed with this <span class=\"on-phone\">phone’s")
    );
}

#[test]
fn a_page_in_a_right_to_left_language_says_so() {
    let page = |lang| VerifyPage { lang, ..plain() }.render().unwrap();
    assert!(page("he-IL").contains(r#"<html lang="he-IL" dir="rtl">"#));
    assert!(page("en").contains(r#"<html lang="en" dir="ltr">"#));
}

#[test]
fn the_script_is_small_and_keeps_to_what_the_page_may_do() {
    let script = asset("verify.js");
    assert!(script.len() < 15 * 1024, "{} bytes", script.len());
    for name in ["verify.js", "demo.js"] {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "cookie",
            "Storage",
            "import ",
        ] {
            assert!(!asset(name).contains(forbidden), "{name} has {forbidden:?}");
        }
    }
}

#[test]
fn the_script_and_the_page_name_the_same_screens_and_actions() {
    let (html, script) = (full().render().unwrap(), asset("verify.js"));
    let screens: BTreeSet<&str> = between(&html, "id=\"screen-", "\"").collect();
    let tables =
        script.split_once("SCREEN_OF_CODE = {").unwrap().1.split_once("let kind").unwrap().0;
    let shown = between(script, "show(\"", "\"")
        .chain(between(&html, "data-to=\"", "\""))
        .chain(between(tables, ": \"", "\""))
        .collect::<BTreeSet<_>>();
    assert!(shown.contains("success") && shown.contains("once-more"));
    assert_eq!(shown.difference(&screens).collect::<Vec<_>>(), Vec::<&&str>::new());
    for action in between(&html, "data-do=\"", "\"").collect::<BTreeSet<_>>() {
        let known = [format!("\n    {action}: "), format!("\n    \"{action}\": ")];
        assert!(known.iter().any(|line| script.contains(line)), "no action {action:?}");
    }
}

#[test]
fn every_screen_but_the_first_is_hidden_and_can_take_the_focus() {
    let html = full().render().unwrap();
    for screen in html.split("<section ").skip(1) {
        assert!(screen.contains("<h1 tabindex=\"-1\">"), "{screen}");
        let tag = screen.split_once('>').unwrap().0;
        assert_ne!(
            tag == "class=\"screen\" id=\"screen-start\"",
            tag.ends_with(" hidden"),
            "{tag}"
        );
    }
}

#[test]
fn the_documentation_shows_operations_with_their_fields_and_answers() {
    let html = DocsPage { company: "Northwind Bank", document: &openapi() }.render().unwrap();
    for text in [
        "<code>/api/verification/link</code>",
        r##"href="#post-api-verification-link""##,
        "<p>Needs <code>links:write</code>.</p>",
        "<span class=\"key\">API key</span>",
        "<code>user_id</code><span class=\"required\">required</span>",
        r##"<a href="#schema-ifopen">IfOpen</a>"##,
        "<p>What to do with an open one.</p>",
        "string or integer",
        "integer (int32) · in query",
        r##"<a href="#schema-link">array of Link</a>"##,
        "<b class=\"status s2\">201</b>",
        "<code>supersede</code>, <code>refuse</code>",
        "See <code>docs/</code> &#38; &#60;more&#62;.",
        r#"id="tag-other""#,
    ] {
        assert!(html.contains(text), "missing: {text}");
    }
    assert!(!html.contains("Unused"), "a tag without operations is shown");
}

#[test]
fn the_demo_explains_localhost_and_lists_what_arrived() {
    let local = DemoPage { company: "Northwind Bank", url: LOCAL, qr: &QR, webhooks: &[] }
        .render()
        .unwrap();
    assert!(local.contains("which a phone can’t reach") && local.contains("Nothing yet."));
    assert!(local.contains(r#"<form method="post" action="/demo/link">"#));
    let public =
        DemoPage { company: "Northwind Bank", url: PUBLIC, qr: &QR, webhooks: &webhooks() }
            .render()
            .unwrap();
    assert!(!public.contains("which a phone can’t reach"));
    let items: Vec<&str> = public.split("<li class=\"webhook\">").collect();
    assert_eq!(items.len(), 4, "two webhooks and the script's template");
    assert!(
        items[1].contains("data-slot=\"good\">Signature valid")
            && items[1].contains("data-slot=\"bad\" hidden>")
    );
    assert!(
        items[2].contains("data-slot=\"good\" hidden>")
            && items[2].contains("data-slot=\"bad\">Signature wrong")
    );
    assert!(items[2].contains("&#60;b&#62;forged"));
}

fn asset(name: &str) -> &'static str {
    std::str::from_utf8(assets::find(name).unwrap().1).unwrap()
}

/// The pieces of `text` that stand between `start` and the next `end`.
fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split_once(end)).map(|(piece, _)| piece)
}
