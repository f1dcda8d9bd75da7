use serde_json::{Map, Value, json};

use super::super::clock::Timestamp;
use super::super::endpoint::{EndpointUrl, Kind};
use super::super::event::EventType;
use super::{Connection, Fit, Form, News, Problem, Record};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}

fn parse(kind: Kind, settings: Value, credentials: Value) -> Result<Connection, Vec<Problem>> {
    Connection::parse(kind, &object(settings), &object(credentials))
}

fn paths(kind: Kind, settings: Value, credentials: Value) -> Vec<String> {
    let problems = parse(kind, settings, credentials).unwrap_err();
    let mut paths: Vec<_> = problems.into_iter().map(|(path, _)| path).collect();
    paths.sort();
    paths
}

fn zoho_login() -> Value {
    json!({"client_id": "1000.ABC", "client_secret": "s3cret-of-zoho", "refresh_token": "1000.r"})
}

fn salesforce_login() -> Value {
    json!({"client_id": "3MVG9.key", "client_secret": "s3cret-of-salesforce"})
}

#[test]
fn little_is_needed_to_connect() {
    for (kind, settings, credentials, shown) in [
        (Kind::Standard, json!({}), json!({}), None),
        (Kind::ZohoFunction, json!({}), json!({}), None),
        (
            Kind::ZohoCrm,
            json!({"data_centre": "eu"}),
            zoho_login(),
            Some("https://www.zohoapis.eu"),
        ),
        (
            Kind::ZohoCrm,
            json!({"data_centre": "in", "sandbox": true, "modules": ["Leads", "Contacts"]}),
            zoho_login(),
            Some("https://sandbox.zohoapis.in"),
        ),
        (
            Kind::Hubspot,
            json!({}),
            json!({"access_token": "pat-eu1-x"}),
            Some("https://api.hubapi.com"),
        ),
        (
            Kind::Salesforce,
            json!({"domain": "acme--uat.sandbox"}),
            salesforce_login(),
            Some("https://acme--uat.sandbox.my.salesforce.com"),
        ),
        (
            Kind::Pipedrive,
            json!({"fields": {"0123456789abcdef0123456789abcdef01234567": "verified",
                              "1123456789abcdef0123456789abcdef01234567": "verified_at"}}),
            json!({"api_token": "x"}),
            Some("https://api.pipedrive.com"),
        ),
        (
            Kind::Zendesk,
            json!({"subdomain": "acme"}),
            json!({"email": "a@example.com", "api_token": "x"}),
            Some("https://acme.zendesk.com"),
        ),
        (
            Kind::Freshdesk,
            json!({"domain": "acme"}),
            json!({"api_key": "x"}),
            Some("https://acme.freshdesk.com"),
        ),
    ] {
        let connection = parse(kind, settings, credentials).unwrap();
        assert_eq!(connection.kind(), kind);
        assert_eq!(connection.shown_url().as_deref(), shown);
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_path() {
    for (kind, settings, credentials, expected) in [
        (
            Kind::Standard,
            json!({"form": "json"}),
            json!({"token": "x"}),
            &["credentials.token", "settings.form"][..],
        ),
        (Kind::ZohoFunction, json!({"form": "xml"}), json!({}), &["settings.form"]),
        (
            Kind::ZohoCrm,
            json!({"module": "Contacts"}),
            json!({"client_id": ""}),
            &[
                "credentials.client_id",
                "credentials.client_secret",
                "credentials.refresh_token",
                "settings.data_centre",
                "settings.module",
            ],
        ),
        (
            Kind::ZohoCrm,
            json!({"data_centre": "mars", "modules": ["../Contacts"], "sandbox": "yes"}),
            zoho_login(),
            &["settings.data_centre", "settings.modules", "settings.sandbox"],
        ),
        (
            Kind::Hubspot,
            json!({"object": "contacts/1", "base_url": "https://proxy.example.com/path"}),
            json!({"access_token": "two words"}),
            &["credentials.access_token", "settings.base_url", "settings.object"],
        ),
        (
            Kind::Salesforce,
            json!({"domain": "evil.example.com/", "api_version": "67", "event": "Identity__c"}),
            salesforce_login(),
            &["settings.api_version", "settings.domain", "settings.event"],
        ),
        (
            Kind::Salesforce,
            json!({"write_record": false}),
            json!({}),
            &[
                "credentials.client_id",
                "credentials.client_secret",
                "settings.domain",
                "settings.write_record",
            ],
        ),
        (Kind::Pipedrive, json!({}), json!({"api_token": "x"}), &["settings.fields"]),
        (
            Kind::Zendesk,
            json!({"subdomain": "acme.evil"}),
            json!({"email": "a@example.com"}),
            &["credentials.api_token", "settings.subdomain"],
        ),
        (
            Kind::Freshdesk,
            json!({}),
            json!({"api_key": 7}),
            &["credentials.api_key", "settings.domain"],
        ),
    ] {
        assert_eq!(paths(kind, settings.clone(), credentials), expected, "{kind} {settings}");
    }
}

#[test]
fn a_mapping_must_say_when_and_not_only_whether() {
    let paths = |fields: Value| {
        let settings = json!({"fields": fields});
        match parse(Kind::Hubspot, settings, json!({"access_token": "x"})) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|(path, _)| path).collect(),
        }
    };
    assert!(paths(json!({"checked": "verified", "checked_on": "verified_on"})).is_empty());
    for (fields, path) in [
        (json!({}), "settings.fields"),
        (json!({"checked": "verified"}), "settings.fields"),
        (json!({"checked_at": "verified_at"}), "settings.fields"),
        (json!({"a": "verified", "b": "verified_at", "c": "colour"}), "settings.fields.c"),
        (json!({"a": "verified", "b": "verified_at", "c": 7}), "settings.fields.c"),
        (json!({"a": "verified", "b": "verified_at", "Id": "reference"}), "settings.fields.Id"),
        (json!({"a": "verified", "b": "verified_at", "a.b": "reason"}), "settings.fields.a.b"),
        (json!(["verified"]), "settings.fields"),
    ] {
        assert_eq!(paths(fields.clone()), [path], "{fields}");
    }
}

