//! Every program of `parity`, one after the other, each under its title.

use entracte::BoxError;

#[path = "../parity/18-async-generator.rs"]
mod async_generator;
#[path = "../parity/17-context-manager.rs"]
mod context_manager;
#[path = "../parity/16-eight-queens.rs"]
mod eight_queens;
#[path = "../parity/01-for-loop.rs"]
mod for_loop;
#[path = "../parity/07-grep.rs"]
mod grep;
#[path = "../parity/09-minimize.rs"]
mod minimize;
#[path = "../parity/13-parser.rs"]
mod parser;
#[path = "../parity/02-parts.rs"]
mod parts;
#[path = "../parity/11-pipeline.rs"]
mod pipeline;
#[path = "../parity/10-producer-consumer.rs"]
mod producer_consumer;
#[path = "../parity/06-receiver.rs"]
mod receiver;
#[path = "../parity/08-repeater.rs"]
mod repeater;
#[path = "../parity/12-round-robin.rs"]
mod round_robin;
#[path = "../parity/15-same-fringe.rs"]
mod same_fringe;
#[path = "../parity/04-sent-values.rs"]
mod sent_values;
#[path = "../parity/05-switching.rs"]
mod switching;
#[path = "../parity/14-tree-walk.rs"]
mod tree_walk;
#[path = "../parity/03-values.rs"]
mod values;

fn title(text: &str) {
    println!("\n{text}\n{}", "-".repeat(text.len()));
}

fn main() -> Result<(), BoxError> {
    println!("Coroutines, from a for loop to an async generator.");

    title("01 A for loop taken apart");
    for_loop::main();

    title("02 A function in two parts");
    parts::main();

    title("03 Values at the checkpoints");
    values::main()?;

    title("04 Values sent in");
    sent_values::main()?;

    title("05 Switching by hand between two coroutines");
    switching::main()?;

    title("06 A receiver that cleans up");
    receiver::main()?;

    title("07 Grep, as a coroutine");
    grep::main()?;

    title("08 A repeater: each value sent comes back");
    repeater::main()?;

    title("09 The least value so far");
    minimize::main()?;

    title("10 A producer and a consumer with a short shelf between them");
    producer_consumer::main()?;

    title("11 A pipeline: a source sends through two filters into a sink");
    pipeline::main()?;

    title("12 Round robin: a scheduler of coroutines");
    round_robin::main();

    title("13 Arithmetic, by a parser that is sent its tokens");
    parser::main();

    title("14 A walk through a tree with `yield_from`");
    tree_walk::main();

    title("15 The same fringe: two trees compared leaf by leaf");
    same_fringe::main();

    title("16 Eight queens, by backtracking");
    eight_queens::main()?;

    title("17 A context manager made from a generator");
    context_manager::main()?;

    title("18 An async generator driven by hand, with no event loop");
    async_generator::main()?;

    Ok(())
}
