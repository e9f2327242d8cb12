//! A program as Python source: what the worker runs, and what a report prints.
//!
//! The names `L`, `N`, `K`, `W`, `R…` and `Q` are defined by `worker.py`, which explains them.

use std::fmt::Write;

use crate::encode;
use crate::program::{
    Block, Cond, Expr, Failure, Filter, Program, Stmt, Target, Try, Value, Verb, Whom,
};

/// The program as Python source to read: generator functions, the roots, the driver's steps.
pub fn source(program: &Program) -> String {
    let mut writer = Writer {
        text: bodies(program),
        indent: 0,
        handlers: 0,
        owned: 0,
    };
    for (index, root) in program.roots.iter().enumerate() {
        writer.line(format_args!("g{index} = K(f{}())", root.body));
    }
    for step in &program.steps {
        let call = call(
            &format!("'{}:'", step.root),
            &format!("g{}", step.root),
            &step.verb,
            true,
        );
        writer.line(format_args!("{call}; L('/' + Q(g{}))", step.root));
    }
    writer.text
}

/// The program as the worker takes it: see `worker.py`.
pub fn message(program: &Program) -> String {
    let mut message = String::with_capacity(1024);
    for root in &program.roots {
        write!(message, "{} ", root.body).expect("writing to a string never fails");
    }
    message.push('\u{1e}');
    for step in &program.steps {
        let verb = encode::verb(&step.verb);
        write!(message, "{}:{verb} ", step.root).expect("writing to a string never fails");
    }
    message.push('\u{1e}');
    message.push_str(&bodies(program).replace('\n', "\u{1f}"));
    message
}

fn bodies(program: &Program) -> String {
    let mut writer = Writer {
        text: String::with_capacity(1024),
        indent: 0,
        handlers: 0,
        owned: 0,
    };
    for (index, body) in program.bodies.iter().enumerate() {
        writer.body(index, body);
    }
    writer.text
}

fn value(value: Value) -> String {
    value.map_or_else(|| "None".to_owned(), |number| number.to_string())
}

fn failure(failure: Failure) -> String {
    match failure {
        Failure::Boom(number) => format!("Boom({number})"),
        Failure::Bang(number) => format!("Bang({number})"),
        Failure::Exit => "GeneratorExit()".to_owned(),
    }
}

fn expr(expr: Expr) -> String {
    match expr {
        Expr::Const(constant) => value(constant),
        Expr::Last => "x".to_owned(),
        Expr::Plus(number) => format!("(x or 0) + {number}"),
    }
}

fn filter(filter: Filter) -> &'static str {
    match filter {
        Filter::Boom => "Boom",
        Filter::Bang => "Bang",
        Filter::Exit => "GeneratorExit",
        Filter::Running => "ValueError",
        Filter::Ignored => "RuntimeError",
        Filter::Exception => "Exception",
        Filter::Any => "BaseException",
    }
}

fn whom(whom: Whom) -> String {
    match whom {
        Whom::Shared(index) => format!("g{index}"),
        Whom::Own(depth) => format!("a{depth}"),
    }
}

/// A verb by hand, through the worker's function that logs what comes of it.
fn call(tag: &str, whom: &str, verb: &Verb, caught: bool) -> String {
    let caught = if caught { "True" } else { "False" };
    match verb {
        Verb::Next => format!("RN({tag}, {whom}, {caught})"),
        Verb::Send(sent) => format!("RS({tag}, {whom}, {caught}, {})", value(*sent)),
        Verb::Throw(thrown) => format!("RT({tag}, {whom}, {caught}, {})", failure(*thrown)),
        Verb::Close => format!("RC({tag}, {whom}, {caught})"),
        Verb::Each => format!("RE({tag}, {whom}, {caught})"),
    }
}

struct Writer {
    text: String,
    indent: usize,
    /// How many handlers are around the statement: names the caught error.
    handlers: usize,
    /// How many coroutines of its own the body has around the statement: names the next.
    owned: usize,
}

