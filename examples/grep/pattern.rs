//! What is searched for: fixed strings, any of which makes a line match.

use std::cmp::Reverse;
use std::ops::Range;

use memchr::memmem::Finder;

/// One fixed string.
struct Needle {
    finder: Finder<'static>,
    /// Both cases of its first letter, if ASCII letters match in either case.
    first: Option<[u8; 2]>,
}

impl Needle {
    fn new(text: &[u8], ignore_case: bool) -> Self {
        let letter = text.first().filter(|_| ignore_case);
        Self {
            finder: Finder::new(text).into_owned(),
            first: letter.map(|byte| [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]),
        }
    }

    fn len(&self) -> usize {
        self.finder.needle().len()
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        let Some([lower, upper]) = self.first else {
            return self.finder.find(text);
        };
        memchr::memchr2_iter(lower, upper, text).find(|at| {
            text[*at..]
                .get(..self.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(self.finder.needle()))
        })
    }
}

/// The fixed strings of one search.
pub(crate) struct Pattern {
    needles: Vec<Needle>,
}

impl Pattern {
    /// Each text holds one string a line, as GNU grep takes them.
    pub(crate) fn new(texts: &[Vec<u8>], ignore_case: bool) -> Self {
        let strings = texts
            .iter()
            .flat_map(|text| text.split(|byte| *byte == b'\n'));
        Self {
            needles: strings.map(|text| Needle::new(text, ignore_case)).collect(),
        }
    }

    /// Whether there is nothing but the empty string, which every line has.
    pub(crate) fn is_empty(&self) -> bool {
        self.needles.iter().all(|needle| needle.len() == 0)
    }

    pub(crate) fn is_in(&self, line: &[u8]) -> bool {
        self.needles
            .iter()
            .any(|needle| needle.find(line).is_some())
    }

    /// The one string whose places show which lines can match at all. There is none if every line
    /// has one (an empty string), or if the places of several would have to be merged.
    pub(crate) fn landmark(&self) -> Option<Landmark<'_>> {
        match &self.needles[..] {
            [needle] if needle.len() > 0 => Some(Landmark(needle)),
            _ => None,
        }
    }

    /// Where a match is shown in colour: the leftmost, and of those the longest; no empty ones.
    pub(crate) fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self.needles
            .iter()
            .filter(|needle| needle.len() > 0)
            .filter_map(|needle| needle.find(text).map(|at| at..at + needle.len()))
            .min_by_key(|found| (found.start, Reverse(found.end)))
    }
}

/// A string without which no line matches.
#[derive(Clone, Copy)]
pub(crate) struct Landmark<'a>(&'a Needle);

impl Landmark<'_> {
    pub(crate) fn find(&self, text: &[u8]) -> Option<usize> {
        self.0.find(text)
    }
}
