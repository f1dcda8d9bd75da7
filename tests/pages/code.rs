//! The page for codes of an authenticator app, and the way to it.

use vouchlink::domain::ceremony::Kind;
use vouchlink::http::pages::code::CodePage;
use vouchlink::http::pages::verify::VerifyPage;
use vouchlink::words::Lang;

use super::samples::{code, full, plain};
use super::{asset, between, keeps_to_what_pages_may_do, name_the_same, only_the_first_shows};

fn page(sample: VerifyPage<'_>) -> String {
    code(sample).render().unwrap()
}

#[test]
fn the_page_tells_who_asks_for_what_and_nothing_to_previews() {
    let html = page(full());
    assert!(html.contains("<title>Northwind Bank</title>"));
    assert!(html.contains(r#"<meta name="robots" content="noindex, nofollow">"#));
    let (head, body) = html.split_once("</head>").unwrap();
    for personal in ["Maya", "8841", "eyJ"] {
        assert!(!head.contains(personal), "previews learn too much: {personal}");
    }
    for text in [
        r#"data-token="eyJhbGciOiJIUzI1NiJ9.e30.c2ln" data-kind="authenticate" data-screen="direction" data-call="customer""#,
        "<b><bdi>Maya Levi</bdi></b> at <b><bdi>Northwind Bank</bdi></b> is asking you to confirm that it’s really you.",
        "Change the payout account of order 8841 to the one ending in 4402</blockquote>",
        r#"<dd><bdi id="reference">case-8841</bdi></dd>"#,
        "Did you call <bdi>Northwind Bank</bdi>, or did someone call you?",
        r#"<input class="code" id="call-code" type="text" inputmode="numeric" autocomplete="off""#,
        r#"<input class="code" id="app-code" type="text" inputmode="numeric" autocomplete="one-time-code""#,
        "Nobody at <bdi>Northwind Bank</bdi> will ask you to read it out.",
        r#"href="tel:+4930123456""#,
        r#"data-reason="called_by_stranger""#,
        r#"<a class="button quiet" href="/v/eyJhbGciOiJIUzI1NiJ9.e30.c2ln">Confirm in another way</a>"#,
        "<b>This page needs JavaScript.</b>",
    ] {
        assert!(body.contains(text), "missing: {text}");
    }
}

#[test]
fn the_page_is_without_what_its_link_does_not_have() {
    let html = page(plain());
    for absent in
        ["<dt>Reference", "data-call", "screen-direction", "<blockquote", "call-code", "tel:"]
    {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(html.contains(r#"data-screen="start""#));
    let same = page(VerifyPage { requester: "Northwind Bank", ..plain() });
    assert!(same.contains("<p><b><bdi>Northwind Bank</bdi></b> is asking you"));
}

#[test]
fn where_nothing_but_a_code_would_do_no_other_way_is_offered() {
    let other = "Confirm in another way";
    let html = CodePage { page: full(), only: true }.render().unwrap();
    let (start, rest) = html.split_once("id=\"screen-none\"").unwrap();
    assert!(!start.contains(other) && start.contains("id=\"screen-type\""));
    // Not even a code, in the end: the app was taken away meanwhile.
    assert!(rest.contains(other));
    assert_eq!(page(full()).matches(other).count(), 2);
}

#[test]
fn a_code_is_not_said_to_be_more_than_a_code() {
    for kind in [Kind::Register, Kind::Authenticate] {
        let html = page(VerifyPage { kind, ..full() });
        for claim in ["screen lock", "fingerprint", "Face ID", "passkey", "unlock"] {
            assert!(!html.contains(claim), "{claim}");
        }
        assert!(html.contains("Confirmed with a code from your app."));
        assert!(html.contains("Confirmed with a recovery code, which doesn’t work again."));
    }
}

#[test]
fn the_pages_script_is_small_and_keeps_to_what_pages_may_do() {
    let scripts = asset("ceremony.js").len() + asset("code.js").len();
    assert!(scripts < 15 * 1024, "{scripts} bytes");
    keeps_to_what_pages_may_do("code.js");
}

#[test]
fn the_pages_script_and_the_page_name_the_same_screens_actions_and_fields() {
    let html = page(full());
    name_the_same(&html, asset("code.js"));
    for field in ["call-code", "app-code", "recovery-code"] {
        assert!(asset("code.js").contains(&format!("\"{field}\": \"")), "{field}");
        assert!(html.contains(&format!(r#"id="{field}-error" role="alert""#)), "{field}");
    }
    let named = between(&html, "data-field=\"", "\"").filter(|field| !field.is_empty());
    assert_eq!(named.collect::<Vec<_>>(), ["call-code", "app-code", "recovery-code"]);
}

#[test]
fn only_the_first_screen_shows_and_each_can_take_the_focus() {
    only_the_first_shows(&page(full()));
}

#[test]
fn the_links_page_shows_one_way_to_codes_where_the_device_cannot_go_on() {
    let html = full().render().unwrap();
    let way = r#"<a class="button quiet" id="use-app" href="/v/eyJhbGciOiJIUzI1NiJ9.e30.c2ln/code">Use a code from an authenticator app</a>"#;
    assert_eq!(html.matches(way).count(), 1);
    // Its style sheet names the screens, which are there.
    let style = asset("stuck.css");
    for name in ["open", "phone", "lock", "no-passkey", "unable", "new-link"] {
        assert!(style.contains(&format!("[data-screen={name}]")), "{name}");
        assert!(html.contains(&format!("id=\"screen-{name}\"")), "{name}");
    }
    assert_eq!(style.matches("[data-screen").count(), 6);
    let without = VerifyPage { takes_codes: false, ..full() };
    assert!(!without.render().unwrap().contains("use-app"));
    for lang in Lang::ALL {
        let page =
            |takes_codes| VerifyPage { lang: *lang, takes_codes, ..full() }.render().unwrap();
        let grown = page(true).len() - page(false).len();
        assert!(grown < 350, "{lang:?}: {grown} bytes");
    }
}
