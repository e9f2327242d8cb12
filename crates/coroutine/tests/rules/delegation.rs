//! Rules G: `yield_from`, asked of any inner coroutine from outside (PEP 380).

use entracte_coroutine::{Generator, Interrupt};

use crate::forms::{Form, each_form, is_close};
use crate::kinds::{KINDS, body, delegate_to};
use crate::{Boom, Log, closed, error, except_boom, except_close, said};

#[test]
fn g01_every_value_comes_out_and_the_delegation_gives_the_returned_one() {
    let sub = body::<_, (), _, _>(async |mut co| {
        co.yield_("1").await;
        co.yield_("2").await;
        "r"
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                let returned = delegate_to(&mut co, kind, sub).await;
                co.yield_(returned).await;
            },
            |co: &mut dyn Form<&'static str>| {
                assert_eq!(said(co.next()), "yielded \"1\"");
                assert_eq!(said(co.next()), "yielded \"2\"");
                assert_eq!(said(co.next()), "yielded \"r\"");
                assert_eq!(said(co.next()), "returned ()");
            },
        );
    }
}

#[test]
fn g02_sent_values_go_to_the_inner_one() {
    let sub = body::<&str, &str, _, _>(async |mut co| {
        let a = co.yield_("1").await;
        co.yield_(a).await
    });
    for kind in KINDS {
        each_form(
            async |mut co| delegate_to(&mut co, kind, sub).await,
            |co: &mut dyn Form<&'static str, &'static str, &'static str>| {
                assert_eq!(said(co.next()), "yielded \"1\"");
                assert_eq!(said(co.send("A")), "yielded \"A\"");
                assert_eq!(said(co.send("B")), "returned \"B\"");
            },
        );
    }
}

#[test]
fn g05_a_throw_goes_to_the_inner_one_and_the_delegation_goes_on() {
    let sub = body::<_, (), (), _>(async |mut co| {
        let tried = co.try_yield("1").await;
        if except_boom(&mut co, tried).await.is_err() {
            co.yield_("sub caught").await;
        }
    });
    for kind in KINDS {
        each_form(
            async |mut co| delegate_to(&mut co, kind, sub).await,
            |co: &mut dyn Form<&'static str>| {
                assert_eq!(said(co.next()), "yielded \"1\"");
                assert_eq!(said(co.throw(Boom("b"))), "yielded \"sub caught\"");
            },
        );
    }
}

#[test]
fn g07_an_inner_one_that_returns_from_its_handler_ends_the_delegation() {
    let sub = body::<(&str, &str), (), _, _>(async |mut co| {
        let tried = co.try_yield(("1", "")).await;
        except_boom(&mut co, tried).await.map_or("rv", |()| "")
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                let returned = delegate_to(&mut co, kind, sub).await;
                co.yield_(("got", returned)).await;
            },
            |co: &mut dyn Form<(&'static str, &'static str)>| {
                assert_eq!(said(co.next()), "yielded (\"1\", \"\")");
                assert_eq!(said(co.throw(Boom("b"))), "yielded (\"got\", \"rv\")");
            },
        );
    }
}

#[test]
fn g08_an_error_that_leaves_the_inner_one_arrives_at_the_delegation() {
    let sub = body::<&str, (), (), _>(async |mut co| co.yield_("1").await);
    for kind in KINDS {
        each_form(
            async |mut co| {
                let tried = co.catch(async |co| delegate_to(co, kind, sub).await).await;
                if except_boom(&mut co, tried).await.is_err() {
                    co.yield_("outer caught").await;
                }
            },
            |co: &mut dyn Form<&'static str>| {
                assert_eq!(said(co.next()), "yielded \"1\"");
                assert_eq!(said(co.throw(Boom("b"))), "yielded \"outer caught\"");
            },
        );
    }
}

#[test]
fn g09_a_thrown_close_goes_on_in_the_outer_one() {
    let sub = body::<i32, (), (), _>(async |mut co| co.yield_(1).await);
    for kind in KINDS {
        each_form(
            async |mut co| delegate_to(&mut co, kind, sub).await,
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                let raised = error(co.throw(Interrupt::Close).unwrap_err());
                assert!(is_close(&raised), "{kind:?}: {raised}");
            },
        );
    }
}

#[test]
fn g11_close_closes_the_inner_one_first() {
    let log = Log::default();
    let sub = body::<i32, (), (), _>(async |mut co| {
        co.finally(async |co| co.yield_(1).await, async |_| log.add("sub fin"))
            .await;
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                co.finally(
                    async |co| delegate_to(co, kind, sub).await,
                    async |_| log.add("outer fin"),
                )
                .await;
            },
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(closed(co.close()), "closed");
                assert_eq!(log.take(), ["sub fin", "outer fin"]);
            },
        );
    }
}

#[test]
fn g12_an_error_raised_while_the_inner_one_closes_arrives_in_the_outer_one() {
    let log = Log::default();
    let sub = body::<i32, (), (), _>(async |mut co| {
        co.finally(
            async |co| co.yield_(1).await,
            async |co| co.raise(Boom("c")).await,
        )
        .await;
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                let tried = co.catch(async |co| delegate_to(co, kind, sub).await).await;
                if let Err(interrupt) = tried {
                    log.add(interrupt.to_string());
                    co.raise(interrupt).await;
                }
            },
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(closed(co.close()), "raised Boom: c");
                assert_eq!(log.take(), ["Boom: c"]);
            },
        );
    }
}

