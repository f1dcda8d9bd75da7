//! Rust sources as tokens: identifiers, numbers and signs. Comments are left out and literals are
//! reduced to `""`, so that no rule stumbles over what is only said.

/// A token and the line it stands on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: text, line: 1 };
    std::iter::from_fn(|| lexer.next_token()).collect()
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn next_token(&mut self) -> Option<Token> {
        loop {
            let line = self.line;
            let first = self.rest.chars().next()?;
            let text = if first.is_whitespace() {
                self.take(first.len_utf8());
                continue;
            } else if self.rest.starts_with("//") {
                self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
                continue;
            } else if self.rest.starts_with("/*") {
                self.block_comment();
                continue;
            } else if let Some(length) = raw_string(self.rest).or_else(|| string(self.rest)) {
                self.take(length);
                "\"\""
            } else if first == '\'' {
                // A lifetime stays a sign and a name; a character is a literal.
                let length = character(self.rest);
                self.take(length.unwrap_or(1));
                if length.is_some() { "\"\"" } else { "'" }
            } else if is_word(first) {
                let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
                self.take(end)
            } else if ["::", "->", "=>"].iter().any(|sign| self.rest.starts_with(sign)) {
                self.take(2)
            } else {
                self.take(first.len_utf8())
            };
            return Some(Token { text: text.to_owned(), line });
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
                if depth == 0 {
                    return;
                }
            } else if let Some(c) = self.rest.chars().next() {
                self.take(c.len_utf8());
            } else {
                return;
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the string literal that `text` begins with.
fn string(text: &str) -> Option<usize> {
    let quoted = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('"')?;
    let mut escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(text.len() - quoted.len() + end.map_or(quoted.len(), |end| end + 1))
}

fn raw_string(text: &str) -> Option<usize> {
    let marked = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
    let quoted = marked.trim_start_matches('#');
    let hashes = marked.len() - quoted.len();
    let quoted = quoted.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = quoted.find(&close).map_or(quoted.len(), |end| end + close.len());
    Some(text.len() - quoted.len() + end)
}

/// The length of the character literal that `text` begins with; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        let end = inner.char_indices().skip(2).find(|(_, c)| *c == '\'')?.0;
        return Some(end + 2);
    }
    let mut characters = inner.chars();
    let first = characters.next()?;
    (characters.next() == Some('\'')).then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> String {
        tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_left_out() {
        assert_eq!(texts("a // b\nc /* d /* e */ f */ g"), "a c g");
    }

    #[test]
    fn literals_say_nothing() {
        assert_eq!(
            texts(r##"a "b \" c" d r#"e " f"# g b"h" 'i' '\'' '\u{1F600}' j"##),
            r#"a "" d "" g "" "" "" "" j"#
        );
    }

    #[test]
    fn lifetimes_are_no_characters() {
        assert_eq!(texts("fn f<'a>(x: &'a str)"), "fn f < ' a > ( x : & ' a str )");
    }

    #[test]
    fn signs_of_two_stay_whole_and_tokens_keep_their_line() {
        assert_eq!(texts("a::b -> c => d"), "a :: b -> c => d");
        let lines: Vec<usize> =
            tokens("a\n\"x\ny\"\nb").into_iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }
}
