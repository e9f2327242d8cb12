//! A producer and a consumer with a short shelf between them.

use std::cell::RefCell;
use std::collections::VecDeque;

use entracte::{BoxError, Co, Coroutine};

const ROOM: usize = 2;

type Shelf = RefCell<VecDeque<&'static str>>;

async fn baker(mut co: Co<'_, (), ()>, shelf: &Shelf) {
    for loaf in ["rye", "wheat", "oat", "spelt", "corn"] {
        while shelf.borrow().len() == ROOM {
            println!("shelf full, the baker waits");
            co.yield_(()).await;
        }
        println!("baked {loaf}");
        shelf.borrow_mut().push_back(loaf);
    }
}

async fn customer(mut co: Co<'_, (), ()>, shelf: &Shelf) {
    loop {
        while let Some(loaf) = shelf.borrow_mut().pop_front() {
            println!("bought {loaf}");
        }
        println!("shelf empty, the customer waits");
        co.yield_(()).await;
    }
}

pub(crate) fn main() -> Result<(), BoxError> {
    let shelf = Shelf::default();
    let mut consumer = Coroutine::new(async |co| customer(co, &shelf).await);
    for () in Coroutine::new(async |co| baker(co, &shelf).await) {
        consumer.next()?;
    }
    println!("the baker goes home");
    consumer.next()?;
    Ok(())
}
