//! What forms ask and carry: what a mapping can take its value from, and what none takes yet.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::mapping::{Facts, FieldMapping, Source, carried};
use crate::store::access::Administrator;
use crate::store::{from_json, rows};
use crate::submission::{Answers, FormContent};

/// How many forms are looked through, the latest first.
const FORMS: usize = 1_000;
/// How many of the latest submissions are looked through for answers.
pub const LOOKED_THROUGH: usize = 1_000;
/// How many answers are shown of what is not mapped.
const SAMPLES: usize = 3;
/// How many characters of an answer are shown.
const SAMPLE_CHARS: usize = 80;

/// Something that forms ask for or carry with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSource {
    /// What it is.
    pub source: Source,
    /// How many forms have it.
    pub forms: usize,
}

/// Something that forms ask for and no mapping takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// What it is.
    pub source: Source,
    /// How many forms have it.
    pub forms: usize,
    /// How many of the latest submissions carry an answer to it.
    pub submissions: usize,
    /// Some of the answers.
    pub samples: Vec<String>,
}

#[derive(FromQueryResult)]
struct QuestionsRow {
    questions: String,
}

#[derive(FromQueryResult)]
struct NameRow {
    linkedin_id: i64,
    name: String,
}

#[derive(FromQueryResult)]
struct AnswersRow {
    answers: String,
}

impl Administrator {
    /// Everything that the current forms ask for or carry, by kind and name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_found_sources(&self) -> Result<Vec<FoundSource>> {
        let sql =
            format!("SELECT questions FROM form WHERE current ORDER BY id DESC LIMIT {FORMS}");
        let mut found: BTreeMap<Source, usize> = BTreeMap::new();
        for row in rows::<QuestionsRow>(self.store().reading(), &sql, []).await? {
            let content: FormContent = from_json(&row.questions)?;
            let asked: BTreeSet<Source> = carried(&content).into_iter().collect();
            for source in asked {
                *found.entry(source).or_default() += 1;
            }
        }
        let found = found.into_iter();
        Ok(found
            .map(|(source, forms)| FoundSource { source, forms })
            .collect())
    }

    /// The options that the current forms give to the question that a mapping takes its value from.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_options(&self, source: &Source) -> Result<Vec<String>> {
        let sql =
            format!("SELECT questions FROM form WHERE current ORDER BY id DESC LIMIT {FORMS}");
        let mut options: Vec<String> = Vec::new();
        for row in rows::<QuestionsRow>(self.store().reading(), &sql, []).await? {
            let content: FormContent = from_json(&row.questions)?;
            let asked = content.questions.into_iter();
            let asked =
                asked.filter(|q| Source::of_question(q).is_some_and(|own| source.covers(&own)));
            for option in asked.flat_map(|question| question.options) {
                if !options.contains(&option.text) {
                    options.push(option.text);
                }
            }
        }
        Ok(options)
    }

    /// LinkedIn's ids and the names of the forms, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_form_names(&self) -> Result<Vec<(i64, String)>> {
        let sql = format!(
            "SELECT linkedin_id, name FROM form WHERE current ORDER BY name, id LIMIT {FORMS}"
        );
        let forms = rows::<NameRow>(self.store().reading(), &sql, []).await?;
        let forms = forms.into_iter();
        Ok(forms.map(|row| (row.linkedin_id, row.name)).collect())
    }

    /// What the current forms ask for and none of these mappings takes; what most submissions carry
    /// comes first.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_unmapped(&self, mappings: &[FieldMapping]) -> Result<Vec<Unmapped>> {
        let free = |found: &FoundSource| {
            let mut mapped = mappings.iter();
            !mapped.any(|mapping| mapping.source.covers(&found.source))
        };
        let found = self.list_found_sources().await?;
        let mut unmapped: Vec<Unmapped> = found
            .into_iter()
            .filter(free)
            .map(|found| Unmapped {
                source: found.source,
                forms: found.forms,
                submissions: 0,
                samples: Vec::new(),
            })
            .collect();
        if unmapped.is_empty() {
            return Ok(unmapped);
        }
        let sql = format!(
            "SELECT answers FROM submission ORDER BY submitted_at DESC, id DESC LIMIT {LOOKED_THROUGH}"
        );
        for row in rows::<AnswersRow>(self.store().reading(), &sql, []).await? {
            // Unreadable answers are shown on their submission.
            let answers: Answers = from_json(&row.answers).unwrap_or_default();
            for unmapped in &mut unmapped {
                unmapped.look(&answers);
            }
        }
        unmapped.sort_by_key(|unmapped| std::cmp::Reverse(unmapped.submissions));
        Ok(unmapped)
    }
}

impl Unmapped {
    fn look(&mut self, answers: &Answers) {
        let values = self.source.read(answers, &Facts::default());
        let Some(first) = values.first() else {
            return;
        };
        self.submissions += 1;
        let sample: String = first.trim().chars().take(SAMPLE_CHARS).collect();
        if self.samples.len() < SAMPLES && !self.samples.contains(&sample) {
            self.samples.push(sample);
        }
    }
}
