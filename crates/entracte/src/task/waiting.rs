//! What a task waits for, as the task tree says it: noted by each primitive when it has to wait.

use entracte_event_loop::{LASTING_NOTE, note_wait};

/// What a task can wait for here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Wait {
    Sleep = 1,
    Task,
    TaskGroup,
    Children,
    Promise,
    Event,
    Lock,
    Condition,
    Semaphore,
    Barrier,
    QueuePut,
    QueueGet,
    QueueJoin,
    Thread,
    Remote,
    Propagate,
    Interval,
    Read,
    Write,
    Accept,
    Connect,
    Datagram,
    Descriptor,
    Process,
    Signal,
    Handshake,
}

impl Wait {
    const ALL: [(Self, &'static str); 26] = [
        (Self::Sleep, "sleep"),
        (Self::Task, "a task"),
        (Self::TaskGroup, "the tasks of a group"),
        (Self::Children, "its children"),
        (Self::Promise, "a promise"),
        (Self::Event, "Event::wait"),
        (Self::Lock, "Lock::acquire"),
        (Self::Condition, "Condition::wait"),
        (Self::Semaphore, "Semaphore::acquire"),
        (Self::Barrier, "Barrier::wait"),
        (Self::QueuePut, "Queue::put"),
        (Self::QueueGet, "Queue::get"),
        (Self::QueueJoin, "Queue::join"),
        (Self::Thread, "a thread"),
        (Self::Remote, "another loop"),
        (Self::Propagate, "its own cancellation"),
        (Self::Interval, "Interval::tick"),
        (Self::Read, "reading"),
        (Self::Write, "writing"),
        (Self::Accept, "accept"),
        (Self::Connect, "connect"),
        (Self::Datagram, "a datagram"),
        (Self::Descriptor, "a descriptor"),
        (Self::Process, "a process"),
        (Self::Signal, "a signal"),
        (Self::Handshake, "a TLS handshake"),
    ];

    /// The text of a note, if it is one of these.
    pub(crate) fn text(note: u32) -> Option<&'static str> {
        Self::ALL
            .iter()
            .find_map(|(wait, text)| (*wait as u32 == note).then_some(*text))
    }
}

/// Notes what the running task waits for. To be called where a future answers *pending*.
#[inline]
pub(crate) fn waits_for(wait: Wait) {
    note_wait(wait as u32 | LASTING_NOTE);
}

/// Notes that a future waits for nothing but to be dropped.
pub(crate) fn waits_to_unwind() {
    note_wait(Wait::Propagate as u32);
}
