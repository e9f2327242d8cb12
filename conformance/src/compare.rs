//! Two traces of one program, and where they part.

/// The events of a trace.
pub fn events(trace: &str) -> usize {
    trace.split(' ').filter(|event| !event.is_empty()).count()
}

/// Whether an event of ours is CPython's.
///
/// Made alike here: a coroutine tells the name of its delegate only if the delegation is linked,
/// and some forms cannot be (shared, foreign, on the stack, awaited in a box of its own). So a
/// suspended coroutine without a name stands for one with any name; a name must be the right one.
fn alike(ours: &str, theirs: &str) -> bool {
    ours == theirs
        || theirs.split_once(">f").is_some_and(|(state, _)| {
            state == ours && (state.starts_with('/') || state.contains('?'))
        })
}

/// Where two traces part: the number of the first event that differs, if one does.
pub fn first_difference(ours: &str, theirs: &str) -> Option<usize> {
    if ours == theirs {
        return None;
    }
    let (mut left, mut right) = (ours.split(' '), theirs.split(' '));
    for at in 0.. {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (Some(ours), Some(theirs)) if alike(ours, theirs) => {}
            _ => return Some(at),
        }
    }
    None
}

/// The delegations seen from outside in a trace of ours: those that were linked.
pub fn linked(ours: &str) -> usize {
    ours.matches("S>f").count()
}

/// Both traces, one event a line, the differing ones marked.
pub fn side_by_side(ours: &str, theirs: &str) -> String {
    let ours: Vec<_> = ours.split(' ').collect();
    let theirs: Vec<_> = theirs.split(' ').collect();
    let width = ours
        .iter()
        .map(|event| event.len())
        .max()
        .unwrap_or(0)
        .max(8);
    let mut text = format!("    {:width$}  CPython\n", "entracte");
    for index in 0..ours.len().max(theirs.len()) {
        let ours = ours.get(index).copied().unwrap_or("");
        let theirs = theirs.get(index).copied().unwrap_or("");
        let mark = if alike(ours, theirs) { ' ' } else { '≠' };
        text.push_str(&format!("  {mark} {ours:width$}  {theirs}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{events, first_difference, linked, side_by_side};

    #[test]
    fn a_changed_event_is_found_where_it_is() {
        assert_eq!(first_difference("a b c", "a b c"), None);
        assert_eq!(first_difference("a b c", "a x c"), Some(1));
        assert_eq!(first_difference("a b", "a b c"), Some(2));
        assert_eq!(first_difference("", "a"), Some(0));
    }

    #[test]
    fn a_missing_name_of_a_delegate_is_no_difference_and_a_wrong_one_is() {
        assert_eq!(first_difference("0:y1 /S", "0:y1 /S>f1"), None);
        assert_eq!(first_difference("3?S", "3?S>f1"), None);
        assert_eq!(first_difference("/S>f1", "/S>f1"), None);
        assert_eq!(first_difference("/S>f2", "/S>f1"), Some(0));
        assert_eq!(first_difference("/S>f1", "/S"), Some(0));
        assert_eq!(first_difference("/Z", "/S>f1"), Some(0));
        assert_eq!(first_difference("0:y1", "0:y1>f1"), Some(0));
        assert_eq!(linked("0:y1 /S>f1 3?S>f2 /S"), 2);
    }

    #[test]
    fn events_are_counted_and_shown() {
        assert_eq!(events(""), 0);
        assert_eq!(events("a b"), 2);
        assert!(side_by_side("a b", "a c").contains("≠ b"));
    }
}
