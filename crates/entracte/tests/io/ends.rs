//! What writers leave behind: they linger, give up, panic, and outlive their loop.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use entracte::io::{Stream, Writer, pair};
use entracte::{RunError, checkpoint, sleep, timeout};

use crate::fake::{Taker, Trouble};
use crate::support::{run_virtual, virtual_runner};

type Checked = Result<(), RunError>;

#[test]
fn a_writer_that_was_dropped_gives_up_after_its_time() -> Checked {
    for (linger, millis) in [(None, 10_000), (Some(3000), 3000), (Some(0), 0)] {
        let (taker, seen) = Taker::new(1, Trouble::Stalls);
        run_virtual(async move {
            let mut writer = Writer::new(taker);
            if let Some(linger) = linger {
                writer.set_linger(Duration::from_millis(linger));
            }
            writer.write(b"hello").expect("it is accepted");
            drop(writer);
            if millis > 0 {
                sleep(Duration::from_millis(millis - 1)).await;
            }
            assert!(!seen.is_dropped.get());
            sleep(Duration::from_millis(2)).await;
            assert!(seen.is_dropped.get(), "{millis} ms are over");
        })?;
    }
    Ok(())
}

#[test]
fn a_writer_with_nothing_to_send_goes_at_once() -> Checked {
    let (taker, seen) = Taker::new(1, Trouble::Stalls);
    run_virtual(async move {
        drop(Writer::new(taker));
        assert!(seen.is_dropped.get());
    })
}

#[test]
fn the_end_of_a_run_drops_what_lingers() -> Checked {
    let (taker, seen) = Taker::new(1, Trouble::Stalls);
    run_virtual(async move {
        let mut writer = Writer::new(taker);
        writer.write(b"hello").expect("it is accepted");
    })?;
    assert!(seen.is_dropped.get());
    Ok(())
}

#[test]
fn a_writer_that_outlives_its_loop_says_that_its_bytes_were_not_sent() -> Checked {
    let (taker, seen) = Taker::new(1, Trouble::Stalls);
    let kept = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&kept);
    run_virtual(async move {
        let mut writer = Writer::new(taker);
        writer.write(b"hello").expect("it is accepted");
        checkpoint().await;
        keep.replace(Some(writer));
    })?;
    let mut writer = kept.take().expect("it was kept");
    let error = writer.write(b"more").expect_err("the loop has ended");
    assert!(error.to_string().starts_with("cannot send"), "{error}");
    assert!(!seen.is_dropped.get());
    drop(writer);
    assert!(seen.is_dropped.get());
    Ok(())
}

#[test]
fn an_end_that_panics_is_reported_and_the_writer_told() -> Checked {
    let (taker, _) = Taker::new(3, Trouble::PanicsAt(20));
    let runner = virtual_runner();
    let reports = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&reports);
    let handler = move |report: &entracte::event_loop::Report<'_>| {
        noted.borrow_mut().push(report.to_string());
    };
    runner
        .event_loop()
        .set_error_handler(Some(Rc::new(handler)));
    runner.run(async move {
        let mut writer = Writer::new(taker);
        writer.write(&[1; 100]).expect("it is accepted");
        sleep(Duration::from_secs(1)).await;
        writer.flush().await.expect_err("it has panicked");
        writer.write_all(b"more").await.expect_err("a part is lost");
    })?;
    let reports = reports.borrow();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(
        reports[0].contains("it panics as it was told"),
        "{reports:?}"
    );
    Ok(())
}

#[test]
fn a_stream_comes_apart_only_when_it_is_whole_and_all_was_sent() -> Checked {
    run_virtual(async {
        let (near, far) = pair(4);
        let (mut near, mut far) = (Stream::new(near), Stream::new(far));
        far.writer.write(b"abcd").expect("it is open");
        near.reader.read_exactly(1).await.expect("it comes");
        near.writer.write(b"12345678").expect("it is open");
        let mut near = near.into_inner().expect_err("some of it waits");
        assert_eq!(
            far.reader.read_exactly(8).await.expect("it comes"),
            b"12345678"
        );
        near.writer.flush().await.expect("it is open");
        checkpoint().await;
        let (io, unread) = near.into_inner().expect("it is whole, and all was sent");
        assert_eq!(unread, b"bcd");
        let mut near = Stream::new(io);
        near.writer.close().await.expect("it is open");
        assert!(far.reader.read_to_end().await.expect("it ends").is_empty());
        let (Stream { reader, .. }, Stream { writer, .. }) = (near, far);
        let mixed = pair(1).0;
        drop((mixed, reader, writer));
    })
}

#[test]
fn a_stream_without_one_of_its_halves_is_open_until_the_other_is_gone() -> Checked {
    run_virtual(async {
        for keeps_reader in [false, true] {
            let (near, far) = pair(4);
            let mut near = Stream::new(near);
            let (reader, mut writer) = Stream::new(far).split();
            // More than fits, so that it is sent behind the back of whoever drops the writer.
            writer.write(b"12345678").expect("it is accepted");
            let (mut reader, mut writer) = (Some(reader), Some(writer));
            if keeps_reader {
                writer = None;
            } else {
                reader = None;
            }
            let all = near.reader.read_exactly(8).await.expect("it comes");
            assert_eq!(all, b"12345678");
            let end = timeout(Duration::from_secs(60), near.reader.read_to_end()).await;
            assert!(end.is_err(), "nobody has told that this was all");
            if let Some(reader) = &mut reader {
                near.writer.write_all(b"more").await.expect("it is open");
                assert_eq!(reader.read_exactly(4).await.expect("it comes"), b"more");
            }
            drop((reader, writer));
            let rest = near.reader.read_to_end().await.expect("it ends");
            assert!(rest.is_empty());
        }
    })
}
