//! `#[entracte::main]` and `#[entracte::test]`: an `async fn` that runs on an event loop of its own.
//!
//! Depend on `entracte`, which re-exports both; the code that they expand to names that crate.

#![forbid(unsafe_code)]

mod async_fn;
mod expand;
mod problem;
mod sim_test;

use proc_macro::TokenStream;

use crate::async_fn::AsyncFn;
use crate::problem::Problem;

/// Makes an `async fn` an ordinary one, which runs it on a new event loop with `entracte::run`.
///
/// What it returns, it returns: `()`, a `Result`, an `ExitCode`. If Ctrl-C has ended it, and it has
/// cleaned up, the process says `interrupted` on standard error and exits with code 130. If there is
/// no value because it was cancelled or deadlocked, the `RunError` is passed on as the error of the
/// `Result`, if that can be made from it; otherwise it is printed, and the process exits with code 1.
///
/// # Python
///
/// `if __name__ == "__main__": asyncio.run(main())`
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expanded("main", arguments, item, expand::main)
}

/// Makes an `async fn` a test, which runs it on a new event loop with `entracte::run`.
///
/// It may return whatever a test may: a `Result` that is an error is a failure. A `RunError` is a
/// failure with its text. Other attributes stay: `#[should_panic]`, `#[ignore]`.
///
/// # Python
///
/// A method of
/// [`unittest.IsolatedAsyncioTestCase`](https://docs.python.org/3/library/unittest.html#unittest.IsolatedAsyncioTestCase).
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expanded("test", arguments, item, expand::test)
}

/// Makes an `async fn` a test that runs in a simulation, once per seed: `#[sim_test(seeds = 1000)]`.
///
/// Without a number it is a hundred seeds. A failure prints the seed and the command that replays
/// it. The crate needs `entracte-sim` among its dev-dependencies. Other attributes stay.
#[proc_macro_attribute]
pub fn sim_test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let in_its_place = problem::stub(&item);
    sim_test::expand(arguments, item).unwrap_or_else(|problem| {
        [problem.into_error("sim_test"), in_its_place]
            .into_iter()
            .collect()
    })
}

fn expanded(
    attribute: &str,
    arguments: TokenStream,
    item: TokenStream,
    expand: impl FnOnce(AsyncFn) -> TokenStream,
) -> TokenStream {
    let in_its_place = problem::stub(&item);
    let refused = Problem::with_arguments(arguments);
    let parsed = refused.map_or_else(|| AsyncFn::parse(item), Err);
    parsed.map_or_else(
        |problem| {
            [problem.into_error(attribute), in_its_place]
                .into_iter()
                .collect()
        },
        expand,
    )
}
