//! Reading JSON that may be anything: what is not as expected is simply not there.

use serde_json::Value;

use super::urn;

/// What lies at the end of a path of field names; null counts as absent.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(value, |value, name| value.get(name))
        .filter(|value| !value.is_null())
}

/// A text without NUL characters, which not every database can keep.
pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.replace('\0', "\u{fffd}"))
}

/// The text at the end of a path, unless it is blank.
pub(super) fn text_at(value: &Value, path: &[&str]) -> Option<String> {
    text(at(value, path)?).filter(|text| !text.trim().is_empty())
}

/// A whole number, also one that is written as text.
pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// An id: a number, its digits as text, or a URN of this kind.
pub(super) fn id(value: &Value, kind: &str) -> Option<i64> {
    match value {
        Value::String(text) => urn::digits(text).or_else(|| urn::number(text, kind)),
        other => number(other).filter(|id| *id >= 0),
    }
}

/// True or false, also when it is written as text.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The elements at the end of a path; nothing when there is no list.
pub(super) fn list<'a>(value: &'a Value, path: &[&str]) -> &'a [Value] {
    at(value, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// `language_COUNTRY` out of LinkedIn's locale, which is an object here and a text there.
pub(super) fn locale(value: &Value) -> Option<String> {
    if let Some(locale) = text(value) {
        return Some(locale);
    }
    let language = text_at(value, &["language"])?;
    Some(match text_at(value, &["country"]) {
        Some(country) => format!("{language}_{country}"),
        None => language,
    })
}

/// The text in this language, else in the one that LinkedIn prefers, else in any; a text that is
/// not localized at all will do as well.
pub(super) fn localized(value: &Value, wanted: Option<&str>) -> Option<String> {
    if let Some(text) = text(value) {
        return Some(text);
    }
    let texts = at(value, &["localized"])?.as_object()?;
    let preferred = at(value, &["preferredLocale"]).and_then(locale);
    let named = |name: &str| texts.get(name).and_then(text);
    wanted
        .and_then(named)
        .or_else(|| preferred.as_deref().and_then(named))
        .or_else(|| texts.values().find_map(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_come_in_three_shapes() {
        let cases = [
            (
                json!(6_851_219_773_716_516_864_i64),
                Some(6_851_219_773_716_516_864),
            ),
            (
                json!("6851219773716516864"),
                Some(6_851_219_773_716_516_864),
            ),
            (json!("urn:li:sponsoredAccount:7"), Some(7)),
            (json!("urn:li:organization:7"), None),
            (json!(-7), None),
            (json!(7.5), None),
            (json!(u64::MAX), None),
            (json!(null), None),
            (json!([7]), None),
        ];
        for (value, wanted) in cases {
            assert_eq!(id(&value, "sponsoredAccount"), wanted, "{value}");
        }
    }

    #[test]
    fn texts_are_taken_in_the_form_s_language_if_possible() {
        let value = json!({"localized": {"de_DE": "Vorname", "en_US": "First name"},
            "preferredLocale": {"country": "US", "language": "en"}});
        assert_eq!(localized(&value, Some("de_DE")).as_deref(), Some("Vorname"));
        assert_eq!(
            localized(&value, Some("fr_FR")).as_deref(),
            Some("First name")
        );
        let one = json!({"localized": {"ar_AE": "الاسم"}});
        assert_eq!(localized(&one, Some("fr_FR")).as_deref(), Some("الاسم"));
        assert_eq!(localized(&json!("plain"), None).as_deref(), Some("plain"));
        assert_eq!(localized(&json!({"localized": [1]}), None), None);
    }

    #[test]
    fn locales_are_objects_or_texts() {
        assert_eq!(
            locale(&json!({"country": "ES", "language": "es"})).as_deref(),
            Some("es_ES")
        );
        assert_eq!(locale(&json!("es_ES")).as_deref(), Some("es_ES"));
        assert_eq!(locale(&json!({"country": "ES"})), None);
    }
}
