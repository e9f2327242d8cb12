//! Reads a program back from the line that `encode` wrote.

use crate::program::{
    Block, Cond, Expr, Failure, Filter, OwnForm, Program, Root, RootForm, Step, Stmt, Target, Try,
    Value, Verb, Whom,
};

/// What was wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read a program: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

type Read<T> = Result<T, Unreadable>;

fn wrong<T>(what: &str, found: &str) -> Read<T> {
    Err(Unreadable(format!("{what} expected, found {found:?}")))
}

/// Reads a program and numbers its statements.
///
/// # Errors
///
/// Returns [`Unreadable`] if the line is not a program.
pub fn decode(line: &str) -> Read<Program> {
    let mut reader = Reader { rest: line };
    let pull = match reader.atom()? {
        "pull" => true,
        "push" => false,
        other => return wrong("pull or push", other),
    };
    let mut program = Program {
        pull,
        bodies: reader.list(Reader::block)?,
        roots: reader.list(Reader::root)?,
        steps: reader.list(Reader::step)?,
    };
    if !reader.rest.trim().is_empty() {
        return wrong("the end", reader.rest);
    }
    program.number();
    Ok(program)
}

fn integer<T: std::str::FromStr>(atom: &str) -> Read<T> {
    atom.parse().or_else(|_| wrong("a number", atom))
}

fn value(atom: &str) -> Read<Value> {
    if atom == "_" {
        Ok(None)
    } else {
        integer(atom).map(Some)
    }
}

fn absent_or(atom: &str) -> Read<Option<Value>> {
    if atom == "-" {
        Ok(None)
    } else {
        value(atom).map(Some)
    }
}

/// Cuts the one-letter head off an atom.
fn split(atom: &str) -> (&str, &str) {
    atom.split_at(atom.chars().next().map_or(0, char::len_utf8))
}

fn failure(atom: &str) -> Read<Failure> {
    match split(atom) {
        ("A", number) => Ok(Failure::Boom(integer(number)?)),
        ("B", number) => Ok(Failure::Bang(integer(number)?)),
        ("E", "") => Ok(Failure::Exit),
        _ => wrong("an error", atom),
    }
}

fn verb(atom: &str) -> Read<Verb> {
    match split(atom) {
        ("n", "") => Ok(Verb::Next),
        ("s", sent) => Ok(Verb::Send(value(sent)?)),
        ("t", thrown) => Ok(Verb::Throw(failure(thrown)?)),
        ("c", "") => Ok(Verb::Close),
        ("e", "") => Ok(Verb::Each),
        _ => wrong("a verb", atom),
    }
}

fn expr(atom: &str) -> Read<Expr> {
    match split(atom) {
        ("x", "") => Ok(Expr::Last),
        ("+", number) => Ok(Expr::Plus(integer(number)?)),
        _ => Ok(Expr::Const(value(atom)?)),
    }
}

fn filter(atom: &str) -> Read<Filter> {
    Ok(match atom {
        "A" => Filter::Boom,
        "B" => Filter::Bang,
        "E" => Filter::Exit,
        "V" => Filter::Running,
        "R" => Filter::Ignored,
        "X" => Filter::Exception,
        "*" => Filter::Any,
        _ => return wrong("a filter", atom),
    })
}

