//! The inboxes of all loops of the process, by the id of the loop; they are never freed.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::{Inbox, Notify};

/// How many loops may run at the same time.
const MOST: u16 = 4096;

/// How many inboxes are made at once. It keeps the table small in programs with few loops.
const ROW: u16 = 64;

static TABLE: [OnceLock<Box<[Inbox]>>; (MOST / ROW) as usize] =
    [const { OnceLock::new() }; (MOST / ROW) as usize];

static IDS: Mutex<Ids> = Mutex::new(Ids::new());

/// Which ids are free.
struct Ids {
    /// The ids from here on were never in use.
    never_used: u16,
    /// The others that are free, the one that was closed first in front.
    given_back: VecDeque<u16>,
    /// How many inboxes were opened so far.
    epochs: u64,
}

impl Ids {
    const fn new() -> Self {
        Self {
            never_used: 0,
            given_back: VecDeque::new(),
            epochs: 0,
        }
    }

    /// Takes a free id, and counts one more opening.
    ///
    /// A waker may outlive its loop. It then finds a closed inbox for as long as possible: ids that
    /// were never in use come first, then the one whose use is longest ago. One with wakers left
    /// is taken only if all have some, as their drops would be counted against the next loop.
    fn take(&mut self, is_quiet: impl Fn(u16) -> bool) -> Option<(u16, u64)> {
        let id = if self.never_used < MOST {
            self.never_used += 1;
            self.never_used - 1
        } else {
            let quiet = self.given_back.iter().position(|id| is_quiet(*id));
            self.given_back.remove(quiet.unwrap_or(0))?
        };
        self.epochs += 1;
        Some((id, self.epochs))
    }
}

/// What a loop gets when it opens an inbox.
pub(crate) struct Opened {
    /// The number of the loop, below 4096. Another loop may get it once this one has closed.
    pub(crate) id: u16,
    /// The number of this opening; no other loop ever gets it.
    pub(crate) epoch: u64,
    pub(crate) inbox: &'static Inbox,
}

/// Opens an inbox for a loop that starts.
///
/// # Errors
/// If as many loops run as there are inboxes.
pub(crate) fn open(notify: Notify) -> io::Result<Opened> {
    let is_quiet = |id| of(id).is_none_or(|inbox| inbox.counted_wakers() == 0);
    let Some((id, epoch)) = ids().take(is_quiet) else {
        let message = format!("cannot start an event loop: {MOST} are running");
        return Err(io::Error::new(io::ErrorKind::QuotaExceeded, message));
    };
    let row = TABLE[usize::from(id / ROW)].get_or_init(|| {
        let first = id / ROW * ROW;
        (first..first + ROW).map(Inbox::new).collect()
    });
    let inbox = &row[usize::from(id % ROW)];
    inbox.unseal(epoch, notify);
    Ok(Opened { id, epoch, inbox })
}

/// Makes the id of an inbox that was closed free for another loop.
pub(super) fn give_back(id: u16) {
    ids().given_back.push_back(id);
}

/// Returns the inbox with this id; `None` if neither it nor a neighbour was ever in use.
pub(crate) fn of(id: u16) -> Option<&'static Inbox> {
    let row = TABLE.get(usize::from(id / ROW))?.get()?;
    row.get(usize::from(id % ROW))
}

fn ids() -> MutexGuard<'static, Ids> {
    IDS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;

    use super::{Ids, MOST, of, open};

    fn all_taken() -> Ids {
        let mut ids = Ids::new();
        for id in 0..MOST {
            assert_eq!(ids.take(|_| true), Some((id, u64::from(id) + 1)));
        }
        ids
    }

    #[test]
    fn ids_run_out_when_all_are_in_use() {
        assert_eq!(all_taken().take(|_| true), None);
    }

    #[test]
    fn ids_that_were_never_in_use_come_before_those_given_back() {
        let mut ids = Ids::new();
        assert_eq!(ids.take(|_| true), Some((0, 1)));
        ids.given_back.push_back(0);
        assert_eq!(ids.take(|_| true), Some((1, 2)));
    }

    #[test]
    fn the_id_that_was_given_back_first_is_used_first() {
        let mut ids = all_taken();
        ids.given_back.extend([7, 3, 5]);
        let epoch = u64::from(MOST);
        assert_eq!(ids.take(|_| true), Some((7, epoch + 1)));
        assert_eq!(ids.take(|_| true), Some((3, epoch + 2)));
        ids.given_back.push_back(7);
        assert_eq!(ids.take(|_| true), Some((5, epoch + 3)));
        assert_eq!(ids.take(|_| true), Some((7, epoch + 4)));
        assert_eq!(ids.take(|_| true), None);
    }

    #[test]
    fn an_id_with_wakers_left_is_used_only_if_there_is_no_other() {
        let mut ids = all_taken();
        ids.given_back.extend([7, 3, 5]);
        let is_quiet = |id| id == 3;
        let taken = [(); 3].map(|()| ids.take(is_quiet).expect("three are free").0);
        assert_eq!(taken, [3, 7, 5]);
    }

    #[test]
    fn an_open_inbox_is_found_by_its_id_and_keeps_its_epoch_to_itself() {
        let open = || open(Arc::new(|| {})).expect("few loops run in a test");
        let (first, second) = (open(), open());
        assert_ne!(first.id, second.id);
        assert!(first.epoch < second.epoch);
        let found = of(first.id).expect("it is open");
        assert!(std::ptr::eq(found, first.inbox));
        assert!(first.inbox.is_open(first.epoch));
        assert!(!first.inbox.is_open(second.epoch));
        first.inbox.close();
        first.inbox.close();
        assert!(!first.inbox.is_open(first.epoch));
        second.inbox.close();
    }

    #[test]
    fn there_is_no_inbox_for_an_id_that_is_too_high() {
        assert!(of(MOST).is_none());
        assert!(of(u16::MAX).is_none());
    }
}
