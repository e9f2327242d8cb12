//! A program as one line of text: written here, read back by `decode`.
//!
//! Lists in parentheses, atoms between blanks. `_` is `None`, `-` is "absent". The numbers of the
//! statements are not written: reading a program numbers it again.

use std::fmt::Write;

use crate::program::{
    Block, Cond, Expr, Failure, Filter, OwnForm, Program, RootForm, Step, Stmt, Target, Try, Value,
    Verb, Whom,
};

/// Writes a program as one line without the line's end.
pub fn encode(program: &Program) -> String {
    let mut writer = Writer {
        text: String::new(),
    };
    writer.program(program);
    writer.text
}

fn value(value: Value) -> String {
    value.map_or_else(|| "_".to_owned(), |number| number.to_string())
}

fn absent_or(value_: Option<Value>) -> String {
    value_.map_or_else(|| "-".to_owned(), value)
}

fn failure(failure: Failure) -> String {
    match failure {
        Failure::Boom(number) => format!("A{number}"),
        Failure::Bang(number) => format!("B{number}"),
        Failure::Exit => "E".to_owned(),
    }
}

/// A verb in short; the worker reads it too.
pub(crate) fn verb(verb: &Verb) -> String {
    match verb {
        Verb::Next => "n".to_owned(),
        Verb::Send(sent) => format!("s{}", value(*sent)),
        Verb::Throw(thrown) => format!("t{}", failure(*thrown)),
        Verb::Close => "c".to_owned(),
        Verb::Each => "e".to_owned(),
    }
}

fn expr(expr: Expr) -> String {
    match expr {
        Expr::Const(constant) => value(constant),
        Expr::Last => "x".to_owned(),
        Expr::Plus(number) => format!("+{number}"),
    }
}

fn cond(cond: Cond) -> String {
    match cond {
        Cond::IsNone => "?".to_owned(),
        Cond::Equals(number) => number.to_string(),
    }
}

fn filter(filter: Filter) -> &'static str {
    match filter {
        Filter::Boom => "A",
        Filter::Bang => "B",
        Filter::Exit => "E",
        Filter::Running => "V",
        Filter::Ignored => "R",
        Filter::Exception => "X",
        Filter::Any => "*",
    }
}

fn whom(whom: Whom) -> String {
    match whom {
        Whom::Shared(index) => format!("g{index}"),
        Whom::Own(depth) => format!("a{depth}"),
    }
}

fn own_form(form: OwnForm) -> &'static str {
    match form {
        OwnForm::Boxed => "b",
        OwnForm::Stack => "s",
        OwnForm::Foreign => "f",
    }
}

fn root_form(form: RootForm) -> &'static str {
    match form {
        RootForm::Shared => "h",
        RootForm::Boxed => "b",
        RootForm::Stack => "s",
    }
}

struct Writer {
    text: String,
}

impl Writer {
    fn add(&mut self, atom: &str) {
        if !self.text.is_empty() && !self.text.ends_with('(') {
            self.text.push(' ');
        }
        self.text.push_str(atom);
    }

    fn list(&mut self, inside: impl FnOnce(&mut Self)) {
        self.add("(");
        inside(self);
        self.text.push(')');
    }

    fn program(&mut self, program: &Program) {
        self.add(if program.pull { "pull" } else { "push" });
        self.list(|it| program.bodies.iter().for_each(|body| it.block(body)));
        self.list(|it| {
            for root in &program.roots {
                it.add(&format!("{}{}", root_form(root.form), root.body));
            }
        });
        self.list(|it| program.steps.iter().for_each(|step| it.step(step)));
    }

    fn step(&mut self, step: &Step) {
        self.add(&format!("{}{}", step.root, verb(&step.verb)));
    }

    fn block(&mut self, block: &Block) {
        self.list(|it| block.iter().for_each(|stmt| it.stmt(stmt)));
    }

    fn optional(&mut self, block: Option<&Block>) {
        match block {
            Some(block) => self.block(block),
            None => self.add("-"),
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.list(|it| match stmt {
            Stmt::Yield {
                expr: what, tried, ..
            } => {
                it.add(if *tried { "Y" } else { "y" });
                it.add(&expr(*what));
            }
            Stmt::Set(what) => it.add(&format!("= {}", expr(*what))),
            Stmt::Return(what) => it.add(&format!("r {}", expr(*what))),
            Stmt::Raise(what) => it.add(&format!("! {}", failure(*what))),
            Stmt::Reraise => it.add("rr"),
            Stmt::Break => it.add("b"),
            Stmt::Continue => it.add("k"),
            Stmt::If {
                cond: question,
                then,
                otherwise,
            } => {
                it.add(&format!("i {}", cond(*question)));
                it.block(then);
                it.block(otherwise);
            }
            Stmt::Loop { times, block } => {
                it.add(&format!("l {times}"));
                it.block(block);
            }
            Stmt::Try(parts) => it.try_(parts),
            Stmt::Own { body, form, block } => {
                it.add(&format!("o {body} {}", own_form(*form)));
                it.block(block);
            }
            Stmt::Delegate { target, apart, .. } => {
                it.add(if *apart { "D" } else { "d" });
                it.target(target);
            }
            Stmt::Resume {
                whom: other,
                verb: what,
                caught,
                ..
            } => {
                it.add(if *caught { "M" } else { "m" });
                it.add(&format!("{} {}", whom(*other), verb(what)));
            }
            Stmt::Look { whom: other, .. } => it.add(&format!("q {}", whom(*other))),
        });
    }

    fn try_(&mut self, parts: &Try) {
        self.add(if parts.native { "T" } else { "t" });
        self.block(&parts.block);
        self.list(|it| {
            for (caught, block) in &parts.handlers {
                it.add(filter(*caught));
                it.block(block);
            }
        });
        self.optional(parts.otherwise.as_ref());
        self.optional(parts.clean_up.as_ref());
    }

    fn target(&mut self, target: &Target) {
        self.list(|it| match target {
            Target::Fresh {
                body,
                before,
                first,
            } => {
                it.add(&format!("f {body}"));
                it.list(|it| before.iter().for_each(|what| it.add(&verb(what))));
                it.add(&absent_or(*first));
            }
            Target::Whom { whom: other, first } => {
                it.add(&format!("w {} {}", whom(*other), absent_or(*first)));
            }
            Target::Items(items) => {
                it.text.push('i');
                for item in items {
                    write!(it.text, " {}", value(*item)).expect("writing to a string never fails");
                }
            }
        });
    }
}
