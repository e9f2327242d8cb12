//! What the body borrows outlives the coroutine.
use entracte_coroutine::Generator;

fn main() {
    let mut co = {
        let names = vec![String::from("a")];
        Generator::new(async |mut co| {
            for name in &names {
                co.yield_(name.len()).await;
            }
        })
    };
    let _ = co.next();
}
