//! Random programs of a writer over an end that takes what it likes: frames arrive whole, in order.

use std::io::{self, IoSlice};
use std::time::Duration;

use entracte::io::Writer;
use entracte::{sleep, timeout};

use crate::dice::{Dice, seeds};
use crate::fake::{Taker, Trouble};
use crate::support::run_virtual;

/// A frame: its number, how long the rest is, and the rest.
fn frame(number: usize, length: usize) -> Vec<u8> {
    let number = u16::try_from(number).expect("there are few");
    let length = u16::try_from(length).expect("it is short");
    let mut frame = Vec::new();
    frame.extend(number.to_be_bytes());
    frame.extend(length.to_be_bytes());
    frame.extend((0..length).map(|place| (place ^ number).to_be_bytes()[1]));
    frame
}

/// The numbers of the frames in what was taken, and whether the last is all there.
fn frames(mut bytes: &[u8]) -> (Vec<usize>, bool) {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        let Some((head, rest)) = bytes.split_at_checked(4) else {
            return (numbers, false);
        };
        let number = usize::from(u16::from_be_bytes([head[0], head[1]]));
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let expected = frame(number, length);
        let here = rest.len().min(length);
        assert_eq!(
            rest[..here],
            expected[4..][..here],
            "frame {number} is torn"
        );
        if here < length {
            return (numbers, false);
        }
        numbers.push(number);
        bytes = &rest[length..];
    }
    (numbers, true)
}

/// What became of the frames of a program.
#[derive(Default)]
struct Sent {
    /// Each that was begun; and whether it must arrive, or only may.
    frames: Vec<(usize, bool)>,
    errors: Vec<io::Error>,
    is_closed: bool,
}

impl Sent {
    fn note(&mut self, number: usize, outcome: Option<io::Result<()>>) {
        match outcome {
            Some(Ok(())) => self.frames.push((number, true)),
            // Cancelled: it went out whole or not at all.
            None => self.frames.push((number, false)),
            Some(Err(error)) => {
                self.frames.push((number, false));
                self.errors.push(error);
            }
        }
    }

    fn other(&mut self, outcome: Option<io::Result<()>>) {
        self.errors.extend(outcome.and_then(Result::err));
    }
}

/// Does something for at most some milliseconds of virtual time.
async fn impatiently<T>(dice: &mut Dice, future: impl Future<Output = T>) -> Option<T> {
    if dice.one_in(3) {
        return Some(future.await);
    }
    let limit = Duration::from_millis(dice.below(8) as u64);
    timeout(limit, future).await.ok()
}

async fn program(dice: &mut Dice, writer: &mut Writer<Taker>) -> Sent {
    let mut sent = Sent::default();
    writer.set_water_marks(dice.below(40), dice.below(100));
    for number in 0..1 + dice.below(30) {
        let frame = frame(number, dice.below(60));
        match dice.below(8) {
            0 | 1 => sent.note(number, Some(writer.write(&frame))),
            2 => {
                let (head, rest) = frame.split_at(dice.below(frame.len()));
                let slices = [head, b"", rest].map(IoSlice::new);
                sent.note(number, Some(writer.write_vectored(&slices)));
            }
            3 | 4 => {
                let outcome = impatiently(dice, writer.write_all(&frame)).await;
                sent.note(number, outcome);
            }
            5 => sent.other(impatiently(dice, writer.drain()).await),
            6 => sent.other(impatiently(dice, writer.flush()).await),
            _ => sleep(Duration::from_millis(dice.below(10) as u64)).await,
        }
    }
    sent
}

/// Closes, trying again whenever that is cancelled.
async fn close(dice: &mut Dice, writer: &mut Writer<Taker>, sent: &mut Sent) {
    for _ in 0..3 {
        let closed = impatiently(dice, writer.close()).await;
        sent.other(closed);
    }
    if let Err(error) = writer.close().await {
        sent.errors.push(error);
        sent.other(Some(writer.close().await));
    }
    sent.is_closed = true;
    assert!(writer.write(b"!").is_err() && writer.write_all(b"!").await.is_err());
}

fn check_order(sent: &Sent, arrived: &[usize], seed: u64) {
    let mut arrived = arrived.iter();
    let mut next = arrived.next();
    for (number, is_sure) in &sent.frames {
        if next == Some(number) {
            next = arrived.next();
        } else {
            assert!(!is_sure, "frame {number} is not there, seed {seed}");
        }
    }
    assert_eq!(next, None, "seed {seed}");
}

#[test]
fn frames_arrive_whole_and_in_order_wherever_the_writer_is_cancelled() {
    seeds("frames_arrive_whole", 1500, |seed| {
        let mut dice = Dice::new(seed);
        let (taker, seen) = Taker::new(seed + 1, Trouble::None);
        let was_seen = std::rc::Rc::clone(&seen);
        let sent = run_virtual(async move {
            let mut writer = Writer::new(taker);
            let mut sent = program(&mut dice, &mut writer).await;
            frames(&seen.taken.borrow());
            if dice.one_in(2) {
                close(&mut dice, &mut writer, &mut sent).await;
            } else {
                // Dropped: the rest is sent all the same.
                drop(writer);
                sleep(Duration::from_secs(9)).await;
            }
            sent
        });
        let sent = sent.expect("nobody waits for ever");
        let (arrived, is_whole) = frames(&was_seen.taken.borrow());
        assert!(is_whole && sent.errors.is_empty(), "{:?}", sent.errors);
        assert_eq!(was_seen.is_closed.get(), sent.is_closed);
        assert!(was_seen.is_dropped.get());
        check_order(&sent, &arrived, seed);
    });
}

#[test]
fn an_error_is_told_once_and_what_arrived_before_it_is_a_prefix() {
    let mut told = 0;
    seeds("an_error_is_told_once", 1500, |seed| {
        let mut dice = Dice::new(seed);
        let place = dice.below(600);
        let (taker, seen) = Taker::new(seed + 1, Trouble::FailsAt(place));
        let was_seen = std::rc::Rc::clone(&seen);
        let errors = run_virtual(async move {
            let mut writer = Writer::new(taker);
            let mut sent = program(&mut dice, &mut writer).await;
            close(&mut dice, &mut writer, &mut sent).await;
            sent.errors
        });
        let errors = errors.expect("nobody waits for ever");
        let taken = was_seen.taken.borrow();
        let before = &taken[..place.min(taken.len())];
        frames(before);
        let kinds: Vec<_> = errors.iter().map(io::Error::kind).collect();
        let told_once = |kinds: &[io::ErrorKind]| match kinds {
            [first, later @ ..] => {
                let is_refused = |kind: &io::ErrorKind| *kind == io::ErrorKind::BrokenPipe;
                *first == io::ErrorKind::TimedOut && later.iter().all(is_refused)
            }
            [] => true,
        };
        assert!(told_once(&kinds), "seed {seed}: {errors:?}");
        assert!(!kinds.is_empty() || taken.len() <= place, "it was not told");
        told += usize::from(!kinds.is_empty());
    });
    println!("{told} were told");
}
