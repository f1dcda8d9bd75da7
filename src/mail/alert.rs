//! What an alert says: to operators, in English, with nothing secret and no URL in it.

use askama::Template;

use super::letter::{Company, Letter, Unwritten, bare};
use crate::domain::alert::{Alert, Answer, News, Report};
use crate::domain::clock::Timestamp;
use crate::domain::delivery::Undelivered;
use crate::domain::endpoint::DisabledReason;
use crate::words::{Lang, Words};

#[derive(Template)]
#[template(path = "mail/alert.html")]
struct Page<'a> {
    subject: &'a str,
    sections: &'a [Section],
    footer: &'a str,
}

/// About one endpoint.
struct Section {
    title: String,
    paragraphs: Vec<String>,
    steps: Vec<Step>,
}

/// Something to do, on the command line or by the API.
struct Step {
    what: &'static str,
    command: String,
    route: String,
}

/// `origin` tells this installation from others of the same company.
///
/// # Errors
/// [`Unwritten`].
pub fn write(company: &Company, origin: &str, alert: &Alert) -> Result<Letter, Unwritten> {
    let place = origin.split_once("://").map_or(origin, |(_, host)| host);
    let subject = bare(&format!("{}: {}", company.name, subject(alert)));
    let sections: Vec<Section> = alert.endpoints.iter().map(section).collect();
    let footer = format!(
        "As of {}, at {place}. This mail was sent automatically to the addresses in ALERT_EMAIL; \
         nobody reads replies to it. What happens within a quarter of an hour is one mail.",
        moment(alert.at)
    );
    let html = Page { subject: &subject, sections: &sections, footer: &footer }.render()?;
    let text: Vec<String> = sections.iter().map(Section::text).chain([footer]).collect();
    Ok(Letter { subject, text: format!("{}\n", text.join("\n\n")), html, lang: Lang::En })
}

fn subject(alert: &Alert) -> String {
    match alert.endpoints.as_slice() {
        [one] => {
            let name = &one.name;
            match one.news {
                News::Failing => format!("webhooks to {name} fail"),
                News::Disabled => format!("{name} is disabled and gets no webhooks"),
                News::Undelivered => format!("webhooks did not arrive at {name}"),
                News::Recovered => format!("webhooks to {name} arrive again"),
            }
        }
        all => {
            let well = all.iter().filter(|report| report.news == News::Recovered).count();
            match (all.len().saturating_sub(well), well) {
                (0, well) => format!("webhooks to {well} endpoints arrive again"),
                (ill, 0) => format!("webhooks to {ill} endpoints do not arrive"),
                (ill, well) => {
                    format!("webhooks to {ill} endpoints do not arrive, to {well} again")
                }
            }
        }
    }
}

fn section(report: &Report) -> Section {
    let Report { news, endpoint, undelivered, .. } = report;
    let host = report.host.as_ref().map(|host| format!("{host}, ")).unwrap_or_default();
    let mut paragraphs = vec![happened(report), counted(*undelivered)];
    if *news != News::Recovered {
        let answers: Vec<String> = report.answers.iter().map(answered).collect();
        if !answers.is_empty() {
            paragraphs.push(format!("Last answers: {}.", answers.join("; ")));
        }
        if let Some(from) = report.disabled_from {
            paragraphs.push(format!(
                "If that goes on, the endpoint is disabled on {} at the soonest. What is meant for \
                 it is then held, not lost.",
                moment(from)
            ));
        }
        if let Some(remedy) = report.remedy() {
            paragraphs.push(format!("What helps: {}", remedy.sentence()));
        }
    }
    let mut steps = Vec::new();
    if *news != News::Recovered {
        steps.push(Step {
            what: "Try it",
            command: format!("vouchlink webhook test {endpoint}"),
            route: format!("POST /api/endpoints/{endpoint}/test"),
        });
    }
    if undelivered.held + undelivered.exhausted > 0 {
        steps.push(Step {
            what: match report.disabled {
                Some(_) => "When it is resumed, send again what did not arrive",
                None => "Send again what did not arrive",
            },
            command: format!("vouchlink webhook replay --endpoint {endpoint} --reason mended"),
            route: "POST /api/deliveries/replay".to_owned(),
        });
    }
    Section { title: format!("{} ({host}{endpoint})", report.name), paragraphs, steps }
}

fn happened(report: &Report) -> String {
    let since = report.since.map(|since| format!(" since {}", moment(since))).unwrap_or_default();
    let Report { attempts, endpoint, .. } = report;
    match (report.news, report.disabled) {
        (News::Failing, _) => {
            format!("It has taken nothing{since}: {attempts} attempts in a row failed.")
        }
        (News::Disabled, reason) => {
            let why = match reason {
                Some(DisabledReason::Gone) => {
                    "The receiver answered 410: it wants no more messages".to_owned()
                }
                Some(DisabledReason::Failing) | None => format!("It has taken nothing{since}"),
            };
            format!(
                "{why}. The endpoint is disabled: what is meant for it is held, not lost, until \
                 it is resumed (POST /api/endpoints/{endpoint}/resume, which sends a test first)."
            )
        }
        (News::Undelivered, _) => {
            "Something did not arrive there, and is not tried again by itself. Where it was a \
             verdict, the receiver does not know it."
                .to_owned()
        }
        (News::Recovered, _) => {
            "It takes messages again; what waits goes out by itself.".to_owned()
        }
    }
}

