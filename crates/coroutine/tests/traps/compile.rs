//! What must not compile: handles that escape, borrows that die, values that change threads.

#[test]
fn t01_t05_t12_handles_borrows_and_threads_are_checked_by_the_compiler() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
