//! What type inference manages without help: bodies that never end, helpers, `Send` bodies.

use entracte_coroutine::{BoxError, Co, Coroutine, Generator, SendCoroutine, StackGenerator};

#[test]
fn a_body_that_loops_for_ever_needs_no_return_type() -> Result<(), BoxError> {
    let mut doubler = Coroutine::new(async |mut co| {
        let mut answer = 0;
        loop {
            let value: i32 = co.yield_(answer).await;
            answer = value * 2;
        }
    });
    doubler.next()?;
    assert_eq!(doubler.send(21)?, 42);
    Ok(())
}

#[test]
fn a_for_loop_fixes_the_input_type() {
    let co = Coroutine::new(async |mut co| co.yield_(1).await);
    assert!(co.eq([1]));
}

#[test]
fn a_generator_that_is_only_advanced_needs_no_annotation() -> Result<(), BoxError> {
    let mut co = Generator::new(async |mut co| co.yield_("only").await);
    assert_eq!(co.next()?, "only");
    Ok(())
}

#[test]
fn a_stack_generator_that_is_only_advanced_needs_no_annotation() -> Result<(), BoxError> {
    let mut co = std::pin::pin!(StackGenerator::new(async |mut co| co.yield_(1).await));
    assert_eq!(co.as_mut().next()?, 1);
    Ok(())
}

#[test]
fn an_async_fn_item_is_a_body_and_takes_the_handle_on_to_helpers() -> Result<(), BoxError> {
    async fn helper(co: &mut Co<'_, &'static str, u8>, text: &'static str) -> u8 {
        co.yield_(text).await
    }
    async fn body(mut co: Co<'_, &'static str, u8>) -> u8 {
        helper(&mut co, "a").await + helper(&mut co, "b").await
    }
    let mut co = Coroutine::new(body);
    assert_eq!(co.next()?, "a");
    assert_eq!(co.send(1)?, "b");
    assert_eq!(co.send(2).unwrap_err().returned(), Some(3));
    Ok(())
}

#[test]
fn a_body_that_catches_cleans_up_and_delegates_is_send() -> Result<(), BoxError> {
    fn inner() -> SendCoroutine<'static, i32, i32, i32> {
        Coroutine::new_send(async |mut co| co.yield_(1).await)
    }
    let mut co = Coroutine::new_send(async |mut co| {
        let caught = co.catch(async |co| co.yield_from(inner()).await).await;
        let sent = caught.unwrap_or(0);
        co.finally(async |co| co.yield_(sent).await, async |_| {})
            .await
    });
    co.next()?;
    let end = std::thread::spawn(move || {
        assert_eq!(co.send(7).ok(), Some(7));
        co.send(8).unwrap_err().returned()
    });
    assert_eq!(end.join().ok(), Some(Some(8)));
    Ok(())
}

#[test]
fn the_question_mark_takes_what_borrows_and_what_is_not_send() {
    fn grep(text: &str) -> Result<Option<usize>, BoxError> {
        let text = text.to_uppercase();
        let mut found = 0;
        let mut co = Coroutine::new(async |mut co| {
            while let Ok(line) = co.try_yield(()).await {
                let line: &str = line;
                found += usize::from(line.contains("PYTHON"));
            }
            found
        });
        co.next()?;
        for line in text.lines() {
            co.send(line)?;
        }
        Ok(co.close()?)
    }
    assert_eq!(grep("Python\nJava").ok(), Some(Some(1)));

    fn local() -> Result<(), Box<dyn std::error::Error>> {
        let text = String::from("a b");
        let mut words = Generator::new(async |mut co| {
            co.yield_from_iter(text.split(' ')).await;
            std::rc::Rc::new(1)
        });
        words.next()?;
        words.close()?;
        words.next()?;
        Ok(())
    }
    let error = local().expect_err("it was closed");
    assert_eq!(error.to_string(), "cannot resume a finished coroutine");
}

#[test]
fn the_question_mark_passes_a_raised_error_on_as_itself() {
    fn fails() -> Result<(), BoxError> {
        let mut co = Generator::<(), ()>::new(async |mut co| co.raise(std::fmt::Error).await);
        co.next()?;
        Ok(())
    }
    assert!(fails().is_err_and(|error| error.is::<std::fmt::Error>()));
}
