//! Reads an item as an `async fn` without arguments, and says what it is instead.

use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

use crate::problem::Problem;

/// The parts of `#[…] pub async fn name() -> Answer { … }`.
pub(crate) struct AsyncFn {
    /// Attributes and visibility.
    pub(crate) before: TokenStream,
    pub(crate) name: TokenTree,
    /// What stands after the arrow; `()` if there is no arrow.
    pub(crate) answer: TokenStream,
    /// From `async` to the end of the body.
    pub(crate) whole: TokenStream,
}

impl AsyncFn {
    pub(crate) fn parse(item: TokenStream) -> Result<Self, Problem> {
        let mut rest = Reader::new(item);
        let before = rest.attributes_and_visibility();
        let whole = rest.left();
        rest.word("async", "expects an `async fn`")?;
        rest.word(
            "fn",
            "expects a plain `async fn`: not `unsafe`, not `extern`",
        )?;
        let name = rest.name()?;
        rest.no_generics()?;
        rest.no_parameters()?;
        let answer = rest.answer()?;
        Ok(Self {
            before,
            name,
            answer,
            whole,
        })
    }
}

/// The tokens of an item that were not read yet.
struct Reader {
    rest: Peekable<IntoIter<TokenTree>>,
}

impl Reader {
    fn new(item: TokenStream) -> Self {
        let tokens: Vec<_> = item.into_iter().collect();
        Self {
            rest: tokens.into_iter().peekable(),
        }
    }

    fn left(&self) -> TokenStream {
        self.rest.clone().collect()
    }

    fn attributes_and_visibility(&mut self) -> TokenStream {
        let mut before = TokenStream::new();
        while let Some(token) = self.rest.next_if(is_before_qualifiers) {
            before.extend([token]);
        }
        before
    }

    fn word(&mut self, word: &str, otherwise: &'static str) -> Result<(), Problem> {
        let is_word = |token: &TokenTree| is_word(token, word);
        if self.rest.next_if(is_word).is_some() {
            return Ok(());
        }
        Err(Problem::new(otherwise, self.rest.peek()))
    }

    fn name(&mut self) -> Result<TokenTree, Problem> {
        let name = self.rest.next();
        name.ok_or_else(|| Problem::new("expects a function with a name", None))
    }

    fn no_generics(&mut self) -> Result<(), Problem> {
        match self.rest.peek() {
            Some(token) if is_mark(token, '<') => {
                let says = "expects a function without generic parameters";
                Err(Problem::new(says, Some(token)))
            }
            _ => Ok(()),
        }
    }

    fn no_parameters(&mut self) -> Result<(), Problem> {
        let says = "expects a function without parameters: nobody is there to pass them";
        match self.rest.next() {
            Some(TokenTree::Group(group)) => match group.stream().into_iter().next() {
                None => Ok(()),
                parameter => Err(Problem::new(says, parameter.as_ref())),
            },
            token => Err(Problem::new(says, token.as_ref())),
        }
    }

    /// What stands between the parameters and the body, without the arrow.
    fn answer(mut self) -> Result<TokenStream, Problem> {
        let mut tokens: Vec<_> = self.rest.by_ref().collect();
        let body = tokens.pop();
        if !body.as_ref().is_some_and(is_body) {
            return Err(Problem::new(
                "expects a function with a body",
                body.as_ref(),
            ));
        }
        if let Some(bounds) = tokens.iter().find(|token| is_word(token, "where")) {
            return Err(Problem::new(
                "expects a function without bounds",
                Some(bounds),
            ));
        }
        if tokens.is_empty() {
            return Ok(
                TokenTree::from(Group::new(Delimiter::Parenthesis, TokenStream::new())).into(),
            );
        }
        Ok(tokens.into_iter().skip("->".len()).collect())
    }
}

/// A part of an attribute or of a visibility; a macro may have put the visibility in a group.
fn is_before_qualifiers(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(_) => true,
        TokenTree::Punct(mark) => mark.as_char() == '#',
        token => is_word(token, "pub"),
    }
}

/// A block; one that a macro was given stands in a group without delimiters.
fn is_body(token: &TokenTree) -> bool {
    let is_block = |group: Delimiter| matches!(group, Delimiter::Brace | Delimiter::None);
    matches!(token, TokenTree::Group(group) if is_block(group.delimiter()))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string() == word)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}
