//! Runs a scenario again and again, and cuts it off at another step each time.
//!
//! A cut falls before a step of the loop, so also between the moment at which a task is handed
//! something and the one at which it runs. `CUT="gather Cancel 1 17"` replays one.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use entracte::event_loop::{EventLoop, Observer, Token};
use entracte::task::{CurrentTask, TaskTree};
use entracte::{RunError, Runner, Task, current_task, spawn};

use crate::support::virtual_runner;

/// What a cut does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Nothing: the scenario runs to its end.
    Nothing,
    /// Cancels an actor.
    Cancel,
    /// Cancels it, and again so many steps later.
    CancelAgain(usize),
    /// Drops the future of the main task's program, as a `select!` does.
    Drop,
}

#[derive(Clone, Copy)]
struct Cut {
    way: Way,
    /// Which task: they are numbered as they take their first step; 0 is the main task.
    actor: usize,
    step: usize,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} {}", self.way, self.actor, self.step)
    }
}

/// What the tasks of a scenario have in common.
#[derive(Clone, Default)]
pub(crate) struct Stage {
    actors: Rc<RefCell<Vec<CurrentTask>>>,
    on_stage: Rc<Cell<usize>>,
}

impl Stage {
    /// Spawns a task that can be cut off.
    #[track_caller]
    pub(crate) fn spawn<F: Future + 'static>(&self, future: F) -> Task<F::Output> {
        spawn(self.actor(future))
    }

    /// Makes a future one that can be cut off once it runs as a task.
    pub(crate) fn actor<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let stage = self.clone();
        async move {
            let _present = Present::new(&stage.on_stage);
            let task = current_task().expect("an actor is a task");
            stage.actors.borrow_mut().push(task);
            future.await
        }
    }

    /// How many actors run: those that began and whose future was not dropped.
    pub(crate) fn on_stage(&self) -> usize {
        self.on_stage.get()
    }
}

struct Present(Rc<Cell<usize>>);