fn whom(atom: &str) -> Read<Whom> {
    match split(atom) {
        ("g", index) => Ok(Whom::Shared(integer(index)?)),
        ("a", depth) => Ok(Whom::Own(integer(depth)?)),
        _ => wrong("a coroutine", atom),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Takes a parenthesis, if it is the next thing.
    fn eat(&mut self, parenthesis: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(parenthesis) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn open(&mut self) -> Read<()> {
        if self.eat('(') {
            Ok(())
        } else {
            wrong("(", self.rest)
        }
    }

    fn shut(&mut self) -> Read<()> {
        if self.eat(')') {
            Ok(())
        } else {
            wrong(")", self.rest)
        }
    }

    fn atom(&mut self) -> Read<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest.find([' ', '(', ')']).unwrap_or(rest.len());
        let (atom, rest) = rest.split_at(end);
        self.rest = rest;
        if atom.is_empty() {
            wrong("a word", rest)
        } else {
            Ok(atom)
        }
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.open()?;
        let mut items = Vec::new();
        while !self.eat(')') {
            items.push(read(self)?);
        }
        Ok(items)
    }

    fn block(&mut self) -> Read<Block> {
        self.list(Self::stmt)
    }

    fn optional(&mut self) -> Read<Option<Block>> {
        if self.rest.trim_start().starts_with('-') {
            self.atom()?;
            return Ok(None);
        }
        self.block().map(Some)
    }

    fn root(&mut self) -> Read<Root> {
        let atom = self.atom()?;
        let (form, body) = split(atom);
        let form = match form {
            "h" => RootForm::Shared,
            "b" => RootForm::Boxed,
            "s" => RootForm::Stack,
            _ => return wrong("a root", atom),
        };
        Ok(Root {
            body: integer(body)?,
            form,
        })
    }

    fn step(&mut self) -> Read<Step> {
        let atom = self.atom()?;
        let digits = atom
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(atom.len());
        let (root, what) = atom.split_at(digits);
        Ok(Step {
            root: integer(root)?,
            verb: verb(what)?,
        })
    }

    fn stmt(&mut self) -> Read<Stmt> {
        self.open()?;
        let site = 0;
        let head = self.atom()?;
        let stmt = match head {
            "y" | "Y" => Stmt::Yield {
                site,
                expr: expr(self.atom()?)?,
                tried: head == "Y",
            },
            "=" => Stmt::Set(expr(self.atom()?)?),
            "r" => Stmt::Return(expr(self.atom()?)?),
            "!" => Stmt::Raise(failure(self.atom()?)?),
            "rr" => Stmt::Reraise,
            "b" => Stmt::Break,
            "k" => Stmt::Continue,
            "i" => self.if_()?,
            "l" => Stmt::Loop {
                times: integer(self.atom()?)?,
                block: self.block()?,
            },
            "t" | "T" => Stmt::Try(self.try_(head == "T")?),
            "o" => self.own()?,
            "d" | "D" => Stmt::Delegate {
                site,
                target: self.target()?,
                apart: head == "D",
            },
            "m" | "M" => {
                let (whom, verb) = (whom(self.atom()?)?, verb(self.atom()?)?);
                Stmt::Resume {
                    site,
                    whom,
                    verb,
                    caught: head == "M",
                }
            }
            "q" => Stmt::Look {
                site,
                whom: whom(self.atom()?)?,
            },
            _ => return wrong("a statement", head),
        };
        self.shut()?;
        Ok(stmt)
    }

    fn if_(&mut self) -> Read<Stmt> {
        let cond = match self.atom()? {
            "?" => Cond::IsNone,
            number => Cond::Equals(integer(number)?),
        };
        Ok(Stmt::If {
            cond,
            then: self.block()?,
            otherwise: self.block()?,
        })
    }

    fn try_(&mut self, native: bool) -> Read<Try> {
        Ok(Try {
            site: 0,
            block: self.block()?,
            handlers: self.list(|it| Ok((filter(it.atom()?)?, it.block()?)))?,
            otherwise: self.optional()?,
            clean_up: self.optional()?,
            native,
        })
    }

    fn own(&mut self) -> Read<Stmt> {
        let body = integer(self.atom()?)?;
        let form = match self.atom()? {
            "b" => OwnForm::Boxed,
            "s" => OwnForm::Stack,
            "f" => OwnForm::Foreign,
            other => return wrong("a form", other),
        };
        Ok(Stmt::Own {
            body,
            form,
            block: self.block()?,
        })
    }

    fn target(&mut self) -> Read<Target> {
        self.open()?;
        let target = match self.atom()? {
            "f" => Target::Fresh {
                body: integer(self.atom()?)?,
                before: self.list(|it| verb(it.atom()?))?,
                first: absent_or(self.atom()?)?,
            },
            "w" => {
                let whom = whom(self.atom()?)?;
                Target::Whom {
                    whom,
                    first: absent_or(self.atom()?)?,
                }
            }
            "i" => {
                let mut items = Vec::new();
                while !self.rest.trim_start().starts_with(')') {
                    items.push(value(self.atom()?)?);
                }
                Target::Items(items)
            }
            other => return wrong("a target", other),
        };
        self.shut()?;
        Ok(target)
    }
}
