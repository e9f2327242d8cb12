//! Signals awaited and handled; the process sends them to itself, one test at a time.

use std::cell::Cell;
use std::env;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use entracte::signal::{self, Signal};
use entracte::sync::Event;
use entracte::{RunError, Runner, checkpoint, run, sleep, spawn, timeout};
use futures::StreamExt;
use rustix::process::{Signal as Named, getpid, kill_process};

/// A program of its own is this test binary, told by this variable what to be.
const PROGRAM: &str = "ENTRACTE_TEST_PROGRAM";

/// Signals are the whole process's.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// To this very thread: it is handled when this returns.
fn send(signal: Signal) {
    signal_hook::low_level::raise(signal.as_raw()).expect("a process may signal itself");
}

#[test]
fn what_kill_sends_arrives() {
    let _alone = alone();
    run(async {
        let mut signals = signal::stream([Signal::USR1, Signal::HUP]).unwrap();
        for (sent, heard) in [(Named::USR1, Signal::USR1), (Named::HUP, Signal::HUP)] {
            kill_process(getpid(), sent).unwrap();
            assert_eq!(signals.next().await, heard);
        }
    })
    .unwrap();
}

#[test]
fn a_signal_is_given_to_who_waits_for_it() {
    let _alone = alone();
    run(async {
        let mut signals = signal::stream([Signal::USR1]).unwrap();
        let task = spawn(async move { signals.next().await });
        checkpoint().await;
        assert!(!task.is_done());
        send(Signal::USR1);
        assert_eq!(task.await.unwrap(), Signal::USR1);
    })
    .unwrap();
}

#[test]
fn wait_listens_while_it_is_awaited() {
    let _alone = alone();
    run(async {
        let task = spawn(signal::wait(Signal::HUP));
        checkpoint().await;
        send(Signal::HUP);
        task.await.unwrap().unwrap();
    })
    .unwrap();
}

#[test]
fn every_listener_gets_every_signal() {
    let _alone = alone();
    run(async {
        let mut listeners = [(); 3].map(|()| signal::stream([Signal::USR1]).unwrap());
        for _ in 0..3 {
            send(Signal::USR1);
            for listener in &mut listeners {
                assert_eq!(listener.next().await, Signal::USR1);
            }
        }
        for listener in &mut listeners {
            assert_eq!(listener.try_next(), None);
        }
    })
    .unwrap();
}

#[test]
fn signals_that_nobody_looked_at_are_one_of_each_kind() {
    let _alone = alone();
    run(async {
        let mut signals = signal::stream([Signal::USR2, Signal::USR1]).unwrap();
        for signal in [Signal::USR1, Signal::USR2, Signal::USR1, Signal::USR1] {
            send(signal);
        }
        assert_eq!(signals.next().await, Signal::USR2, "it stands first");
        assert_eq!(signals.next().await, Signal::USR1);
        assert_eq!(signals.try_next(), None);
        send(Signal::USR1);
        assert_eq!(signals.next().await, Signal::USR1, "it goes on");
    })
    .unwrap();
}

#[test]
fn thousands_do_not_clog_the_listener() {
    let _alone = alone();
    run(async {
        let mut signals = signal::stream([Signal::USR1]).unwrap();
        for _ in 0..20_000 {
            send(Signal::USR1);
        }
        assert_eq!(signals.next().await, Signal::USR1);
        // Whatever came in between is gone; one that comes now is heard.
        while signals.try_next().is_some() {}
        send(Signal::USR1);
        assert_eq!(signals.next().await, Signal::USR1);
    })
    .unwrap();
}

#[test]
fn what_was_sent_before_the_wait_is_not_lost() {
    let _alone = alone();
    let mut signals = signal::stream([Signal::USR1]).unwrap();
    send(Signal::USR1);
    assert_eq!(run(signals.next()).unwrap(), Signal::USR1);
    // In another loop than before, too.
    send(Signal::USR1);
    assert_eq!(run(signals.next()).unwrap(), Signal::USR1);
}

#[test]
fn a_wait_that_is_cancelled_loses_nothing() {
    let _alone = alone();
    run(async {
        let mut signals = signal::stream([Signal::USR1]).unwrap();
        let short = Duration::from_millis(1);
        assert!(timeout(short, signals.next()).await.is_err());
        send(Signal::USR1);
        assert_eq!(signals.next().await, Signal::USR1);
    })
    .unwrap();
}

#[test]
fn they_are_a_stream_as_others_have_it() {
    let _alone = alone();
    run(async {
        let signals = signal::stream([Signal::USR1, Signal::USR2]).unwrap();
        send(Signal::USR1);
        send(Signal::USR2);
        let both: Vec<_> = signals.take(2).collect().await;
        assert_eq!(both, [Signal::USR1, Signal::USR2]);
    })
    .unwrap();
}

