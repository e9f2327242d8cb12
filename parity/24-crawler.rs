//! A crawler: three workers share a queue of pages, on a network that is a dictionary.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use entracte::sync::{Queue, TryPutError};
use entracte::{BoxError, sleep, spawn};
use virtual_time::{clock, run};

type Path = &'static str;
type Links = &'static [Path];

/// Each page with the seconds it takes to load, and its links.
const PAGES: [(Path, f64, Links); 6] = [
    ("/", 0.5, &["/news", "/about", "/missing"]),
    ("/about", 0.8, &["/", "/people"]),
    ("/news", 1.3, &["/news/1", "/news/2", "/about"]),
    ("/news/1", 0.6, &["/news"]),
    ("/news/2", 0.7, &["/news", "/people"]),
    ("/people", 0.9, &["/"]),
];

async fn fetch(path: Path) -> Result<Links, &'static str> {
    let Some((_, seconds, links)) = PAGES.iter().find(|page| page.0 == path) else {
        sleep(Duration::from_millis(100)).await;
        return Err("not found");
    };
    sleep(Duration::from_secs_f64(*seconds)).await;
    Ok(links)
}

fn follow(
    links: Links,
    queue: &Queue<Path>,
    seen: &mut HashSet<Path>,
) -> Result<(), TryPutError<Path>> {
    for link in links {
        if seen.insert(link) {
            queue.try_put(link)?;
        }
    }
    Ok(())
}

async fn work(queue: Queue<Path>, seen: Rc<RefCell<HashSet<Path>>>) -> Result<(), BoxError> {
    loop {
        let path = queue.get().await?;
        match fetch(path).await {
            Ok(links) => {
                println!("{} {path} has {} links", clock(), links.len());
                follow(links, &queue, &mut seen.borrow_mut())?;
            }
            Err(error) => println!("{} {path}: {error}", clock()),
        }
        queue.task_done()?;
    }
}

async fn program() -> Result<(), BoxError> {
    let queue = Queue::unbounded();
    let seen = Rc::new(RefCell::new(HashSet::from(["/"])));
    queue.try_put("/")?;
    let workers = [(); 3].map(|()| spawn(work(queue.clone(), Rc::clone(&seen))));
    queue.join().await;
    println!("{} {} pages", clock(), seen.borrow().len());
    for worker in workers {
        worker.cancel();
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    run(program())?
}
