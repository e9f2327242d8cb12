//! Values of odd sizes: none at all, more than a page, and aligned to a cache line.

#![expect(
    clippy::excessive_nesting,
    reason = "bodies inside bodies are what is tested"
)]

use std::cell::Cell;
use std::pin::pin;

use entracte_coroutine::{Coroutine, Generator, Resume, StackCoroutine, Stop};

thread_local! {
    /// Values without size that live.
    static ALIVE: Cell<i32> = const { Cell::new(0) };
}

/// A value without size that is counted.
struct Nothing;

impl Nothing {
    fn new() -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Nothing
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

/// A value that has to lie at the start of a cache line.
#[repr(align(64))]
struct Line(Box<u32>);

impl Line {
    fn new(value: u32) -> Self {
        Line(Box::new(value))
    }

    fn value(&self) -> u32 {
        assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
        *self.0
    }
}

#[test]
fn values_without_size_are_dropped_once() {
    for sends in 0..4 {
        for ending in 0..4 {
            {
                let mut co: Coroutine<'_, Nothing, Nothing, Nothing> =
                    Coroutine::new(async |mut co| {
                        let first = co.yield_(Nothing::new()).await;
                        let second = co.try_yield(first).await;
                        second.unwrap_or_else(|_| Nothing::new())
                    });
                drop(co.next());
                for _ in 0..sends {
                    drop(co.send(Nothing::new()));
                }
                match ending {
                    0 => drop(co.close()),
                    1 => drop(co.throw("stop")),
                    2 => drop(co.next()),
                    _ => {}
                }
            }
            assert_eq!(ALIVE.get(), 0, "{sends} sends, ending {ending}");
        }
    }
}

#[test]
fn a_unit_like_type_is_not_the_unit() {
    let mut co: Coroutine<'_, u8, Nothing, ()> = Coroutine::new(async |mut co| {
        drop::<Nothing>(co.yield_(1).await);
    });
    assert_eq!(co.next().ok(), Some(1));
    assert!(matches!(co.next(), Err(Stop::NeedsInput)));
}

/// Adds up what is sent, and returns the sum.
async fn adds(mut co: entracte_coroutine::Co<'_, Line, Line>) -> Line {
    let mut sum = 0;
    let held = Line::new(1);
    for _ in 0..3 {
        sum += co.yield_(Line::new(sum)).await.value() + held.value();
    }
    Line::new(sum)
}

fn add_up(co: &mut dyn Resume<Line, Yield = Line, Return = Line>) {
    use entracte_coroutine::Act;
    assert_eq!(co.resume(Act::Next).ok().map(|line| line.value()), Some(0));
    for sum in [3, 6] {
        let given = co.resume(Act::Send(Line::new(2)));
        assert_eq!(given.ok().map(|line| line.value()), Some(sum));
    }
    match co.resume(Act::Send(Line::new(2))) {
        Err(Stop::Returned(line)) => assert_eq!(line.value(), 9),
        _ => panic!("it returns"),
    }
}

#[test]
fn over_aligned_values_are_aligned_everywhere() {
    add_up(&mut Coroutine::new(adds));
    add_up(&mut Coroutine::new_send(adds));
    add_up(&mut Coroutine::new(adds).shared());
    add_up(&mut pin!(StackCoroutine::new(adds)).as_mut());
    add_up(&mut Coroutine::new(async |mut co| {
        co.yield_from(Coroutine::new(adds)).await
    }));
    let mut half: Coroutine<'_, Line, Line, Line> = Coroutine::new(adds);
    assert!(half.next().is_ok());
}

#[test]
fn large_bodies_are_boxed_and_freed() {
    let mut co: Generator<'_, u8> = Generator::new(async |mut co| {
        let large = [7_u8; 100_000];
        co.yield_(large[99_999]).await;
        co.yield_(large[0]).await;
    });
    assert_eq!(co.next().ok(), Some(7));
    let mut other: Generator<'_, [u64; 4000]> = Generator::new(async |mut co| {
        co.yield_([1; 4000]).await;
        co.yield_([2; 4000]).await;
    });
    assert_eq!(other.by_ref().map(|items| items[3999]).sum::<u64>(), 3);
    assert!(other.outcome().is_some());
}

#[test]
fn strings_and_boxes_go_both_ways() {
    let mut co: Coroutine<'_, String, Box<str>, Vec<String>> = Coroutine::new(async |mut co| {
        let mut heard = Vec::new();
        while heard.len() < 3 {
            let said: Box<str> = co.yield_(format!("say something, {}", heard.len())).await;
            heard.push(said.into_string());
        }
        heard
    });
    assert!(co.next().is_ok());
    assert!(co.send("one".into()).is_ok());
    assert!(co.send("two".into()).is_ok());
    let heard = co.send("three".into()).unwrap_err().returned();
    assert_eq!(heard.unwrap_or_default(), ["one", "two", "three"]);
}
