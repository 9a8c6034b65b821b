//! What people write arrives in their lead as they wrote it, through the whole line and on both
//! databases, and they are found by it however it is spelled.

use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Otherwise, Source, Step, TooLong};
use leadline::store::access::Signed;

use crate::desk::{Desk, NOW, Response, response};
use crate::on_both;
use crate::support::TestStore;

/// First and last names in more than twelve scripts, and what else people are called.
const NAMES: [(&str, &str, &str); 24] = [
    ("Latin", "Zoë", "Łukaszewska-Ångström"),
    ("Vietnamese", "Nguyễn", "Thị Hồng Ánh"),
    ("Cyrillic", "Лев", "Толстой"),
    ("Greek", "Ελένη", "Παπαδοπούλου"),
    ("Arabic", "محمد", "علي حسن"),
    ("Hebrew", "שרה", "כהן"),
    ("Devanagari", "नरेन्द्र", "शर्मा"),
    ("Bengali", "রবীন্দ্রনাথ", "ঠাকুর"),
    ("Tamil", "கமலா", "சுந்தரம்"),
    ("Thai", "ประยุทธ์", "จันทร์โอชา"),
    ("Han", "小明", "王"),
    ("Kana", "さくら", "タナカ"),
    ("Hangul", "민준", "김"),
    ("Georgian", "ანა", "ბერიძე"),
    ("Armenian", "Հայկ", "Սարգսյան"),
    ("Ethiopic", "አበበ", "ቢቂላ"),
    ("Khmer", "សុខា", "ចាន់"),
    (
        "combining marks",
        "Zoe\u{308}",
        "n\u{303}u\u{301}n\u{303}ez",
    ),
    (
        "right to left with marks",
        "יוסף \u{200f}(יוסי)",
        "בן\u{2011}דוד",
    ),
    ("emoji", "🦊", "👩🏽\u{200d}🚀 of 🇵🇹"),
    ("apostrophe", "Sinéad", "O'Brien"),
    ("formula", "=cmd()", "=cmd|' /C calc'!A0"),
    ("statement", "Robert'); DROP TABLE lead;--", "\"; SELECT 1"),
    (
        "markup",
        "<script>alert(1)</script>",
        "&amp; {{ value }} $1 %s \\",
    ),
];

/// Telephone numbers as people write them at home, with the country that they name; the table of thirty
/// is in `phone`.
const PHONES: [(&str, &str, &str); 8] = [
    ("BR", "(11) 98765-4321", "+5511987654321"),
    ("DE", "030 123456", "+4930123456"),
    ("FR", "06 12 34 56 78", "+33612345678"),
    ("GB", "020 7946 0958", "+442079460958"),
    ("IN", "081234 56789", "+918123456789"),
    ("IT", "02 1234 5678", "+390212345678"),
    ("JP", "090-1234-5678", "+819012345678"),
    ("US", "(415) 555-2671", "+14155552671"),
];

impl Desk {
    /// What a lead's page shows in a field.
    async fn shown(&self, response: &str, field: &str) -> String {
        let signed = Signed::new(self.test.store.clone(), self.administrator.person().clone());
        let reader = signed.reader().expect("a reader");
        let lead = reader.find_lead(self.lead_of(response).await).await;
        let fields = lead.expect("a lead").fields;
        fields.get(field).cloned().unwrap_or_default()
    }

    async fn compare_by(&self, fields: &[&str]) {
        let all = self.administrator.list_strategies().await.expect("a list");
        let id = all[0].strategy.id;
        let mut edit = self.administrator.edit_strategy(id).await.expect("it");
        edit.strategy.fields = fields.iter().map(|field| (*field).to_owned()).collect();
        let saved = self.administrator.save_strategy(&edit, NOW).await;
        saved.expect("saved");
    }
}

fn named(id: &str, first: &str, last: &str) -> Response {
    let says = response(id, NOW, "").says("FIRST_NAME", first);
    says.says("LAST_NAME", last)
}

