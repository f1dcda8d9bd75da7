//! Fields of a request, read one by one: what is wrong is collected, and reported together.

use std::fmt::Display;

use super::problem::{FieldError, Problem};

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    pub(super) fn wrong(&mut self, field: &str, message: impl Display) {
        self.0.push(FieldError { field: field.to_owned(), message: message.to_string() });
    }

    /// What was read; `None` is noted.
    pub(super) fn take<T, E: Display>(&mut self, field: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|bad| self.wrong(field, bad)).ok()
    }

    /// The same for a field that may be absent.
    pub(super) fn read<T, E: Display>(
        &mut self,
        field: &str,
        text: Option<String>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        text.and_then(|text| self.take(field, read(&text)))
    }

    /// One of a list of words.
    pub(super) fn word<T: Display>(
        &mut self,
        field: &str,
        text: Option<String>,
        parse: fn(&str) -> Option<T>,
        all: &[T],
    ) -> Option<T> {
        self.read(field, text, |text| parse(text).ok_or_else(|| one_of(all)))
    }

    /// # Errors
    /// `validation` with everything that is wrong, if anything is.
    pub(super) fn finish(self) -> Result<(), Problem> {
        self.done(Some(()))
    }

    /// What was made of the fields, `None` if something was noted.
    ///
    /// # Errors
    /// `validation` with everything that is wrong, if anything is.
    pub(super) fn done<T>(self, made: Option<T>) -> Result<T, Problem> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(Problem::validation(self.0)),
        }
    }
}

/// What a word must be.
pub(super) fn one_of<T: Display>(all: &[T]) -> String {
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    format!("must be one of: {}", words.join(", "))
}
