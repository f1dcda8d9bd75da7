use super::*;

#[test]
fn the_default_origin_names_the_port() {
    assert_eq!(
        Machine::with(&[("PORT", "9000")]).config().relying_party.origin,
        "http://localhost:9000"
    );
    assert_eq!(Machine::with(&[("PORT", "80")]).config().relying_party.origin, "http://localhost");
}

#[test]
fn an_origin_is_written_as_browsers_write_it() {
    let cases = [
        ("https://verify.example.com/", "write ORIGIN=https://verify.example.com"),
        ("https://verify.example.com/path", "write ORIGIN=https://verify.example.com"),
        ("https://verify.example.com?q=1", "write ORIGIN=https://verify.example.com"),
        ("https://user@verify.example.com", "write ORIGIN=https://verify.example.com"),
        ("https://Verify.Example.com", "write ORIGIN=https://verify.example.com"),
        ("HTTPS://verify.example.com", "write ORIGIN=https://verify.example.com"),
        ("https://verify.example.com:443", "write ORIGIN=https://verify.example.com"),
        ("https://bücher.example", "write ORIGIN=https://xn--bcher-kva.example"),
        ("http://localhost:8080/", "write ORIGIN=http://localhost:8080"),
        ("http://verify.example.com", "is not https"),
        ("https://192.0.2.7", "IP address"),
        ("http://127.0.0.1:8080", "IP address"),
        ("https://[2001:db8::1]", "IP address"),
        ("https://intranet", "without a domain"),
        ("https://verify.example.com.", "dot"),
        ("verify.example.com", "is no origin"),
        ("ftp://verify.example.com", "must begin with https://"),
    ];
    for (origin, said) in cases {
        let problem = Machine::public(&[("ORIGIN", origin)]).problem();
        assert!(problem.starts_with("ORIGIN: ") && problem.contains(said), "{origin}: {problem}");
    }
    for origin in
        ["https://verify.example.com:8443", "http://localhost:8080", "http://app.localhost:8080"]
    {
        assert_eq!(Machine::public(&[("ORIGIN", origin)]).config().relying_party.origin, origin);
    }
}

#[test]
fn an_rp_id_is_the_origins_host_or_a_domain_above_it() {
    for id in ["verify.example.com", "example.com"] {
        assert_eq!(Machine::public(&[("RP_ID", id)]).config().relying_party.id, id);
    }
    for id in [
        "com",
        "other.com",
        "ample.com",
        "a.verify.example.com",
        "192.0.2.7",
        "localhost",
        "Example.com",
        "https://example.com",
        "example.com:443",
        "example.com.",
        ".example.com",
        "",
    ] {
        let machine = Machine::public(&[("RP_ID", if id.is_empty() { " " } else { id })]);
        assert_eq!(machine.refused(), ["RP_ID"], "{id}");
    }
    let suffix = Machine::public(&[("ORIGIN", "https://shop.co.uk"), ("RP_ID", "co.uk")]);
    assert!(suffix.problem().contains("public suffix"));
}
