use super::*;

fn fields(of: &[(&str, &str)]) -> Fields {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn seen(at: i64, of: &[(&str, &str)]) -> Seen {
    Seen {
        id: Uuid::from_u128(7),
        version: format!("W/\"{at}\""),
        modified_at: at,
        has: There {
            fields: fields(of),
            open: true,
            user: Some(MIA),
            owner: None,
        },
    }
}

const MIA: Uuid = Uuid::from_u128(11);
const LOU: Uuid = Uuid::from_u128(12);

fn asked() -> BTreeSet<String> {
    ["firstname", "jobtitle"].map(str::to_owned).into()
}

/// A lead that was seen at 10, and in which a submission made at 20 then changed the job.
fn waiting() -> Mirror {
    let mut mirror = known(&seen(10, &[("firstname", "Ada"), ("jobtitle", "Cook")]));
    mirror
        .lead
        .fields
        .insert("jobtitle".to_owned(), "Chef".to_owned());
    let by = Origin {
        submission: Some(3),
        submitted_at: 20,
    };
    mirror.lead.provenance.insert("jobtitle".to_owned(), by);
    mirror
}

#[test]
fn what_a_lead_has_when_it_is_first_seen_is_as_old_as_its_last_change() {
    let lead = known(&seen(10, &[("firstname", "Ada")])).lead;
    let origin = &lead.provenance["firstname"];
    assert_eq!((origin.submission, origin.submitted_at), (None, 10));
    assert_eq!(lead.provenance.len(), 1, "what is empty may be filled");
}

#[test]
fn only_what_differs_goes_out() {
    let out = outgoing(&waiting(), &LeadFields::standard());
    assert_eq!(
        out,
        [("jobtitle".to_owned(), Some("Chef".to_owned()))].into()
    );
    let mut emptied = waiting();
    emptied.lead.fields.remove("firstname");
    let out = outgoing(&emptied, &LeadFields::standard());
    assert_eq!(out.get("firstname"), Some(&None));
}

#[test]
fn what_others_changed_there_is_taken_over_and_what_waits_stays() {
    let mut mirror = waiting();
    let now = seen(15, &[("firstname", "Augusta"), ("jobtitle", "Cook")]);
    assert!(absorb(&mut mirror, &now, &asked()));
    assert_eq!(
        mirror.lead.fields,
        fields(&[("firstname", "Augusta"), ("jobtitle", "Chef")])
    );
    assert_eq!(mirror.lead.provenance["firstname"].submission, None);
    let out = outgoing(&mirror, &LeadFields::standard());
    assert_eq!(out.len(), 1, "the job still goes out");
    assert!(!absorb(&mut mirror, &now, &asked()), "nothing more to take");
}

#[test]
fn of_two_changes_of_one_field_the_later_one_counts() {
    for (at, kept) in [(19, "Chef"), (21, "Baker")] {
        let mut mirror = waiting();
        let now = seen(at, &[("firstname", "Ada"), ("jobtitle", "Baker")]);
        absorb(&mut mirror, &now, &asked());
        assert_eq!(mirror.lead.fields["jobtitle"], kept, "changed at {at}");
        let out = outgoing(&mirror, &LeadFields::standard());
        assert_eq!(out.is_empty(), kept == "Baker");
    }
}

#[test]
fn what_submissions_brought_is_taken_back_and_nothing_else() {
    for (taken_back, job) in [(3, "Cook"), (4, "Chef")] {
        let mut mirror = waiting();
        mirror.lead.submission_count = 2;
        take_back(&mut mirror, &[taken_back].into());
        assert_eq!(mirror.lead.fields["jobtitle"], job);
        let out = outgoing(&mirror, &LeadFields::standard());
        assert_eq!(out.is_empty(), job == "Cook");
        let by = &mirror.lead.provenance["jobtitle"];
        assert_eq!(by.submission.is_none(), job == "Cook");
        assert_eq!(mirror.lead.submission_count, 1);
    }
}

#[test]
fn what_arrived_already_does_not_go_out_again() {
    let mut mirror = waiting();
    let now = seen(30, &[("firstname", "Ada"), ("jobtitle", "Chef")]);
    assert!(!absorb(&mut mirror, &now, &asked()));
    assert!(outgoing(&mirror, &LeadFields::standard()).is_empty());
    assert_eq!(
        mirror.lead.provenance["jobtitle"].submission,
        Some(3),
        "it is still the submission's"
    );
}

#[test]
fn a_column_that_was_not_asked_for_is_left_alone() {
    let mut mirror = waiting();
    let only: BTreeSet<String> = ["firstname".to_owned()].into();
    absorb(&mut mirror, &seen(30, &[("firstname", "Ada")]), &only);
    assert_eq!(mirror.seen.fields["jobtitle"], "Cook");
    assert_eq!(mirror.lead.fields["jobtitle"], "Chef");
}

/// A record that was open or closed when it was seen at 10.
fn stands(open: bool, at: i64) -> Seen {
    let mut seen = seen(at, &[]);
    seen.has.open = open;
    seen
}

#[test]
fn the_state_goes_out_with_its_reason_when_it_differs() {
    for (there, here, out) in [
        (true, true, None),
        (true, false, Some([("statecode", 2), ("statuscode", 4)])),
        (false, true, Some([("statecode", 0), ("statuscode", 1)])),
        (false, false, None),
    ] {
        let mut mirror = known(&stands(there, 10));
        mirror.lead.open = here;
        assert_eq!(state(&mirror), out, "{there} there, {here} here");
        mirror.seen = arrived(&mirror, &BTreeMap::new(), None);
        assert_eq!(state(&mirror), None, "it has arrived");
    }
}

#[test]
fn a_state_that_was_changed_there_is_taken_over_and_one_that_waits_stays() {
    for (was, here, there, becomes, goes_out) in [
        (true, true, false, false, false),
        (false, false, true, true, false),
        // It waits, and something else was changed there.
        (true, false, true, false, true),
        (false, true, false, true, true),
        // Closed here, qualified there; opened here and there.
        (true, false, false, false, false),
        (false, true, true, true, false),
    ] {
        let mut mirror = known(&stands(was, 10));
        mirror.lead.open = here;
        let another = absorb(&mut mirror, &stands(there, 30), &asked());
        assert_eq!(mirror.lead.open, becomes, "{was} {here} {there}");
        assert_eq!(state(&mirror).is_some(), goes_out, "{was} {here} {there}");
        assert_eq!(another, here != becomes);
    }
}

/// A record of this user's, who is this person here.
fn belongs(user: Uuid, owner: Option<i64>, at: i64) -> Seen {
    let mut seen = seen(at, &[]);
    (seen.has.user, seen.has.owner) = (Some(user), owner);
    seen
}

#[test]
fn whoever_owns_it_there_owns_it_here() {
    let mut mirror = known(&belongs(MIA, Some(1), 10));
    assert_eq!(mirror.lead.owner, Some(1));
    assert!(absorb(&mut mirror, &belongs(LOU, Some(2), 30), &asked()));
    assert_eq!(mirror.lead.owner, Some(2));
    assert!(absorb(&mut mirror, &belongs(MIA, None, 40), &asked()));
    assert_eq!(mirror.lead.owner, None, "it is somebody's who is not here");
    assert!(absorb(&mut mirror, &belongs(MIA, Some(1), 40), &asked()));
    assert_eq!(mirror.lead.owner, Some(1), "who has come since");
    assert!(!absorb(&mut mirror, &belongs(MIA, None, 40), &asked()));
    assert_eq!(mirror.lead.owner, Some(1), "only giving it away takes it");
}

#[test]
fn of_two_new_owners_the_later_one_counts() {
    for (at, owner) in [(19, Some(3)), (21, Some(2))] {
        let mut mirror = known(&belongs(MIA, Some(1), 10));
        (mirror.lead.owner, mirror.lead.modified_at) = (Some(3), 20);
        absorb(&mut mirror, &belongs(LOU, Some(2), at), &asked());
        assert_eq!(mirror.lead.owner, owner, "given away there at {at}");
        assert_eq!(mirror.seen.user, Some(LOU));
        assert_eq!(mirror.lead.owner != mirror.seen.owner, at == 19);
    }
}

#[test]
fn an_owner_who_has_no_user_there_owns_it_here_until_it_is_given_away() {
    let mut mirror = known(&belongs(MIA, None, 10));
    (mirror.lead.owner, mirror.seen.user) = (Some(3), None);
    mirror.seen = arrived(&mirror, &BTreeMap::new(), None);
    assert_eq!(mirror.seen.owner, Some(3), "nothing more goes out");
    absorb(&mut mirror, &belongs(MIA, None, 30), &asked());
    assert_eq!(mirror.lead.owner, Some(3), "the first time it is seen");
    absorb(&mut mirror, &belongs(LOU, Some(2), 40), &asked());
    assert_eq!(mirror.lead.owner, Some(2));
}

#[test]
fn a_record_is_the_same_however_often_it_is_tried() {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(record_for(one, "1", "a"), record_for(one, "1", "a"));
    assert_ne!(record_for(one, "1", "a"), record_for(one, "2", "a"));
    assert_ne!(record_for(one, "1", "a"), record_for(other, "1", "a"));
    assert!(origin_of(Uuid::from_u128(u128::MAX)) < 0 && origin_of(Uuid::nil()) < 0);
    assert_ne!(origin_of(one), origin_of(Uuid::nil()));
}

#[test]
fn a_lead_without_a_name_gets_one() {
    let all = LeadFields::standard();
    let of = |lead: &[(&str, &str)]| supplied(&fields(lead), "Q4 form", &all);
    assert_eq!(of(&[])["lastname"], "Unknown");
    assert_eq!(of(&[("companyname", "Harbor")])["lastname"], "Harbor");
    assert_eq!(of(&[("lastname", "Byron")]).len(), 1);
    assert_eq!(of(&[])["subject"], "LinkedIn: Q4 form");
}

#[test]
fn what_is_supplied_fits_its_column_and_no_character_is_cut_in_two() {
    let harbor = format!("{}\u{1F6A2}, a harbor", "x".repeat(49));
    let lead = fields(&[("companyname", &harbor)]);
    let standard = supplied(&lead, &"\u{1F6A2}".repeat(200), &LeadFields::standard());
    assert_eq!(standard["lastname"], "x".repeat(49), "50 units of UTF-16");
    assert_eq!(
        standard["subject"],
        format!("LinkedIn: {}", "\u{1F6A2}".repeat(145))
    );

    let mut short = LeadFields::standard().get("lastname").unwrap().clone();
    short.max_length = 20;
    let own = supplied(&lead, "form", &[short].into_iter().collect());
    assert_eq!(own["lastname"], "x".repeat(20), "as long as the column");
}