#[test]
fn g13_and_leaves_close_when_nobody_catches_it() {
    let sub = body::<i32, (), (), _>(async |mut co| {
        co.finally(
            async |co| co.yield_(1).await,
            async |co| co.raise(Boom("c")).await,
        )
        .await;
    });
    for kind in KINDS {
        each_form(
            async |mut co| delegate_to(&mut co, kind, sub).await,
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(closed(co.close()), "raised Boom: c");
            },
        );
    }
}

#[test]
fn g14_an_inner_one_that_ignores_the_close_is_an_error_in_the_outer_one() {
    let log = Log::default();
    let sub = body::<i32, (), (), _>(async |mut co| {
        let tried = co.try_yield(1).await;
        if except_close(&mut co, tried).await.is_none() {
            co.yield_(2).await;
        }
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                let tried = co.catch(async |co| delegate_to(co, kind, sub).await).await;
                if let Err(interrupt) = tried {
                    log.add(interrupt.to_string());
                    co.raise(interrupt).await;
                }
            },
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(closed(co.close()), "raised coroutine ignored close");
                assert_eq!(log.take(), ["coroutine ignored close"]);
            },
        );
    }
}

#[test]
fn g15_a_value_returned_in_answer_to_a_close_is_lost() {
    let log = Log::default();
    let sub = body::<i32, (), _, _>(async |mut co| {
        let tried = co.try_yield(1).await;
        except_close(&mut co, tried).await.map_or("v", |()| "")
    });
    for kind in KINDS {
        each_form(
            async |mut co| match co.catch(async |co| delegate_to(co, kind, sub).await).await {
                Ok(returned) => log.add(returned),
                Err(interrupt) => {
                    log.add(if matches!(interrupt, Interrupt::Close) {
                        "GE"
                    } else {
                        "error"
                    });
                    co.raise(interrupt).await;
                }
            },
            |co: &mut dyn Form<i32>| {
                assert_eq!(said(co.next()), "yielded 1");
                assert_eq!(closed(co.close()), "closed");
                assert_eq!(log.take(), ["GE"]);
            },
        );
    }
}

#[test]
fn g23_three_levels_pass_sends_and_throws_in_and_values_out() {
    let c = body::<&str, &str, _, _>(async |mut co| {
        let tried = co.try_yield("c1").await;
        except_boom(&mut co, tried).await.unwrap_or("boom")
    });
    for (b_kind, c_kind) in KINDS.into_iter().flat_map(|b| KINDS.map(|c| (b, c))) {
        let b =
            body::<&str, &str, _, _>(async |mut co| ("b", delegate_to(&mut co, c_kind, c).await));
        each_form(
            async |mut co| ("a", delegate_to(&mut co, b_kind, b).await),
            |co: &mut dyn Form<&str, &str, (&str, (&str, &str))>| {
                assert_eq!(said(co.next()), "yielded \"c1\"");
                assert_eq!(said(co.send("7")), "returned (\"a\", (\"b\", \"7\"))");
            },
        );
        each_form(
            async |mut co| ("a", delegate_to(&mut co, b_kind, b).await),
            |co: &mut dyn Form<&str, &str, (&str, (&str, &str))>| {
                assert_eq!(said(co.next()), "yielded \"c1\"");
                assert_eq!(
                    said(co.throw(Boom("z"))),
                    "returned (\"a\", (\"b\", \"boom\"))"
                );
            },
        );
    }
}

#[test]
fn g28_an_error_raised_while_a_thrown_close_closes_the_inner_one_arrives_in_the_outer_one() {
    let sub = body::<String, (), (), _>(async |mut co| {
        co.finally(
            async |co| co.yield_("1".to_owned()).await,
            async |co| co.raise(Boom("c")).await,
        )
        .await;
    });
    for kind in KINDS {
        each_form(
            async |mut co| {
                let tried = co.catch(async |co| delegate_to(co, kind, sub).await).await;
                if let Err(interrupt) = tried {
                    co.yield_(interrupt.to_string()).await;
                }
            },
            |co: &mut dyn Form<String>| {
                assert_eq!(said(co.next()), "yielded \"1\"");
                assert_eq!(said(co.throw(Interrupt::Close)), "yielded \"Boom: c\"");
            },
        );
    }
}

#[test]
fn g29_an_error_before_the_inner_ones_first_yield_arrives_at_the_delegation() {
    let sub = body::<&str, (), (), _>(async |mut co| co.raise(Boom("s")).await);
    for kind in KINDS {
        each_form(
            async |mut co| {
                let tried = co.catch(async |co| delegate_to(co, kind, sub).await).await;
                if except_boom(&mut co, tried).await.is_err() {
                    co.yield_("caught").await;
                }
            },
            |co: &mut dyn Form<&'static str>| assert_eq!(said(co.next()), "yielded \"caught\""),
        );
    }
}

#[test]
fn g30_the_outer_one_names_what_it_delegates_to() {
    let mut outer = Generator::named("outer", async |mut co| {
        let mid = Generator::named("mid", async |mut co| {
            co.yield_from(Generator::named("leaf", async |mut co| co.yield_(1).await))
                .await;
        });
        co.yield_from(mid).await;
    });
    assert_eq!(said(outer.next()), "yielded 1");
    // CPython gives the delegate itself, and so the chain; here it is owned by the outer one.
    assert_eq!((outer.name(), outer.delegates_to()), ("outer", Some("mid")));
}
