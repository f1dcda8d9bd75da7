use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn generated_secrets_are_kept_for_the_owner_and_survive_a_restart() {
    let machine = Machine::with(&[("CRM_WEBHOOK_URL", "http://127.0.0.1:9900/crm")]);
    let (first, second) = (machine.config(), machine.config());
    assert_eq!(first.tokens, second.tokens);
    assert_eq!(first.webhook, second.webhook);
    assert_eq!(first.webhook.unwrap().secret.expose().len(), 43);
    for name in ["data/jwt-secret", "data/webhook-secret"] {
        let meta = fs::metadata(machine.home.path().join(name)).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let kept = fs::read_to_string(machine.home.path().join("data/webhook-secret")).unwrap();
    assert!(kept.starts_with("whsec_"));
}

#[test]
fn nothing_is_generated_for_a_configuration_with_problems() {
    let machine = Machine::with(&[("PORT", "eighty")]);
    assert_eq!(machine.refused(), ["PORT"]);
    assert!(!machine.home.path().join("data").exists());
}

#[test]
fn a_variable_can_be_read_from_a_file() {
    let mut machine = Machine::public(&[("JWT_SECRET", "")]);
    let path = machine.file("jwt", &format!("{JWT}\n"));
    machine.variables.push(("JWT_SECRET_FILE".into(), path));
    let path = machine.file("port", "9000\r\n");
    machine.variables.push(("PORT_FILE".into(), path));
    let config = machine.config();
    assert_eq!(config.tokens.secrets, [Secret::from(JWT)]);
    assert_eq!(config.http.port, 9000);
}

#[test]
fn a_variable_and_its_file_cannot_both_be_set() {
    let machine = Machine::public(&[("JWT_SECRET_FILE", "/run/secrets/jwt")]);
    assert!(machine.problem().starts_with("JWT_SECRET: is set together with JWT_SECRET_FILE"));
}

#[test]
fn a_secret_written_where_its_file_belongs_is_not_shown() {
    let machine = Machine::public(&[("JWT_SECRET", ""), ("JWT_SECRET_FILE", JWT)]);
    let problem = machine.problem();
    assert!(problem.starts_with("JWT_SECRET_FILE: names a file that cannot be read"), "{problem}");
    assert!(!problem.contains(JWT), "{problem}");
}

#[test]
fn a_file_that_holds_nothing_is_refused() {
    let mut machine = Machine::public(&[("JWT_SECRET", "")]);
    let path = machine.file("jwt", "\n");
    machine.variables.push(("JWT_SECRET_FILE".into(), path));
    assert_eq!(machine.refused(), ["JWT_SECRET_FILE"]);
}

#[test]
fn a_public_origin_needs_a_strong_jwt_secret() {
    let known = format!("{JWT},change-me-change-me-change-me-change-me");
    let six = [JWT; 6].join(",");
    for weak in
        ["", "short", &"x".repeat(64), &known, &six, &format!("{JWT},"), &format!("{JWT},{JWT}")]
    {
        let refused = Machine::public(&[("JWT_SECRET", weak)]).refused();
        assert!(!refused.is_empty() && refused.iter().all(|name| name == "JWT_SECRET"), "{weak}");
    }
}

#[test]
fn jwt_secrets_are_a_list_whose_order_stays() {
    let other = "0fK2mQ8xT5bV1nR7zL4wC9hJ3gD6sA0pYeUiOqXkM";
    let list = format!("{JWT}, {other}");
    let config = Machine::public(&[("JWT_SECRET", &list)]).config();
    assert_eq!(config.tokens.secrets, [Secret::from(JWT), Secret::from(other)]);
}

#[test]
fn a_weak_jwt_secret_is_good_enough_for_localhost_with_a_warning() {
    let config = Machine::with(&[("JWT_SECRET", "secret")]).config();
    assert_eq!(config.tokens.secrets, [Secret::from("secret")]);
    assert_eq!(config.warnings.len(), 1);
}

#[test]
fn a_public_origin_needs_a_webhook_secret_with_its_webhook() {
    let url = ("CRM_WEBHOOK_URL", "https://crm.example.com/hook");
    assert_eq!(Machine::public(&[url]).refused(), ["CRM_WEBHOOK_SECRET"]);
    let webhook = Machine::public(&[url, ("CRM_WEBHOOK_SECRET", HOOK)]).config().webhook.unwrap();
    assert_eq!(webhook.secret, Secret::from(HOOK));
}

#[test]
fn one_secret_does_not_serve_two_purposes() {
    let machine = Machine::public(&[
        ("CRM_WEBHOOK_URL", "https://crm.example.com/hook"),
        ("CRM_WEBHOOK_SECRET", JWT),
    ]);
    assert!(machine.problem().contains("has the same value as JWT_SECRET"));
}

#[test]
fn a_bootstrap_key_has_32_characters_or_more() {
    assert!(Machine::public(&[("BOOTSTRAP_API_KEY", HOOK)]).problem().contains("32"));
    let spaced = "with spaces that no header could carry";
    assert_eq!(Machine::public(&[("BOOTSTRAP_API_KEY", spaced)]).refused(), ["BOOTSTRAP_API_KEY"]);
    let key = "bench-staff-key-0123456789-0123456789";
    let config = Machine::public(&[("BOOTSTRAP_API_KEY", key)]).config();
    assert_eq!(config.bootstrap_api_key, Some(Secret::from(key)));
}

#[test]
fn the_summary_names_every_variable_and_no_secret() {
    let config = Machine::public(&[
        ("CRM_WEBHOOK_URL", "https://crm.example.com/hook?zapikey=hush-hush"),
        ("CRM_WEBHOOK_SECRET", HOOK),
        ("CRM_WEBHOOK_TOKEN", "hush-hush-token"),
        ("BOOTSTRAP_API_KEY", "hush-hush-0123456789-0123456789-0123456789"),
    ])
    .config();
    let summary = config.summary();
    for variable in variables::all() {
        let line = summary.lines().find(|line| line.starts_with(&format!("{} ", variable.name)));
        let shown = line.map(|line| line.trim_start_matches(variable.name).trim());
        assert!(shown.is_some_and(|shown| !shown.is_empty()), "{}", variable.name);
    }
    for text in [summary, format!("{config:?}")] {
        assert!(
            !text.contains("hush-hush") && !text.contains(JWT) && !text.contains(HOOK),
            "{text}"
        );
    }
}

#[test]
fn looking_only_needs_no_folder() {
    let home = tempfile::tempdir().unwrap();
    let data = DataFolder::look_only(home.path().join("data"), &SystemRandom);
    Config::from_env(&Source::default(), &data).unwrap();
    assert!(!data.path().exists());
}
