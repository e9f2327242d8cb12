//! Two yields of one coroutine cannot wait at once.
use entracte_coroutine::Generator;

fn main() {
    let _ = Generator::new(async |mut co| {
        futures::join!(co.yield_(1), co.yield_(2));
    });
}