#[test]
fn a_function_is_addressed_by_its_rest_url() {
    let function = parse(Kind::ZohoFunction, json!({}), json!({})).unwrap();
    let check = |url: &str| function.check_url(&EndpointUrl::parse(url).unwrap());
    let base = "https://www.zohoapis.eu/crm/v7/functions/vouchlink/actions/execute";
    assert_eq!(check(&format!("{base}?auth_type=apikey&zapikey=1003.a.b")), Ok(()));
    for url in [
        base.to_owned(),
        format!("{base}?auth_type=apikey&zapikey="),
        format!("{base}?auth_type=oauth&zapikey=1003.a.b"),
        "https://www.zohoapis.eu/crm/v7/functions?auth_type=apikey&zapikey=1".to_owned(),
    ] {
        assert!(check(&url).is_err(), "{url}");
    }
}

#[test]
fn credentials_do_not_show_themselves() {
    let zoho = parse(Kind::ZohoCrm, json!({"data_centre": "us"}), zoho_login()).unwrap();
    let desk = json!({"email": "a@example.com", "api_token": "s3cret-of-zendesk"});
    let desk = parse(Kind::Zendesk, json!({"subdomain": "acme"}), desk).unwrap();
    let shown = format!("{zoho:?} {desk:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("1000."), "{shown}");
}

#[test]
fn a_record_hears_verdicts_only() {
    let hubspot = parse(Kind::Hubspot, json!({}), json!({"access_token": "x"})).unwrap();
    assert!(hubspot.takes(EventType::Lapsed));
    assert!(!hubspot.takes(EventType::CredentialBound));
    assert!(Connection::Standard.takes(EventType::CredentialBound));
}

const NOW: Timestamp = Timestamp::from_millis(1_795_255_200_000); // 2026-11-21T10:00:00Z

fn record() -> Record {
    let fields = json!({"ok": "verified", "at": "verified_at", "day": "verified_on",
                        "id": "verification_id", "until": "verified_until", "level": "assurance",
                        "how": "status", "nr": "sequence"});
    let fields: Map<_, _> =
        object(fields).into_iter().map(|(name, fact)| (format!("f_{name}"), fact)).collect();
    let settings = json!({"fields": fields});
    match parse(Kind::Hubspot, settings, json!({"access_token": "x"})).unwrap() {
        Connection::Hubspot(hubspot) => hubspot.record,
        other => panic!("{other:?}"),
    }
}

fn body(verified: bool, data: &Value) -> String {
    json!({"type": "verification.verified", "timestamp": "2026-11-21T09:59:00Z", "user_id": "7",
           "verified": verified, "ts": 1, "data": data})
    .to_string()
}

fn told(verified: bool, data: &Value, form: Form) -> Value {
    let news = News::read(&body(verified, data), NOW).unwrap();
    Value::Object(news.fields(&record().fields, form))
}

fn success() -> Value {
    json!({"link_id": "lnk_1", "status": "verified", "reason": "ok", "assurance": 2,
           "verified_at": "2026-11-21T09:59:00Z", "verified_until": "2026-11-21T10:59:00Z",
           "sequence": 7, "crm": {"module": "Contacts", "record_id": "42"}})
}

#[test]
fn a_verification_is_told_in_each_crms_form() {
    assert_eq!(
        told(true, &success(), Form::Json),
        json!({"f_ok": true, "f_at": "2026-11-21T09:59:00Z", "f_day": "2026-11-21", "f_id": "lnk_1",
               "f_until": "2026-11-21T10:59:00Z", "f_level": 2, "f_how": "verified", "f_nr": 7})
    );
    let offset = told(true, &success(), Form::JsonOffset);
    assert_eq!(offset["f_at"], "2026-11-21T09:59:00+00:00");
    let texts = told(true, &success(), Form::Texts);
    assert_eq!((&texts["f_ok"], &texts["f_level"]), (&json!("true"), &json!("2")));
    assert!(texts.as_object().unwrap().values().all(Value::is_string));
}

#[test]
fn no_fact_of_a_verification_stands_beside_a_false() {
    let declined = json!({"link_id": "lnk_2", "status": "declined", "verified_at": null,
                          "verified_until": null, "sequence": 8});
    let expected = json!({"f_ok": false, "f_at": null, "f_day": null, "f_id": "lnk_2",
                          "f_until": null, "f_level": null, "f_how": "declined", "f_nr": 8});
    assert_eq!(told(false, &declined, Form::Json), expected);
    assert_eq!(told(false, &declined, Form::Texts)["f_at"], "");

    // Neither when the event knows one: it lapsed, or its passkey was revoked a minute later.
    let lapsed = told(false, &success(), Form::Json);
    assert_eq!((&lapsed["f_ok"], &lapsed["f_at"]), (&json!(false), &Value::Null));
}

#[test]
fn another_link_that_merely_ends_leaves_the_verification_as_it_is() {
    let expired = json!({"link_id": "lnk_3", "status": "expired", "verified_at": null,
                         "verified_until": null, "sequence": 9});
    assert_eq!(
        told(true, &expired, Form::Json),
        json!({"f_ok": true, "f_how": "expired", "f_nr": 9})
    );
}

#[test]
fn an_old_verification_that_is_sent_again_opens_nothing() {
    let mut late = success();
    for until in ["2026-11-21T10:00:00Z", "2026-11-20T10:00:00Z", "soon"] {
        late["verified_until"] = json!(until);
        let told = told(true, &late, Form::Json);
        assert_eq!((&told["f_ok"], &told["f_at"]), (&json!(false), &Value::Null), "{until}");
    }
}

#[test]
fn what_is_no_verdict_cannot_be_told() {
    for body in ["", "{}", r#"{"type":"credential.bound","user_id":"7","data":{}}"#] {
        assert!(News::read(body, NOW).is_err(), "{body}");
    }
}

#[test]
fn a_record_of_another_crm_is_never_written() {
    let fit = |crm: Value| {
        let mut data = success();
        data["crm"] = crm;
        match News::read(&body(true, &data), NOW).unwrap().fit(&record()) {
            Fit::Record { .. } => "fits",
            Fit::Unnamed => "unnamed",
            Fit::Elsewhere { .. } => "elsewhere",
            Fit::NoId => "no id",
        }
    };
    assert_eq!(fit(json!({"module": "contacts", "record_id": "42"})), "fits");
    assert_eq!(fit(json!({"module": "Leads", "record_id": "42"})), "elsewhere");
    assert_eq!(fit(json!(null)), "unnamed");
    for id in ["", "4/2", "42?x", "..", "４２", "123456789012345678901"] {
        assert_eq!(fit(json!({"module": "contacts", "record_id": id})), "no id", "{id}");
    }
}
