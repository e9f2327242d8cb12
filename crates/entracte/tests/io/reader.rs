//! Readers: however the input comes in, and wherever they are cancelled, nothing is lost.

use std::fs;

use entracte::io::{ReadError, Reader};
use entracte::{Cancelled, catch_cancel, checkpoint, run, spawn};
use futures::StreamExt;

use crate::dice::{Dice, seeds};
use crate::fake::{Give, Giver};
use crate::hand::{once, patiently};
use crate::model::{Ask, Got, Model, ask};

const ASKS: [Ask; 15] = [
    Ask::Read(0),
    Ask::Read(1),
    Ask::Read(5),
    Ask::Read(5000),
    Ask::Chunk,
    Ask::Exactly(0),
    Ask::Exactly(1),
    Ask::Exactly(7),
    Ask::Exactly(40),
    Ask::Until("\n"),
    Ask::Until("ab"),
    Ask::Until("aba"),
    Ask::Line,
    Ask::SkipLine,
    Ask::ToEnd,
];

/// Asks, and each time it would wait, cancels that and asks again; as it does when it fails.
fn insist(reader: &mut Reader<Giver>, what: Ask) -> Got {
    loop {
        match once(ask(reader, what)) {
            None | Some(Got::Failed) => {}
            Some(got) => return got,
        }
    }
}

/// Asks, and waits.
fn wait(reader: &mut Reader<Giver>, what: Ask) -> Got {
    loop {
        match patiently(ask(reader, what)) {
            Got::Failed => {}
            got => return got,
        }
    }
}

/// Asks until the end, and one time more.
fn hold_against_model(giver: Giver, text: &[u8], limit: usize, asks: &mut dyn FnMut() -> Ask) {
    let mut reader = Reader::new(giver);
    reader.set_limit(limit);
    let mut model = Model { rest: text, limit };
    let mut is_patient = false;
    while !reader.at_end() {
        let what = asks();
        is_patient = !is_patient;
        let how = if is_patient { wait } else { insist };
        let got = how(&mut reader, what);
        model.check(what, &got);
        if got == Got::TooLong {
            // It is there still, and can be had otherwise.
            assert_eq!(insist(&mut reader, what), Got::TooLong);
            model.check(Ask::Exactly(1), &insist(&mut reader, Ask::Exactly(1)));
        }
    }
    assert_eq!(model.rest, b"");
    for what in ASKS {
        let got = insist(&mut reader, what);
        model.check(what, &got);
    }
}

/// Asks the same again and again; now and then for a byte, so that it goes on.
fn again(what: Ask) -> impl FnMut() -> Ask {
    let mut turn = 0;
    move || {
        turn += 1;
        if turn % 4 == 0 { Ask::Exactly(1) } else { what }
    }
}

/// The input, split in two at every place, and at all of them.
fn splits(text: &[u8]) -> impl Iterator<Item = Giver> {
    let in_two = (0..=text.len()).map(|split| {
        let (first, second) = text.split_at(split);
        let parts = [first, second].into_iter();
        Giver::parts(parts.filter(|part| !part.is_empty()))
    });
    in_two.chain([Giver::parts(text.chunks(1))])
}

#[test]
fn the_answer_is_the_same_wherever_the_input_is_split() {
    let text = b"one\r\n\nabab\xff\nlast aba";
    for what in ASKS {
        for limit in [0, 1, 3, 4, 5, text.len() - 1, text.len(), text.len() + 1] {
            for giver in splits(text) {
                hold_against_model(giver, text, limit, &mut again(what));
            }
        }
    }
}

fn random_text(dice: &mut Dice) -> Vec<u8> {
    let letters = b"abab\r\n\n\xffc";
    let length = dice.below(120);
    (0..length)
        .map(|_| letters[dice.below(letters.len())])
        .collect()
}

fn random_giver(dice: &mut Dice, text: &[u8]) -> Giver {
    let mut rest = text;
    let mut given = Vec::new();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(1 + dice.below(rest.len().min(20)));
        rest = after;
        given.extend((0..dice.below(3)).map(|_| Give::Later));
        given.extend(dice.one_in(10).then_some(Give::Failure));
        given.push(Give::Bytes(part.to_vec()));
    }
    Giver::new(given)
}

