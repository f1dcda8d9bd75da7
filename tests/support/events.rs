//! Reads Server-Sent Events as the standard says, and nothing more lenient.

use std::time::Duration;

use serde_json::Value;

/// What came between two blank lines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    Event { kind: String, id: Option<String>, data: Value },
    Comment,
    Retry(u64),
}

/// A stream that is being read.
pub(crate) struct Events {
    response: reqwest::Response,
    text: String,
}

/// Nothing here takes so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(20);

impl Events {
    /// The answer must be a stream that nobody keeps or holds back.
    pub(crate) async fn open(request: reqwest::RequestBuilder) -> Self {
        Self::of(request.send().await.unwrap())
    }

    fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-store"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        Self { response, text: String::new() }
    }

    /// The same, asked again while the server is busy.
    pub(crate) async fn open_when_there_is_room(
        mut request: impl FnMut() -> reqwest::RequestBuilder,
    ) -> Self {
        loop {
            let response = request().send().await.unwrap();
            if response.status() != 503 {
                return Self::of(response);
            }
        }
    }

    /// The next block; `None` at the end of the stream, or where it broke off.
    pub(crate) async fn block(&mut self) -> Option<Block> {
        tokio::time::timeout(PATIENCE, self.read_block()).await.expect("nothing came")
    }

    /// The next event; `None` at the end.
    pub(crate) async fn event(&mut self) -> Option<(String, Option<String>, Value)> {
        loop {
            match self.block().await? {
                Block::Event { kind, id, data } => return Some((kind, id, data)),
                Block::Comment | Block::Retry(_) => {}
            }
        }
    }

    /// The next state of the link, with the event's id.
    pub(crate) async fn status(&mut self) -> (String, Value) {
        let (kind, id, data) = self.event().await.expect("the stream ended");
        assert_eq!(kind, "status");
        (id.unwrap(), data)
    }

    /// Nothing comes but the end and the end of the stream.
    pub(crate) async fn end(mut self) {
        assert_eq!(self.event().await.unwrap().0, "end");
        assert_eq!(self.block().await, None);
    }

    async fn read_block(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let parsed = parse(block);
                self.text = rest.to_owned();
                return Some(parsed);
            }
            let chunk = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

fn parse(block: &str) -> Block {
    let (mut kind, mut id, mut data) = ("message".to_owned(), None, None);
    for line in block.lines() {
        match line.split_once(": ").unwrap_or((line, "")) {
            (":", "") => return Block::Comment,
            ("retry", value) => return Block::Retry(value.parse().unwrap()),
            ("event", value) => kind = value.to_owned(),
            ("id", value) => id = Some(value.to_owned()),
            ("data", value) => data = Some(serde_json::from_str(value).unwrap()),
            other => panic!("{other:?} in {block}"),
        }
    }
    Block::Event { kind, id, data: data.unwrap() }
}
