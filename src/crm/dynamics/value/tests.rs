use proptest::prelude::*;

use super::super::column::Required;
use super::*;

fn column(kind: ColumnKind) -> Column {
    let option = |value, label: &str, other: &str| Choice {
        value,
        label: label.to_owned(),
        labels: vec![label.to_owned(), other.to_owned()],
    };
    Column {
        logical_name: "new_x".to_owned(),
        label: "X".to_owned(),
        kind,
        max_length: Some(6),
        options: vec![
            option(7, "Trade Show", "Messe"),
            option(8, "Web", "Web"),
            option(9, "Messe", "Fair"),
        ],
        required: Required::No,
        valid_for_create: true,
        valid_for_update: true,
        min: Some(0.0),
        max: Some(1000.0),
        precision: Some(2),
        targets: Vec::new(),
        custom: true,
    }
}

#[test]
fn texts_become_json_or_a_problem() {
    use ColumnKind::*;
    let table = [
        (Text, "Weiß", Ok(json!("Weiß"))),
        (Text, "sixsix", Ok(json!("sixsix"))),
        (Text, "sevenxx", Err(Problem::TooLong(6))),
        // One character outside the first plane is two units.
        (Text, "😀😀😀", Ok(json!("😀😀😀"))),
        (Text, "😀😀😀😀", Err(Problem::TooLong(6))),
        (Memo, "a\nb", Ok(json!("a\nb"))),
        (Integer, "200", Ok(json!(200))),
        (Integer, "1.5", Err(Problem::NotWhole)),
        (Integer, "many", Err(Problem::NoNumber)),
        (Integer, "-1", Err(Problem::OutOfRange)),
        (Integer, "1001", Err(Problem::OutOfRange)),
        (Integer, "9999999999", Err(Problem::OutOfRange)),
        (Decimal, "1.5", Ok(json!(1.5))),
        (Decimal, "12", Ok(json!(12))),
        (Decimal, "12.00", Ok(json!(12))),
        (Money, "0.125", Err(Problem::TooPrecise(2))),
        (Money, "1e2", Err(Problem::NoNumber)),
        (Money, "inf", Err(Problem::NoNumber)),
        (Money, "", Err(Problem::NoNumber)),
        (Money, "1000.01", Err(Problem::OutOfRange)),
        (YesNo, "true", Ok(json!(true))),
        (YesNo, "false", Ok(json!(false))),
        (YesNo, "perhaps", Err(Problem::NoYesNo)),
        (Choice, " trade  SHOW ", Ok(json!(7))),
        (Choice, "Messe", Ok(json!(9))),
        (Choice, "fair", Ok(json!(9))),
        (Choice, "Charity", Err(Problem::NoOption)),
        (Choice, "", Err(Problem::NoOption)),
        (Choices, "Web; Trade Show;Web", Ok(json!("7,8"))),
        (Choices, "Web", Ok(json!("8"))),
        (Choices, "Web; Charity", Err(Problem::NoOption)),
        (Choices, " ; ", Err(Problem::NoOption)),
        (Date, "2026-11-23", Ok(json!("2026-11-23"))),
        (Date, "2026-11-23T17:29:36Z", Ok(json!("2026-11-23"))),
        (Date, "2023-02-29", Err(Problem::NoDate)),
        (Date, "1752-12-31", Err(Problem::NoDate)),
        (Date, "23.11.2026", Err(Problem::NoDate)),
        (Date, "2026-11-23 later", Err(Problem::NoDate)),
        (DateTime, "2026-11-23", Ok(json!("2026-11-23T12:00:00Z"))),
        (
            DateTime,
            "2026-11-23T18:29:36.5+01:00",
            Ok(json!("2026-11-23T17:29:36Z")),
        ),
        (DateTime, "soon", Err(Problem::NoDate)),
        (Lookup, "anybody", Err(Problem::NotFillable)),
    ];
    for (kind, text, wanted) in table {
        assert_eq!(column(kind).to_json(text), wanted, "{kind:?} {text}");
    }
}

#[test]
fn what_the_organization_has_becomes_text() {
    use ColumnKind::*;
    let some = |text: &str| Ok(Some(text.to_owned()));
    let table = [
        (Text, json!("Weiß"), some("Weiß")),
        (Text, json!(""), Ok(None)),
        (Text, json!(null), Ok(None)),
        (Text, json!(5), Err(Problem::Unknown)),
        (Integer, json!(200), some("200")),
        (Integer, json!("200"), Err(Problem::Unknown)),
        (Decimal, json!(1.50), some("1.5")),
        (Money, json!(12.0), some("12")),
        (Money, json!(1e15), some("1000000000000000")),
        (YesNo, json!(false), some("false")),
        (Choice, json!(7), some("Trade Show")),
        (Choice, json!(99), Err(Problem::Unknown)),
        (Choice, json!("7"), Err(Problem::Unknown)),
        (Choices, json!("8,7"), some("Trade Show; Web")),
        (Choices, json!("8,99"), Err(Problem::Unknown)),
        (Date, json!("2026-11-23"), some("2026-11-23")),
        (DateTime, json!("2026-11-23T12:00:00Z"), some("2026-11-23")),
        (
            DateTime,
            json!("2026-11-23T17:29:36Z"),
            some("2026-11-23T17:29:36Z"),
        ),
        (DateTime, json!("now"), Err(Problem::Unknown)),
        (
            Lookup,
            json!("5e8ed4e0-0000-4f02-9002-000000000001"),
            some("5e8ed4e0-0000-4f02-9002-000000000001"),
        ),
    ];
    for (kind, value, wanted) in table {
        assert_eq!(column(kind).to_text(&value), wanted, "{kind:?} {value}");
    }
}

#[test]
fn what_is_written_reads_the_same() {
    use ColumnKind::*;
    for (kind, text) in [
        (Text, "O'Neil"),
        (Integer, "200"),
        (Decimal, "1.25"),
        (Money, "999.99"),
        (YesNo, "true"),
        (Choice, "Trade Show"),
        (Choices, "Trade Show; Web"),
        (Date, "2024-02-29"),
        (DateTime, "2024-02-29"),
        (DateTime, "2024-02-29T01:02:03Z"),
    ] {
        let column = column(kind);
        let read = column.to_text(&column.to_json(text).unwrap()).unwrap();
        assert_eq!(read.as_deref(), Some(text), "{kind:?}");
    }
}

#[test]
fn no_problem_repeats_the_value() {
    let said = Problem::TooLong(20).to_string();
    assert!(said.contains("20 characters"));
}

fn any_kind() -> impl Strategy<Value = ColumnKind> {
    use ColumnKind::*;
    prop::sample::select(vec![
        Text, Email, Phone, Url, Memo, Integer, Decimal, Money, YesNo, Choice, Choices, State,
        Status, Date, DateTime, Lookup,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("LEADLINE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
    ))]

    #[test]
    fn whatever_fits_reads_as_something_that_fits_alike(
        kind in any_kind(),
        text in r"\PC{0,8}|-?[0-9]{1,4}(\.[0-9]{0,3})?|[12][0-9]{3}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z)?|(Web|Messe|trade show)(; ?(Web|Fair))?",
    ) {
        let column = column(kind);
        if let Ok(json) = column.to_json(&text)
            && let Some(read) = column.to_text(&json).unwrap()
        {
            prop_assert_eq!(column.to_json(&read), Ok(json), "{:?} {} {}", kind, text, read);
        }
    }
}
