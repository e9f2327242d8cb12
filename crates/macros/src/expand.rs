//! What stands in place of an `async fn`: a function of that name, with the `async fn` inside.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

use crate::async_fn::AsyncFn;

/// Passes a `RunError` on or ends the process: `Of::<Answer>(PhantomData).end(error)`.
///
/// Of two methods with one name the inherent one is called, if its bounds hold.
const PASS_ON_OR_EXIT: &str = r#"
    struct Of<T>(::core::marker::PhantomData<fn() -> T>);
    impl<T, E: ::core::convert::From<::entracte::RunError>> Of<::core::result::Result<T, E>> {
        fn end(self, error: ::entracte::RunError) -> ::core::result::Result<T, E> {
            if ::core::matches!(error, ::entracte::RunError::Interrupted) {
                return exit(error);
            }
            ::core::result::Result::Err(::core::convert::From::from(error))
        }
    }
    trait OrExit<T>: ::core::marker::Sized {
        fn end(self, error: ::entracte::RunError) -> T {
            exit(error)
        }
    }
    fn exit<T>(error: ::entracte::RunError) -> T {
        ::std::eprintln!("{error}");
        let is_interrupt = ::core::matches!(error, ::entracte::RunError::Interrupted);
        ::std::process::exit(if is_interrupt { 130 } else { 1 })
    }
    impl<T> OrExit<T> for Of<T> {}
"#;

pub(crate) fn main(function: AsyncFn) -> TokenStream {
    let mut failed = tokens(PASS_ON_OR_EXIT);
    if has_no_name(&function.answer) {
        let end =
            "match Of::<::core::convert::Infallible>(::core::marker::PhantomData).end(error) {}";
        failed.extend(tokens(end));
    } else {
        failed.extend(tokens("Of::<"));
        failed.extend(function.answer.clone());
        failed.extend(tokens(">(::core::marker::PhantomData).end(error)"));
    }
    around(function, failed)
}

pub(crate) fn test(function: AsyncFn) -> TokenStream {
    let mut test = tokens("#[::core::prelude::v1::test]");
    test.extend(around(function, tokens(r#"::core::panic!("{error}")"#)));
    test
}

/// The function that runs the `async fn`; `failed` stands where there is an `error` and no value.
fn around(function: AsyncFn, failed: TokenStream) -> TokenStream {
    let mut arms = tokens("::core::result::Result::Ok(value) => value,");
    arms.extend(tokens("::core::result::Result::Err(error) =>"));
    // In a block of its own, so that the program's code sees no name of it.
    arms.extend([block(failed)]);

    let mut body = function.whole;
    body.extend(tokens("match ::entracte::run"));
    let mut call = TokenStream::from(function.name.clone());
    call.extend(tokens("()"));
    body.extend([parenthesis(call), block(arms)]);

    let mut outside = function.before;
    outside.extend(tokens("fn"));
    outside.extend([function.name]);
    outside.extend(tokens("() ->"));
    outside.extend(function.answer);
    outside.extend([block(body)]);
    outside
}

/// Whether the answer cannot be an argument of a generic type: `impl Termination`, `!`.
fn has_no_name(answer: &TokenStream) -> bool {
    match answer.clone().into_iter().next() {
        Some(TokenTree::Ident(word)) => word.to_string() == "impl",
        Some(TokenTree::Punct(mark)) => mark.as_char() == '!',
        _ => false,
    }
}

fn block(inside: TokenStream) -> TokenTree {
    Group::new(Delimiter::Brace, inside).into()
}

fn parenthesis(inside: TokenStream) -> TokenTree {
    Group::new(Delimiter::Parenthesis, inside).into()
}

fn tokens(code: &str) -> TokenStream {
    code.parse().expect("the code here is Rust")
}
