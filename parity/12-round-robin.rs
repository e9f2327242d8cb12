//! Round robin: a scheduler of coroutines.

use entracte::{Co, RoundRobin, Spawned, Turn};

async fn cook(mut co: Co<'_, Turn, ()>, dish: &str, minutes: u32) -> u32 {
    for minute in 1..=minutes {
        println!("{dish}: minute {minute}");
        co.yield_(Turn::Next).await;
    }
    minutes
}

async fn burn(mut co: Co<'_, Turn, ()>, dish: &str) -> u32 {
    println!("{dish}: minute 1");
    co.yield_(Turn::Next).await;
    co.raise("too much heat").await
}

async fn serve(mut co: Co<'_, Turn, ()>, meal: &str, dishes: &[Spawned<u32>]) -> u32 {
    println!("{meal}: the table is set");
    let mut minutes = 0;
    for dish in dishes {
        minutes += dish.wait(&mut co).await;
    }
    println!("{meal}: enjoy");
    minutes
}

pub(crate) fn main() {
    let mut kitchen = RoundRobin::new();
    let soup = kitchen.spawn("soup", async |co| cook(co, "soup", 3).await);
    let tea = kitchen.spawn("tea", async |co| cook(co, "tea", 1).await);
    let toast = kitchen.spawn("toast", async |co| burn(co, "toast").await);
    let dinner = kitchen.spawn("dinner", async move |co| {
        serve(co, "dinner", &[soup, tea]).await
    });
    kitchen.spawn("breakfast", async move |co| {
        serve(co, "breakfast", &[toast]).await
    });

    if let Err(failures) = kitchen.run() {
        for (name, error) in failures.iter() {
            println!("{name} failed: {error}");
        }
    }
    if let Some(Ok(minutes)) = dinner.result() {
        println!("dinner took {minutes} minutes of cooking");
    }
}
