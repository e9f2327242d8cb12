//! A walk through a tree with `yield_from`.

use entracte::{Generator, Stop};

#[derive(Default)]
struct Tree {
    value: &'static str,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

impl Tree {
    fn new(value: &'static str) -> Self {
        Self {
            value,
            ..Self::default()
        }
    }

    fn insert(&mut self, value: &'static str) {
        let side = if value < self.value {
            &mut self.left
        } else {
            &mut self.right
        };
        match side {
            None => *side = Some(Box::new(Self::new(value))),
            Some(branch) => branch.insert(value),
        }
    }

    /// Yields the values in order, and returns how many there were.
    fn walk(&self) -> Generator<'_, &str, usize> {
        Generator::new(async |mut co| {
            let mut count = 1;
            if let Some(left) = &self.left {
                count += co.yield_from(left.walk()).await;
            }
            co.yield_(self.value).await;
            if let Some(right) = &self.right {
                count += co.yield_from(right.walk()).await;
            }
            count
        })
    }
}

pub(crate) fn main() {
    let mut tree = Tree::new("manager");
    for word in ["curtain", "stage", "actor", "lamp", "prompter", "usher"] {
        tree.insert(word);
    }

    let mut walk = tree.walk();
    loop {
        match walk.next() {
            Ok(value) => println!("{value}"),
            Err(Stop::Returned(count)) => break println!("{count} words"),
            Err(stop) => panic!("{stop}"),
        }
    }
}
