//! Random walks: tasks come, are cancelled, and go on in an order drawn from a seed.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::EventLoop;
use entracte::{Task, TaskError, checkpoint, sleep, spawn, timeout};
use entracte_sim::{check, wait_all_blocked};

const SEEDS: u64 = 1000;
const MOVES: u32 = 60;

/// A primitive, and beside it the model.
pub(crate) trait Pair: 'static {
    /// Uses the primitive once, in a task of its own.
    async fn act(self: Rc<Self>);

    /// Does something to it that does not wait.
    fn poke(&self);

    /// Compares what can be compared at any time.
    fn compare(&self);

    /// Compares when every task waits: whoever can go on has gone on.
    fn compare_at_rest(&self);

    /// Lets those end who wait for somebody that will not come.
    async fn let_go(&self);
}

/// What was done from all seeds together.
#[derive(Default)]
struct Counts {
    tasks: Cell<u64>,
    cancelled: Cell<u64>,
    rests: Cell<u64>,
}

fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

/// A number of the environment.
fn given(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("the variable is a number"))
}

/// Walks from each seed with a new pair.
#[track_caller]
pub(crate) fn walks<P: Pair>(make: impl Fn() -> P) {
    let seeds = given("ENTRACTE_SEEDS").unwrap_or(SEEDS);
    let first = given("FIRST_SEED").unwrap_or(0);
    let counts = Counts::default();
    let walk = async || walk(Rc::new(make()), &counts).await;
    check(first..first + seeds, walk);
    let (tasks, cancelled, rests) = (
        counts.tasks.get(),
        counts.cancelled.get(),
        counts.rests.get(),
    );
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    println!("{test}: {seeds} seeds, {tasks} tasks, {cancelled} cancelled, {rests} times at rest");
    assert!(tasks > 0 && cancelled > 0 && rests > 0);
}

async fn walk<P: Pair>(pair: Rc<P>, counts: &Counts) {
    let mut tasks = Vec::new();
    for _ in 0..MOVES {
        match below(10) {
            0..=3 => tasks.push(start(&pair, counts)),
            4 | 5 => cancel_one(&mut tasks, counts),
            6 | 7 => pause().await,
            8 => pair.poke(),
            _ => rest(&*pair, counts).await,
        }
        pair.compare();
    }
    let mut rounds = 0;
    while tasks.iter().any(|task| !task.is_done()) {
        pair.let_go().await;
        sleep(Duration::from_millis(20)).await;
        rest(&*pair, counts).await;
        rounds += 1;
        assert!(rounds < 1000, "somebody waits for ever");
    }
    for task in tasks {
        match task.await {
            Ok(()) | Err(TaskError::Cancelled(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    rest(&*pair, counts).await;
}

async fn rest(pair: &impl Pair, counts: &Counts) {
    wait_all_blocked().await;
    pair.compare();
    pair.compare_at_rest();
    count(&counts.rests);
}

/// Starts a task; one in three gives up after some time, which drops its future and no more.
fn start<P: Pair>(pair: &Rc<P>, counts: &Counts) -> Task<()> {
    count(&counts.tasks);
    let act = Rc::clone(pair).act();
    if below(3) > 0 {
        return spawn(act);
    }
    let limit = millis();
    spawn(async move {
        let _in_time = timeout(limit, act).await.is_ok();
    })
}

/// Cancels a task, and holds it or not.
fn cancel_one(tasks: &mut Vec<Task<()>>, counts: &Counts) {
    if tasks.is_empty() {
        return;
    }
    count(&counts.cancelled);
    let at = below(tasks.len());
    if below(2) == 0 {
        drop(tasks.swap_remove(at));
    } else {
        tasks[at].cancel();
    }
}

/// A random number, drawn from the seed.
pub(crate) fn below(bound: usize) -> usize {
    let event_loop = EventLoop::current().expect("it is called in the simulation");
    let bound = u64::try_from(bound).expect("64 bits are enough");
    usize::try_from(event_loop.random() % bound).expect("it is below the bound")
}

fn millis() -> Duration {
    [0, 1, 2, 3, 5, 8].map(Duration::from_millis)[below(6)]
}

/// Lets others go on, or some time pass.
pub(crate) async fn pause() {
    if below(2) == 0 {
        checkpoint().await;
    } else {
        sleep(millis()).await;
    }
}
