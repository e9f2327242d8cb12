//! Reads the parts of a Markdown document that the checks compare: sections, tables, code spans.

/// The lines below a heading, down to the next heading of the same or a higher level.
///
/// # Panics
///
/// Panics if the document has no such heading.
#[must_use]
pub fn section<'a>(document: &'a str, heading: &str) -> Vec<&'a str> {
    let level = heading_level(heading);
    let mut lines = document.lines();
    assert!(lines.any(|line| line == heading), "no heading `{heading}`");
    let mut in_code = false;
    lines
        .take_while(|line| {
            in_code ^= line.starts_with("```");
            in_code || heading_level(line) == 0 || heading_level(line) > level
        })
        .collect()
}

/// The number of `#` a heading opens with; 0 for any other line.
#[must_use]
pub fn heading_level(line: &str) -> usize {
    let hashes = line
        .chars()
        .take_while(|character| *character == '#')
        .count();
    if line[hashes..].starts_with(' ') {
        hashes
    } else {
        0
    }
}

/// The cells of a table's row, trimmed; `None` for any other line, the head's rule included.
#[must_use]
pub fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let is_rule = inner
        .chars()
        .all(|character| matches!(character, '-' | ':' | '|' | ' '));
    (!is_rule).then(|| inner.split(" | ").map(str::trim).collect())
}

/// The text of a cell or an item that is one code span, without its backticks.
#[must_use]
pub fn code_span(text: &str) -> Option<&str> {
    let (span, _) = text.strip_prefix('`')?.split_once('`')?;
    Some(span)
}

/// Every code span of a line.
pub fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::{cells, section};

    #[test]
    fn a_section_ends_at_the_next_heading_of_its_level() {
        let document = "# A\n## B\none\n### C\ntwo\n```text\n# no heading\n```\n## D\nthree\n";
        let lines = section(document, "## B");
        assert_eq!(
            lines,
            ["one", "### C", "two", "```text", "# no heading", "```"]
        );
    }

    #[test]
    fn a_row_has_cells_and_a_rule_has_none() {
        assert_eq!(cells("| `a` | b c |"), Some(vec!["`a`", "b c"]));
        assert_eq!(cells("|---|:--|"), None);
        assert_eq!(cells("text"), None);
    }
}
