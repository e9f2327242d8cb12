//! `#[entracte::sim_test]`: a test that runs in a simulation, from many seeds.

use proc_macro::{Delimiter, Group, Literal, TokenStream, TokenTree};

use crate::async_fn::AsyncFn;
use crate::problem::Problem;

/// From how many seeds a test runs that does not say.
const SEEDS: u64 = 100;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Problem> {
    let seeds = seeds(arguments)?;
    Ok(around(AsyncFn::parse(item)?, seeds))
}

/// The number in `seeds = 1000`.
fn seeds(arguments: TokenStream) -> Result<TokenTree, Problem> {
    let tokens: Vec<_> = arguments.into_iter().collect();
    match &tokens[..] {
        [] => Ok(Literal::u64_suffixed(SEEDS).into()),
        [
            TokenTree::Ident(name),
            TokenTree::Punct(equals),
            number @ TokenTree::Literal(_),
        ] if name.to_string() == "seeds" && equals.as_char() == '=' => Ok(number.clone()),
        [first, ..] => Err(Problem::new("expects `seeds = 1000`", Some(first))),
    }
}

/// A test of the function's name, with the `async fn` inside.
fn around(function: AsyncFn, seeds: TokenTree) -> TokenStream {
    let name = TokenStream::from(function.name);
    let mut arguments = tokens("::core::stringify!");
    arguments.extend([parenthesis(name.clone())]);
    arguments.extend(tokens(", ::core::module_path!(),"));
    arguments.extend([seeds]);
    arguments.extend(tokens(","));
    arguments.extend(name.clone());

    let mut body = function.whole;
    body.extend(tokens("::entracte_sim::test_many"));
    body.extend([parenthesis(arguments)]);

    let mut test = tokens("#[::core::prelude::v1::test]");
    test.extend(function.before);
    test.extend(tokens("fn"));
    test.extend(name);
    test.extend(tokens("()"));
    test.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
    test
}

fn parenthesis(inside: TokenStream) -> TokenTree {
    Group::new(Delimiter::Parenthesis, inside).into()
}

fn tokens(code: &str) -> TokenStream {
    code.parse().expect("the code here is Rust")
}
