//! A context manager made from a generator.

use entracte::{BoxError, Generator};

/// The clean-up comes whether the block fails or not; an error goes on outwards.
fn tag(name: &str) -> Generator<'_, String> {
    Generator::new(async move |mut co| {
        println!("<{name}>");
        co.finally(
            async |co| co.yield_(name.to_uppercase()).await,
            async |_| println!("</{name}>"),
        )
        .await;
    })
}

/// An error in the block ends here.
fn rehearsal() -> Generator<'static, ()> {
    Generator::new(async |mut co| match co.try_yield(()).await {
        Ok(()) => println!("rehearsal finished"),
        Err(error) => println!("rehearsal stopped: {error}"),
    })
}

pub(crate) fn main() -> Result<(), BoxError> {
    tag("p").with(|name| {
        println!("inside {name}");
        Ok(())
    })?;

    if let Err(error) = tag("b").with(|_| Err::<(), _>("the ink ran out".into())) {
        println!("outside: {error}");
    }

    rehearsal().with(|()| {
        println!("act one");
        Ok(())
    })?;

    rehearsal().with(|()| Err::<(), _>("the lead has lost her voice".into()))?;
    Ok(())
}
