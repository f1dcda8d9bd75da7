//! The body of `POST /api/verification/link/{id}/send`.

use poem_openapi::Object;
use serde::Deserialize;

use super::fields::Fields;
use super::problem::Problem;
use crate::domain::mail::{EmailAddress, Phone};
use crate::flows::send::Way;

/// How a link is to be sent: `email`, or `phone`, or neither for endpoints that know where to.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct SendLink {
    /// The customer's email address, as your records have it. It is remembered: whoever has it is
    /// told when a passkey of the customer's comes or goes.
    email: Option<String>,
    /// The customer's telephone number, for your own gateway.
    phone: Option<String>,
}

impl SendLink {
    /// # Errors
    /// `validation` with everything that is wrong.
    pub(super) fn parse(self) -> Result<Way, Problem> {
        let mut fields = Fields::default();
        if self.email.is_some() && self.phone.is_some() {
            fields.wrong("phone", "is for sending without email: give one of the two");
        }
        let email = fields.read("email", self.email, EmailAddress::parse);
        let phone = fields.read("phone", self.phone, Phone::parse);
        fields.finish()?;
        Ok(email.map_or(Way::Gateway(phone), Way::Mail))
    }
}
