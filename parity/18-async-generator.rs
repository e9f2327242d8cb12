//! An async generator driven by hand, with no event loop.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use entracte::{AsyncGenerator, BoxError, Stop};

/// Waits once, then is done.
async fn pause() {
    let mut waited = false;
    poll_fn(|_| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        Poll::Pending
    })
    .await;
}

fn countdown(start: u32) -> AsyncGenerator<'static, u32> {
    AsyncGenerator::new(async move |mut co| {
        for number in (1..=start).rev() {
            println!("  waits before {number}");
            pause().await;
            co.yield_(number).await;
        }
    })
}

/// Polls one step until it is done, which an event loop would do for us.
fn drive<T>(step: impl Future<Output = T>) -> T {
    let mut step = pin!(step);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = step.as_mut().poll(&mut context) {
            return answer;
        }
        println!("  not ready yet");
    }
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut numbers = countdown(3);
    loop {
        match drive(numbers.next()) {
            Ok(number) => println!("{number}"),
            Err(Stop::Returned(())) => break println!("lift-off"),
            Err(stop) => return Err(stop.into()),
        }
    }
    Ok(())
}
