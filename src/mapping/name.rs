//! How people's names are written.

/// Words that stay small inside a name.
const PARTICLES: [&str; 30] = [
    "af", "al", "auf", "av", "bin", "da", "das", "de", "degli", "del", "della", "den", "der", "di",
    "do", "dos", "du", "e", "ibn", "la", "le", "of", "ten", "ter", "van", "vom", "von", "y", "zu",
    "zur",
];

/// A name that is written all large or all small, as names are written: `JEAN-LUC O'BRIEN` is
/// Jean-Luc O'Brien. One that has both is left alone, because its owner wrote it so; so are scripts
/// that know no case.
pub(super) fn cased(name: &str) -> String {
    let large = name.chars().any(char::is_uppercase);
    let small = name.chars().any(char::is_lowercase);
    if large == small {
        return name.to_owned();
    }
    let words = name.split_whitespace().enumerate();
    let words = words.map(|(place, word)| {
        let lower = word.to_lowercase();
        match place > 0 && PARTICLES.contains(&lower.as_str()) {
            true => lower,
            false => word_cased(&lower),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Each part between hyphens by itself.
fn word_cased(word: &str) -> String {
    let parts = word.split('-').map(part_cased);
    parts.collect::<Vec<_>>().join("-")
}

/// After `o'`, `d'` and their like, and after `mc`, a second large letter follows.
fn part_cased(part: &str) -> String {
    let apostrophe = |c: char| matches!(c, '\'' | '’' | 'ʼ');
    if let Some((before, after)) = part.split_once(apostrophe)
        && before.chars().count() == 1
    {
        let mark = &part[before.len()..part.len() - after.len()];
        return format!("{}{mark}{}", first_large(before), first_large(after));
    }
    match part.strip_prefix("mc") {
        Some(rest) if rest.chars().count() > 2 => format!("Mc{}", first_large(rest)),
        _ => first_large(part),
    }
}

/// Some letters become two large ones, of which a name has the second one small: `ß` is `Ss`.
fn first_large(text: &str) -> String {
    let mut chars = text.chars();
    let mut large = chars.next().into_iter().flat_map(char::to_uppercase);
    let first = large.next().into_iter();
    let second = large.flat_map(char::to_lowercase);
    first.chain(second).chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::cased;

    #[test]
    fn names_are_written_as_names_are() {
        let table = [
            ("ADA LOVELACE", "Ada Lovelace"),
            ("ada lovelace", "Ada Lovelace"),
            ("JEAN-LUC PICARD", "Jean-Luc Picard"),
            ("sinéad o'brien", "Sinéad O'Brien"),
            ("SINÉAD O’BRIEN", "Sinéad O’Brien"),
            ("ßa", "Ssa"),
            ("ῂ", "Ὴι"),
            ("ludwig van beethoven", "Ludwig van Beethoven"),
            ("VON DER LEYEN", "Von der Leyen"),
            ("RONALD MCDONALD", "Ronald McDonald"),
            ("ÖZGÜR ŞAHİN", "Özgür Şahi\u{307}n"),
            ("ΝΊΚΟΣ", "Νίκος"),
            ("лев толстой", "Лев Толстой"),
            ("ստեփան", "Ստեփան"),
        ];
        for (written, wanted) in table {
            assert_eq!(cased(written), wanted, "{written}");
        }
    }

    #[test]
    fn what_its_owner_wrote_with_care_stays() {
        for name in [
            "Ada de la Cruz",
            "LeBron",
            "王小明",
            "محمد علي",
            "שרה כהן",
            "ประยุทธ์",
            "नरेन्द्र",
            "김민준",
            "さくら",
            "🦊",
            "",
            "=cmd()|'/c calc'!A0 X",
        ] {
            assert_eq!(cased(name), name);
        }
    }
}
