//! The system's allocator, with a count of the live bytes that were asked for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

/// Off while times are measured: then an allocation costs one load and one branch more.
static COUNTING: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicI64 = AtomicI64::new(0);

/// Starts to count from zero; what was allocated before and is freed later counts as negative.
pub fn start_counting() {
    LIVE.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
}

/// Ends the count: the bytes asked for since it started and not given back.
pub fn stop_counting() -> i64 {
    COUNTING.store(false, Relaxed);
    LIVE.load(Relaxed)
}

#[inline]
fn grown_by(bytes: usize) {
    if COUNTING.load(Relaxed) {
        LIVE.fetch_add(bytes as i64, Relaxed);
    }
}

#[inline]
fn shrunk_by(bytes: usize) {
    if COUNTING.load(Relaxed) {
        LIVE.fetch_sub(bytes as i64, Relaxed);
    }
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call is passed on to the system's allocator as it is; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    // SAFETY: the contract is the trait's, and is passed on.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown_by(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    // SAFETY: the contract is the trait's, and is passed on.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown_by(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    // SAFETY: the contract is the trait's, and is passed on.
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        shrunk_by(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline]
    // SAFETY: the contract is the trait's, and is passed on.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grown_by(size);
        shrunk_by(layout.size());
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.realloc(block, layout, size) }
    }
}
