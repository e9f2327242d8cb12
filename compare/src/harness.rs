//! Runs every contender of a workload in turn, several rounds, and keeps what each round took.

use std::hint::black_box;
use std::time::Instant;

use crate::figure::{Figure, Figures, best};
use crate::goal::Goal;
use crate::python::{self, Python};

/// How long and how often to measure.
#[derive(Clone, Copy)]
pub struct Settings {
    pub rounds: usize,
    pub quick: bool,
    /// One contender is run once, to count its instructions: no other process, little setting up.
    pub count: bool,
}

impl Settings {
    /// The number of items of a round: all of them, or a tenth when a quick answer is wanted.
    pub fn items(self, all: u64) -> u64 {
        if self.quick { all / 10 } else { all }
    }
}

/// Runs a number of items and answers a checksum that every contender must agree on.
pub type Run = Box<dyn FnMut(u64) -> u64>;
/// What one run of a number of items found.
#[derive(Clone, Copy)]
pub struct Sample {
    pub checksum: u64,
    /// What all items took, in the workload's unit.
    pub took: f64,
    /// The workload's second measurement, where it has one.
    pub beside: Option<f64>,
}

/// Runs a number of items and measures by itself what they took.
type Measured = Box<dyn FnMut(u64) -> Result<Sample, String>>;

enum Body {
    Here(Run),
    Measured(Measured),
    Python(Python),
}

/// One way to do a workload.
pub struct Contender {
    pub name: &'static str,
    body: Body,
    /// A slow contender does one item where the others do `share`; its figure is per item anyway.
    share: u64,
    /// Resident bytes of one coroutine, where the workload measures them.
    bytes: Option<f64>,
    note: Option<String>,
}

/// What the figures of a workload are held against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The first of these contenders that takes part.
    FirstOf(&'static [&'static str]),
    /// The peer with the least median.
    BestPeer,
}

/// One task, done by every contender that can.
pub struct Workload {
    pub name: &'static str,
    pub about: String,
    /// Items of one round.
    items: u64,
    reference: Reference,
    /// What is measured for each item.
    unit: &'static str,
    /// What the second measurement is.
    beside: Option<&'static str>,
    goals: Vec<Goal>,
    pub contenders: Vec<Contender>,
    /// Contenders that keep their state from run to run have no common checksum.
    keeps_state: bool,
    /// Each run follows one of the same contender that is thrown away.
    own_heap: bool,
    /// Lines for the human reader: who could not take part, and why.
    pub notes: Vec<String>,
}

/// The limit of a workload whose forms are boxed: the compiler's coroutine behind `Box<dyn>`.
pub const NATIVE: Reference = Reference::FirstOf(&["native", "hand-written"]);
/// The limit of a workload on the stack.
pub const HAND_WRITTEN: Reference = Reference::FirstOf(&["hand-written"]);

impl Workload {
    pub fn new(
        name: &'static str,
        about: impl Into<String>,
        items: u64,
        reference: Reference,
    ) -> Self {
        let (about, contenders) = (about.into(), Vec::new());
        let mut notes = Vec::new();
        if reference == NATIVE && !cfg!(native) {
            notes.push(
                "native is not built (RUSTC_BOOTSTRAP=1 builds it): hand-written is the reference"
                    .to_owned(),
            );
        }
        Self {
            name,
            about,
            items,
            reference,
            unit: "ns",
            beside: None,
            goals: Vec::new(),
            contenders,
            keeps_state: false,
            own_heap: false,
            notes,
        }
    }

    /// Adds a contender.
    pub fn add(&mut self, name: &'static str, run: impl FnMut(u64) -> u64 + 'static) {
        self.add_share(name, 1, run);
    }

    /// Adds a slow contender, which does one item where the others do `share`.
    pub fn add_share(
        &mut self,
        name: &'static str,
        share: u64,
        run: impl FnMut(u64) -> u64 + 'static,
    ) {
        self.push(name, share, Body::Here(Box::new(run)));
    }

    /// Adds a contender that measures itself.
    pub fn add_measured(
        &mut self,
        name: &'static str,
        mut run: impl FnMut(u64) -> Result<(u64, f64), String> + 'static,
    ) {
        self.add_sampled(name, 1, move |items| run(items).map(Sample::from));
    }

    /// Adds a contender that measures itself and has a second measurement; it does one item where the
    /// others do `share`.
    pub fn add_sampled(
        &mut self,
        name: &'static str,
        share: u64,
        run: impl FnMut(u64) -> Result<Sample, String> + 'static,
    ) {
        self.push(name, share, Body::Measured(Box::new(run)));
    }

    /// Adds CPython, or says that it is not there; leaves it out when instructions are counted.
    pub fn add_python(&mut self, settings: Settings, share: u64) {
        self.add_script(python::COROUTINE, settings, share);
    }

    /// Adds CPython with its own loop, as `add_python` does.
    pub fn add_asyncio(&mut self, settings: Settings, share: u64) {
        self.add_script(python::ASYNCIO, settings, share);
    }

    fn add_script(&mut self, script: python::Script, settings: Settings, share: u64) {
        if settings.count {
            return;
        }
        match Python::start(script, self.name) {
            Ok(python) => self.push("CPython", share, Body::Python(python)),
            Err(reason) => self.notes.push(format!("CPython takes no part: {reason}")),
        }
    }

    fn push(&mut self, name: &'static str, share: u64, body: Body) {
        self.contenders.push(Contender {
            name,
            body,
            share,
            bytes: None,
            note: None,
        });
    }

