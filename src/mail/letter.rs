//! What a mail says: briefly, in the customer's language, with no name of theirs and no reason in
//! it. Only the mail with a link holds a URL; notices hold none, so that nobody learns to follow
//! links in mails that frighten.

use askama::Template;

use crate::domain::clock::Timestamp;
use crate::domain::text::Line;
use crate::words::{Html, Lang, Words};

/// A mail's texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
    pub lang: Lang,
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The customer's link.
    Link { short_url: String },
    /// A passkey was added then.
    PasskeyAdded(Timestamp),
    /// A passkey was removed then.
    PasskeyRemoved(Timestamp),
    /// An authenticator app was set up then.
    AppAdded(Timestamp),
    /// The authenticator app was removed then.
    AppRemoved(Timestamp),
    /// This address was taken off then: it is told of nothing more.
    ContactRemoved(Timestamp),
}

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    pub name: Line<64>,
    /// Where customers call for help, if it is known.
    pub phone: Option<String>,
}

/// A mail could not be written, which is a defect of its template.
#[derive(Debug, thiserror::Error)]
#[error("a mail could not be written")]
pub struct Unwritten(#[from] askama::Error);

#[derive(Template)]
#[template(path = "mail/mail.html")]
struct Page<'a> {
    lang: &'static str,
    direction: &'static str,
    subject: &'a str,
    paragraphs: Vec<Paragraph<'a>>,
    automatic: Html,
}

enum Paragraph<'a> {
    Text(Html),
    Link { url: &'a str, label: Html },
}

impl Occasion {
    /// When what a notice tells of happened.
    const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Link { .. } => None,
            Self::PasskeyAdded(at)
            | Self::PasskeyRemoved(at)
            | Self::AppAdded(at)
            | Self::AppRemoved(at)
            | Self::ContactRemoved(at) => Some(*at),
        }
    }
}

impl Letter {
    /// # Errors
    /// [`Unwritten`].
    pub fn write(lang: Lang, company: &Company, occasion: &Occasion) -> Result<Self, Unwritten> {
        let mut words = Words::new(lang).name("company", company.name.as_str());
        if let Some(phone) = &company.phone {
            words = words.name("phone", phone.as_str());
        }
        let not_you = match company.phone {
            Some(_) => "mail-not-you-phone",
            None => "mail-not-you",
        };
        if let Some(at) = occasion.at() {
            let moment = words.moment(at);
            words = words.name("moment", moment);
        }
        let told = |subject, intro| (subject, vec![intro, not_you, NEVER]);
        let (subject, keys) = match occasion {
            Occasion::Link { .. } => (
                "mail-link-subject",
                vec!["mail-link-intro", LINK, "mail-link-once", "mail-link-unexpected", NEVER],
            ),
            Occasion::PasskeyAdded(_) => told("mail-added-subject", "mail-added-intro"),
            Occasion::PasskeyRemoved(_) => told("mail-removed-subject", "mail-removed-intro"),
            Occasion::AppAdded(_) => told("mail-app-added-subject", "mail-app-added-intro"),
            Occasion::AppRemoved(_) => told("mail-app-removed-subject", "mail-app-removed-intro"),
            Occasion::ContactRemoved(_) => told("mail-contact-subject", "mail-contact-intro"),
        };
        let url = match occasion {
            Occasion::Link { short_url } => short_url.as_str(),
            Occasion::PasskeyAdded(_)
            | Occasion::PasskeyRemoved(_)
            | Occasion::AppAdded(_)
            | Occasion::AppRemoved(_)
            | Occasion::ContactRemoved(_) => "",
        };
        // A subject is read alone; marks of direction in it would only show as boxes.
        let subject = bare(&words.text(subject));
        let automatic = "mail-automatic";
        let plain = |key: &&str| if *key == LINK { url.to_owned() } else { words.text(key) };
        let text = keys.iter().chain([&automatic]).map(plain).collect::<Vec<_>>().join("\n\n");
        let paragraph = |key: &str| match key {
            LINK => Paragraph::Link { url, label: words.html("mail-link-open") },
            key => Paragraph::Text(words.html(key)),
        };
        let page = Page {
            lang: lang.as_str(),
            direction: lang.direction(),
            subject: &subject,
            paragraphs: keys.iter().map(|key| paragraph(key)).collect(),
            automatic: words.html(automatic),
        };
        let html = page.render()?;
        Ok(Self { text: format!("{text}\n"), html, subject, lang })
    }
}

/// Stands for the URL among the texts' keys.
const LINK: &str = "mail-link-open";
const NEVER: &str = "mail-never-asks";

pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://verify.example.com/l/0123456789abcdefghjkmnpqrs";

    fn letters(company: &Company) -> Vec<(Occasion, Letter)> {
        let at = Timestamp::from_millis(1_795_255_200_000);
        let occasions = [
            Occasion::Link { short_url: URL.to_owned() },
            Occasion::PasskeyAdded(at),
            Occasion::PasskeyRemoved(at),
            Occasion::AppAdded(at),
            Occasion::AppRemoved(at),
            Occasion::ContactRemoved(at),
        ];
        let mut letters = Vec::new();
        for lang in Lang::ALL {
            for occasion in &occasions {
                let letter = Letter::write(*lang, company, occasion).unwrap();
                letters.push((occasion.clone(), letter));
            }
        }
        letters
    }

    fn company(name: &str, phone: Option<&str>) -> Company {
        Company { name: Line::parse(name).unwrap(), phone: phone.map(str::to_owned) }
    }

    #[test]
    fn every_letter_in_every_language_says_who_writes_and_only_the_links_mail_holds_a_url() {
        for (occasion, letter) in letters(&company("Example Bank", Some("+1 202 555 0123"))) {
            let Letter { subject, text, html, lang } = &letter;
            assert!(subject.contains("Example Bank") && subject.len() < 150, "{subject}");
            assert!(text.contains("Example Bank") && !text.contains("mail-"), "{text}");
            assert!(html.contains("<bdi>Example Bank</bdi>") && !html.contains(">mail-"), "{html}");
            assert!(html.contains(&format!("lang=\"{}\"", lang.as_str())));
            assert!(html.contains(&format!("dir=\"{}\"", lang.direction())));
            let urls = usize::from(matches!(occasion, Occasion::Link { .. }));
            assert_eq!(text.matches("http").count(), urls, "{text}");
            assert_eq!(html.matches("href").count(), urls, "{html}");
            assert_eq!(html.matches(URL).count(), 2 * urls, "{html}");
            for foreign in ["<img", "<script", "<link", "src=", "url(", "@import"] {
                assert!(!html.contains(foreign), "{foreign}: {html}");
            }
            assert_eq!(text.contains("+1 202 555 0123"), urls == 0, "{text}");
        }
    }

    #[test]
    fn a_companys_name_cannot_write_html_into_its_mails() {
        for (_, letter) in letters(&company("<b>A & \"B\"</b>", None)) {
            assert!(!letter.html.contains("<b>A &"), "{}", letter.html);
            assert!(letter.html.contains("&#60;b&#62;A &#38;"), "{}", letter.html);
        }
    }

    #[test]
    fn no_letter_speaks_of_biometrics() {
        for (_, letter) in letters(&company("Example", None)) {
            let text = letter.text.to_lowercase();
            for word in ["biometr", "fingerprint", "face id", "touch id"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
}
