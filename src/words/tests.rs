use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// What a text needs: its variables and how often it holds each of our marks.
#[derive(Debug, Default, PartialEq, Eq)]
struct Needs {
    variables: BTreeSet<String>,
    bold: (usize, usize),
}

/// Every text of a source by its key.
fn texts(source: &str) -> BTreeMap<&str, Needs> {
    let mut texts = BTreeMap::<&str, Needs>::new();
    let mut key = "";
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            key = name;
            assert!(!texts.contains_key(key), "{key} is there twice");
            texts.insert(key, Needs::default());
        }
        if line.trim().is_empty() {
            continue;
        }
        let needs = texts.get_mut(key).unwrap();
        let names = line.split('$').skip(1);
        let name = |rest: &str| rest.split([' ', '}', ',', ')']).next().unwrap().to_owned();
        needs.variables.extend(names.map(name));
        needs.bold.0 += line.matches("<b>").count();
        needs.bold.1 += line.matches("</b>").count();
        assert_eq!(
            line.matches('<').count(),
            line.matches("<b>").count() + line.matches("</b>").count()
        );
    }
    texts
}

#[test]
fn every_language_has_the_texts_of_english_with_the_same_variables() {
    for lang in Lang::ALL {
        for ((file, english), (_, source)) in files::of(Lang::En).iter().zip(files::of(*lang)) {
            let (english, own) = (texts(english), texts(source));
            let keys = |texts: &BTreeMap<&str, Needs>| {
                texts.keys().map(ToString::to_string).collect::<BTreeSet<_>>()
            };
            assert_eq!(keys(&own), keys(&english), "{lang:?} {file}");
            for (key, needs) in &own {
                let model = &english[key];
                assert_eq!(needs.variables, model.variables, "{lang:?} {file} {key}");
                assert_eq!(needs.bold.0, needs.bold.1, "{lang:?} {file} {key}");
                assert_eq!(needs.bold.0 > 0, model.bold.0 > 0, "{lang:?} {file} {key}");
            }
        }
    }
}

#[test]
fn every_text_can_be_formatted() {
    for lang in Lang::ALL {
        for (file, source) in files::of(*lang) {
            for (key, needs) in texts(source) {
                for number in [0, 1, 2, 3, 6, 11, 12, 21, 100] {
                    let mut args = FluentArgs::new();
                    args.set("month", number);
                    for name in &needs.variables {
                        args.set(
                            name.clone(),
                            if name == "company" {
                                FluentValue::from("Northwind")
                            } else {
                                FluentValue::from(number)
                            },
                        );
                    }
                    let text = format(*lang, key, &args);
                    assert!(
                        text.as_ref().is_ok_and(
                            |text| !text.contains(['{', '}', '$']) && !text.trim().is_empty()
                        ),
                        "{lang:?} {file} {key}: {text:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_translation_is_english_left_as_it_was() {
    // Where a language borrowed the word, or nothing is there but names.
    let same_all_the_same = ["call-support"];
    for lang in &Lang::ALL[1..] {
        for ((_, english), (_, source)) in files::of(Lang::En).iter().zip(files::of(*lang)) {
            for key in texts(english).into_keys().filter(|key| !same_all_the_same.contains(key)) {
                let line = |source: &str| {
                    let start = format!("{key} =");
                    source.lines().find(|line| line.starts_with(&start)).unwrap().to_owned()
                };
                let english = line(english);
                if english.len() > key.len() + 14 && !english.ends_with("->") {
                    assert_ne!(line(source), english, "{lang:?}");
                }
            }
        }
    }
}

/// What no text holds. Where French puts a blank, it is one that does not break.
const MISPRINTS: [&str; 14] =
    ["  ", "...", "\"", "'", " ,", " .", " ?", " !", " :", " ;", " »", "« ", " </b>", "<b> "];

#[test]
fn texts_are_set_as_people_set_them() {
    for lang in Lang::ALL {
        for (file, source) in files::of(*lang) {
            for line in source.lines().filter(|line| !line.starts_with('#')) {
                let text = line.split_once(" = ").map_or("", |(_, text)| text);
                let found: Vec<_> = MISPRINTS.into_iter().filter(|it| text.contains(it)).collect();
                assert_eq!(found, Vec::<&str>::new(), "{lang:?} {file}: {line}");
                // A name is a word of its own; dates are set without blanks in some languages.
                let inside = text
                    .match_indices("{ $")
                    .any(|(at, _)| text.split_at(at).0.ends_with(|c: char| c.is_alphanumeric()));
                assert!(!inside || *file == "time", "{lang:?} {file}: {line}");
            }
        }
    }
}

/// What reads texts by their keys: templates and the product's own code.
fn readers(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            readers(&path, found);
        } else if path.extension().is_some_and(|end| end == "html" || end == "rs" || end == "txt") {
            found.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_text_is_read_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut readers_text = String::new();
    readers(&root.join("templates"), &mut readers_text);
    readers(&root.join("src"), &mut readers_text);
    for (file, source) in files::of(Lang::En) {
        let read = |key: &&str| {
            readers_text.contains(&format!("\"{key}\"")) || source.contains(&format!("{{ {key} }}"))
        };
        let unread: Vec<&str> = texts(source).into_keys().filter(|key| !read(key)).collect();
        assert_eq!(unread, Vec::<&str>::new(), "{file}");
    }
}

#[test]
fn a_name_cannot_become_markup_nor_turn_the_sentence() {
    let words = Words::new(Lang::En).name("company", "<i>\u{5d1}&\"'");
    let html = words.html("phone-done-text").to_string();
    assert_eq!(html, "<bdi>&#60;i&#62;\u{5d1}&#38;&#34;&#39;</bdi> can see it now.");
    let text = words.text("phone-done-text");
    assert_eq!(text, "\u{2068}<i>\u{5d1}&\"'\u{2069} can see it now.");
    let plain = Words::new(Lang::En).name("company", "Northwind").text("phone-done-text");
    assert_eq!(plain, "Northwind can see it now.");
}

#[test]
fn numbers_choose_their_plural_and_cases_their_text() {
    let left = |n| Words::new(Lang::En).number("left", n).text("code-wrong");
    assert!(left(1).ends_with("1 try left.") && left(2).ends_with("2 tries left."));
    let on = |device| Words::new(Lang::En).case("device", device).text("never-leaves");
    assert_eq!(on("computer"), "It never leaves your computer.");
    assert_eq!(on("phone"), "It never leaves your phone.");
}

#[test]
fn a_moment_is_read_to_the_minute() {
    let moment = Timestamp::from_millis(1_795_255_200_987);
    assert_eq!(Words::new(Lang::En).moment(moment), "November 21, 2026, 10:00 UTC");
}
