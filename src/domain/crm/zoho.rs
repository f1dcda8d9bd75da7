//! Zoho CRM: a Deluge function, and the REST API of version 8.

use serde_json::Value;

use super::super::endpoint::EndpointUrl;
use super::super::secret::Secret;
use super::super::verdict::words;
use super::mapping::Mapping;
use super::reader::{Reader, is_name};
use super::record::{Form, Ids, Record, is_word};

words! {
    /// How a function is given the message.
    FunctionForm {
        /// As the request's body, which the function reads through `crmAPIRequest`.
        Json = "json",
        /// As the form field `arguments`, whose members are the function's arguments.
        Arguments = "arguments",
    }
}

/// A Deluge function. Its URL, key included, is the endpoint's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZohoFunction {
    pub form: FunctionForm,
}

impl ZohoFunction {
    pub(super) fn read(settings: &mut Reader<'_>) -> Self {
        let form = settings.word("form", FunctionForm::parse, &["json", "arguments"]);
        Self { form: form.unwrap_or(FunctionForm::Json) }
    }

    pub(super) fn check_url(url: &EndpointUrl) -> Result<(), &'static str> {
        let url = url.expose();
        if !url.path().ends_with("/actions/execute") {
            return Err("must be the function's REST URL, which ends in /actions/execute");
        }
        let has =
            |name: &str| url.query_pairs().any(|(key, value)| key == name && !value.is_empty());
        if !has("zapikey") {
            return Err("must carry the function's key: ?auth_type=apikey&zapikey=...");
        }
        if !url.query_pairs().any(|(key, value)| key == "auth_type" && value == "apikey") {
            return Err("must say auth_type=apikey");
        }
        Ok(())
    }
}

words! {
    /// Where Zoho keeps an organisation's data: it is unknown everywhere else.
    DataCentre {
        UnitedStates = "us",
        Europe = "eu",
        India = "in",
        Australia = "au",
        Japan = "jp",
        China = "cn",
        Canada = "ca",
        SaudiArabia = "sa",
    }
}

impl DataCentre {
    /// The host that gives access tokens.
    #[must_use]
    pub const fn accounts(self) -> &'static str {
        match self {
            Self::UnitedStates => "accounts.zoho.com",
            Self::Europe => "accounts.zoho.eu",
            Self::India => "accounts.zoho.in",
            Self::Australia => "accounts.zoho.com.au",
            Self::Japan => "accounts.zoho.jp",
            Self::China => "accounts.zoho.com.cn",
            Self::Canada => "accounts.zohocloud.ca",
            Self::SaudiArabia => "accounts.zoho.sa",
        }
    }

    /// The domain of the API's hosts.
    #[must_use]
    pub const fn api(self) -> &'static str {
        match self {
            Self::UnitedStates => "zohoapis.com",
            Self::Europe => "zohoapis.eu",
            Self::India => "zohoapis.in",
            Self::Australia => "zohoapis.com.au",
            Self::Japan => "zohoapis.jp",
            Self::China => "zohoapis.com.cn",
            Self::Canada => "zohoapis.ca",
            Self::SaudiArabia => "zohoapis.sa",
        }
    }
}

/// Zoho CRM's REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZohoCrm {
    pub api: EndpointUrl,
    pub accounts: EndpointUrl,
    pub client_id: Secret,
    pub client_secret: Secret,
    pub refresh_token: Secret,
    /// Whose `modules` are API names: they stand in URLs.
    pub record: Record,
}

const MODULES_MOST: usize = 10;

impl ZohoCrm {
    pub(super) fn read(settings: &mut Reader<'_>, credentials: &mut Reader<'_>) -> Option<Self> {
        let words: Vec<_> = DataCentre::ALL.iter().map(|word| word.as_str()).collect();
        let centre = settings.word("data_centre", DataCentre::parse, &words);
        let sandbox = settings.flag("sandbox", false);
        let (api, accounts) = (settings.origin("base_url"), settings.origin("accounts_url"));
        if centre.is_none() && settings.member("data_centre").is_none() {
            // A data centre that is not listed is named by both of its addresses.
            if api.is_none() || accounts.is_none() {
                settings.refuse("data_centre", &format!("is required: {}", words.join(", ")));
            }
        }
        let own = |host: String| EndpointUrl::parse(&format!("https://{host}/")).ok();
        let www = if sandbox { "sandbox" } else { "www" };
        let api = api.or_else(|| own(format!("{www}.{}", centre?.api())));
        let accounts = accounts.or_else(|| own(centre?.accounts().to_owned()));

        let usual = Mapping::usual("Identity_Verified", "Identity_Verified_At", "Verification_Id");
        let fields = Mapping::read(settings, "fields", is_word, Some(usual));
        let modules = modules(settings);
        let client_id = credentials.secret("client_id");
        let client_secret = credentials.secret("client_secret");
        let refresh_token = credentials.secret("refresh_token");
        Some(Self {
            api: api?,
            accounts: accounts?,
            client_id: client_id?,
            client_secret: client_secret?,
            refresh_token: refresh_token?,
            record: Record {
                modules: modules?,
                ids: Ids::Digits,
                fields: fields?,
                form: Form::JsonOffset,
            },
        })
    }
}

fn modules(settings: &mut Reader<'_>) -> Option<Vec<String>> {
    let Some(value) = settings.member("modules") else {
        return Some(vec!["Contacts".to_owned()]);
    };
    let names = value.as_array().map(|names| names.iter().map(Value::as_str));
    let names: Option<Vec<&str>> = names.and_then(Iterator::collect);
    match names {
        Some(names)
            if (1..=MODULES_MOST).contains(&names.len())
                && names.iter().all(|name| is_name(name)) =>
        {
            Some(names.into_iter().map(str::to_owned).collect())
        }
        _ => {
            settings.refuse(
                "modules",
                "must be a list of 1 to 10 API names, such as [\"Contacts\", \"Leads\"]",
            );
            None
        }
    }
}
