//! Eight queens, by backtracking.

use entracte::{BoxError, Generator};

const SIZE: usize = 8;

fn attacked(placed: &[usize], column: usize) -> bool {
    let row = placed.len();
    placed
        .iter()
        .enumerate()
        .any(|(r, &c)| c == column || c.abs_diff(column) == row - r)
}

/// Yields each way to complete the board, as the column of the queen in each row.
fn queens(placed: Vec<usize>) -> Generator<'static, Vec<usize>> {
    Generator::new(async move |mut co| {
        if placed.len() == SIZE {
            co.yield_(placed).await;
            return;
        }
        for column in 0..SIZE {
            if !attacked(&placed, column) {
                let mut more = placed.clone();
                more.push(column);
                co.yield_from(queens(more)).await;
            }
        }
    })
}

pub(crate) fn main() -> Result<(), BoxError> {
    let mut solutions = queens(vec![]);
    for queen in solutions.next()? {
        let mut row = ["."; SIZE];
        row[queen] = "Q";
        println!("{}", row.join(" "));
    }
    println!("{} solutions", 1 + solutions.count());
    Ok(())
}
