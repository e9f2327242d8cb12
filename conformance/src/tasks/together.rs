//! Interprets the statements about several tasks.

use entracte::task::{When, wait_within};
use entracte::{Task, gather, task_group, wait};

use super::failure::Failure;
use super::frame::{Flow, Frame, list, millis};
use super::program::Stmt;
use super::world::{Given, Handle, World};

impl Frame<'_> {
    /// The futures of those tasks that nobody has started yet.
    fn claimed(&self, numbers: &[u32]) -> Vec<impl Future<Output = Given> + use<>> {
        let numbers = self.tasks_above(numbers);
        let claimed = numbers.filter(|number| self.world.claim(*number));
        claimed.map(|number| self.world.task(number)).collect()
    }

    pub(super) async fn gather(&self, stmt: &Stmt) -> Flow {
        let futures = self.claimed(&stmt.numbers);
        if futures.is_empty() {
            self.log(stmt, "=");
            return Ok(());
        }
        let values = self.leaf(stmt, gather(futures)).await?;
        self.log(stmt, format_args!("={}", list(values)));
        Ok(())
    }

    pub(super) async fn outcomes(&self, stmt: &Stmt) -> Flow {
        let futures = self.claimed(&stmt.numbers);
        if futures.is_empty() {
            self.log(stmt, "=");
            return Ok(());
        }
        let all = gather(futures);
        let outcomes = async { Ok::<_, Failure>(all.outcomes().await) };
        let outcomes = self.leaf(stmt, outcomes).await?;
        let names = outcomes.into_iter().map(|ended| match ended {
            Ok(Ok(value)) => value.to_string(),
            Ok(Err(failure)) => failure.to_string(),
            Err(error) => Failure::from(error).to_string(),
        });
        self.log(stmt, format_args!("={}", list(names)));
        Ok(())
    }

    pub(super) async fn wait(&self, stmt: &Stmt) -> Flow {
        let (when, limit) = (stmt.numbers[0], stmt.numbers[1]);
        let when = match when {
            0 => When::FirstCompleted,
            1 => When::FirstError,
            _ => When::All,
        };
        let mut borrowed = Borrowed::new(self, &stmt.numbers[2..]);
        if borrowed.tasks.is_empty() {
            self.log(stmt, "-");
            return Ok(());
        }
        let passing = self.passing(stmt);
        let waited = match limit {
            0 => wait(&mut borrowed.tasks, when).await,
            limit => wait_within(millis(limit), &mut borrowed.tasks, when).await,
        };
        passing.disarm();
        borrowed.tasks.extend(waited.expect("there are tasks"));
        let done = borrowed.give_back();
        self.log(stmt, format_args!("={}", list(done)));
        Ok(())
    }

    pub(super) async fn group(&self, stmt: &Stmt) -> Flow {
        let grouped = task_group(async |group| {
            let numbers = self.tasks_above(&stmt.numbers);
            for number in numbers.filter(|number| self.world.claim(*number)) {
                let child = group.spawn(self.world.task(number));
                let entry = &self.world.entries[number];
                entry
                    .handle
                    .replace(Some(Handle::Child(child, self.number)));
            }
            self.block(&stmt.blocks[0]).await
        });
        self.leaf(stmt, grouped).await?;
        self.log(stmt, "");
        Ok(())
    }
}

/// Tasks that were taken out of the world, and go back there.
struct Borrowed<'w> {
    world: &'w World,
    numbers: Vec<usize>,
    ids: Vec<entracte::task::TaskId>,
    tasks: Vec<Task<Given>>,
}

impl<'w> Borrowed<'w> {
    fn new(frame: &Frame<'w>, numbers: &[u32]) -> Self {
        let world = frame.world;
        let mut borrowed = Self {
            world,
            numbers: Vec::new(),
            ids: Vec::new(),
            tasks: Vec::new(),
        };
        for number in frame.tasks_above(numbers) {
            let entry = &world.entries[number];
            let mut handle = entry.handle.borrow_mut();
            if entry.is_awaited.get() || !matches!(*handle, Some(Handle::Own(_))) {
                continue;
            }
            if let Some(Handle::Own(task)) = handle.take() {
                borrowed.numbers.push(number);
                borrowed.ids.push(task.id());
                borrowed.tasks.push(task);
            }
        }
        borrowed
    }

    /// Gives all back; returns which of them are done.
    fn give_back(&mut self) -> Vec<usize> {
        let mut done = Vec::new();
        for (number, id) in self.numbers.iter().zip(&self.ids) {
            let place = self.tasks.iter().position(|task| task.id() == *id);
            let task = self.tasks.swap_remove(place.expect("it is among them"));
            if task.is_done() {
                done.push(*number);
            }
            let entry = &self.world.entries[*number];
            entry.handle.replace(Some(Handle::Own(task)));
        }
        self.numbers.clear();
        done
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}
