//! `#[entracte::main]` and `#[entracte::test]`: what they do with values, errors and mistakes.

use std::process::{Command, Output};

use entracte::{RunError, TaskError, checkpoint, spawn};

/// Defines a test through `macro_rules`, which groups what it is given.
macro_rules! doubles {
    ($visibility:vis $name:ident, $answer:ty, $body:block) => {
        #[entracte::test]
        $visibility async fn $name() -> $answer $body
    };
}

doubles!(pub(crate) what_another_macro_made_is_understood, Result<(), TaskError>, {
    assert_eq!(spawn(async { 2 * 21 }).await?, 42);
    Ok(())
});

#[entracte::test]
async fn a_test_runs_on_an_event_loop() {
    checkpoint().await;
}

#[entracte::test]
async fn a_test_may_return_a_result() -> Result<(), TaskError> {
    assert_eq!(spawn(async { 6 * 7 }).await?, 42);
    Ok(())
}

#[entracte::test]
#[should_panic(expected = "seven")]
async fn other_attributes_of_a_test_stay() {
    checkpoint().await;
    panic!("seven");
}

#[entracte::test]
#[should_panic(expected = "deadlock: every task waits")]
async fn a_test_that_gives_no_value_fails_with_the_text_of_the_error() {
    std::future::pending::<()>().await;
}

#[test]
fn main_may_be_called_any_name_and_called_again() {
    #[entracte::main]
    async fn answer() -> u32 {
        checkpoint().await;
        42
    }
    assert_eq!(answer() + answer(), 84);
}

#[test]
fn main_passes_the_error_of_the_loop_on_if_its_own_can_take_it() {
    #[entracte::main]
    async fn stuck() -> Result<(), RunError> {
        std::future::pending().await
    }
    assert!(matches!(stuck(), Err(RunError::Deadlock(_))));

    #[entracte::main]
    async fn boxed() -> Result<(), entracte::BoxError> {
        std::future::pending().await
    }
    let error = boxed().expect_err("nothing ends it");
    assert!(error.is::<RunError>());
}

#[test]
fn main_sees_no_name_that_the_attribute_made() {
    struct Of(u32);
    #[entracte::main]
    async fn number() -> u32 {
        let (error, value) = (Of(1), Of(2));
        error.0 + value.0
    }
    assert_eq!(number(), 3);
}

/// Runs this program again, with only the named test in it, and the given variable set.
fn again(test: &str) -> Output {
    let program = std::env::current_exe().expect("the test has a path");
    Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env("ENTRACTE_TEST_EXITS", test)
        .output()
        .expect("the test runs again")
}

/// Whether this is the process that is to exit.
fn is_again(test: &str) -> bool {
    std::env::var("ENTRACTE_TEST_EXITS").is_ok_and(|named| named == test)
}

#[test]
fn main_prints_the_error_of_the_loop_and_exits_if_its_own_cannot_take_it() {
    #[entracte::main]
    async fn stuck() -> Result<(), std::num::ParseIntError> {
        std::future::pending().await
    }
    let name = "main_prints_the_error_of_the_loop_and_exits_if_its_own_cannot_take_it";
    if is_again(name) {
        assert_eq!(stuck(), Ok(()));
    }
    let output = again(name);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("deadlock: every task waits"), "{printed}");
    assert!(printed.contains("main (task "), "the tree: {printed}");
}

#[test]
fn main_may_return_what_has_no_name() {
    #[entracte::main]
    async fn hidden() -> impl std::process::Termination {
        checkpoint().await;
        std::process::ExitCode::SUCCESS
    }
    let _ended = hidden();

    #[entracte::main]
    async fn never() -> ! {
        std::future::pending().await
    }
    let name = "main_may_return_what_has_no_name";
    if is_again(name) {
        never();
    }
    assert_eq!(again(name).status.code(), Some(1));
}

#[test]
fn mistakes_are_named_by_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/macros/compile_fail/*.rs");
}
