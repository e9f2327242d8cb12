//! The buffer of a reader: large while it holds data, nothing while it holds none.

use std::cell::{Cell, RefCell};

/// The size of a buffer of the pool: one read of a fast stream.
const SIZE: usize = 64 * 1024;

/// A reader that waits keeps this much in a vector of its own, and more in a buffer of the pool.
const SMALL: usize = 4 * 1024;

/// How many buffers a thread keeps for the next reads.
const KEPT: usize = 16;

thread_local! {
    /// The buffer that was given back last: the one that is asked for next, nearly always.
    static LAST: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes that were read and not taken, and room for more. A connection that idles owns no buffer.
#[derive(Default)]
pub(crate) struct Buffer {
    /// All of it is initialised, so that any of it can be read into.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// So many of the first bytes that are left end no line.
    searched: usize,
}

impl Buffer {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Forgets the first bytes.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
        self.searched = self.searched.saturating_sub(count);
    }

    /// Takes all bytes; they stay readable until the buffer is used again.
    #[inline]
    pub(crate) fn take_all(&mut self) -> &[u8] {
        let start = std::mem::replace(&mut self.start, self.end);
        self.searched = 0;
        &self.bytes[start..self.end]
    }

    /// Where the first line ends. No byte is searched twice, however slowly a line comes in.
    #[inline]
    pub(crate) fn end_of_line(&mut self) -> Option<usize> {
        let place = memchr::memchr(b'\n', &self.bytes()[self.searched..]);
        self.searched += place.unwrap_or(self.len() - self.searched);
        place.map(|_| self.searched)
    }

    /// Takes the first bytes.
    pub(crate) fn take(&mut self, count: usize) -> Vec<u8> {
        let taken = self.bytes()[..count].to_vec();
        self.consume(count);
        taken
    }

    /// Room to read into, behind the bytes: a good part of the buffer.
    #[inline]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.is_empty() {
            self.start = 0;
            self.end = 0;
            if self.bytes.len() < SIZE {
                self.bytes = from_pool();
            }
        } else if self.bytes.len() < SIZE || self.bytes.len() - self.end < SIZE / 2 {
            self.make_room();
        }
        &mut self.bytes[self.end..]
    }

    /// So many bytes of the room are data now.
    #[inline]
    pub(crate) fn fill(&mut self, count: usize) {
        self.end = self.bytes.len().min(self.end + count);
    }

    #[cold]
    fn make_room(&mut self) {
        if self.bytes.len() < SIZE {
            let mut large = from_pool();
            large[..self.end - self.start].copy_from_slice(&self.bytes[self.start..self.end]);
            self.bytes = large;
        } else {
            self.bytes.copy_within(self.start..self.end, 0);
        }
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() - self.end < SIZE / 2 {
            // Doubles, so that a long line is copied a constant number of times.
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }

    /// To be called when the reader has to wait: gives back what is not needed for that.
    #[inline]
    pub(crate) fn rest(&mut self) {
        if self.bytes.len() == SIZE && self.is_empty() {
            self.start = 0;
            self.end = 0;
            to_pool(std::mem::take(&mut self.bytes));
        } else if self.bytes.len() >= SIZE && self.len() <= SMALL {
            self.rest_with_little();
        }
    }

    #[cold]
    fn rest_with_little(&mut self) {
        let kept = self.bytes().to_vec();
        self.start = 0;
        self.end = kept.len();
        to_pool(std::mem::replace(&mut self.bytes, kept));
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes.len() >= SIZE {
            to_pool(std::mem::take(&mut self.bytes));
        }
    }
}

#[inline]
fn from_pool() -> Vec<u8> {
    let last = LAST.try_with(Cell::take).unwrap_or_default();
    if last.is_empty() { from_rest() } else { last }
}

#[cold]
fn from_rest() -> Vec<u8> {
    let kept = POOL.try_with(|pool| pool.borrow_mut().pop());
    kept.ok().flatten().unwrap_or_else(|| vec![0; SIZE])
}

#[inline]
fn to_pool(bytes: Vec<u8>) {
    if bytes.len() != SIZE {
        return;
    }
    // Fails only while the thread ends.
    let before = LAST
        .try_with(|last| last.replace(bytes))
        .unwrap_or_default();
    if !before.is_empty() {
        to_rest(before);
    }
}

#[cold]
fn to_rest(bytes: Vec<u8>) {
    let keep = |pool: &RefCell<Vec<Vec<u8>>>| {
        let mut pool = pool.borrow_mut();
        if pool.len() < KEPT {
            pool.push(bytes);
        }
    };
    POOL.try_with(keep).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::{Buffer, LAST, POOL, SIZE, SMALL};

    /// How many buffers the thread keeps.
    fn kept() -> usize {
        let last = LAST.take();
        let count = usize::from(!last.is_empty()) + POOL.with_borrow(Vec::len);
        LAST.set(last);
        count
    }

    fn filled(text: &[u8]) -> Buffer {
        let mut buffer = Buffer::default();
        buffer.room()[..text.len()].copy_from_slice(text);
        buffer.fill(text.len());
        buffer
    }

    #[test]
    fn what_rests_with_little_in_it_is_small() {
        let mut buffer = filled(b"hello");
        buffer.consume(1);
        buffer.rest();
        assert_eq!(buffer.bytes(), b"ello");
        assert_eq!(buffer.bytes.len(), 4);
        assert_eq!(kept(), 1);
        buffer.room()[0] = b'!';
        buffer.fill(1);
        assert_eq!(buffer.bytes(), b"ello!");
        assert_eq!(
            POOL.with_borrow(Vec::len),
            0,
            "the pool's own was used again"
        );
    }

    #[test]
    fn what_rests_with_much_in_it_keeps_its_buffer() {
        let mut buffer = filled(&[7; SMALL + 1]);
        buffer.rest();
        assert_eq!(buffer.bytes.len(), SIZE);
    }

    #[test]
    fn there_is_always_room() {
        let mut buffer = Buffer::default();
        for _ in 0..10 {
            let room = buffer.room().len();
            assert!(room >= SIZE / 2);
            buffer.fill(room);
        }
        buffer.consume(buffer.len() - 1);
        assert!(buffer.room().len() >= SIZE / 2);
        assert_eq!(buffer.len(), 1);
    }

    #[test]
    fn the_end_of_a_line_is_searched_for_once() {
        let mut buffer = filled(b"one\ntwo");
        assert_eq!(buffer.end_of_line(), Some(3));
        assert_eq!(buffer.end_of_line(), Some(3), "it was not taken yet");
        buffer.consume(4);
        assert_eq!(buffer.end_of_line(), None);
        // Behind its back, to see that it does not look there again.
        buffer.bytes[4] = b'\n';
        assert_eq!(buffer.end_of_line(), None);
        buffer.rest();
        buffer.room()[0] = b'\n';
        buffer.fill(1);
        assert_eq!(buffer.end_of_line(), Some(3));
        assert_eq!(buffer.take_all(), b"\nwo\n");
        assert_eq!(buffer.end_of_line(), None);
    }

    #[test]
    fn taken_bytes_can_be_read_until_the_next_use() {
        let mut buffer = filled(b"hello");
        assert_eq!(buffer.take_all(), b"hello");
        assert!(buffer.is_empty());
    }
}
