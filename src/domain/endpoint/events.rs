//! Which events an endpoint gets.

use super::super::event::EventType;

/// One type of event at least, each once, in the order of [`EventType::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events(Vec<EventType>);

/// Why a list of events was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEvents {
    #[error("must name one event at least")]
    Empty,
    #[error("{0:?} is no event")]
    Unknown(String),
}

impl Default for Events {
    /// The verdicts.
    fn default() -> Self {
        Self(EventType::ALL.iter().copied().filter(|event| event.is_verdict()).collect())
    }
}

impl Events {
    /// # Errors
    /// [`BadEvents`].
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, BadEvents> {
        let mut wanted = Vec::new();
        for name in names {
            let event = EventType::parse(name).ok_or_else(|| {
                // What is quoted is bounded: it goes into an answer.
                BadEvents::Unknown(name.chars().take(64).collect())
            })?;
            wanted.push(event);
        }
        let events: Vec<_> =
            EventType::ALL.iter().copied().filter(|event| wanted.contains(event)).collect();
        if events.is_empty() { Err(BadEvents::Empty) } else { Ok(Self(events)) }
    }

    #[must_use]
    pub fn contains(&self, event: EventType) -> bool {
        self.0.contains(&event)
    }

    pub fn iter(&self) -> impl Iterator<Item = EventType> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_of_known_events_each_once() {
        let twice = Events::parse(["verification.verified", "verification.verified"]).unwrap();
        assert_eq!(twice.iter().collect::<Vec<_>>(), [EventType::Verified]);
        assert_eq!(Events::parse([]), Err(BadEvents::Empty));
        assert_eq!(
            Events::parse(["verification.Verified"]),
            Err(BadEvents::Unknown("verification.Verified".to_owned()))
        );
    }

    #[test]
    fn verdicts_are_what_is_sent_unless_staff_say_otherwise() {
        let events = Events::default();
        assert!(events.contains(EventType::Verified) && events.contains(EventType::Lapsed));
        assert!(!events.contains(EventType::Opened));
        assert!(!events.contains(EventType::EndpointFailing));
    }
}
