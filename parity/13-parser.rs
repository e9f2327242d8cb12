//! Arithmetic, by a parser that is sent its tokens.

use entracte::{BoxError, Co, Coroutine, Generator, Stop};

/// Yields the numbers and signs of `text`, then "" for its end.
fn tokens(text: &str) -> Generator<'_, &str> {
    Generator::new(async move |mut co| {
        let mut text = text.trim_start();
        while !text.is_empty() {
            let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (token, rest) = text.split_at(digits.max(1));
            co.yield_(token).await;
            text = rest.trim_start();
        }
        co.yield_("").await;
    })
}

type Tokens<'a, 't> = Co<'a, (), &'t str>;

// Each rule is given its first token, and answers its value and the token after it.

async fn expression<'t>(co: &mut Tokens<'_, 't>, token: &'t str) -> (i64, &'t str) {
    let (mut value, mut sign) = term(co, token).await;
    while sign == "+" || sign == "-" {
        let first = co.yield_(()).await;
        let (right, after) = term(co, first).await;
        value = if sign == "+" {
            value + right
        } else {
            value - right
        };
        sign = after;
    }
    (value, sign)
}

async fn term<'t>(co: &mut Tokens<'_, 't>, token: &'t str) -> (i64, &'t str) {
    let (mut value, mut sign) = factor(co, token).await;
    while sign == "*" {
        let first = co.yield_(()).await;
        let (right, after) = factor(co, first).await;
        value *= right;
        sign = after;
    }
    (value, sign)
}

async fn factor<'t>(co: &mut Tokens<'_, 't>, token: &'t str) -> (i64, &'t str) {
    if token == "(" {
        let first = co.yield_(()).await;
        let (value, closing) = Box::pin(expression(co, first)).await;
        if closing != ")" {
            fail(co, "')'", closing).await;
        }
        return (value, co.yield_(()).await);
    }
    if token == "-" {
        let first = co.yield_(()).await;
        let (value, after) = Box::pin(factor(co, first)).await;
        return (-value, after);
    }
    match token.parse() {
        Ok(value) => (value, co.yield_(()).await),
        Err(_) => fail(co, "a number", token).await,
    }
}

async fn whole(mut co: Tokens<'_, '_>) -> i64 {
    let first = co.yield_(()).await;
    let (value, token) = expression(&mut co, first).await;
    if !token.is_empty() {
        fail(&mut co, "the end", token).await;
    }
    value
}

async fn fail(co: &mut Tokens<'_, '_>, expected: &str, found: &str) -> ! {
    co.raise(format!("expected {expected}, found '{found}'"))
        .await
}

fn evaluate(text: &str) -> Result<i64, BoxError> {
    let mut parser = Coroutine::new(whole);
    parser.next()?;
    for token in tokens(text) {
        match parser.send(token) {
            Ok(()) => {}
            Err(Stop::Returned(value)) => return Ok(value),
            Err(stop) => return Err(stop.map_given(drop).into()),
        }
    }
    Err("the parser wants more than the end".into())
}

pub(crate) fn main() {
    for text in [
        "1 + 2 * 3",
        "(1 + 2) * 3",
        "2 * (7 - -3) - 10 * 10",
        "4 * * 2",
        "(8",
        "6 7",
    ] {
        match evaluate(text) {
            Ok(value) => println!("{text} = {value}"),
            Err(error) => println!("{text}: {error}"),
        }
    }
}
