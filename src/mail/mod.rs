//! How mails go out: what they say ([`letter`]), as messages that mail readers and filters take
//! ([`message`]), handed to one mail server ([`mailer`]). The only place that names lettre.

pub mod alert;
pub mod letter;
pub mod mailer;
mod message;