#[test]
fn random_programs_get_what_the_model_gets() {
    seeds("random_programs", 3000, |seed| {
        let mut dice = Dice::new(seed);
        let text = random_text(&mut dice);
        let giver = random_giver(&mut dice, &text);
        let limit = dice.below(30);
        let mut asks = || ASKS[dice.below(ASKS.len())];
        hold_against_model(giver, &text, limit, &mut asks);
    });
}

#[test]
fn the_limit_is_the_longest_line_and_the_longest_frame() {
    for (length, limit, fits) in [(5, 4, false), (5, 5, true), (5, 6, true)] {
        let text = format!("{}\nmore", "x".repeat(length));
        let mut reader = Reader::new(text.as_bytes());
        reader.set_limit(limit);
        let line = patiently(reader.read_line());
        assert_eq!(line.is_ok(), fits, "a line of {length} with {limit}");
        let text = format!("{};more", "x".repeat(length - 1));
        let mut reader = Reader::new(text.as_bytes());
        reader.set_limit(limit);
        let frame = patiently(reader.read_until(b";"));
        assert_eq!(frame.is_ok(), fits, "a frame of {length} with {limit}");
    }
}

#[test]
fn lines_end_with_the_stream_or_behind_an_error() {
    let mut reader = Reader::new(&b"one\r\ntwo\n\nfour"[..]);
    let lines: Vec<_> = patiently(reader.lines().map(Result::unwrap_or_default).collect());
    assert_eq!(lines, ["one", "two", "", "four"]);
    let mut reader = Reader::new(&b"one\n\xff\nthree"[..]);
    let lines: Vec<_> = patiently(reader.lines().collect());
    assert_eq!(lines.len(), 2);
    assert!(matches!(&lines[1], Err(ReadError::NotUtf8 { bytes }) if bytes == b"\xff"));
    assert_eq!(
        patiently(reader.read_to_end()).expect("it is there"),
        b"three"
    );
}

#[test]
fn a_task_that_is_cancelled_while_it_reads_leaves_all_to_the_next() {
    run(async {
        let text = b"a line that comes in bit by bit\nand more";
        let mut reader = Reader::new(Giver::parts(text.chunks(1)));
        for _ in 0..10 {
            let reading = spawn(async move {
                let line = catch_cancel(reader.read_line()).await;
                (line, reader)
            });
            checkpoint().await;
            reading.cancel();
            let (line, back): (Result<_, Cancelled>, _) = reading.await.expect("it goes on");
            assert!(line.is_err());
            reader = back;
        }
        assert!(text.starts_with(reader.buffered()) && !reader.buffered().is_empty());
        let line = insist(&mut reader, Ask::Line);
        let expected = "a line that comes in bit by bit".to_owned();
        assert_eq!(line, Got::Line(Some(expected)));
    })
    .expect("it ends");
}

/// How much data this process has, in KiB.
fn data_size() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmData:"));
    let size = line.and_then(|line| line.trim().strip_suffix(" kB"));
    size.and_then(|size| size.parse().ok())
        .expect("it is in there")
}

#[test]
fn a_connection_that_idles_owns_no_buffer() {
    let before = data_size();
    for size in [1, 5000] {
        let idle = || {
            let given = [Give::Bytes(b"hello\n".to_vec()), Give::Later, Give::Later];
            let mut reader = Reader::new(Giver::new(given));
            assert_eq!(
                insist(&mut reader, Ask::Exactly(6)),
                Got::Bytes(b"hello\n".to_vec())
            );
            assert_eq!(once(ask(&mut reader, Ask::Read(size))), None);
            reader
        };
        let readers: Vec<_> = (0..2000).map(|_| idle()).collect();
        let grown = data_size().saturating_sub(before);
        assert!(grown < 60_000, "{grown} KiB for {} readers", readers.len());
    }
}

#[test]
fn a_long_line_that_comes_byte_by_byte_is_read_whole() {
    let length = 1 << 18;
    let bytes = vec![b'x'; length];
    let mut reader = Reader::new(Giver::parts(bytes.chunks(1)));
    reader.set_limit(length);
    assert_eq!(
        insist(&mut reader, Ask::Line),
        Got::Line(Some("x".repeat(length)))
    );
}