impl Writer {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.text.extend(std::iter::repeat_n(' ', self.indent));
        writeln!(self.text, "{line}").expect("writing to a string never fails");
    }

    fn body(&mut self, index: usize, body: &Block) {
        self.line(format_args!("def f{index}():"));
        self.indent += 1;
        self.line(format_args!("x = None"));
        body.iter().for_each(|stmt| self.stmt(stmt));
        // Makes it a generator function whatever the shrinker leaves of it.
        self.line(format_args!("if 0: yield"));
        self.indent -= 1;
    }

    fn block(&mut self, block: &Block) {
        self.indent += 1;
        if block.is_empty() {
            self.line(format_args!("pass"));
        }
        block.iter().for_each(|stmt| self.stmt(stmt));
        self.indent -= 1;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Yield {
                site, expr: what, ..
            } => {
                self.line(format_args!(
                    "x = yield {}; L(f'{site}<{{x}}')",
                    expr(*what)
                ));
            }
            Stmt::Set(what) => self.line(format_args!("x = {}", expr(*what))),
            Stmt::Return(what) => self.line(format_args!("return {}", expr(*what))),
            Stmt::Raise(what) => self.line(format_args!("raise {}", failure(*what))),
            Stmt::Reraise => {
                let name = self.handlers;
                self.line(format_args!("raise e{name}"));
            }
            Stmt::Break => self.line(format_args!("break")),
            Stmt::Continue => self.line(format_args!("continue")),
            Stmt::If {
                cond,
                then,
                otherwise,
            } => self.if_(*cond, then, otherwise),
            Stmt::Loop { times, block } => {
                self.line(format_args!("for _ in range({times}):"));
                self.block(block);
            }
            Stmt::Try(parts) => self.try_(parts),
            Stmt::Own { body, block, .. } => {
                let name = self.owned;
                self.line(format_args!("a{name} = K(f{body}())"));
                self.owned += 1;
                block.iter().for_each(|stmt| self.stmt(stmt));
                self.owned -= 1;
            }
            Stmt::Delegate { site, target, .. } => self.delegate(*site, target),
            Stmt::Resume {
                site,
                whom: other,
                verb,
                caught,
            } => {
                let call = call(&format!("'{site}>'"), &whom(*other), verb, *caught);
                self.line(format_args!("x = {call}"));
            }
            Stmt::Look { site, whom: other } => {
                self.line(format_args!("L('{site}?' + Q({}))", whom(*other)));
            }
        }
    }

    fn if_(&mut self, cond: Cond, then: &Block, otherwise: &Block) {
        match cond {
            Cond::IsNone => self.line(format_args!("if x is None:")),
            Cond::Equals(number) => self.line(format_args!("if x == {number}:")),
        }
        self.block(then);
        if !otherwise.is_empty() {
            self.line(format_args!("else:"));
            self.block(otherwise);
        }
    }

    fn try_(&mut self, parts: &Try) {
        self.line(format_args!("try:"));
        self.block(&parts.block);
        self.handlers += 1;
        for (caught, block) in &parts.handlers {
            let name = self.handlers;
            self.line(format_args!("except {} as e{name}:", filter(*caught)));
            self.line(format_args!(" L('{}!' + N(e{name}))", parts.site));
            if !block.is_empty() {
                self.block(block);
            }
        }
        self.handlers -= 1;
        if let Some(block) = &parts.otherwise {
            self.line(format_args!("else:"));
            self.block(block);
        }
        if let Some(block) = &parts.clean_up {
            self.line(format_args!("finally:"));
            self.block(block);
        }
    }

    fn delegate(&mut self, site: u32, target: &Target) {
        let operand = match target {
            Target::Fresh {
                body,
                before,
                first,
            } if before.is_empty() => wrapped(format!("K(f{body}())"), *first),
            Target::Fresh {
                body,
                before,
                first,
            } => {
                self.line(format_args!("b = K(f{body}())"));
                for verb in before {
                    let call = call(&format!("'{site}>'"), "b", verb, true);
                    self.line(format_args!("{call}"));
                }
                wrapped("b".to_owned(), *first)
            }
            Target::Whom { whom: other, first } => wrapped(whom(*other), *first),
            Target::Items(items) => {
                let items: Vec<_> = items.iter().map(|item| value(*item)).collect();
                format!("iter([{}])", items.join(", "))
            }
        };
        self.line(format_args!("x = yield from {operand}; L(f'{site}={{x}}')"));
    }
}

/// What is delegated to, begun with a value if there is one.
fn wrapped(name: String, first: Option<Value>) -> String {
    match first {
        Some(first) => format!("W({name}, {})", value(first)),
        None => name,
    }
}
