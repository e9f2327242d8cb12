//! The hall: who is there, in which room, and what each is still to be sent.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use entracte::current_task;
use entracte::io::Writer;
use entracte::net::TcpStream;
use entracte::task::CurrentTask;

/// How many bytes may wait to be sent to somebody, beside those in the system's own buffers.
const OUTBOX: usize = 64 * 1024;

const LONGEST_NAME: usize = 20;

/// Everybody, by name.
#[derive(Default)]
pub(crate) struct Hall {
    members: RefCell<BTreeMap<String, Member>>,
    guests: Cell<u64>,
}

struct Member {
    room: String,
    writer: Writer<TcpStream>,
    task: CurrentTask,
}

impl Member {
    /// Never waits, so that nobody's slowness is another's.
    fn send(&mut self, line: &str) {
        if self.task.cancelling() > 0 {
            return; // On its way out.
        }
        let sent = self.writer.write(format!("{line}\n").as_bytes());
        if sent.is_err() {
            self.task.cancel_with("the connection is gone");
        } else if self.writer.waiting_bytes() > OUTBOX {
            self.task.cancel_with("you read too slowly");
        }
    }
}

/// A place in the hall. Whoever drops it has left.
pub(crate) struct Seat {
    hall: Rc<Hall>,
    name: String,
}

impl Seat {
    /// Takes a place for the current task, under a name that is free.
    pub(crate) fn take(hall: &Rc<Hall>, writer: Writer<TcpStream>) -> Self {
        let mut members = hall.members.borrow_mut();
        let name = loop {
            let guest = hall.guests.get() + 1;
            hall.guests.set(guest);
            let name = format!("guest{guest}");
            if !members.contains_key(&name) {
                break name;
            }
        };
        let task = current_task().expect("a client is served by a task");
        let room = "lobby".to_owned();
        members.insert(name.clone(), Member { room, writer, task });
        drop(members);
        let hall = Rc::clone(hall);
        let seat = Self { hall, name };
        seat.tell(&format!("* welcome, {}; /help helps", seat.name));
        seat.tell_others(&format!("* {} has come", seat.name));
        seat
    }

    /// Sends a line to the one who sits here.
    pub(crate) fn tell(&self, line: &str) {
        let mut members = self.hall.members.borrow_mut();
        if let Some(me) = members.get_mut(&self.name) {
            me.send(line);
        }
    }

    /// Sends a line to all others in the room.
    fn tell_others(&self, line: &str) {
        let mut members = self.hall.members.borrow_mut();
        let Some(room) = members.get(&self.name).map(|me| me.room.clone()) else {
            return;
        };
        let others = members.iter_mut().filter(|(name, _)| **name != self.name);
        for (_, other) in others.filter(|(_, other)| other.room == room) {
            other.send(line);
        }
    }

    pub(crate) fn say(&self, text: &str) {
        self.tell_others(&format!("{}: {text}", self.name));
    }

    pub(crate) fn rename(&mut self, name: &str) -> Result<(), &'static str> {
        check(name)?;
        let mut members = self.hall.members.borrow_mut();
        if members.contains_key(name) {
            return Err("that name is taken");
        }
        if let Some(me) = members.remove(&self.name) {
            members.insert(name.to_owned(), me);
        }
        drop(members);
        let old = std::mem::replace(&mut self.name, name.to_owned());
        self.tell(&format!("* you are {name}"));
        self.tell_others(&format!("* {old} is now {name}"));
        Ok(())
    }

    pub(crate) fn join(&self, room: &str) -> Result<(), &'static str> {
        check(room)?;
        self.tell_others(&format!("* {} has gone to {room}", self.name));
        if let Some(me) = self.hall.members.borrow_mut().get_mut(&self.name) {
            room.clone_into(&mut me.room);
        }
        self.tell_others(&format!("* {} has come", self.name));
        self.who();
        Ok(())
    }

    /// Says who is in the room.
    pub(crate) fn who(&self) {
        let members = self.hall.members.borrow();
        let Some(room) = members.get(&self.name).map(|me| &me.room) else {
            return;
        };
        let there = members.iter().filter(|(_, member)| member.room == *room);
        let names: Vec<&str> = there.map(|(name, _)| name.as_str()).collect();
        let line = format!("* in {room}: {}", names.join(", "));
        drop(members);
        self.tell(&line);
    }

    /// Leaves, and gives back what the last words are written to.
    pub(crate) fn leave(&mut self) -> Option<Writer<TcpStream>> {
        self.tell_others(&format!("* {} has left", self.name));
        let me = self.hall.members.borrow_mut().remove(&self.name);
        me.map(|me| me.writer)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.hall.members.borrow().contains_key(&self.name) {
            drop(self.leave());
        }
    }
}

/// Whether something can be the name of somebody or of a room.
fn check(name: &str) -> Result<(), &'static str> {
    let is_fine = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(is_fine) {
        return Err("a name has 1 to 20 letters, digits, - and _");
    }
    Ok(())
}
