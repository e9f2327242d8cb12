//! The harness itself: encoding, shrinking, finding what is planted, reaching what it should.

use std::io;

use conformance::compare::first_difference;
use conformance::decode::decode;
use conformance::encode::encode;
use conformance::fuzz::{Divergence, smaller};
use conformance::generate::{self, Grammar};
use conformance::program::{Block, Failure, Program, Stmt};
use conformance::run::{reaches_shared, run, run_async};
use conformance::shrink::shrink;
use conformance::valid::valid;

const SEED: u64 = 20_815;

fn generate(seed: u64, index: u64) -> Program {
    generate::generate(Grammar::Coroutine, seed, index)
}

#[test]
fn a_program_survives_its_encoding() {
    for index in 0..4000 {
        let program = generate(SEED, index);
        let line = encode(&program);
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(
            decode(&line).as_ref(),
            Ok(&program),
            "seed {SEED}, program {index}: {line}"
        );
    }
}

#[test]
fn what_is_not_a_program_is_not_read() {
    for line in [
        "",
        "push",
        "push () () () ()",
        "pull ((z 1)) () ()",
        "push (((y 1)) (b0) (0n)",
    ] {
        assert!(decode(line).is_err(), "{line:?} was read");
    }
}

#[test]
fn generated_programs_are_valid_and_the_same_for_the_same_seed() {
    for index in 0..1000 {
        let program = generate(SEED, index);
        assert!(
            valid(&program),
            "seed {SEED}, program {index}: {}",
            encode(&program)
        );
        assert_eq!(program, generate(SEED, index));
        assert_eq!(
            run(&program, true),
            run(&program, true),
            "seed {SEED}, program {index}"
        );
    }
    assert_ne!(generate(SEED, 0), generate(SEED + 1, 0));
}

fn raises_boom(block: &Block) -> bool {
    block.iter().any(|stmt| {
        matches!(stmt, Stmt::Raise(Failure::Boom(_))) || stmt.blocks().into_iter().any(raises_boom)
    })
}

#[test]
fn the_shrinker_leaves_only_what_matters() {
    let matters = |program: &Program| program.bodies.iter().any(raises_boom);
    let mut shrunk = 0;
    for index in 0..200 {
        let program = generate(SEED, index);
        if !matters(&program) {
            continue;
        }
        let small = shrink(&program, matters);
        assert!(
            matters(&small) && valid(&small),
            "seed {SEED}, program {index}"
        );
        assert_eq!(
            small.size(),
            1,
            "seed {SEED}, program {index}: {}",
            encode(&small)
        );
        shrunk += 1;
    }
    assert!(shrunk > 20, "only {shrunk} programs raise");
}

/// CPython as it would be if a handler that catches `GeneratorExit` said so with another number.
fn planted(program: &Program) -> io::Result<String> {
    Ok(run(program, true).replace("!GE", "!GE!"))
}

#[test]
fn a_planted_divergence_is_found_and_made_small() {
    let mut found = 0;
    for index in 0..300 {
        let program = generate(SEED, index);
        let (ours, theirs) = (run(&program, true), planted(&program).expect("no pipe"));
        if first_difference(&ours, &theirs).is_none() {
            assert!(
                !ours.contains("!GE"),
                "missed in seed {SEED}, program {index}"
            );
            continue;
        }
        found += 1;
        let big = Divergence {
            index,
            program,
            ours,
            theirs,
        };
        let small = smaller(Grammar::Coroutine, &big, true, planted).expect("no pipe");
        assert!(first_difference(&small.ours, &small.theirs).is_some());
        let text = encode(&small.program);
        assert!(
            small.program.size() <= 8,
            "seed {SEED}, program {index}: {text}"
        );
        assert!(small.to_string().contains("except "), "{small}");
    }
    assert!(found > 10, "only {found} programs catch GeneratorExit");
}

#[test]
fn a_panic_is_part_of_the_trace() {
    // A program that no generator makes: the body reaches for a coroutine that is not shared.
    let program = decode("push (((q g0))) (b0) (0n)").expect("it can be read");
    assert!(!valid(&program));
    assert!(
        run(&program, true).contains("PANIC:"),
        "{}",
        run(&program, true)
    );
}

/// The trace of the program in a line.
fn trace(line: &str) -> String {
    let program = decode(line).expect("a test writes programs that can be read");
    assert!(valid(&program), "{line}");
    run(&program, true)
}

#[test]
fn delegation_by_value_and_by_reference_is_linked_at_every_depth_of_blocks() {
    let inner = "((y 1) (y 2))";
    for delegate in ["(d (f 1 () -))", "(o 1 b ((d (w a0 -))))"] {
        let mut body = delegate.to_owned();
        for _ in 0..2 {
            let text = trace(&format!("push (({body}) {inner}) (b0) (0n 0s5)"));
            assert!(text.starts_with("0:y1 /S>f1"), "{body}: {text}");
            body = format!("(t ({body}) (A ()) - -)");
        }
    }
}

#[test]
fn delegation_set_apart_is_not_linked() {
    let text = trace("push (((D (f 1 () -))) ((y 1))) (b0) (0n)");
    assert_eq!(text, "0:y1 /S");
}

#[test]
fn a_shared_coroutine_that_delegates_to_itself_is_refused() {
    let text = trace("push (((t ((d (w g0 -))) (V ()) - -) (r 3))) (h0) (0n)");
    assert_eq!(text, "0!VE 0:s3 /Z");
}

#[test]
fn asynchronous_bodies_that_wait_leave_the_trace_as_it_is() {
    // Which delegations are linked, and so have a name, depends on the form.
    let unnamed = |trace: String| {
        trace
            .replace(">f1", "")
            .replace(">f2", "")
            .replace(">f3", "")
    };
    for index in 0..2000 {
        let program = generate::generate(Grammar::Async, SEED, index);
        let line = encode(&program);
        assert!(!reaches_shared(&program), "{line}");
        let (ours, theirs) = (run_async(&program, true), run(&program, true));
        assert_eq!(
            unnamed(ours),
            unnamed(theirs),
            "seed {SEED}, program {index}: {line}"
        );
    }
}
