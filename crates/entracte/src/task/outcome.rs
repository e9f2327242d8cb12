//! `Outcome`: what a task's value says about success.

use entracte_coroutine::{BoxError, SharedError};

/// A value that may stand for a failure.
///
/// A `Result` is one, whose error must be `Send + Sync`: [`BoxError`], not `Box<dyn Error>`. Plain
/// values are successes: `()`, numbers, texts, collections, and whatever
/// is wrapped in [`Ok`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether it stands for a failure",
    label = "not an `Outcome`",
    note = "wrap the value in `Ok::<_, entracte::BoxError>(…)`, or implement `entracte::task::Outcome`"
)]
pub trait Outcome {
    /// What is there if it succeeded.
    type Value: 'static;

    /// The value, or the error.
    ///
    /// # Errors
    ///
    /// Returns the error of a `Result`.
    fn into_result(self) -> Result<Self::Value, BoxError>;

    /// Whether it stands for a failure.
    fn is_failure(&self) -> bool {
        false
    }
}

impl<T: 'static, E: Into<BoxError>> Outcome for Result<T, E> {
    type Value = T;

    fn into_result(self) -> Result<T, BoxError> {
        self.map_err(Into::into)
    }

    fn is_failure(&self) -> bool {
        self.is_err()
    }
}

macro_rules! successes {
    ($($type:ty),* $(,)?) => {$(
        impl Outcome for $type {
            type Value = Self;

            fn into_result(self) -> Result<Self, BoxError> {
                Ok(self)
            }
        }
    )*};
}

successes!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    String,
    &'static str,
    std::time::Duration,
    SharedError,
);

macro_rules! successes_of_any {
    ($([$($generic:ident),+] $type:ty),* $(,)?) => {$(
        impl<$($generic: 'static),+> Outcome for $type {
            type Value = Self;

            fn into_result(self) -> Result<Self, BoxError> {
                Ok(self)
            }
        }
    )*};
}

successes_of_any!(
    [T] Option<T>, [T] Vec<T>, [T] Box<T>, [T] std::rc::Rc<T>, [T] std::sync::Arc<T>,
    [T, U] (T, U), [T, U, V] (T, U, V), [T, U, V, W] (T, U, V, W), [T, U, V, W, X] (T, U, V, W, X),
    [T] std::collections::HashSet<T>, [T] std::collections::BTreeSet<T>, [K, V] std::collections::HashMap<K, V>,
    [K, V] std::collections::BTreeMap<K, V>, [T] std::collections::VecDeque<T>,
);

impl<T: 'static, const N: usize> Outcome for [T; N] {
    type Value = Self;

    fn into_result(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

/// Names `!`, which stable Rust lets nobody write as an implementor.
mod never {
    #[expect(unnameable_types, reason = "a way to write a type, and nothing to use")]
    pub trait Returns {
        type Returned;
    }

    impl<T> Returns for fn() -> T {
        type Returned = T;
    }
}

/// A child that loops for ever.
impl Outcome for <fn() -> ! as never::Returns>::Returned {
    type Value = Self;

    fn into_result(self) -> Result<Self, BoxError> {
        self
    }
}
