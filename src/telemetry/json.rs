//! One event as one line of JSON, written straight into the line: what happened and its level,
//! fields and target. The library's own format goes through a serializer and a string per field,
//! which took two thirds of what a log line costs.

use std::cell::RefCell;
use std::error::Error;
use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::domain::clock::{Clock, SystemClock};

pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        now(&mut line)?;
        line.write_str("\",\"level\":\"")?;
        line.write_str(event.metadata().level().as_str())?;
        line.write_str("\"")?;
        let mut fields = Fields { line, target: None, written: Ok(()) };
        event.record(&mut fields);
        let Fields { mut line, target, written } = fields;
        written?;
        line.write_str(",\"target\":")?;
        quoted_str(&mut line, target.as_deref().unwrap_or(event.metadata().target()))?;
        line.write_str("}\n")
    }
}

thread_local! {
    /// The second of this thread's last line, and how it is written.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// RFC 3339 with milliseconds.
fn now(line: &mut Writer<'_>) -> fmt::Result {
    let now = SystemClock.now();
    SECOND.with_borrow_mut(|(second, written)| {
        if *second != now.seconds() {
            *second = now.seconds();
            *written = now.to_string();
        }
        line.write_str(written.trim_end_matches('Z'))?;
        write!(line, ".{:03}Z", now.millis().rem_euclid(1000))
    })
}

struct Fields<'a> {
    line: Writer<'a>,
    /// Of a record that came by way of the `log` crate, whose events all have one target.
    target: Option<String>,
    written: fmt::Result,
}

impl Fields<'_> {
    fn field(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        // Where a record of the `log` crate came from.
        if self.written.is_err() || field.name().starts_with("log.") {
            return;
        }
        let name = field.name();
        self.written = (|| {
            self.line.write_str(",")?;
            quoted_str(&mut self.line, name.strip_prefix("r#").unwrap_or(name))?;
            self.line.write_str(":")?;
            value(&mut self.line)
        })();
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        self.field(field, |line| quoted_str(line, value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |line| write!(line, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |line| write!(line, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |line| write!(line, "{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.field(field, |line| quoted(line, format_args!("{value}")));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, |line| quoted(line, format_args!("{value:?}")));
    }
}

fn quoted(line: &mut Writer<'_>, text: fmt::Arguments<'_>) -> fmt::Result {
    line.write_str("\"")?;
    Escaped(line).write_fmt(text)?;
    line.write_str("\"")
}

fn quoted_str(line: &mut Writer<'_>, text: &str) -> fmt::Result {
    line.write_str("\"")?;
    Escaped(line).write_str(text)?;
    line.write_str("\"")
}

/// Text within a JSON string (RFC 8259, section 7).
struct Escaped<'a, 'w>(&'a mut Writer<'w>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // All of ASCII, so no character is cut in two.
        let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        let mut rest = text;
        while let Some(at) = rest.bytes().position(special)
            && let Some((plain, from)) = rest.split_at_checked(at)
            && let Some((found, after)) = from.split_at_checked(1)
        {
            self.0.write_str(plain)?;
            match found {
                "\"" => self.0.write_str("\\\"")?,
                "\\" => self.0.write_str("\\\\")?,
                "\n" => self.0.write_str("\\n")?,
                _ => found.bytes().try_for_each(|byte| write!(self.0, "\\u{byte:04x}"))?,
            }
            rest = after;
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use serde_json::{Value, json};
    use tracing::subscriber::with_default;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{fmt, registry};

    use super::*;
    use crate::domain::clock::Timestamp;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `work` logs, without their times.
    fn lines(work: impl FnOnce()) -> Vec<Value> {
        let log = Log::default();
        let writer = log.clone();
        let layer = fmt::layer().with_writer(move || writer.clone()).event_format(Json);
        with_default(registry().with(layer), work);
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        let parsed = text.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let time = line["timestamp"].take();
            let (seconds, millis) = time.as_str().unwrap().split_once('.').unwrap();
            let age = SystemClock.now().since(Timestamp::parse(time.as_str().unwrap()).unwrap());
            assert!(age < Duration::from_secs(60), "{seconds}");
            assert_eq!((millis.len(), millis.ends_with('Z')), (4, true), "{time}");
            line
        });
        parsed.collect()
    }

    #[test]
    fn an_event_is_a_line_of_json_with_its_fields_beside_its_message() {
        let found = lines(|| {
            let error = io::Error::other("full");
            let error: &(dyn Error + 'static) = &error;
            tracing::warn!(
                text = "a", shown = %7, debug = ?Some("b"), count = 3_u64, less = -1, yes = true,
                error, "no {}", "room"
            );
        });
        assert_eq!(
            found,
            [json!({
                "timestamp": null, "level": "WARN", "message": "no room", "text": "a",
                "shown": "7", "debug": "Some(\"b\")", "count": 3, "less": -1, "yes": true,
                "error": "full", "target": "vouchlink::telemetry::json::tests"
            })]
        );
    }

    #[test]
    fn nothing_that_is_logged_breaks_out_of_its_line() {
        let odd = "\"}\n{\"a\\\":\t\u{0}\u{1f}\u{7f}é\u{2028}🙂\\";
        let found = lines(|| tracing::info!(odd, shown = %odd, "{odd}"));
        assert_eq!(found.len(), 1);
        for field in ["odd", "shown", "message"] {
            assert_eq!(found[0][field], odd, "{field}");
        }
    }
}