    /// The contender added last and its Python, if that is what it is.
    pub fn last_python(&mut self) -> Option<&mut Python> {
        match &mut self.contenders.last_mut()?.body {
            Body::Python(python) => Some(python),
            Body::Here(_) | Body::Measured(_) => None,
        }
    }

    /// Gives each run a heap as the same contender left it. For workloads of many allocations, whose
    /// time is otherwise up to twofold a matter of who ran before.
    pub fn own_heap(&mut self) {
        self.own_heap = true;
    }

    /// Sets a goal for entracte.
    pub fn goal(&mut self, goal: Goal) {
        self.goals.push(goal);
    }

    /// Says that the figures are no times.
    pub fn unit(&mut self, unit: &'static str) {
        self.unit = unit;
    }

    /// Says what the second measurement is, which is printed beside the first.
    pub fn beside(&mut self, what: &'static str) {
        self.beside = Some(what);
    }

    /// Says something about the contender added last.
    pub fn note(&mut self, note: impl Into<String>) {
        if let Some(last) = self.contenders.last_mut() {
            last.note = Some(note.into());
        }
    }

    /// Records the resident bytes of one coroutine of the contender added last.
    pub fn bytes(&mut self, bytes: f64) {
        if let Some(last) = self.contenders.last_mut() {
            last.bytes = Some(bytes);
        }
    }

    /// Leaves out all contenders but these.
    pub fn keep(&mut self, names: &[String]) {
        let contenders = &mut self.contenders;
        contenders.retain(|one| names.iter().any(|name| name == one.name));
    }

    /// Marks the contenders as keeping their state from run to run.
    pub fn keep_state(&mut self) {
        self.keeps_state = true;
    }
}

impl Contender {
    /// Runs `items` items.
    fn sample(&mut self, items: u64) -> Result<Sample, String> {
        match &mut self.body {
            Body::Here(run) => {
                let start = Instant::now();
                let checksum = run(black_box(items));
                Ok((checksum, start.elapsed().as_nanos() as f64).into())
            }
            Body::Measured(run) => run(black_box(items)),
            Body::Python(python) => python.run(items).map(Sample::from),
        }
    }
}

impl From<(u64, f64)> for Sample {
    fn from((checksum, took): (u64, f64)) -> Self {
        Self {
            checksum,
            took,
            beside: None,
        }
    }
}

/// Measures a workload: checks that all contenders agree, then runs them in turn.
pub fn measure(mut workload: Workload, settings: Settings) -> Result<Figures, String> {
    if !workload.keeps_state {
        agree(&mut workload)?;
    }
    let items = workload.items;
    let mut times = vec![(Vec::new(), Vec::new()); workload.contenders.len()];
    // The first round warms up caches and the branch predictor, and is thrown away.
    for round in 0..=settings.rounds {
        for (contender, times) in workload.contenders.iter_mut().zip(&mut times) {
            let items = (items / contender.share).max(1);
            if workload.own_heap {
                contender.sample(items)?;
            }
            let sample = contender.sample(items)?;
            if round > 0 {
                times.0.push(sample.took / items as f64);
                times.1.extend(sample.beside);
            }
        }
    }
    Ok(figures(workload, times))
}

/// Runs a few items with each contender: all must find the same checksum.
fn agree(workload: &mut Workload) -> Result<(), String> {
    const FEW: u64 = 1000;
    let mut expected = None;
    for contender in &mut workload.contenders {
        let checksum = contender.sample(FEW)?.checksum;
        let (first, wanted) = *expected.get_or_insert((contender.name, checksum));
        if checksum != wanted {
            return Err(format!(
                "{}: {} computes {checksum} where {first} computes {wanted}",
                workload.name, contender.name
            ));
        }
    }
    Ok(())
}

fn figures(workload: Workload, times: Vec<(Vec<f64>, Vec<f64>)>) -> Figures {
    let mut figures: Vec<Figure> = (workload.contenders.into_iter().zip(times))
        .map(|(contender, (times, beside))| Figure {
            bytes: contender.bytes,
            note: contender.note,
            ..Figure::new(contender.name, times, beside)
        })
        .collect();
    let (reference, limit) = workload
        .reference
        .among(&figures)
        .map_or(("none", f64::NAN), |one| (one.contender, one.median));
    for figure in &mut figures {
        figure.ratio = figure.median / limit;
    }
    let verdicts = workload.goals.iter().map(|goal| goal.judge(&figures));
    Figures {
        workload: workload.name,
        about: workload.about,
        reference,
        unit: workload.unit,
        beside: workload.beside,
        verdicts: verdicts.collect(),
        figures,
        notes: workload.notes,
    }
}

impl Reference {
    fn among(self, figures: &[Figure]) -> Option<&Figure> {
        match self {
            Self::FirstOf(names) => names
                .iter()
                .find_map(|name| figures.iter().find(|one| one.contender == *name)),
            Self::BestPeer => best(figures, Figure::is_peer),
        }
    }
}

/// Runs `items` items of one contender of `workload`, once.
pub fn once(mut workload: Workload, contender: &str, items: u64) -> Result<u64, String> {
    let names: Vec<_> = workload.contenders.iter().map(|one| one.name).collect();
    let Some(found) = workload
        .contenders
        .iter_mut()
        .find(|one| one.name == contender)
    else {
        let (name, names) = (workload.name, names.join(", "));
        return Err(format!(
            "{name} has no contender `{contender}`; there is: {names}"
        ));
    };
    found.sample(items).map(|sample| sample.checksum)
}