fn counted(Undelivered { waiting, held, exhausted }: Undelivered) -> String {
    let number = |count: u32| match count {
        Undelivered::MOST.. => format!("more than {}", Undelivered::MOST - 1),
        count => count.to_string(),
    };
    format!(
        "Messages that wait for their turn: {}; that are held until somebody sends them again: {}; \
         that were given up: {}.",
        number(waiting),
        number(held),
        number(exhausted)
    )
}

fn answered(answer: &Answer) -> String {
    let at = moment(answer.at);
    match answer.status {
        Some(status) => format!("{at}: {status} ({})", answer.class),
        None => format!("{at}: none ({})", answer.class),
    }
}

fn moment(at: Timestamp) -> String {
    Words::new(Lang::En).moment(at)
}

impl Section {
    fn text(&self) -> String {
        let steps = self
            .steps
            .iter()
            .map(|Step { what, command, route }| format!("{what}:\n  {command}\n  or {route}"));
        let parts = std::iter::once(self.title.clone()).chain(self.paragraphs.iter().cloned());
        parts.chain(steps).collect::<Vec<_>>().join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::delivery::Class;
    use crate::domain::id::EndpointId;
    use crate::domain::remedy::Remedy;
    use crate::domain::text::Line;

    const NOON: Timestamp = Timestamp::from_millis(1_795_255_200_000);

    fn report(news: News) -> Report {
        let disabled = (news == News::Disabled).then_some(DisabledReason::Failing);
        let answer = |status, class| Answer { at: NOON, class, status, remedy: Remedy::of(class) };
        Report {
            news,
            endpoint: EndpointId::from_bytes([7; 16]),
            name: "Zoho <b>orders</b>".to_owned(),
            host: Some("www.zohoapis.com".to_owned()),
            since: Some(NOON),
            attempts: 12,
            disabled,
            disabled_from: Some(NOON.plus(Duration::from_secs(7 * 86_400))),
            undelivered: Undelivered { waiting: 3, held: Undelivered::MOST, exhausted: 1 },
            answers: vec![answer(Some(401), Class::Config), answer(None, Class::Timeout)],
        }
    }

    fn letter(news: &[News]) -> Letter {
        let company = Company { name: Line::parse("Harbour Bank").unwrap(), phone: None };
        let endpoints = news.iter().map(|news| report(*news)).collect();
        write(&company, "https://verify.example.com", &Alert { at: NOON, endpoints }).unwrap()
    }

    #[test]
    fn a_failing_endpoint_is_named_with_what_happened_and_what_to_do() {
        let Letter { subject, text, html, .. } = letter(&[News::Failing]);
        assert_eq!(subject, "Harbour Bank: webhooks to Zoho <b>orders</b> fail");
        let id = EndpointId::from_bytes([7; 16]).to_string();
        for part in [
            &format!("Zoho <b>orders</b> (www.zohoapis.com, {id})"),
            "since November 21, 2026, 10:00 UTC: 12 attempts",
            "November 21, 2026, 10:00 UTC: 401 (config); November 21, 2026, 10:00 UTC: none (timeout)",
            "wait for their turn: 3; that are held until somebody sends them again: more than 10000; \
             that were given up: 1.",
            "disabled on November 28, 2026, 10:00 UTC at the soonest",
            Remedy::CheckReceiver.sentence(),
            &format!("vouchlink webhook test {id}"),
            &format!("vouchlink webhook replay --endpoint {id} --reason mended"),
            "at verify.example.com",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(html.contains("Zoho &#60;b&#62;orders") && !html.contains("<b>"), "{html}");
        assert!(html.contains(&format!("<code>vouchlink webhook test {id}</code>")), "{html}");
    }

    #[test]
    fn each_news_has_words_of_its_own_and_several_are_one_mail() {
        for (news, subject, said) in [
            (vec![News::Failing], "webhooks to Zoho", "taken nothing since"),
            (vec![News::Disabled], "is disabled", "/resume, which sends a test first"),
            (vec![News::Undelivered], "did not arrive", "not tried again by itself"),
            (vec![News::Recovered], "arrive again", "takes messages again"),
            (vec![News::Failing, News::Disabled], "to 2 endpoints do not", "12 attempts"),
            (
                vec![News::Failing, News::Recovered, News::Undelivered],
                "to 2 endpoints do not arrive, to 1 again",
                "takes messages again",
            ),
            (vec![News::Recovered; 2], "to 2 endpoints arrive again", "takes messages again"),
        ] {
            let letter = letter(&news);
            assert!(letter.subject.contains(subject), "{}", letter.subject);
            assert!(letter.text.contains(said), "{}", letter.text);
            assert_eq!(letter.html.matches("<h1").count(), news.len());
        }
        let well = letter(&[News::Recovered]).text;
        assert!(!well.contains("What helps") && !well.contains("webhook test"), "{well}");
    }

    #[test]
    fn nothing_in_it_can_be_followed() {
        let all: Vec<News> = News::ALL.to_vec();
        let Letter { text, html, .. } = letter(&all);
        for part in ["http", "href", "<img", "<script", "<link", "src=", "url("] {
            assert!(!text.contains(part) && !html.contains(part), "{part}");
        }
    }
}
