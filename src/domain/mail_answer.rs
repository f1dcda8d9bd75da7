//! What a mail server's answer means, in words for staff: replies have codes (RFC 5321, section
//! 4.2) and many an enhanced one behind it (RFC 3463).

/// Why a mail was not taken, as a sentence without its full stop. What is no server's answer was
/// said by us, in words already.
#[must_use]
pub fn in_words(answer: &str) -> &str {
    let mut words = answer.split_whitespace();
    let code = words.next().and_then(|word| word.parse::<u16>().ok());
    let enhanced = words.next().unwrap_or_default();
    // The last two numbers of `5.1.1`: subject and detail.
    let (subject, detail) =
        enhanced.split_once('.').and_then(|(_, rest)| rest.split_once('.')).unwrap_or(("", ""));
    match (code, subject, detail) {
        (Some(530 | 534 | 535 | 538), ..) => LOGIN,
        (Some(_), "2", "2") | (Some(452 | 552), "", _) => "the customer's mailbox is full",
        (Some(500..), "1", _) | (Some(550 | 551 | 553), "", _) => {
            "the mail server says that there is no such address"
        }
        (Some(500..), "7", _) | (Some(554), ..) => {
            "the mail server does not want this mail; whoever runs it knows why"
        }
        (Some(500..), ..) => "the mail server refuses this mail for good",
        (Some(_), ..) => "the mail server asks to be tried again later",
        (None, ..) if answer.contains("securing") || answer.contains("certificate") => {
            "no secure connection to the mail server could be made; the operator has to see to it"
        }
        (None, ..) if answer.contains("logging in") => LOGIN,
        (None, ..) if answer.contains("no answer in time") => {
            "the mail server did not answer in time"
        }
        (None, ..) if answer.starts_with("connecting") => "the mail server could not be reached",
        (None, ..) if answer.starts_with("sending") => "the mail server broke off",
        (None, ..) => answer,
    }
}

const LOGIN: &str = "the mail server does not let us in; the operator has to see to SMTP_URL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_read_words_and_no_codes() {
        for (answer, words) in [
            ("550 5.1.1 no such user", "no such address"),
            ("550 unknown", "no such address"),
            ("452 4.2.2 over quota", "mailbox is full"),
            ("552 5.2.2 over quota", "mailbox is full"),
            ("552 over quota", "mailbox is full"),
            ("550 5.7.1 spam", "does not want"),
            ("554 go away", "does not want"),
            ("535 5.7.8 bad password", "SMTP_URL"),
            ("logging in: something", "SMTP_URL"),
            ("550 5.6.0 odd", "for good"),
            ("450 4.2.1 greylisted", "later"),
            ("451 4.7.1 greylisted", "later"),
            ("no answer in time while sending", "in time"),
            ("securing the connection: bad", "secure connection"),
            ("connecting: invalid peer certificate", "secure connection"),
            ("connecting: refused", "reached"),
            ("sending: eof", "broke off"),
            ("the link has ended", "the link has ended"),
            ("", ""),
        ] {
            assert!(in_words(answer).contains(words), "{answer}: {}", in_words(answer));
        }
    }
}
