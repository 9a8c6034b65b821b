//! Deleting test submissions: one on its own page, or all that the list shows.

use axum::extract::Path;
use leadline::store::{
    forget::{MadeLeads, Tests},
    now,
    views::submissions::SubmissionFilter,
};
use leptos::prelude::*;

use crate::{
    Answer, Input, Visit,
    ui::{Check, Confirm, Listed, Query},
};

/// Where all tests that a list shows are deleted.
const PATH: &str = "/submissions/delete-tests";

/// Deletes the tests of a list.
pub async fn all(visit: Visit, query: Query, input: Input) -> Answer {
    visit.administrator()?;
    let filter = SubmissionFilter::read(&|name: &str| query.get(name))?;
    delete(visit, &filter, &input).await
}

/// Deletes one test.
pub async fn one(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    visit.administrator()?;
    visit.reader()?.find_submission(id).await?;
    delete(visit, &this(id), &input).await
}

async fn delete(visit: Visit, filter: &SubmissionFilter, input: &Input) -> Answer {
    let leads = match input.text("leads") {
        "yes" => MadeLeads::Delete,
        _ => MadeLeads::Keep,
    };
    // Whoever does not say how many were shown to them saw none.
    let seen = input.text("seen").parse().unwrap_or(0);
    let administrator = visit.administrator()?;
    let gone = administrator
        .delete_tests(filter, leads, seen, now())
        .await?;
    let leads = match gone.leads {
        0 => String::new(),
        n => format!(" and {}", many(n, "lead")),
    };
    let said = format!(
        "{}{leads} deleted.",
        many(gone.submissions, "test submission")
    );
    visit.done("/submissions", &said).await
}

/// The filter for one submission.
pub(super) fn this(id: i64) -> SubmissionFilter {
    SubmissionFilter {
        ids: vec![id],
        ..SubmissionFilter::default()
    }
}

/// The button on the page of a test.
pub(super) fn confirm_one(id: i64, tests: Tests) -> impl IntoView {
    let action = format!("/submissions/{id}/delete");
    view! {
        <Confirm id="delete-test" label="Delete this test" title="Delete this test submission?" action=action danger=true>
            {happens(tests)}
        </Confirm>
    }
}

/// The button above a list of tests; nothing where the list is empty.
pub(super) fn confirm_all(
    filter: &SubmissionFilter,
    tests: Tests,
) -> Option<impl IntoView + use<>> {
    let action = Listed::new(PATH, filter.pairs()).here();
    let which = match tests.submissions {
        0 => return None,
        1 => "this test".to_owned(),
        _ => format!("these {}", many(tests.submissions, "test")),
    };
    Some(view! {
        <Confirm id="delete-tests" label=format!("Delete {which}") title=format!("Delete {which}?") action=action danger=true>
            {happens(tests)}
        </Confirm>
    })
}

/// What will happen, and the question about leads that tests have made.
fn happens(tests: Tests) -> impl IntoView {
    let Tests { submissions, leads } = tests;
    let (they, do_not) = match submissions {
        1 => ("It", "does not"),
        _ => ("They", "do not"),
    };
    let also = (leads > 0).then(|| {
        let (label, hint) = match leads {
            1 => (
                "Delete the lead that was made from tests alone, too".to_owned(),
                "Else it stays as it is, with no submission.",
            ),
            n => (
                format!("Delete the {n} leads that were made from tests alone, too"),
                "Else they stay as they are, with no submission.",
            ),
        };
        view! {
            <div class="checks">
                <Check name="leads" value="yes" label=label checked=false hint=hint />
            </div>
        }
    });
    view! {
        <input type="hidden" name="seen" value=submissions.to_string() />
        <p>{format!(
            "{they} will be gone for good, with all answers, and {do_not} come back when LinkedIn is read again. \
             Leads that real submissions belong to keep all their values."
        )}</p>
        {also}
    }
}

fn many(n: u64, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        _ => format!("{n} {noun}s"),
    }
}
