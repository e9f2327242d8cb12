//! Reads Rust source far enough for the checks: code without comments and texts, words, functions.

use std::iter;

/// The source with comments and the insides of string and character literals replaced by spaces.
///
/// Lines keep their numbers and their lengths in characters.
#[must_use]
pub fn without_comments_and_texts(source: &str) -> String {
    let mut blanker = Blanker {
        rest: source.chars().collect(),
        at: 0,
        out: String::with_capacity(source.len()),
    };
    while blanker.at < blanker.rest.len() {
        blanker.step();
    }
    blanker.out
}

struct Blanker {
    rest: Vec<char>,
    at: usize,
    out: String,
}

impl Blanker {
    fn step(&mut self) {
        if self.starts_with("//") {
            self.blank_while(|blanker| !blanker.starts_with("\n"));
        } else if self.starts_with("/*") {
            self.blank_block_comment();
        } else if let Some(hashes) = self.raw_text_here() {
            self.blank_raw_text(hashes);
        } else if self.starts_with("\"") {
            self.blank_quoted('"');
        } else if self.character_here() {
            self.blank_quoted('\'');
        } else {
            self.keep();
        }
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(offset, wanted)| self.peek(offset) == Some(wanted))
    }

    fn peek(&self, offset: usize) -> Option<char> {
        self.rest.get(self.at + offset).copied()
    }

    fn keep(&mut self) {
        self.out.extend(self.peek(0));
        self.at += 1;
    }

    fn blank(&mut self) {
        self.out.push(if self.peek(0) == Some('\n') {
            '\n'
        } else {
            ' '
        });
        self.at += 1;
    }

    fn blank_while(&mut self, goes_on: impl Fn(&Self) -> bool) {
        while self.at < self.rest.len() && goes_on(self) {
            self.blank();
        }
    }

    fn blank_block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.rest.len() {
            if self.starts_with("/*") {
                depth += 1;
                self.blank();
            } else if self.starts_with("*/") {
                depth -= 1;
                self.blank();
            }
            self.blank();
            if depth == 0 {
                break;
            }
        }
    }

    /// The number of `#` of a raw string that begins here.
    fn raw_text_here(&self) -> Option<usize> {
        let inside_a_word = self.out.chars().next_back().is_some_and(is_word_character);
        if inside_a_word {
            return None;
        }
        let start = if self.starts_with("br") || self.starts_with("cr") {
            2
        } else {
            1
        };
        if start == 1 && !self.starts_with("r") {
            return None;
        }
        let hashes = iter::successors(Some(start), |at| Some(at + 1))
            .take_while(|at| self.peek(*at) == Some('#'))
            .count();
        (self.peek(start + hashes) == Some('"')).then_some(hashes)
    }

    fn blank_raw_text(&mut self, hashes: usize) {
        let end = format!("\"{}", "#".repeat(hashes));
        self.blank_while(|blanker| !blanker.starts_with("\""));
        self.blank();
        self.blank_while(|blanker| !blanker.starts_with(&end));
        for _ in 0..end.len() {
            self.blank();
        }
    }

    /// A character literal, as opposed to a lifetime, begins here.
    fn character_here(&self) -> bool {
        self.starts_with("'") && (self.peek(1) == Some('\\') || self.peek(2) == Some('\''))
    }

    fn blank_quoted(&mut self, quote: char) {
        self.blank();
        while self.at < self.rest.len() {
            let here = self.peek(0);
            self.blank();
            if here == Some('\\') {
                self.blank();
            } else if here == Some(quote) {
                break;
            }
        }
    }
}

/// Whether the character can stand inside a Rust name.
#[must_use]
pub fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The names, keywords and numbers of a line.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character| !is_word_character(character))
        .filter(|word| !word.is_empty())
}

/// The comment and attribute lines right above a line, nearest first.
pub fn lines_above<'a>(lines: &'a [&'a str], at: usize) -> impl Iterator<Item = &'a str> {
    lines[..at]
        .iter()
        .rev()
        .map(|line| line.trim())
        .take_while(|line| line.starts_with("//") || line.starts_with("#[") || line.ends_with(")]"))
}

/// The names of the functions marked `#[test]`.
#[must_use]
pub fn test_names(source: &str) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let is_test = |at: usize| lines_above(&lines, at).any(|line| line == "#[test]");
    lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, line.trim().strip_prefix("fn ")?)))
        .filter(|(at, _)| is_test(*at))
        .filter_map(|(_, rest)| words(rest).next().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{test_names, without_comments_and_texts};

    #[test]
    fn blanks_comments_and_texts_and_keeps_lifetimes() {
        let source = "a // unsafe\n/* unsafe /* x */ unsafe */ b\n\"unsafe \\\" unsafe\" c r#\"unsafe \" unsafe\"# '\"' d<'a> '\\'' e";
        let code = without_comments_and_texts(source);
        assert_eq!(code.lines().count(), source.lines().count());
        assert_eq!(
            code.split_whitespace().collect::<Vec<_>>(),
            ["a", "b", "c", "d<'a>", "e"]
        );
    }

    #[test]
    fn only_marked_functions_are_tests() {
        let source = "#[test]\nfn b03_one() {}\n\nfn b04_two() {}\n\n#[test]\n// Why.\n#[ignore]\nfn b05_three() {}\n";
        assert_eq!(test_names(source), ["b03_one", "b05_three"]);
    }
}
