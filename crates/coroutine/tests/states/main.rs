//! The states of a coroutine: the table of `src/state.rs`, its invariants, and random walks.

#[path = "../rules/forms.rs"]
mod forms;
mod invariants;
mod table;
mod walks;

use std::fmt::Debug;

use entracte_coroutine::{CloseError, Stop};

use forms::Form;

#[derive(Clone, Copy, Debug)]
enum Verb {
    Next,
    Send,
    Throw,
    Close,
}

use Verb::{Close, Next, Send, Throw};

const VERBS: [Verb; 4] = [Next, Send, Throw, Close];

/// The value that is sent and the error that is thrown.
const SENT: u64 = 7;
const THROWN: &str = "thrown";

fn said<Y: Debug, R: Debug, G: Debug>(answer: Result<Y, Stop<R, G>>) -> String {
    match answer {
        Ok(value) => format!("yielded {value:?}"),
        Err(Stop::Returned(value)) => format!("returned {value:?}"),
        Err(Stop::Raised(error)) => format!("raised {error}"),
        Err(Stop::Finished(_)) => "finished".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

fn closed<Y: Debug, R: Debug>(answer: Result<Option<R>, CloseError<Y>>) -> String {
    match answer {
        Ok(Some(value)) => format!("returned {value:?}"),
        Ok(None) => "closed".to_owned(),
        Err(CloseError::Ignored(value)) => format!("ignored {value:?}"),
        Err(CloseError::Raised(error)) => format!("raised {error}"),
        Err(other) => format!("{other:?}"),
    }
}

/// Does one of the verbs, and says what it answered.
fn act<Y: Debug, S: Debug, R: Debug>(co: &mut dyn Form<Y, S, R>, verb: Verb, value: S) -> String {
    match verb {
        Next => said(co.next()),
        Send => said(co.send(value)),
        Throw => said(co.throw(THROWN)),
        Close => closed(co.close()),
    }
}
