//! Makes a diverging program smaller while it still diverges.
//!
//! Candidates are tried largest cut first: whole bodies emptied, steps dropped, statements
//! dropped or replaced by what is inside them, parts simplified. Every candidate that is valid and
//! still diverges becomes the program, until none does.

use crate::program::{
    Block, Cond, Expr, OwnForm, Program, RootForm, Stmt, Target, Try, Value, Verb, Whom,
};
use crate::valid::valid;

/// No more candidates than this are tried: a worker that hangs on each must not take for ever.
const MOST_TRIES: usize = 20_000;

/// Shrinks a program for which `diverges` holds.
pub fn shrink(program: &Program, mut diverges: impl FnMut(&Program) -> bool) -> Program {
    let mut best = program.clone();
    let mut tries = 0;
    'again: loop {
        for mut candidate in candidates(&best) {
            candidate.number();
            if candidate == best || !valid(&candidate) {
                continue;
            }
            tries += 1;
            if tries > MOST_TRIES {
                return best;
            }
            if diverges(&candidate) {
                best = candidate;
                continue 'again;
            }
        }
        return best;
    }
}

/// Programs that are a little smaller or plainer, each of them less by [`Program::size`] or by
/// the plainness of one part, so that shrinking ends.
fn candidates(program: &Program) -> Vec<Program> {
    let mut all = Vec::new();
    steps(program, &mut all);
    for (index, body) in program.bodies.iter().enumerate() {
        for smaller in blocks(body) {
            let mut candidate = program.clone();
            candidate.bodies[index] = smaller;
            all.push(candidate);
        }
    }
    roots(program, &mut all);
    all
}

fn steps(program: &Program, all: &mut Vec<Program>) {
    let count = program.steps.len();
    let mut width = count.div_ceil(2);
    while width >= 1 {
        for start in (0..count).step_by(width) {
            let mut candidate = program.clone();
            candidate.steps.drain(start..(start + width).min(count));
            all.push(candidate);
        }
        width = if width == 1 { 0 } else { width.div_ceil(2) };
    }
    for (index, step) in program.steps.iter().enumerate() {
        for verb in verbs(&step.verb) {
            let mut candidate = program.clone();
            candidate.steps[index].verb = verb;
            all.push(candidate);
        }
    }
}

fn roots(program: &Program, all: &mut Vec<Program>) {
    all.extend((0..program.roots.len()).filter_map(|gone| without_root(program, gone)));
    all.extend((0..program.bodies.len()).filter_map(|gone| without_body(program, gone)));
    for index in 0..program.roots.len() {
        let plainer: &[RootForm] = match program.roots[index].form {
            RootForm::Boxed => &[],
            RootForm::Shared => &[RootForm::Boxed],
            RootForm::Stack => &[RootForm::Boxed],
        };
        for form in plainer {
            let mut candidate = program.clone();
            candidate.roots[index].form = *form;
            all.push(candidate);
        }
    }
}

/// The program without one root, if nothing uses it.
fn without_root(program: &Program, gone: usize) -> Option<Program> {
    let mut smaller = program.clone();
    smaller.roots.remove(gone);
    for step in &mut smaller.steps {
        step.root = moved(step.root, gone)?;
    }
    for body in &mut smaller.bodies {
        each_statement(body, &mut |stmt| {
            if let Stmt::Resume { whom, .. }
            | Stmt::Look { whom, .. }
            | Stmt::Delegate {
                target: Target::Whom { whom, .. },
                ..
            } = stmt
                && let Whom::Shared(index) = whom
            {
                *index = moved(*index, gone)?;
            }
            Some(())
        })?;
    }
    Some(smaller)
}

/// The program without one body, if nothing is made of it.
fn without_body(program: &Program, gone: usize) -> Option<Program> {
    let mut smaller = program.clone();
    smaller.bodies.remove(gone);
    for root in &mut smaller.roots {
        root.body = moved(root.body, gone)?;
    }
    for body in &mut smaller.bodies {
        each_statement(body, &mut |stmt| {
            if let Stmt::Own { body, .. }
            | Stmt::Delegate {
                target: Target::Fresh { body, .. },
                ..
            } = stmt
            {
                *body = moved(*body, gone)?;
            }
            Some(())
        })?;
    }
    Some(smaller)
}

/// An index after the one that is gone has moved down; there is none for the gone one.
fn moved(index: usize, gone: usize) -> Option<usize> {
    (index != gone).then(|| if index > gone { index - 1 } else { index })
}

fn each_statement(
    block: &mut Block,
    change: &mut dyn FnMut(&mut Stmt) -> Option<()>,
) -> Option<()> {
    for stmt in block {
        change(stmt)?;
        for inside in stmt.blocks_mut() {
            each_statement(inside, change)?;
        }
    }
    Some(())
}

