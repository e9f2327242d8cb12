//! Programs of tasks as one line of text, which the worker reads too.
//!
//! A body is `[…]`, a statement `(verb numbers blocks)`: `[(catch [(sleep 3)] [(raise 1)])] []`.

use std::fmt;
use std::fmt::Write;

use super::program::{Block, Numbers, Program, Stmt, Verb};

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bodies: Vec<_> = self.bodies.iter().map(text_of).collect();
        f.write_str(&bodies.join(" "))
    }
}

fn text_of(block: &Block) -> String {
    let mut text = String::from("[");
    for stmt in block {
        write!(text, "({}", stmt.verb.name()).expect("a string can be written to");
        for number in &stmt.numbers {
            write!(text, " {number}").expect("a string can be written to");
        }
        for inside in &stmt.blocks {
            text.push(' ');
            text.push_str(&text_of(inside));
        }
        text.push(')');
    }
    text.push(']');
    text
}

/// What was wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read a program of tasks: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

/// Reads a program from its text, and numbers its statements.
///
/// # Errors
///
/// Returns [`Unreadable`] if the line is not a program.
pub fn read(line: &str) -> Result<Program, Unreadable> {
    let spaced: String = line
        .chars()
        .flat_map(|letter| match letter {
            '(' | ')' | '[' | ']' => vec![' ', letter, ' '],
            _ => vec![letter],
        })
        .collect();
    let mut reader = Reader {
        words: spaced.split_whitespace().collect(),
        at: 0,
    };
    let mut bodies = Vec::new();
    while reader.next_is("[") {
        bodies.push(reader.block()?);
    }
    if bodies.is_empty() || reader.at < reader.words.len() {
        return Err(reader.wrong());
    }
    let mut program = Program { bodies };
    program.number();
    Ok(program)
}

struct Reader<'a> {
    words: Vec<&'a str>,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self) -> Unreadable {
        let word = self.words.get(self.at).copied().unwrap_or("the end");
        Unreadable(format!("word {} is {word:?}", self.at))
    }

    /// Goes past the next word if it is this one.
    fn next_is(&mut self, wanted: &str) -> bool {
        let is_it = self.words.get(self.at) == Some(&wanted);
        self.at += usize::from(is_it);
        is_it
    }

    /// The rest of a block whose bracket was read.
    fn block(&mut self) -> Result<Block, Unreadable> {
        let mut block = Vec::new();
        while self.next_is("(") {
            block.push(self.stmt()?);
        }
        if self.next_is("]") {
            Ok(block)
        } else {
            Err(self.wrong())
        }
    }

    fn stmt(&mut self) -> Result<Stmt, Unreadable> {
        let name = self.words.get(self.at).copied().unwrap_or_default();
        let verb = Verb::ALL.iter().find(|verb| verb.name() == name);
        let verb = *verb.ok_or_else(|| self.wrong())?;
        self.at += 1;
        let mut numbers = Vec::new();
        while let Some(number) = self.words.get(self.at).and_then(|it| it.parse().ok()) {
            numbers.push(number);
            self.at += 1;
        }
        let mut blocks = Vec::new();
        while self.next_is("[") {
            blocks.push(self.block()?);
        }
        let counts = match verb.numbers() {
            Numbers::Just(count) => numbers.len() == count,
            Numbers::AndTasks(count) => numbers.len() >= count,
        };
        if !counts || blocks.len() != verb.blocks() || !self.next_is(")") {
            return Err(self.wrong());
        }
        Ok(Stmt {
            site: 0,
            verb,
            numbers,
            blocks,
        })
    }
}
