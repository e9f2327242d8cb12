//! A local coroutine stays on its thread.
use entracte_coroutine::Generator;

fn main() {
    let mut co = Generator::new(async |mut co| co.yield_(1).await);
    std::thread::spawn(move || co.next().is_ok());
}
