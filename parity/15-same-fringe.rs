//! The same fringe: two trees compared leaf by leaf.

use entracte::Generator;

enum Tree {
    Leaf(i32),
    Fork(Box<Tree>, Box<Tree>),
}

fn leaf(value: i32) -> Tree {
    Tree::Leaf(value)
}

fn fork(left: Tree, right: Tree) -> Tree {
    Tree::Fork(Box::new(left), Box::new(right))
}

fn leaves(tree: &Tree) -> Generator<'_, i32> {
    Generator::new(async move |mut co| match tree {
        Tree::Fork(left, right) => {
            co.yield_from(leaves(left)).await;
            co.yield_from(leaves(right)).await;
        }
        Tree::Leaf(value) => {
            println!("  leaf {value}");
            co.yield_(*value).await;
        }
    })
}

/// Stops at the first difference: the other leaves are never visited.
fn same_fringe(one: &Tree, other: &Tree) -> bool {
    leaves(one).eq(leaves(other))
}

fn compare(title: &str, one: &Tree, other: &Tree) {
    println!("{title}");
    let same = same_fringe(one, other);
    println!("  {}", if same { "same" } else { "different" });
}

pub(crate) fn main() {
    compare(
        "two shapes, the same leaves",
        &fork(fork(leaf(1), leaf(2)), leaf(3)),
        &fork(leaf(1), fork(leaf(2), leaf(3))),
    );
    compare(
        "different at the second leaf",
        &fork(fork(leaf(1), leaf(2)), fork(leaf(3), leaf(4))),
        &fork(leaf(1), fork(leaf(5), fork(leaf(3), leaf(4)))),
    );
    compare(
        "one leaf more",
        &fork(leaf(1), leaf(2)),
        &fork(fork(leaf(1), leaf(2)), leaf(3)),
    );
}
