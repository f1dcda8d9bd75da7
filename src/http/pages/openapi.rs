//! An OpenAPI 3 document read as an outline: what the documentation page shows, in its order.
//! Whatever a document leaves out or writes unexpectedly stays out of the outline.

use serde_json::Value;

/// A whole document.
pub(super) struct Outline<'a> {
    pub title: &'a str,
    pub version: &'a str,
    pub intro: Vec<Paragraph<'a>>,
    pub groups: Vec<Group<'a>>,
    pub schemas: Vec<Schema<'a>>,
}

/// Operations under one tag.
pub(super) struct Group<'a> {
    pub name: &'a str,
    pub anchor: String,
    pub intro: Vec<Paragraph<'a>>,
    pub operations: Vec<Operation<'a>>,
}

pub(super) struct Operation<'a> {
    pub method: &'static str,
    pub path: &'a str,
    pub anchor: String,
    pub summary: &'a str,
    pub description: Vec<Paragraph<'a>>,
    /// Whether a caller must say who it is.
    pub protected: bool,
    pub parameters: Vec<Field<'a>>,
    pub body: Option<Body<'a>>,
    pub responses: Vec<Response<'a>>,
}

pub(super) struct Body<'a> {
    pub media: &'a str,
    pub shape: Shape<'a>,
    pub fields: Vec<Field<'a>>,
}

pub(super) struct Response<'a> {
    pub status: &'a str,
    pub description: Vec<Paragraph<'a>>,
    pub shape: Option<Shape<'a>>,
}

/// A named schema.
pub(super) struct Schema<'a> {
    pub name: &'a str,
    pub anchor: String,
    pub description: Vec<Paragraph<'a>>,
    pub shape: Shape<'a>,
    pub fields: Vec<Field<'a>>,
}

/// A parameter or a member of an object.
pub(super) struct Field<'a> {
    pub name: &'a str,
    /// `path`, `query` or `header`; empty for a member.
    pub place: &'a str,
    pub required: bool,
    pub shape: Shape<'a>,
    pub description: Vec<Paragraph<'a>>,
}

/// What a value looks like.
#[derive(Default)]
pub(super) struct Shape<'a> {
    /// `string (date-time)`, `array of Link`.
    pub text: String,
    /// The anchor of the named schema it speaks of.
    pub anchor: Option<String>,
    /// The words it may be; empty if it is no enumeration.
    pub words: Vec<&'a str>,
}

pub(super) type Paragraph<'a> = Vec<Span<'a>>;

/// A piece of a paragraph; Markdown's backticks are all the markup there is.
pub(super) struct Span<'a> {
    pub code: bool,
    pub text: &'a str,
}

const METHODS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];

/// What operations without a tag are found under.
const UNTAGGED: &str = "Other";

impl<'a> Outline<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        let info = &document["info"];
        Self {
            title: text(&info["title"]),
            version: text(&info["version"]),
            intro: paragraphs(&info["description"]),
            groups: groups(document),
            schemas: members(document.pointer("/components/schemas").unwrap_or(&Value::Null))
                .map(|(name, schema)| Schema {
                    name,
                    anchor: schema_anchor(name),
                    description: paragraphs(&schema["description"]),
                    shape: shape(schema),
                    fields: fields(schema, document),
                })
                .collect(),
        }
    }
}

/// Tags in the document's order, then those it does not list, then operations without one.
fn groups(document: &Value) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = items(&document["tags"])
        .map(|tag| group(text(&tag["name"]), paragraphs(&tag["description"])))
        .collect();
    for (path, item) in members(&document["paths"]) {
        for method in METHODS {
            let Some(source) = item.get(method) else { continue };
            let tag = items(&source["tags"]).next().map_or(UNTAGGED, text);
            let operation = operation(method, path, item, source, document);
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(operation),
                None => {
                    groups.push(Group { operations: vec![operation], ..group(tag, Vec::new()) });
                }
            }
        }
    }
    groups.retain(|group| !group.operations.is_empty());
    groups.sort_by_key(|group| group.name == UNTAGGED);
    groups
}

fn group<'a>(name: &'a str, intro: Vec<Paragraph<'a>>) -> Group<'a> {
    Group { name, anchor: anchor(&["tag", name]), intro, operations: Vec::new() }
}

