//! What is wrong with an item, as a compile error that points at it.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// What is wrong, and where.
pub(crate) struct Problem {
    says: &'static str,
    at: Span,
}

impl Problem {
    pub(crate) fn new(says: &'static str, at: Option<&TokenTree>) -> Self {
        Self {
            says,
            at: at.map_or_else(Span::call_site, TokenTree::span),
        }
    }

    /// The problem that an attribute was given arguments, if it was.
    pub(crate) fn with_arguments(arguments: TokenStream) -> Option<Self> {
        let first = arguments.into_iter().next()?;
        Some(Self::new("takes no arguments itself", Some(&first)))
    }

    /// The tokens `compile_error! { "…" }`, where the problem is.
    pub(crate) fn into_error(self, attribute: &str) -> TokenStream {
        let text = format!("`#[entracte::{attribute}]` {}", self.says);
        let text = TokenTree::from(Literal::string(&text));
        let tokens = [
            TokenTree::from(Ident::new("compile_error", self.at)),
            Punct::new('!', Spacing::Alone).into(),
            Group::new(Delimiter::Brace, text.into()).into(),
        ];
        let at = self.at;
        let spanned = tokens.into_iter().map(|mut token| {
            token.set_span(at);
            token
        });
        spanned.collect()
    }
}

/// What stands beside the error: a `main` if there was one, or the compiler would miss it as well.
pub(crate) fn stub(item: &TokenStream) -> TokenStream {
    let words = item.clone().into_iter().map(|token| token.to_string());
    let is_main = words
        .clone()
        .zip(words.skip(1))
        .any(|pair| pair == ("fn".into(), "main".into()));
    let stub = if is_main { "fn main() {}" } else { "" };
    stub.parse().expect("the code here is Rust")
}
