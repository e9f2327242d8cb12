//! One word per concept: the banned words of GLOSSARY.md stand nowhere in sources and documents.

use checks::{SourceFile, conclude, document, files, read};

/// What GLOSSARY.md lists in backticks below a heading.
fn listed(heading: &str) -> Vec<String> {
    let glossary = read("GLOSSARY.md");
    let section = document::section(&glossary, heading);
    let words: Vec<String> = section
        .into_iter()
        .flat_map(document::code_spans)
        .map(str::to_owned)
        .collect();
    assert!(
        !words.is_empty(),
        "GLOSSARY.md lists nothing below `{heading}`"
    );
    words
}

/// Whether the word stands in the line on its own, as a part of a name, or in the plural.
fn contains_word(line: &str, word: &str) -> bool {
    let lower = line.to_lowercase();
    lower.match_indices(word).any(|(at, _)| {
        let end = at + word.len();
        let rest = lower[end..].strip_prefix('s').unwrap_or(&lower[end..]);
        let starts_hump = line[at..].starts_with(char::is_uppercase);
        let before = line[..at].chars().next_back();
        let after = rest.chars().next();
        let ends_hump = line[end..].starts_with(char::is_uppercase);
        before.is_none_or(|character| !character.is_alphanumeric() || starts_hump)
            && after.is_none_or(|character| !character.is_alphanumeric() || ends_hump)
    })
}

fn problems_of(file: &SourceFile, banned: &[String], allowed: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        // A lowercased line must keep its byte positions, so what is not ASCII becomes a blank.
        let mut line: String = line
            .chars()
            .map(|character| if character.is_ascii() { character } else { ' ' })
            .collect();
        for name in allowed {
            line = line.replace(name.as_str(), " ");
        }
        for word in banned.iter().filter(|word| contains_word(&line, word)) {
            problems.push(format!("{}:{}: `{word}`", file.path, number + 1));
        }
    }
    problems
}

#[test]
fn no_file_uses_a_banned_word() {
    let banned = listed("## Banned words");
    let allowed = listed("## Other people's names");
    let files: Vec<SourceFile> = files(&["rs", "md", "py"])
        .into_iter()
        .filter(|file| file.path != "GLOSSARY.md")
        .collect();
    let problems: Vec<String> = files
        .iter()
        .flat_map(|file| problems_of(file, &banned, &allowed))
        .collect();
    conclude(files.len(), "files read for banned words", &problems);
}

#[test]
fn finds_words_alone_in_names_and_in_the_plural() {
    // The word is put together here, so that this file does not contain it.
    let word = ["fi", "ber"].concat();
    let capital = ["Fi", "ber"].concat();
    for line in [
        format!("a {word}."),
        format!("two {word}s"),
        format!("my_{word}_two"),
        format!("My{capital}Two"),
    ] {
        assert!(contains_word(&line, &word), "{line}");
    }
    for line in [format!("x{word}"), format!("{word}glass")] {
        assert!(!contains_word(&line, &word), "{line}");
    }
}