fn operation<'a>(
    method: &'static str,
    path: &'a str,
    item: &'a Value,
    source: &'a Value,
    document: &'a Value,
) -> Operation<'a> {
    let security = source.get("security").or_else(|| document.get("security"));
    Operation {
        method,
        path,
        anchor: anchor(&[method, path]),
        summary: text(&source["summary"]),
        description: paragraphs(&source["description"]),
        protected: security.is_some_and(|list| items(list).next().is_some()),
        parameters: items(&item["parameters"])
            .chain(items(&source["parameters"]))
            .map(|parameter| parameter_of(resolve(parameter, document)))
            .collect(),
        body: media(resolve(&source["requestBody"], document)).map(|(media, schema)| Body {
            media,
            shape: shape(schema),
            fields: fields(schema, document),
        }),
        responses: members(&source["responses"])
            .map(|(status, response)| {
                let response = resolve(response, document);
                Response {
                    status,
                    description: paragraphs(&response["description"]),
                    shape: media(response).map(|(_, schema)| shape(schema)),
                }
            })
            .collect(),
    }
}

fn parameter_of(parameter: &Value) -> Field<'_> {
    Field {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        shape: shape(&parameter["schema"]),
        description: description(parameter, &parameter["schema"]),
    }
}

/// The first media type and its schema.
fn media(carrier: &Value) -> Option<(&str, &Value)> {
    members(&carrier["content"]).next().map(|(media, content)| (media, &content["schema"]))
}

/// An object's members, those of its parts (`allOf`) included.
fn fields<'a>(schema: &'a Value, document: &'a Value) -> Vec<Field<'a>> {
    let schema = resolve(schema, document);
    let own = members(&schema["properties"]).map(|(name, member)| Field {
        name,
        place: "",
        required: items(&schema["required"]).any(|required| required == name),
        shape: shape(member),
        description: description(member, &Value::Null),
    });
    // A part that names another schema is one step; parts of parts are left to that schema.
    let parts = items(&schema["allOf"])
        .map(|part| resolve(part, document))
        .filter(|part| part.get("allOf").is_none());
    own.chain(parts.flat_map(|part| fields(part, document))).collect()
}

/// A description where it is, or else in a part that only adds one (`allOf`), or else `fallback`'s.
fn description<'a>(value: &'a Value, fallback: &'a Value) -> Vec<Paragraph<'a>> {
    let parts = items(&value["allOf"]).map(|part| &part["description"]);
    std::iter::once(&value["description"])
        .chain(parts)
        .chain(std::iter::once(&fallback["description"]))
        .map(paragraphs)
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn shape(schema: &Value) -> Shape<'_> {
    if let Some(name) = referred(schema) {
        return Shape {
            text: name.to_owned(),
            anchor: Some(schema_anchor(name)),
            words: Vec::new(),
        };
    }
    if let Some(part) = items(&schema["allOf"]).find(|part| referred(part).is_some()) {
        return shape(part);
    }
    if let Some(choices) = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key)) {
        let names: Vec<String> = items(choices).map(|choice| shape(choice).text).collect();
        return Shape { text: names.join(" or "), ..Shape::default() };
    }
    let kind = text(&schema["type"]);
    if kind == "array" {
        let inner = shape(&schema["items"]);
        return Shape { text: format!("array of {}", inner.text), ..inner };
    }
    let text = match schema["format"].as_str() {
        Some(format) => format!("{kind} ({format})"),
        None => kind.to_owned(),
    };
    Shape { text, anchor: None, words: items(&schema["enum"]).filter_map(Value::as_str).collect() }
}

/// The name in `{"$ref": "#/components/schemas/NAME"}`.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// What a reference within the document stands for; anything else is itself.
fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// Blank lines part paragraphs, backticks enclose code.
fn paragraphs(value: &Value) -> Vec<Paragraph<'_>> {
    let blocks = text(value).split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks
        .map(|block| {
            let pieces = block.split('`').enumerate();
            pieces
                .map(|(i, text)| Span { code: i % 2 == 1, text })
                .filter(|span| !span.text.is_empty())
                .collect()
        })
        .collect()
}

fn schema_anchor(name: &str) -> String {
    anchor(&["schema", name])
}

/// Lower-case letters and digits, parted by single hyphens.
fn anchor(parts: &[&str]) -> String {
    let text = parts.join("-").to_ascii_lowercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
