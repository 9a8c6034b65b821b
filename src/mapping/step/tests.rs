use proptest::prelude::*;

use super::*;

fn one(step: &Step, value: &str) -> Option<String> {
    let done = run(
        std::slice::from_ref(step),
        vec![value.to_owned()],
        &Others::new(),
    );
    done.unwrap().pop()
}

#[test]
fn texts_are_changed_as_the_step_says() {
    let part = |part| Step::Part { part };
    let split = |separator: &str, place| Step::Split {
        separator: separator.to_owned(),
        place,
    };
    let table = [
        (Step::Trim, " a \u{a0} b\t", Some("a b")),
        (Step::Trim, "   ", None),
        (Step::Upper, "straße", Some("STRASSE")),
        (Step::Lower, "ΟΔΟΣ", Some("οδος")),
        (part(Part::FirstWord), " Ada King Lovelace", Some("Ada")),
        (part(Part::Rest), "Ada King Lovelace", Some("King Lovelace")),
        (part(Part::Rest), "Ada", None),
        (part(Part::LastWord), "Ada King Lovelace", Some("Lovelace")),
        (part(Part::Domain), "ada@Example.COM", Some("example.com")),
        (
            part(Part::Domain),
            "https://www.Example.com:80/x?y",
            Some("www.example.com"),
        ),
        (part(Part::Domain), "no address", None),
        (split(",", 2), "Lisbon, Portugal", Some("Portugal")),
        (split(",", 3), "Lisbon, Portugal", None),
    ];
    for (step, value, wanted) in table {
        assert_eq!(one(&step, value).as_deref(), wanted, "{step:?} {value:?}");
    }
}

#[test]
fn a_step_is_kept_as_json_that_people_can_read() {
    let step = Step::Number {
        pick: Pick::Middle,
        open_ended: true,
    };
    let json = serde_json::to_string(&step).unwrap();
    assert_eq!(
        json,
        r#"{"step":"number","pick":"middle","open_ended":true}"#
    );
    let short: Step = serde_json::from_str(r#"{"step":"phone"}"#).unwrap();
    let phone = Step::Phone {
        country: String::new(),
        otherwise: Otherwise::Keep,
    };
    assert_eq!(short, phone);
}

#[test]
fn a_number_takes_its_country_from_the_answer_or_else_from_the_mapping() {
    let phone = |otherwise| Step::Phone {
        country: "DE".to_owned(),
        otherwise,
    };
    assert_eq!(
        one(&phone(Otherwise::Hold), "030 123456").as_deref(),
        Some("+4930123456")
    );
    let french = Others::from([("country".to_owned(), "fr".to_owned())]);
    let number = phone(Otherwise::Hold).apply(vec!["06 12 34 56 78".to_owned()], &french);
    assert_eq!(number, Ok(vec!["+33612345678".to_owned()]));
    assert_eq!(
        one(&phone(Otherwise::Keep), "call me").as_deref(),
        Some("call me")
    );
    assert_eq!(one(&phone(Otherwise::Blank), "call me"), None);
    let why = phone(Otherwise::Hold).apply(vec!["call me".to_owned()], &Others::new());
    assert!(
        why.unwrap_err()
            .starts_with("“call me” is no telephone number.")
    );
}

/// Any step with any parameters, also ones that no page would let through.
fn any_step() -> impl Strategy<Value = Step> {
    let text = || prop_oneof![".{0,40}", "[ ,;\\-{}%|~()\\[\\]'a-z_.]{0,60}"];
    let entry = (text(), text()).prop_map(|(from, to)| Entry { from, to });
    let otherwise = || prop::sample::select(Otherwise::ALL.to_vec());
    let pick = prop_oneof![Just(Pick::Low), Just(Pick::High), Just(Pick::Middle)];
    let order = prop_oneof![
        Just(DateOrder::DayMonthYear),
        Just(DateOrder::MonthDayYear),
        Just(DateOrder::YearMonthDay)
    ];
    let jinja = prop_oneof![
        text(),
        text().prop_map(|inner| format!("{{{{ {inner} }}}}")),
        Just("{{ value ~ value ~ value|upper }}".to_owned()),
    ];
    prop_oneof![
        Just(Step::Trim),
        Just(Step::Upper),
        Just(Step::Lower),
        Just(Step::NameCase),
        (
            prop::sample::select(vec!["", "DE", "US", "zz"]),
            otherwise()
        )
            .prop_map(|(country, otherwise)| Step::Phone {
                country: country.to_owned(),
                otherwise
            }),
        prop::sample::select(Part::ALL.to_vec()).prop_map(|part| Step::Part { part }),
        (text(), any::<u32>()).prop_map(|(separator, place)| Step::Split { separator, place }),
        (prop::collection::vec(entry, 0..4), otherwise())
            .prop_map(|(entries, otherwise)| Step::Replace { entries, otherwise }),
        (pick, any::<bool>()).prop_map(|(pick, open_ended)| Step::Number { pick, open_ended }),
        order.prop_map(|order| Step::Date { order }),
        text().prop_map(|separator| Step::Join { separator }),
        jinja.prop_map(|template| Step::Template { template }),
        text().prop_map(|text| Step::Default { text }),
    ]
}

/// What people type: words of many scripts, numbers, dates, formulas, 4 KB of anything.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,80}",
        "\\PC{0,40}",
        "[0-9+ ()./,'’\\-kKmM€$]{0,40}",
        "(=|\\+|-|@)cmd\\(\\)",
        "(Zoë|Łukasz|王小明|محمد|שרה|นภา|राम|김민준|さくら|Ελένη|Лев|ანა|Հայկ|🦊‍👩🏽){1,6}",
        any::<char>().prop_map(|c| c.to_string().repeat(4_000)),
        (any::<char>(), any::<char>()).prop_map(|(a, b)| format!("{a}{b} ").repeat(1_300)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("LEADLINE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
    ))]

    /// No input makes a step panic, run on or grow beyond its bound; the same input gives the same.
    #[test]
    fn steps_are_total_bounded_and_pure(
        steps in prop::collection::vec(any_step(), 0..=MOST_STEPS),
        values in prop::collection::vec(any_value(), 0..4),
    ) {
        let others = Others::from([("first_name".to_owned(), "Ada".to_owned())]);
        let done = run(&steps, values.clone(), &others);
        prop_assert_eq!(&done, &run(&steps, values, &others));
        match done {
            Ok(values) => for value in values {
                prop_assert!(value.len() <= LONGEST && !value.trim().is_empty());
            },
            Err(why) => prop_assert!(!why.is_empty() && why.len() < 1_000, "{}", why),
        }
    }

    /// A name is written the same however often.
    #[test]
    fn writing_a_name_twice_changes_nothing_more(name in any_value()) {
        let once = one(&Step::NameCase, &name);
        if let Some(once) = once {
            prop_assert_eq!(one(&Step::NameCase, &once), Some(once.clone()));
        }
    }
}
