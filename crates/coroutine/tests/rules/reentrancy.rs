//! Rules F: re-entrancy, which takes a shared handle (`&mut self` makes it a compile error), and state.

#![expect(
    clippy::excessive_nesting,
    reason = "an inner body in an outer one in a test reads best in place"
)]

use std::future::Ready;

use entracte_coroutine::{AsyncGenerator, Co, Coroutine, Generator, StackCoroutine, State};

use crate::forms::{Form, each_form};
use crate::kinds::{KINDS, Me, body, delegate_to, itself};
use crate::{Boom, Guard, Log, closed, does_not_implement, except_boom, said};

#[test]
fn f01_next_on_a_running_one_is_refused() {
    let co = itself(|me| {
        Generator::new(async move |mut co| {
            let again = me.get().next().unwrap_err();
            co.yield_(again.to_string()).await;
        })
    });
    assert_eq!(
        said(co.next()),
        "yielded \"cannot resume a running coroutine\""
    );
}

#[test]
fn f02_send_throw_and_close_on_a_running_one_are_refused() {
    let co = itself(|me| {
        Generator::new(async move |mut co| {
            let refusals = [
                said(me.get().send(())),
                said(me.get().throw(Boom("b"))),
                closed(me.get().close()),
            ];
            co.yield_(refusals).await;
        })
    });
    assert_eq!(
        co.next().expect("it yields"),
        [
            "already running ()",
            "already running Boom(\"b\")",
            "AlreadyRunning"
        ]
    );
}

#[test]
fn f03_a_first_send_to_a_running_one_is_refused_as_running() {
    let co = itself(|me| {
        Coroutine::new(async move |mut co| {
            let again = said(me.get().send(3));
            let _: i32 = co.yield_(again).await;
        })
    });
    assert_eq!(said(co.next()), "yielded \"already running 3\"");
}

#[test]
fn f04_a_refused_resume_does_no_damage() {
    let co = itself(|me| {
        Generator::new(async move |mut co| {
            assert_eq!(said(me.get().next()), "already running ()");
            co.yield_(1).await;
            co.yield_(2).await;
        })
    });
    assert_eq!(said(co.next()), "yielded 1");
    assert_eq!(said(co.next()), "yielded 2");
}

#[test]
fn f05_a_refusal_that_is_raised_again_ends_it() {
    let co = itself(|me| {
        Generator::new(async move |mut co| {
            if let Err(stop) = me.get().next() {
                co.raise(stop).await;
            }
            co.yield_(1).await;
        })
    });
    assert_eq!(said(co.next()), "raised cannot resume a running coroutine");
    assert_eq!(said(co.next()), "finished ()");
}

#[test]
fn f06_there_are_four_states() {
    let seen = Log::default();
    let see = |state: State| seen.add(format!("{state:?}"));
    let co = itself(|me| {
        Generator::new(async move |mut co| {
            see(me.get().state());
            co.yield_(()).await;
        })
    });
    see(co.state());
    assert_eq!(said(co.next()), "yielded ()");
    see(co.state());
    assert_eq!(said(co.next()), "returned ()");
    see(co.state());
    assert_eq!(seen.take(), ["Created", "Running", "Suspended", "Closed"]);
}

#[test]
fn f07_running_only_while_it_runs_and_suspended_only_at_a_yield() {
    let seen = Log::default();
    let see = |state: State| {
        let flags = (state == State::Running, state == State::Suspended);
        seen.add(format!("{flags:?}"));
    };
    let co = itself(|me| {
        Generator::new(async move |mut co| {
            see(me.get().state());
            co.yield_(()).await;
        })
    });
    see(co.state());
    assert_eq!(said(co.next()), "yielded ()");
    see(co.state());
    assert_eq!(said(co.next()), "returned ()");
    see(co.state());
    assert_eq!(
        seen.take(),
        [
            "(false, false)",
            "(true, false)",
            "(false, true)",
            "(false, false)"
        ]
    );
}

#[test]
fn f08_a_finished_one_has_no_frame_and_no_delegate() {
    let log = Log::default();
    let mut co = Generator::new(async |mut co| {
        let _frame = Guard(&log, "frame");
        let sub = Generator::named("sub", async |mut co| co.yield_(1).await);
        co.yield_from(sub).await;
    });
    assert_eq!(co.delegates_to(), None);
    assert_eq!(said(co.next()), "yielded 1");
    assert_eq!(co.delegates_to(), Some("sub"));
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(said(co.next()), "returned ()");
    assert_eq!(co.delegates_to(), None);
    assert_eq!(log.take(), ["frame"]);
}

#[test]
fn f10_a_name_comes_from_the_body_or_is_given() {
    async fn ticker(mut co: Co<'_, (), ()>) {
        co.yield_(()).await;
    }
    let co = Generator::new(ticker);
    assert!(co.name().contains("ticker"), "{}", co.name());
    // CPython lets the name be changed later; here it is given once, and is a text by type.
    let co = Generator::named("h", ticker);
    assert_eq!(co.name(), "h");
}

