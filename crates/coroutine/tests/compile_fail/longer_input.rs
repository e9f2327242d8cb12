//! What is sent in may not die before the coroutine: its types are invariant.
use entracte_coroutine::Coroutine;

fn main() {
    let mut co: Coroutine<'_, (), &'static str, ()> = Coroutine::new(async |mut co| {
        let _: &'static str = co.yield_(()).await;
    });
    let _ = co.next();
    let text = String::from("short");
    let _ = co.send(text.as_str());
}
