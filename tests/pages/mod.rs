//! Every page rendered from samples, and what holds for pages, styles and scripts alike.

mod code;
mod samples;

use std::collections::BTreeSet;
use std::path::PathBuf;

use vouchlink::domain::ceremony::Kind;
use vouchlink::domain::colour::Colour;
use vouchlink::http::pages::assets;
use vouchlink::http::pages::brand::Brand;
use vouchlink::http::pages::demo::DemoPage;
use vouchlink::http::pages::docs::DocsPage;
use vouchlink::http::pages::verify::{EndedPage, UnknownPage, VerifyPage};
use vouchlink::words::Lang;

use samples::{ENDS, LOCAL, PUBLIC, QR, full, openapi, pages, plain, webhooks};

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
        "<b><bdi>Maya Levi</bdi></b> at <b><bdi>Northwind Bank</bdi></b> is asking you to confirm that it’s really you.",
        "Change the payout account of order 8841 to the one ending in 4402</blockquote>",
        r#"<dd><bdi id="reference">case-8841</bdi></dd>"#,
        r#"<time id="expires" datetime="2026-11-21T10:00:00Z">November 21, 2026, 10:00 UTC</time>"#,
        "Did you call <bdi>Northwind Bank</bdi>, or did someone call you?",
        r#"data-screen="direction" data-call="customer""#,
        r#"<input id="code" type="text" inputmode="numeric""#,
        "You have 2 tries left.",
        r#"<a class="button" href="tel:+4930123456"><span>Call <bdi>Northwind Bank</bdi>: <bdi>+49 30 123 456</bdi></span></a>"#,
        "<b>This page needs JavaScript.</b>",
        "will never ask you for your PIN or a password",
    ] {
        assert!(body.contains(text), "missing: {text}");
    }
}

#[test]
fn what_is_not_known_leaves_no_trace_on_the_page() {
    let html = plain().render().unwrap();
    for absent in [
        "<dt>Reference",
        "data-call",
        "screen-direction",
        "<blockquote",
        "class=\"qr\"",
        "decline-stranger",
        "id=\"code\"",
        "tel:",
    ] {
        assert!(!html.contains(absent), "{absent}");
    }
    let same = VerifyPage { requester: "Northwind Bank", ..plain() }.render().unwrap();
    assert!(same.contains("<p><b><bdi>Northwind Bank</bdi></b> is asking you"));
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
        let page = EndedPage {
            company: "Northwind Bank",
            brand: Brand::default(),
            ended,
            at: None,
            reference: None,
            support_phone: None,
            lang: Lang::En,
        };
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
    let unknown = UnknownPage {
        support_phone: None,
        company: "Northwind Bank",
        brand: Brand::default(),
        lang: Lang::En,
    }
    .render()
    .unwrap();
    assert!(unknown.contains("<h1 tabindex=\"-1\">We don’t know this link</h1>"));
}

#[test]
fn no_page_claims_more_than_the_ceremony_proves() {
    for (name, html) in pages() {
        let text = html.to_lowercase();
        assert!(!text.contains("biometric") && !text.contains("identity verified"), "{name}");
    }
    assert!(plain().render().unwrap().contains(
        "Confirmed with this <span class=\"on-phone\">phone’s</span>\
             <span class=\"on-computer\">computer’s</span> screen lock."
    ));
}

#[test]
fn a_page_in_a_right_to_left_language_says_so() {
    let page = |lang| VerifyPage { lang, ..plain() }.render().unwrap();
    assert!(page(Lang::He).contains(r#"<html lang="he" dir="rtl">"#));
    assert!(page(Lang::En).contains(r#"<html lang="en" dir="ltr">"#));
}

#[test]
fn the_script_is_small_and_keeps_to_what_the_page_may_do() {
    let scripts: usize =
        ["ceremony.js", "device.js", "verify.js"].into_iter().map(|name| asset(name).len()).sum();
    assert!(scripts < 15 * 1024, "{scripts} bytes");
    for name in ["ceremony.js", "device.js", "verify.js", "me.js", "demo.js"] {
        keeps_to_what_pages_may_do(name);
    }
}

#[test]
fn the_dark_changes_colours_and_nothing_else() {
    let brand = vouchlink::http::pages::brand::style(Colour::parse("#0b6e4f").unwrap());
    let names = ["card.css", "demo.css", "docs.css", "door.css", "theme.css", "verify.css"];
    let (mut found, sheets) = (0, names.map(asset));
    for sheet in sheets.into_iter().chain([brand.as_str()]) {
        for block in sheet.split("@media (prefers-color-scheme:").skip(1) {
            let (scheme, rest) = block.split_once("){").unwrap();
            let (rule, end) = rest.split_once('}').unwrap();
            assert!(scheme.trim() == "dark" && end.trim_start().starts_with('}'), "{block}");
            let mut declarations = rule.strip_prefix(":root{").unwrap().split(';');
            assert!(declarations.all(|it| it.starts_with("--")), "{rule}");
            found += 1;
        }
    }
    assert!(found >= 2);
}

#[test]
fn the_script_and_the_page_name_the_same_screens_and_actions() {
    name_the_same(&full().render().unwrap(), asset("verify.js"));
}

#[test]
fn every_screen_but_the_first_is_hidden_and_can_take_the_focus() {
    only_the_first_shows(&full().render().unwrap());
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

#[test]
fn the_customers_templates_hold_no_words_of_their_own() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates/customer");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (start, end) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<", ">")] {
            while let Some((before, rest)) = text.split_once(start) {
                text = format!("{before}{}", rest.split_once(end).unwrap().1);
            }
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(
            !words.iter().any(|word| word.contains(char::is_alphabetic)),
            "{path:?}: {words:?}"
        );
    }
}

fn asset(name: &str) -> &'static str {
    std::str::from_utf8(assets::find(name).unwrap().1).unwrap()
}

/// The pieces of `text` that stand between `start` and the next `end`.
fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split_once(end)).map(|(piece, _)| piece)
}

fn keeps_to_what_pages_may_do(script: &str) {
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
        assert!(!asset(script).contains(forbidden), "{script} has {forbidden:?}");
    }
}

/// Together with what both of a link's pages share.
fn name_the_same(html: &str, script: &str) {
    let screens: BTreeSet<&str> = between(html, "id=\"screen-", "\"").collect();
    let scripts = [asset("ceremony.js"), script];
    let tables = scripts.iter().flat_map(|script| between(script, "const SCREEN_OF_", "}"));
    let named = tables.flat_map(|table| between(table, ": \"", "\""));
    let shown = scripts
        .iter()
        .flat_map(|script| between(script, "show(\"", "\""))
        .chain(between(html, "data-to=\"", "\""))
        .chain(named)
        .collect::<BTreeSet<_>>();
    assert!(shown.contains("success") && shown.contains("once-more"));
    assert_eq!(shown.difference(&screens).collect::<Vec<_>>(), Vec::<&&str>::new());
    for action in between(html, "data-do=\"", "\"").collect::<BTreeSet<_>>() {
        let known = [format!("\n{action}:"), format!("\n\"{action}\": ")];
        assert!(known.iter().any(|line| script.contains(line)), "no action {action:?}");
    }
}

fn only_the_first_shows(html: &str) {
    for screen in html.split("<section ").skip(1) {
        assert!(screen.contains("<h1 tabindex=\"-1\">"), "{screen}");
        let tag = screen.split_once('>').unwrap().0;
        assert_ne!(
            tag == "class=\"screen step\" id=\"screen-direction\"",
            tag.ends_with(" hidden"),
            "{tag}"
        );
    }
}
