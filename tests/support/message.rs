//! JSON objects as ordered members with raw values, so that they can be written in ways that no
//! serialiser would: members twice, missing, of the wrong type.

/// An object's members in order: name and the value's JSON text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(pub(crate) Vec<(String, String)>);

impl Members {
    pub(crate) fn with(mut self, name: &str, json: impl Into<String>) -> Self {
        self.push(name, json);
        self
    }

    pub(crate) fn with_text(self, name: &str, text: &str) -> Self {
        self.with(name, quoted(text))
    }

    /// Adds a member, even if there is one of that name.
    pub(crate) fn push(&mut self, name: &str, json: impl Into<String>) {
        self.0.push((name.to_owned(), json.into()));
    }

    /// Adds the member once more, as it is.
    pub(crate) fn repeat(&mut self, name: &str) {
        let json = self.json(name).to_owned();
        self.push(name, json);
    }

    /// Changes a member, or adds it.
    pub(crate) fn set(&mut self, name: &str, json: impl Into<String>) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, value)) => *value = json.into(),
            None => self.push(name, json),
        }
    }

    pub(crate) fn set_text(&mut self, name: &str, text: &str) {
        self.set(name, quoted(text));
    }

    /// Changes a member that is a text.
    pub(crate) fn edit_text(&mut self, name: &str, edit: impl FnOnce(&str) -> String) {
        let text = edit(&self.text(name));
        self.set_text(name, &text);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        let before = self.0.len();
        self.0.retain(|(n, _)| n != name);
        assert!(self.0.len() < before, "there is no member {name}");
    }

    pub(crate) fn json(&self, name: &str) -> &str {
        let member = self.0.iter().find(|(n, _)| n == name);
        &member.unwrap_or_else(|| panic!("there is no member {name}")).1
    }

    pub(crate) fn text(&self, name: &str) -> String {
        serde_json::from_str(self.json(name)).unwrap()
    }

    pub(crate) fn to_json(&self) -> String {
        let members: Vec<_> =
            self.0.iter().map(|(name, json)| format!("{}:{json}", quoted(name))).collect();
        format!("{{{}}}", members.join(","))
    }

    /// The values alone, as an array.
    pub(crate) fn to_array(&self) -> String {
        let values: Vec<_> = self.0.iter().map(|(_, json)| json.as_str()).collect();
        format!("[{}]", values.join(","))
    }
}

/// A credential's JSON form: the outer members, of which `response` stands in `response`.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) outer: Members,
    pub(crate) response: Members,
}

impl Message {
    pub(crate) fn to_json(&self) -> String {
        let mut outer = self.outer.clone();
        if outer.0.iter().any(|(name, json)| name == "response" && json.is_empty()) {
            outer.set("response", self.response.to_json());
        }
        outer.to_json()
    }
}

pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
