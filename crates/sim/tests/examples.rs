//! The examples on testing: the planted bug is found, the protocol answers however it is cut.

use entracte::State;
use entracte_sim::Cause;

#[expect(dead_code, reason = "its `main` is for people")]
#[path = "../../../examples/line_protocol.rs"]
mod line_protocol;
#[expect(dead_code, reason = "its `main` is for people")]
#[path = "../../../examples/replicated_counter.rs"]
mod replicated_counter;

#[test]
fn the_replicated_counter_never_goes_back() {
    let failure = replicated_counter::search(300, false);
    assert!(failure.is_none(), "{failure:?}");
}

#[test]
fn a_counter_that_does_not_look_who_answers_is_found_out() {
    let failure = replicated_counter::search(300, true).expect("some seed shows it");
    let Cause::Panicked(text) = failure.cause() else {
        panic!("{failure}");
    };
    assert!(text.starts_with("the counter went back"), "{text}");
}

#[test]
fn the_protocol_answers_as_it_is_written_down() {
    assert_eq!(
        line_protocol::transcript(),
        include_str!("../../../examples/line_protocol.out")
    );
}

#[test]
fn the_protocol_gives_the_same_answers_wherever_the_bytes_are_cut() {
    let bytes = line_protocol::PIECES.concat().into_bytes();
    let whole = line_protocol::talk([&bytes[..]]).concat();
    assert!(whole.ends_with(b"bye\n"));
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(line_protocol::talk(pieces).concat(), whole);
        }
    }
    assert_eq!(line_protocol::talk(bytes.chunks(1)).concat(), whole);
}

#[test]
fn a_connection_that_breaks_off_has_nothing_more_to_say() {
    let mut connection = line_protocol::connection();
    let sent = connection.send(b"PUT half 10\nhalf".to_vec());
    assert_eq!(sent.ok(), Some(Vec::new()));
    assert!(matches!(connection.close(), Ok(None)));
    assert_eq!(connection.state(), State::Closed);
}