impl Present {
    fn new(count: &Rc<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Self(Rc::clone(count))
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// One performance: what the main task does, and what holds after it, however it ended.
pub(crate) struct Scenario {
    program: Pin<Box<dyn Future<Output = ()>>>,
    check: Box<dyn FnOnce()>,
}

impl Scenario {
    pub(crate) fn new(
        program: impl Future<Output = ()> + 'static,
        check: impl FnOnce() + 'static,
    ) -> Self {
        Self {
            program: Box::pin(program),
            check: Box::new(check),
        }
    }
}

/// Counts steps, and makes the cut.
struct Cutter {
    cut: Cut,
    stage: Stage,
    steps: Cell<usize>,
    /// The program is to be dropped: seen by the main task when it is next polled.
    drops: Rc<Cell<bool>>,
    main: Rc<RefCell<Option<Waker>>>,
}

impl Cutter {
    fn make_cut(&self) {
        if self.cut.way == Way::Drop {
            self.drops.set(true);
            if let Some(main) = &*self.main.borrow() {
                main.wake_by_ref();
            }
            return;
        }
        let actor = self.stage.actors.borrow().get(self.cut.actor).cloned();
        if let Some(actor) = actor {
            actor.cancel();
        }
    }
}

impl Observer for Cutter {
    fn before_step(&self, _: Token, _: &'static Location<'static>) {
        let step = self.steps.get() + 1;
        self.steps.set(step);
        let cuts = match self.cut.way {
            Way::Nothing => false,
            Way::CancelAgain(later) => step == self.cut.step || step == self.cut.step + later,
            Way::Cancel | Way::Drop => step == self.cut.step,
        };
        if cuts {
            self.make_cut();
        }
    }
}

/// How much a run was.
struct Ran {
    steps: usize,
    actors: usize,
}

/// Runs a scenario once for each way, task and step to cut it off at; gives how often that was.
///
/// After each run its check is called, and no task, no timer and no actor may be left.
pub(crate) fn everywhere(name: &str, scenario: impl Fn(&Stage) -> Scenario) -> usize {
    let whole = Cut {
        way: Way::Nothing,
        actor: 0,
        step: 0,
    };
    let uncut = run_once(name, whole, &scenario);
    let mut runs = 0;
    let again = (1..=3).map(Way::CancelAgain);
    for way in [Way::Cancel, Way::Drop].into_iter().chain(again) {
        let actors = if way == Way::Drop { 1 } else { uncut.actors };
        for actor in 0..actors {
            runs += at_every_step(name, way, actor, &uncut, &scenario);
        }
    }
    runs
}

fn at_every_step(
    name: &str,
    way: Way,
    actor: usize,
    uncut: &Ran,
    scenario: &impl Fn(&Stage) -> Scenario,
) -> usize {
    let only = std::env::var("CUT").ok();
    let mut runs = 0;
    for step in 1.. {
        let cut = Cut { way, actor, step };
        let is_wanted = |only: &String| *only == format!("{name} {cut}");
        if only.as_ref().is_none_or(is_wanted) {
            runs += 1;
            if run_once(name, cut, scenario).steps < step {
                break;
            }
        } else if step > 2 * uncut.steps {
            break;
        }
    }
    runs
}

fn run_once(name: &str, cut: Cut, scenario: &impl Fn(&Stage) -> Scenario) -> Ran {
    let named = Named(name, cut);
    let runner = virtual_runner();
    let stage = Stage::default();
    let Scenario { program, check } = scenario(&stage);
    let cutter = Rc::new(Cutter {
        cut,
        stage: stage.clone(),
        steps: Cell::new(0),
        drops: Rc::default(),
        main: Rc::default(),
    });
    runner
        .event_loop()
        .set_observer(Some(Rc::clone(&cutter) as Rc<dyn Observer>));
    let main: Pin<Box<dyn Future<Output = ()>>> = if cut.way == Way::Drop {
        let (drops, main) = (Rc::clone(&cutter.drops), Rc::clone(&cutter.main));
        Box::pin(unless_dropped(program, drops, main))
    } else {
        program
    };
    let outcome = runner.run(stage.actor(main));
    match (outcome, cut) {
        (Ok(()), _) => {}
        (Err(RunError::Cancelled(_)), cut) if cut.way != Way::Nothing => {}
        // The others may wait for one that was cancelled; they must still unwind.
        (Err(RunError::Deadlock(_)), cut) if cut.actor != 0 => {}
        (Err(error), _) => panic!("the program ended with {error}"),
    }
    settle(&runner);
    assert_eq!(stage.on_stage(), 0, "an actor is left");
    let actors = stage.actors.take().len();
    check();
    drop(named);
    Ran {
        steps: cutter.steps.get(),
        actors,
    }
}

/// Polls a program until it ends or is to be dropped.
async fn unless_dropped(
    program: impl Future<Output = ()>,
    drops: Rc<Cell<bool>>,
    main: Rc<RefCell<Option<Waker>>>,
) {
    let mut program = pin!(program);
    let _forgotten = Forgotten(&main);
    poll_fn(|cx| {
        if drops.get() {
            return Poll::Ready(());
        }
        main.replace(Some(cx.waker().clone()));
        program.as_mut().poll(cx)
    })
    .await;
}

/// Forgets the waker in the end: a loop with a waker at large is not stuck.
struct Forgotten<'a>(&'a RefCell<Option<Waker>>);

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        self.0.take();
    }
}

/// Lets what was cancelled clean up; then nothing may be left.
fn settle(runner: &Runner) {
    let event_loop: &EventLoop = runner.event_loop();
    let ended = event_loop.time();
    let settled = event_loop.run_until(|| event_loop.alive() == 0);
    if settled.is_err() {
        panic!("tasks are left:\n{}", TaskTree::of(event_loop));
    }
    let took = event_loop.time() - ended;
    assert!(
        took < Duration::from_secs(60),
        "it took {took:?} to clean up"
    );
    let ended = event_loop.time();
    // What was woken when it was done already is still in the ready queue.
    while event_loop.turn().is_ok() {
        assert_eq!(event_loop.time(), ended, "a timer is left");
    }
}

/// Says which cut it was, if the test fails.
struct Named<'a>(&'a str, Cut);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to replay it: CUT=\"{} {}\"", self.0, self.1);
        }
    }
}
