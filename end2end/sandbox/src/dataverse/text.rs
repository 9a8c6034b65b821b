//! How the database compares texts: case and blanks at the end do not count; in patterns `%`, `_`
//! and brackets are wildcards.

/// What is the same for texts that compare as equal.
pub(crate) fn fold(text: &str) -> String {
    text.trim_end_matches(' ').to_lowercase()
}

/// Whether a text is like a SQL pattern, perhaps with anything before or after it.
pub(crate) fn like(text: &str, pattern: &str, before: bool, after: bool) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut whole = String::new();
    whole.push_str(if before { "%" } else { "" });
    whole.push_str(&pattern.to_lowercase());
    whole.push_str(if after { "%" } else { "" });
    matches(&text, &whole.chars().collect::<Vec<char>>())
}

fn matches(text: &[char], pattern: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some('%') => {
            matches(text, &pattern[1..]) || (!text.is_empty() && matches(&text[1..], pattern))
        }
        Some('_') => !text.is_empty() && matches(&text[1..], &pattern[1..]),
        Some('[') => match pattern.iter().position(|c| *c == ']') {
            Some(end) => {
                text.first().is_some_and(|c| of_set(*c, &pattern[1..end]))
                    && matches(&text[1..], &pattern[end + 1..])
            }
            None => false,
        },
        Some(c) => text.first() == Some(c) && matches(&text[1..], &pattern[1..]),
    }
}

/// `[abc]`, `[a-c]`, `[^a]`.
fn of_set(c: char, set: &[char]) -> bool {
    let (wanted, set) = match set {
        ['^', rest @ ..] => (false, rest),
        set => (true, set),
    };
    let ranges = set
        .windows(3)
        .any(|range| range[1] == '-' && range[0] <= c && c <= range[2]);
    (ranges || set.contains(&c)) == wanted
}