/// Smaller blocks: one statement gone, replaced by its insides, or made plainer.
fn blocks(block: &Block) -> Vec<Block> {
    let mut all = Vec::new();
    if block.len() > 1 {
        all.push(Vec::new());
    }
    for (index, stmt) in block.iter().enumerate() {
        let mut put = |replacement: Vec<Stmt>| {
            let mut candidate = block.clone();
            candidate.splice(index..=index, replacement);
            all.push(candidate);
        };
        put(Vec::new());
        for inside in stmt.blocks() {
            put(inside.clone());
        }
        for plainer in plainer(stmt) {
            put(vec![plainer]);
        }
        for (which, inside) in stmt.blocks().into_iter().enumerate() {
            for smaller in blocks(inside) {
                let mut candidate = stmt.clone();
                *candidate.blocks_mut()[which] = smaller;
                put(vec![candidate]);
            }
        }
    }
    all
}

/// Statements of the same kind with less in them.
fn plainer(stmt: &Stmt) -> Vec<Stmt> {
    let mut all: Vec<Stmt> = match stmt.clone() {
        Stmt::Yield { site, expr, tried } => exprs(expr)
            .into_iter()
            .map(|expr| Stmt::Yield { site, expr, tried })
            .collect(),
        Stmt::Set(expr) => exprs(expr).into_iter().map(Stmt::Set).collect(),
        Stmt::Return(expr) => exprs(expr).into_iter().map(Stmt::Return).collect(),
        Stmt::Delegate {
            site,
            target,
            apart,
        } => targets(&target)
            .into_iter()
            .map(|target| Stmt::Delegate {
                site,
                target,
                apart,
            })
            .collect(),
        Stmt::Resume {
            site,
            whom,
            verb,
            caught,
        } => verbs(&verb)
            .into_iter()
            .map(|verb| Stmt::Resume {
                site,
                whom,
                verb,
                caught,
            })
            .collect(),
        Stmt::Try(parts) => tries(&parts),
        _ => Vec::new(),
    };
    all.extend(forms(stmt));
    all
}

/// The statement in a plainer form, all else equal.
fn forms(stmt: &Stmt) -> Vec<Stmt> {
    let mut plainer = stmt.clone();
    match &mut plainer {
        Stmt::Yield { tried, .. } => *tried = false,
        Stmt::Delegate { apart, .. } => *apart = false,
        Stmt::Own { form, .. } => *form = OwnForm::Boxed,
        Stmt::If { cond, .. } => *cond = Cond::IsNone,
        Stmt::Loop { times, .. } if *times > 1 => *times -= 1,
        _ => {}
    }
    if plainer == *stmt {
        Vec::new()
    } else {
        vec![plainer]
    }
}

fn tries(parts: &Try) -> Vec<Stmt> {
    let mut all = Vec::new();
    for index in 0..parts.handlers.len() {
        let mut candidate = parts.clone();
        candidate.handlers.remove(index);
        all.push(candidate);
    }
    if parts.clean_up.is_some() {
        all.push(Try {
            clean_up: None,
            native: false,
            ..parts.clone()
        });
    }
    if parts.otherwise.is_some() {
        all.push(Try {
            otherwise: None,
            ..parts.clone()
        });
    }
    if parts.native {
        all.push(Try {
            native: false,
            ..parts.clone()
        });
    }
    all.into_iter().map(Stmt::Try).collect()
}

fn targets(target: &Target) -> Vec<Target> {
    match target {
        Target::Fresh {
            body,
            before,
            first,
        } => {
            let mut all = Vec::new();
            for index in 0..before.len() {
                let mut before = before.clone();
                before.remove(index);
                all.push(Target::Fresh {
                    body: *body,
                    before,
                    first: *first,
                });
            }
            if first.is_some() {
                all.push(Target::Fresh {
                    body: *body,
                    before: before.clone(),
                    first: None,
                });
            }
            all
        }
        Target::Whom {
            whom,
            first: Some(_),
        } => vec![Target::Whom {
            whom: *whom,
            first: None,
        }],
        Target::Whom { .. } => Vec::new(),
        Target::Items(items) if items.is_empty() => Vec::new(),
        Target::Items(items) => vec![Target::Items(items[1..].to_vec())],
    }
}

fn verbs(verb: &Verb) -> Vec<Verb> {
    match verb {
        Verb::Send(value) => {
            let mut all = vec![Verb::Next];
            all.extend(values(*value).into_iter().map(Verb::Send));
            all
        }
        Verb::Each => vec![Verb::Next],
        _ => Vec::new(),
    }
}

fn exprs(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::Const(value) => values(value).into_iter().map(Expr::Const).collect(),
        Expr::Last | Expr::Plus(_) => vec![Expr::Const(None)],
    }
}

fn values(value: Value) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(0) => vec![None],
        Some(_) => vec![None, Some(0)],
    }
}
