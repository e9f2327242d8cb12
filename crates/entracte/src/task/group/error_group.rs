//! `ErrorGroup`: many failures at once.

use std::error::Error;
use std::fmt;

use entracte_coroutine::{BoxError, SharedError};

/// Why a group of tasks failed: every error of its block and its children, oldest first.
///
/// # Python
///
/// [`ExceptionGroup`](https://docs.python.org/3/library/exceptions.html#ExceptionGroup).
///
/// # Examples
///
/// ```
/// use entracte::task_group;
///
/// # entracte::run(async {
/// let failed = task_group(async |group| {
///     group.spawn(async { "x".parse::<u32>() });
///     group.spawn(async { "y".parse::<f64>() });
/// })
/// .await
/// .unwrap_err();
/// assert_eq!(failed.len(), 2);
/// let (integers, others) = failed.split(|error| error.is::<std::num::ParseIntError>());
/// assert!(integers.is_some_and(|group| group.len() == 1));
/// assert!(others.is_some_and(|group| group.len() == 1));
/// # }).unwrap();
/// ```
#[doc(alias = "ExceptionGroup")]
pub struct ErrorGroup {
    errors: Vec<BoxError>,
}

impl ErrorGroup {
    /// A group of errors; `None` if there are none.
    #[must_use]
    pub fn new(errors: Vec<BoxError>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self { errors })
    }

    /// The errors, oldest first. One that the handle of a child holds as well is a [`SharedError`].
    #[doc(alias = "ExceptionGroup.exceptions")]
    #[must_use]
    pub fn errors(&self) -> &[BoxError] {
        &self.errors
    }

    /// The errors, oldest first, to keep.
    #[must_use]
    pub fn into_errors(self) -> Vec<BoxError> {
        self.errors
    }

    /// How many there are: at least one.
    #[expect(clippy::len_without_is_empty, reason = "a group is never empty")]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether one of the errors, those of groups within included, is of this type.
    #[must_use]
    pub fn has<E: Error + 'static>(&self) -> bool {
        self.errors.iter().any(|error| {
            let error = unshared(&**error);
            error.is::<E>() || error.downcast_ref::<Self>().is_some_and(Self::has::<E>)
        })
    }

    /// Divides the errors, those of groups within included, into those of which `is_wanted` says
    /// so and the rest.
    #[doc(alias = "ExceptionGroup.split")]
    pub fn split(
        self,
        mut is_wanted: impl FnMut(&(dyn Error + Send + Sync + 'static)) -> bool,
    ) -> (Option<Self>, Option<Self>) {
        let flat = self.into_flat();
        let (wanted, rest) = flat
            .into_iter()
            .partition(|error| is_wanted(unshared(&**error)));
        (Self::new(wanted), Self::new(rest))
    }

    /// The errors, those of groups within in place of their group.
    fn into_flat(self) -> Vec<BoxError> {
        let mut flat = Vec::with_capacity(self.errors.len());
        for error in self.errors {
            match error.downcast::<Self>() {
                Ok(group) => flat.extend(group.into_flat()),
                Err(error) => flat.push(error),
            }
        }
        flat
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let count = self.errors.len();
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} error{plural} in a task group")?;
        for error in &self.errors {
            write!(f, "\n{:indent$}- ", "")?;
            match error.downcast_ref::<Self>() {
                Some(group) => group.print(f, indent + 2)?,
                None => write!(f, "{error}")?,
            }
        }
        Ok(())
    }
}

/// The error itself, also if somebody else holds it as well.
fn unshared<'a>(
    error: &'a (dyn Error + Send + Sync + 'static),
) -> &'a (dyn Error + Send + Sync + 'static) {
    error
        .downcast_ref::<SharedError>()
        .map_or(error, SharedError::get)
}

impl fmt::Display for ErrorGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, 0)
    }
}

impl fmt::Debug for ErrorGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorGroup").field(&self.errors).finish()
    }
}

impl Error for ErrorGroup {
    /// The oldest error.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let first = self.errors.first()?;
        Some(&**first)
    }
}

impl<'a> IntoIterator for &'a ErrorGroup {
    type Item = &'a BoxError;
    type IntoIter = std::slice::Iter<'a, BoxError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.iter()
    }
}

impl IntoIterator for ErrorGroup {
    type Item = BoxError;
    type IntoIter = std::vec::IntoIter<BoxError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}
