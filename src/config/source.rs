//! Where variables come from: the process's environment and, beneath it, a `.env` file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::{env, fmt, fs, io};

use super::problems::Problem;

/// A snapshot of variables. `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Source {
    variables: BTreeMap<String, OsString>,
    problems: Vec<Problem>,
}

impl Source {
    /// The environment of this process. Names that are no UTF-8 are nobody's and left out.
    #[must_use]
    pub fn process() -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self { variables: env::vars_os().filter_map(named).collect(), problems: Vec::new() }
    }

    /// Adds what the file at `path` holds and is not set already, neither as `NAME` nor as
    /// `NAME_FILE`. A file that is not there adds nothing; one that cannot be read is a problem
    /// of the configuration, reported with the others.
    #[must_use]
    pub fn over_file(mut self, path: &Path) -> Self {
        let shown = path.display().to_string();
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self,
            Err(error) => {
                self.problem(shown, format!("cannot be read ({})", error.kind()));
                return self;
            }
        };
        let above: Vec<String> = self.variables.keys().cloned().collect();
        let mut last = None;
        for entry in dotenvy::from_read_iter(&*text) {
            // An entry that does not parse may hold a secret: name its neighbour instead.
            let Ok((name, value)) = entry else {
                let place = match &last {
                    Some(name) => format!("the entry after {name} cannot be read"),
                    None => "its first entry cannot be read".to_owned(),
                };
                self.problem(shown.clone(), place);
                continue;
            };
            if !above.iter().any(|other| stem(other) == stem(&name)) {
                self.variables.insert(name.clone(), value.into());
            }
            last = Some(name);
        }
        self
    }

    /// The value of `name`, if it is set to something. A variable set to nothing counts as not
    /// set: container tools pass on unset variables that way.
    pub(super) fn get(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn problem(&mut self, file: String, what: String) {
        let remedy = "write NAME=value, one a line, with 'single quotes' around a value that holds \
                      spaces, # or $";
        self.problems.push(Problem { variable: file, what, remedy: remedy.to_owned() });
    }
}

/// The variable that a name sets, be it directly or through a file.
fn stem(name: &str) -> &str {
    name.strip_suffix("_FILE").unwrap_or(name)
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Source {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        Self { variables: variables.into_iter().map(owned).collect(), problems: Vec::new() }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(source: Source, text: &str) -> Source {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        fs::write(&path, text).unwrap();
        source.over_file(&path)
    }

    #[test]
    fn the_environment_stands_above_the_file() {
        let above: Source =
            [("PORT", "9000"), ("JWT_SECRET_FILE", "/run/jwt")].into_iter().collect();
        let source = over(above, "PORT=1\nJWT_SECRET=in-the-file\nLOG='debug' # why\n");
        assert_eq!(source.get("PORT").unwrap(), "9000");
        assert_eq!(source.get("JWT_SECRET"), None);
        assert_eq!(source.get("LOG").unwrap(), "debug");
        assert_eq!(source.problems(), []);
    }

    #[test]
    fn what_is_set_to_nothing_is_not_set() {
        let source: Source = [("PORT", "")].into_iter().collect();
        assert_eq!(source.get("PORT"), None);
    }

    #[test]
    fn a_broken_entry_is_named_by_its_neighbour_and_not_shown() {
        let source = over(Source::default(), "PORT=1\nJWT_SECRET='hush-hush\n");
        let [problem] = source.problems() else { panic!("{:?}", source.problems()) };
        assert!(problem.to_string().contains("the entry after PORT cannot be read"), "{problem}");
        assert!(!problem.to_string().contains("hush"), "{problem}");
    }

    #[test]
    fn a_file_that_is_not_there_adds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::default().over_file(&folder.path().join(".env"));
        assert_eq!(source.names().count(), 0);
        assert_eq!(source.problems(), []);
    }

    #[test]
    fn debug_shows_no_value() {
        let source: Source = [("JWT_SECRET", "hush-hush")].into_iter().collect();
        assert_eq!(format!("{source:?}"), r#"{"JWT_SECRET"}"#);
    }
}
