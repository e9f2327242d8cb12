//! The harness of programs of tasks: text, shrinking, finding what is planted, reaching each verb.

use conformance::tasks::fuzz::{Divergence, smaller};
use conformance::tasks::make::make;
use conformance::tasks::program::{Block, Program, Verb};
use conformance::tasks::run;
use conformance::tasks::shrink::shrink;
use conformance::tasks::text::read;

const SEED: u64 = 20_815;

#[test]
fn a_program_survives_its_text() {
    for index in 0..4000 {
        let program = make(SEED, index);
        let line = program.to_string();
        assert_eq!(
            read(&line).as_ref(),
            Ok(&program),
            "seed {SEED}, program {index}: {line}"
        );
    }
}

#[test]
fn what_is_not_a_program_is_not_read() {
    for line in [
        "",
        "[",
        "[(sleep)]",
        "[(sleep 1 2)]",
        "[(dance 1)]",
        "[(group 1)]",
        "[] 3",
    ] {
        assert!(read(line).is_err(), "{line:?} was read");
    }
}

#[test]
fn a_program_is_the_same_for_the_same_seed_and_does_the_same_each_time() {
    for index in 0..500 {
        let program = make(SEED, index);
        assert_eq!(program, make(SEED, index));
        assert_eq!(
            run(&program),
            run(&program),
            "seed {SEED}, program {index}: {program}"
        );
    }
    assert_ne!(make(SEED, 0), make(SEED + 1, 0));
}

#[test]
fn every_program_ends_and_leaves_no_task_behind() {
    for index in 0..3000 {
        let program = make(SEED, index);
        let trace = run(&program);
        let is_well = !["LEFT", "BROKEN", "?"]
            .iter()
            .any(|bad| trace.contains(bad));
        assert!(is_well, "seed {SEED}, program {index}: {program}\n{trace}");
    }
}

/// Whether a statement with this verb in the program came to its end.
fn is_done(block: &Block, verb: Verb, trace: &[&str]) -> bool {
    block.iter().any(|stmt| {
        let site = format!(".{}", stmt.site);
        let is_it = |event: &&str| {
            let place = event.find(&site).map(|at| &event[at + site.len()..]);
            place.is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_digit()))
        };
        stmt.verb == verb && trace.iter().any(is_it)
            || stmt
                .blocks
                .iter()
                .any(|inside| is_done(inside, verb, trace))
    })
}

#[test]
fn every_verb_is_reached_often() {
    let mut reached = vec![0; Verb::ALL.len()];
    for index in 0..3000 {
        let program = make(SEED, index);
        let trace = run(&program);
        let trace: Vec<_> = trace.split(' ').collect();
        for (verb, count) in Verb::ALL.iter().zip(&mut reached) {
            *count += usize::from(program.bodies.iter().any(|it| is_done(it, *verb, &trace)));
        }
    }
    for (verb, count) in Verb::ALL.iter().zip(reached) {
        // A timeout says nothing by itself.
        let least = if *verb == Verb::Timeout { 0 } else { 50 };
        assert!(
            count >= least,
            "{verb:?} was reached in {count} programs only"
        );
    }
}

fn has(block: &Block, verb: Verb) -> bool {
    let is_it = |stmt: &conformance::tasks::program::Stmt| {
        stmt.verb == verb || stmt.blocks.iter().any(|inside| has(inside, verb))
    };
    block.iter().any(is_it)
}

#[test]
fn the_shrinker_leaves_only_what_matters() {
    let matters = |program: &Program| program.bodies.iter().any(|body| has(body, Verb::Join));
    let mut shrunk = 0;
    for index in 0..300 {
        let program = make(SEED, index);
        if matters(&program) {
            let small = shrink(&program, matters);
            assert!(matters(&small), "seed {SEED}, program {index}");
            assert_eq!(small.size(), 1, "seed {SEED}, program {index}: {small}");
            shrunk += 1;
        }
    }
    assert!(shrunk > 20, "only {shrunk} programs join");
}

#[test]
fn a_planted_divergence_is_found_and_made_small() {
    // asyncio as it would be if a caught cancellation were logged otherwise.
    let theirs = |program: &Program| Ok(run(program).replace("c ", "C "));
    let mut found = 0;
    for index in 0..200 {
        let program = make(SEED, index);
        let (ours, their_trace) = (run(&program), theirs(&program).expect("no pipe"));
        if ours == their_trace {
            continue;
        }
        found += 1;
        let big = Divergence {
            index,
            program,
            ours,
            theirs: their_trace,
        };
        let small = smaller(&big, theirs).expect("no pipe");
        assert_ne!(small.ours, small.theirs, "seed {SEED}, program {index}");
        assert!(
            small.program.size() <= 6,
            "seed {SEED}, program {index}: {}",
            small.program
        );
    }
    assert!(found > 20, "only {found} programs catch");
}