on_both!(names_of_the_whole_world_arrive_intact_and_find_their_lead);
async fn names_of_the_whole_world_arrive_intact_and_find_their_lead(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.compare_by(&["firstname", "lastname"]).await;
    let says = NAMES.map(|(script, first, last)| named(script, first, last));
    desk.arrive(says.to_vec()).await;
    assert_eq!(
        desk.leads().await,
        NAMES.len() as i64,
        "nobody is somebody else"
    );
    for (script, first, last) in NAMES {
        assert_eq!(desk.shown(script, "firstname").await, first, "{script}");
        assert_eq!(desk.shown(script, "lastname").await, last, "{script}");
    }
    let again = NAMES.map(|(script, first, last)| {
        let id = format!("again: {script}");
        named(
            &id,
            &format!(" {} ", first.to_uppercase()),
            &last.to_lowercase(),
        )
    });
    desk.arrive(again.to_vec()).await;
    assert_eq!(desk.leads().await, NAMES.len() as i64);
    for (script, ..) in NAMES {
        let id = format!("again: {script}");
        assert_eq!(
            desk.lead_of(&id).await,
            desk.lead_of(script).await,
            "{script}"
        );
    }
    // The same letters, put together in the other way.
    desk.arrive(vec![named("composed", "ZOË", "ñúñez")]).await;
    let combining = desk.lead_of("combining marks").await;
    assert_eq!(desk.lead_of("composed").await, combining);
}

on_both!(an_answer_of_four_kilobytes_arrives_whole);
async fn an_answer_of_four_kilobytes_arrives_whole(test: TestStore) {
    let desk = Desk::new(test).await;
    let field = leadline::lead::LeadFields::standard();
    let room = field.get("description").expect("a field").max_length;
    let mapping = FieldMapping {
        id: 0,
        source: Source::Question("Tell us more".to_owned()),
        form: None,
        steps: Vec::new(),
        lead_field: "description".to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    };
    let made = desk.administrator.create_mapping(&mapping, NOW).await;
    made.expect("made");
    let long = "Ö 🦊 שלום\n".repeat(400);
    let long: String = long.chars().take(4_000).collect();
    let long = long.trim().to_owned();
    assert!(long.len() > 4_096 && room >= 2_000, "{} {room}", long.len());
    let says = response("a", NOW, "ada@example.com").asked("Tell us more", &long);
    desk.arrive(vec![says]).await;
    // Lengths are counted in units of UTF-16, and no character is cut in two.
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= room
    };
    let wanted: String = long.chars().take_while(fits).collect();
    assert_eq!(desk.shown("a", "description").await, wanted.trim());
    let kept = "SELECT answers AS t FROM submission";
    let kept = desk.test.texts(kept).await.remove(0);
    let json = serde_json::to_string(&long).expect("JSON");
    assert!(kept.contains(&json), "the submission keeps all of it");
}

on_both!(numbers_of_many_countries_become_one_form_and_find_their_lead);
async fn numbers_of_many_countries_become_one_form_and_find_their_lead(test: TestStore) {
    let desk = Desk::new(test).await;
    desk.compare_by(&["mobilephone"]).await;
    let all = desk.test.store.list_mappings().await.expect("mappings");
    let phone = all.iter().find(|m| m.lead_field == "mobilephone");
    let id = phone.expect("a mapping").id;
    let mut edit = desk.administrator.find_mapping(id).await.expect("it");
    edit.mapping.steps = vec![Step::Phone {
        country: String::new(),
        otherwise: Otherwise::Hold,
    }];
    let saved = desk.administrator.save_mapping(&edit, NOW).await;
    saved.expect("saved");
    let says = PHONES.map(|(country, written, _)| {
        let says = response(country, NOW, "").says("COUNTRY", country);
        says.says("PHONE_NUMBER", written)
    });
    desk.arrive(says.to_vec()).await;
    assert_eq!(desk.leads().await, PHONES.len() as i64);
    let again = PHONES.map(|(country, _, number)| {
        let written = number.replacen('+', "00", 1);
        response(&format!("again {country}"), NOW, "").says("PHONE_NUMBER", &written)
    });
    desk.arrive(again.to_vec()).await;
    for (country, _, number) in PHONES {
        assert_eq!(
            desk.shown(country, "mobilephone").await,
            number,
            "{country}"
        );
        let again = desk.lead_of(&format!("again {country}")).await;
        assert_eq!(again, desk.lead_of(country).await, "{country}");
    }
}
