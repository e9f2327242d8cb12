//! `Schedule`: where a run departs from first in, first out; and the script that makes it do so.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use entracte_event_loop::{Random, SeededRandom};

/// Where a run departs from the usual order: at which choice, and who goes on instead.
///
/// Its text is that of the variable `ENTRACTE_SCHEDULE`: `3:1,7:2` has the second of those that are
/// ready go on at choice 3, the third at choice 7, and elsewhere the first; `fifo` departs nowhere.
///
/// # Examples
///
/// ```
/// use entracte_sim::explore::Schedule;
///
/// let schedule: Schedule = "3:1,7:2".parse()?;
/// assert_eq!(schedule.len(), 2);
/// assert_eq!(schedule.to_string(), "3:1,7:2");
/// # Ok::<(), entracte_sim::explore::NoSchedule>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The number of the choice, counted from zero, and the place of who goes on; never the first.
    picks: Vec<(u32, u32)>,
}

impl Schedule {
    /// How many reorderings there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.picks.len()
    }

    /// Whether it is the usual order.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.picks.is_empty()
    }

    /// The first choice after the last reordering.
    pub(super) fn end(&self) -> u32 {
        self.picks.last().map_or(0, |(choice, _)| choice + 1)
    }

    /// The same with one more reordering, which comes after the others.
    pub(super) fn with(&self, choice: u32, pick: u32) -> Self {
        let mut picks = self.picks.clone();
        picks.push((choice, pick));
        Self { picks }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.picks.is_empty() {
            return f.write_str("fifo");
        }
        for (at, (choice, pick)) in self.picks.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma}{choice}:{pick}")?;
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = NoSchedule;

    fn from_str(text: &str) -> Result<Self, NoSchedule> {
        if text == "fifo" {
            return Ok(Self::default());
        }
        let mut schedule = Self::default();
        for part in text.split(',') {
            let (choice, pick) = part.split_once(':').ok_or(NoSchedule)?;
            let choice = choice.parse().map_err(|_| NoSchedule)?;
            let pick = pick.parse().map_err(|_| NoSchedule)?;
            if choice < schedule.end() || pick == 0 {
                return Err(NoSchedule);
            }
            schedule.picks.push((choice, pick));
        }
        Ok(schedule)
    }
}

/// The text is not that of a [`Schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSchedule;

impl fmt::Display for NoSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot read a schedule: it looks like 3:1,7:2")
    }
}

impl Error for NoSchedule {}

/// Makes the choices of one run, and writes them down.
pub(crate) struct Script {
    source: Source,
    /// How many were ready at each choice.
    choices: Vec<u32>,
    taken: Schedule,
    /// Whether the program had the choices that the schedule speaks of.
    fits: bool,
    /// The program is over; what comes now is the clean-up of the others.
    is_over: bool,
}

enum Source {
    /// These choices.
    Fixed(Schedule),
    /// At these choices, in ascending order, anyone but the first.
    Drawn { at: Vec<u32>, random: SeededRandom },
}

impl Script {
    pub(super) fn fixed(schedule: &Schedule) -> Self {
        Self::new(Source::Fixed(schedule.clone()))
    }

    pub(super) const fn drawn(at: Vec<u32>, random: SeededRandom) -> Self {
        Self::new(Source::Drawn { at, random })
    }

    const fn new(source: Source) -> Self {
        Self {
            source,
            choices: Vec::new(),
            taken: Schedule { picks: Vec::new() },
            fits: true,
            is_over: false,
        }
    }

    pub(crate) fn pick(&mut self, ready: usize) -> usize {
        if self.is_over {
            return 0;
        }
        let ready = u32::try_from(ready).unwrap_or(u32::MAX);
        let choice = u32::try_from(self.choices.len()).unwrap_or(u32::MAX);
        self.choices.push(ready);
        let picked = match &mut self.source {
            Source::Fixed(schedule) => {
                let planned = schedule.picks.get(self.taken.len());
                planned
                    .filter(|(at, _)| *at == choice)
                    .map_or(0, |(_, pick)| *pick)
            }
            Source::Drawn { at, random } => match at.binary_search(&choice) {
                Ok(_) => 1 + random.below(u64::from(ready) - 1) as u32,
                Err(_) => 0,
            },
        };
        if picked >= ready {
            self.fits = false;
            return 0;
        }
        if picked > 0 {
            self.taken.picks.push((choice, picked));
        }
        picked as usize
    }

    /// Says that the program is over: from now on the order is the usual one.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
        if let Source::Fixed(schedule) = &self.source {
            self.fits &= schedule.len() == self.taken.len();
        }
    }

    pub(super) const fn fits(&self) -> bool {
        self.fits
    }

    pub(super) fn choices(&self) -> &[u32] {
        &self.choices
    }

    pub(super) fn taken(&self) -> Schedule {
        self.taken.clone()
    }
}
