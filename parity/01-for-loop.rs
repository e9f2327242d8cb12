//! A for loop taken apart.

pub(crate) fn main() {
    let numbers = [1, 2, 3, 4, 5];

    for number in numbers {
        println!("{number}");
    }

    // The same loop by hand: this is what `for` does.
    let mut iterator = numbers.into_iter();
    #[expect(clippy::while_let_loop, reason = "the loop is taken apart")]
    loop {
        match iterator.next() {
            Some(number) => println!("{number}"),
            None => break,
        }
    }
}