#[test]
fn f11_it_cannot_be_copied() {
    // CPython finds out when it is asked to; here it does not compile. A shared one is a handle.
    does_not_implement!(Generator<'static, i32>: Clone);
    does_not_implement!(AsyncGenerator<'static, i32>: Clone);
    does_not_implement!(StackCoroutine<i32, (), (), fn(Co<'_, i32, ()>) -> Ready<()>>: Clone);
}

#[test]
fn f12_a_delegating_one_runs_while_its_inner_one_runs() {
    for kind in KINDS {
        let outer = itself(|me| {
            Generator::new(async move |mut co| {
                let sub = async |mut co: Co<'_, String, ()>| {
                    let again = said(me.get().next());
                    co.yield_(again).await;
                };
                delegate_to(&mut co, kind, sub).await;
            })
        });
        assert_eq!(
            said(outer.next()),
            "yielded \"already running ()\"",
            "{kind:?}"
        );
    }
}

#[test]
fn f13_so_it_refuses_throw_and_close_from_inside() {
    for kind in KINDS {
        let outer = itself(|me| {
            Generator::new(async move |mut co| {
                let sub = async |mut co: Co<'_, [String; 2], ()>| {
                    let refusals = [said(me.get().throw(Boom("b"))), closed(me.get().close())];
                    co.yield_(refusals).await;
                };
                delegate_to(&mut co, kind, sub).await;
            })
        });
        assert_eq!(
            outer.next().expect("it yields"),
            ["already running Boom(\"b\")", "AlreadyRunning"],
            "{kind:?}"
        );
    }
}

#[test]
fn f14_also_while_a_throw_or_a_close_is_passed_through() {
    for kind in KINDS {
        let log = &Log::default();
        let outer = itself(|me| {
            let sub = async move |mut co: Co<'_, i32, ()>| {
                let outer = || me.get();
                co.finally(
                    async |co| {
                        let tried = co.try_yield(1).await;
                        if except_boom(co, tried).await.is_err() {
                            log.add(said(outer().next()));
                            log.add(format!("{:?}", outer().state()));
                            co.yield_(2).await;
                        }
                    },
                    async |_| log.add(said(outer().next())),
                )
                .await;
            };
            Generator::new(async move |mut co| delegate_to(&mut co, kind, sub).await)
        });
        assert_eq!(said(outer.next()), "yielded 1");
        assert_eq!(said(outer.throw(Boom("b"))), "yielded 2");
        assert_eq!(closed(outer.close()), "closed");
        assert_eq!(
            log.take(),
            ["already running ()", "Running", "already running ()"],
            "{kind:?}"
        );
    }
}

#[test]
fn f14_a_delegating_one_is_suspended_when_its_inner_one_is() {
    let sub = body::<i32, (), (), _>(async |mut co| co.yield_(1).await);
    for kind in KINDS {
        each_form(
            async |mut co| delegate_to(&mut co, kind, sub).await,
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(co.state(), State::Suspended);
            },
        );
    }
}

#[test]
fn f15_the_inner_one_may_be_resumed_while_the_outer_one_is_paused() {
    let sub = Generator::new(async |mut co| co.yield_from_iter([1, 2, 3]).await).shared();
    let mut outer = Generator::new(async |mut co| co.yield_from(sub.clone()).await);
    assert_eq!(said(outer.next()), "yielded 1");
    assert_eq!(said(sub.next()), "yielded 2");
    assert_eq!(said(outer.next()), "yielded 3");
    assert_eq!(said(outer.next()), "returned ()");
}

#[test]
fn f15_an_inner_one_that_ended_meanwhile_has_no_value_to_give() {
    let sub = Generator::new(async |mut co| co.yield_(1).await).shared();
    let mut outer = Generator::new(async |mut co| co.yield_from(sub.clone()).await);
    assert_eq!(said(outer.next()), "yielded 1");
    assert_eq!(said(sub.next()), "returned ()");
    // CPython evaluates the delegation to `None`, as in G21.
    assert_eq!(
        said(outer.next()),
        "raised cannot delegate to a finished coroutine"
    );
}

#[test]
fn f16_delegating_to_itself_is_refused() {
    let co =
        itself(|me| Generator::<(), ()>::new(async move |mut co| co.yield_from(me.get()).await));
    assert_eq!(
        said(co.next()),
        "raised cannot delegate to a running coroutine"
    );
    assert_eq!(co.state(), State::Closed);
}

#[test]
fn f16_also_when_the_delegation_goes_round() {
    for kind in KINDS {
        let co = itself(|me: Me<'_, (), (), ()>| {
            let round = async move |mut co: Co<'_, (), ()>| co.yield_from(me.get()).await;
            Generator::new(async move |mut co| delegate_to(&mut co, kind, round).await)
        });
        assert_eq!(
            said(co.next()),
            "raised cannot delegate to a running coroutine",
            "{kind:?}"
        );
    }
}
