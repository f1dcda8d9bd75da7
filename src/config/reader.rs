//! Reads one variable after another, collects every problem, and never shows a secret.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::time::Duration;

use ipnet::IpNet;

use super::data_folder::DataFolder;
use super::problems::Problem;
use super::relying_party::Reach;
use super::source::Source;
use super::variables::Variable;
use crate::domain::random::{NoEntropy, Random};

/// A file named by `NAME_FILE` longer than this is not one of ours.
const FILE_MAX: u64 = 64 * 1024;

/// What the sections read with.
pub(super) struct Reader<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, problems: source.problems().to_vec(), warnings: Vec::new() }
    }

    /// The problems and the warnings.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<String>) {
        (self.problems, self.warnings)
    }

    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    pub(super) fn is_set(&self, variable: &Variable) -> bool {
        [variable.name, &file_name(variable)]
            .into_iter()
            .any(|name| self.source.get(name).is_some())
    }

    /// What the operator set, directly or through `NAME_FILE`. White space around it is no part
    /// of it, except inside secrets.
    pub(super) fn given(&mut self, variable: &Variable) -> Option<String> {
        let name = file_name(variable);
        let text = match (self.source.get(variable.name), self.source.get(&name)) {
            (None, None) => return None,
            (Some(_), Some(_)) => {
                let what = format!("is set together with {name}, and only one can hold");
                self.refuse(variable, what, format!("unset {} or {name}", variable.name));
                return None;
            }
            (Some(value), None) => {
                let Some(text) = value.to_str() else {
                    self.refuse(variable, "is no UTF-8 text", variable.advice());
                    return None;
                };
                text.to_owned()
            }
            (None, Some(path)) => match content(path) {
                Ok(text) => text,
                Err(what) => {
                    let remedy = format!("name a readable file that holds {} alone", variable.name);
                    self.problems.push(Problem { variable: name, what, remedy });
                    return None;
                }
            },
        };
        Some(if variable.is_secret() { text } else { text.trim().to_owned() })
    }

    /// What the operator set, or the fixed default, through `parse`, whose error says what is
    /// wrong ("is no number").
    pub(super) fn read<T, E: Display>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = match (self.given(variable), variable.default()) {
            (Some(text), _) => text,
            // A value that was refused has been reported; the default must not hide it.
            (None, Some(default)) if !self.is_set(variable) => default.to_owned(),
            (None, _) => return None,
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(
                    variable,
                    format!("{} {error}", shown(variable, &text)),
                    variable.advice(),
                );
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        variable: &Variable,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        self.read(variable, |text| {
            let (least, most) = (range.start(), range.end());
            text.parse()
                .ok()
                .filter(|number| range.contains(number))
                .ok_or_else(|| format!("is no whole number from {least} to {most}"))
        })
    }

    pub(super) fn seconds(
        &mut self,
        variable: &Variable,
        range: RangeInclusive<u32>,
    ) -> Option<Duration> {
        self.number(variable, range).map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// A comma list of networks; a plain address is a network of one.
    pub(super) fn networks(&mut self, variable: &Variable) -> Option<Vec<IpNet>> {
        if !self.is_set(variable) {
            return Some(Vec::new());
        }
        self.read(variable, |text| {
            let network = |part: &str| {
                let part = part.trim();
                part.parse::<IpNet>()
                    .or_else(|_| part.parse().map(|address: std::net::IpAddr| address.into()))
                    .map(|network| network.trunc())
                    .map_err(|_| format!("holds {part:?}, which is no network such as 10.0.0.0/8"))
            };
            text.split(',').map(network).collect()
        })
    }

    /// A secret nobody set: demanded for a public origin, else taken from the folder or drawn.
    /// Nothing is drawn for a configuration that has problems.
    pub(super) fn generated(
        &mut self,
        variable: &Variable,
        reach: Reach,
        data: &DataFolder<'_>,
        name: &str,
        draw: fn(&dyn Random) -> Result<String, NoEntropy>,
    ) -> Option<String> {
        if reach == Reach::Public {
            self.refuse(
                variable,
                "is not set, and only localhost makes its own",
                variable.advice(),
            );
        }
        if self.has_problems() {
            return None;
        }
        match data.secret(name, draw) {
            Ok(kept) => {
                if let Some(path) = kept.exposed {
                    let path = path.display();
                    self.warn(format!("others than its owner may read {path}: chmod 600 {path}"));
                }
                Some(kept.text)
            }
            Err(error) => {
                let remedy = format!("make it usable by this user, or set {}", variable.name);
                self.refuse(variable, format!("was to be kept, but {error}"), remedy);
                None
            }
        }
    }

    /// Notes that `variable` is wrong: what is wrong, and what to do.
    pub(super) fn refuse(
        &mut self,
        variable: &Variable,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.problems.push(Problem {
            variable: variable.name.to_owned(),
            what: what.into(),
            remedy: remedy.into(),
        });
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

/// How a refused value is named: quoted, unless it is a secret.
pub(super) fn shown(variable: &Variable, text: &str) -> String {
    if variable.is_secret() {
        return "its value".to_owned();
    }
    let start: String = text.chars().take(100).collect();
    format!("{start:?}")
}

fn file_name(variable: &Variable) -> String {
    format!("{}_FILE", variable.name)
}

/// A file's text without the one newline an editor puts at its end. Errors do not show the
/// path: a secret may have been put where its file's name belongs.
fn content(path: &OsStr) -> Result<String, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("names a file that cannot be read ({})", error.kind()))?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(format!("names a file of more than {FILE_MAX} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "names a file that is no UTF-8 text")?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() { Err("names an empty file".to_owned()) } else { Ok(text.to_owned()) }
}