#[test]
fn a_callback_is_called_until_it_is_cancelled() {
    let _alone = alone();
    run(async {
        let calls = Rc::new(Cell::new(0));
        let called = Event::new();
        let (own, tell) = (Rc::clone(&calls), called.clone());
        let handler = signal::on(Signal::USR1, move || {
            own.set(own.get() + 1);
            tell.set();
        })
        .unwrap();
        let mut signals = signal::stream([Signal::USR1]).unwrap();
        for count in 1..=3 {
            send(Signal::USR1);
            called.wait().await;
            called.clear();
            assert_eq!(calls.get(), count);
            assert_eq!(signals.next().await, Signal::USR1);
        }
        assert!(handler.cancel());
        assert!(!handler.cancel(), "it is off already");
        assert_eq!(Rc::strong_count(&calls), 1, "the callback is gone");
        send(Signal::USR1);
        assert_eq!(signals.next().await, Signal::USR1);
        checkpoint().await;
        assert_eq!(calls.get(), 3);
    })
    .unwrap();
}

#[test]
fn a_callback_ends_with_its_loop() {
    let _alone = alone();
    let calls = Rc::new(Cell::new(0));
    let own = Rc::clone(&calls);
    run(async move { drop(signal::on(Signal::USR1, move || own.set(1)).unwrap()) }).unwrap();
    assert_eq!(Rc::strong_count(&calls), 1);
}

#[test]
fn a_program_that_waits_for_a_signal_is_not_stuck() {
    let _alone = alone();
    run(async {
        let event = Event::new();
        let tell = event.clone();
        let _handler = signal::on(Signal::USR1, move || tell.set()).unwrap();
        let sender = std::thread::spawn(|| send(Signal::USR1));
        event.wait().await;
        sender.join().unwrap();
    })
    .unwrap();
}

#[test]
fn what_the_system_does_not_allow_is_an_error() {
    let refused = |signal| signal::stream([signal]).unwrap_err();
    for signal in [Signal::KILL, Signal::STOP] {
        let error = refused(signal);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = format!("cannot listen to {signal}: the system lets nobody");
        assert_eq!(error.to_string(), text);
    }
    let error = refused(Signal::from_raw(999));
    assert_eq!(
        error.to_string(),
        "cannot listen to signal 999: there is no such signal"
    );
}

#[test]
fn to_listen_to_nothing_is_to_wait_for_ever() {
    run(async {
        let mut signals = signal::stream([]).unwrap();
        let short = Duration::from_millis(1);
        assert!(timeout(short, signals.next()).await.is_err());
    })
    .unwrap();
}

/// How a program ended that is this binary, told to be `name`.
fn ended(name: &str) -> std::process::ExitStatus {
    let mut program = Command::new("env");
    // A shell that runs tests in the background has Ctrl-C ignored.
    if cfg!(target_os = "linux") {
        program.arg("--default-signal=INT");
    }
    program.arg(env::current_exe().expect("a test knows its binary"));
    program.args(["program", "--exact", "--ignored", "--nocapture"]);
    let status = program.env(PROGRAM, name).status();
    status.expect("a test may start a program")
}

#[test]
fn a_signal_that_nobody_listens_to_any_more_does_what_it_did() {
    assert_eq!(ended("listened once").signal(), Some(Signal::USR1.as_raw()));
}

#[test]
fn ctrl_c_cancels_the_main_task_whoever_else_listens() {
    assert!(ended("listens to ctrl-c beside the run").success());
}

#[test]
fn ctrl_c_is_a_signal_as_any_where_the_run_leaves_it_alone() {
    assert!(ended("handles ctrl-c itself").success());
    assert!(ended("listened to ctrl-c before the run").success());
}

#[test]
#[ignore = "a program that other tests start"]
fn program() {
    let Ok(name) = env::var(PROGRAM) else {
        return;
    };
    match name.as_str() {
        "listened once" => {
            drop(signal::stream([Signal::USR1]).unwrap());
            send(Signal::USR1);
        }
        "listens to ctrl-c beside the run" => {
            let heard = Cell::new(None);
            let ended = run(async {
                let mut signals = signal::stream([Signal::INT]).unwrap();
                send(Signal::INT);
                heard.set(Some(signals.next().await));
                sleep(Duration::from_secs(3600)).await;
            });
            assert!(matches!(ended, Err(RunError::Interrupted)), "{ended:?}");
            assert_eq!(heard.get(), Some(Signal::INT));
        }
        "listened to ctrl-c before the run" => {
            let mut signals = signal::stream([Signal::INT]).unwrap();
            for _ in 0..3 {
                send(Signal::INT);
                assert_eq!(run(signals.next()).unwrap(), Signal::INT);
            }
        }
        "handles ctrl-c itself" => {
            let runner = Runner::new().unwrap();
            runner.set_ctrl_c(false);
            let ran = runner.run(async {
                let mut signals = signal::stream([Signal::INT]).unwrap();
                for _ in 0..3 {
                    send(Signal::INT);
                    assert_eq!(signals.next().await, Signal::INT);
                }
            });
            ran.unwrap();
        }
        other => panic!("there is no program {other:?}"),
    }
}
