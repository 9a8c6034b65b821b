//! Just enough of HTML to fill in forms.

/// A form: where it goes and what it sends when nobody changes anything.
#[derive(Debug)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Whether it posts.
    pub post: bool,
    /// The names of all its inputs and buttons.
    pub names: Vec<String>,
    /// What it sends without a button.
    pub fields: Vec<(String, String)>,
}

/// All forms, in the order in which they stand.
pub fn forms(html: &str) -> Vec<Form> {
    let parts = html.split("<form").skip(1).filter_map(|rest| {
        let (head, rest) = rest.split_once('>')?;
        let (inside, _) = rest.split_once("</form>")?;
        Some((head, inside))
    });
    let form = |(head, inside): (&str, &str)| Form {
        action: attribute(head, "action").unwrap_or_default(),
        post: attribute(head, "method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
        names: tags(inside, &["input", "button", "select"])
            .filter_map(|tag| attribute(tag, "name"))
            .collect(),
        fields: fields(inside),
    };
    parts.map(form).collect()
}

fn fields(html: &str) -> Vec<(String, String)> {
    let sent = |tag: &&str| match attribute(tag, "type").as_deref() {
        Some("checkbox" | "radio") => has(tag, "checked"),
        Some("submit" | "button" | "reset") => false,
        _ => true,
    };
    let inputs = tags(html, &["input"]).filter(sent);
    let named = |tag: &str| {
        Some((
            attribute(tag, "name")?,
            attribute(tag, "value").unwrap_or_default(),
        ))
    };
    inputs.filter_map(named).chain(chosen(html)).collect()
}

/// What is chosen in each select: its first option when none is said to be.
fn chosen(html: &str) -> Vec<(String, String)> {
    let selects = html.split("<select").skip(1).filter_map(|rest| {
        let (head, rest) = rest.split_once('>')?;
        let (inside, _) = rest.split_once("</select>")?;
        let options: Vec<&str> = tags(inside, &["option"]).collect();
        let chosen = options.iter().find(|tag| has(tag, "selected"));
        let value = attribute(chosen.or(options.first())?, "value");
        Some((attribute(head, "name")?, value.unwrap_or_default()))
    });
    selects.collect()
}

/// The text of the first main heading, without tags.
pub fn heading(html: &str) -> String {
    let inside = html
        .split_once("<h1")
        .and_then(|(_, rest)| rest.split_once('>'));
    let inside = inside.and_then(|(_, rest)| rest.split_once("</h1>"));
    let mut text = String::new();
    let mut in_tag = false;
    for character in inside.map_or("", |(inside, _)| inside).chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => text.push(character),
            _ => {}
        }
    }
    unescape(text.trim())
}

/// The values of all inputs with this name.
pub fn values(html: &str, name: &str) -> Vec<String> {
    tags(html, &["input"])
        .filter(|tag| attribute(tag, "name").as_deref() == Some(name))
        .filter_map(|tag| attribute(tag, "value"))
        .collect()
}

/// Where the links lead whose address begins like this.
pub fn links(html: &str, begin: &str) -> Vec<String> {
    tags(html, &["a"])
        .filter_map(|tag| attribute(tag, "href"))
        .filter(|to| to.starts_with(begin))
        .collect()
}

/// The insides of the opening tags of these names.
fn tags<'a>(html: &'a str, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    html.split('<').skip(1).filter_map(move |rest| {
        let (tag, _) = rest.split_once('>')?;
        let name = tag.split([' ', '\n', '/']).next()?;
        names.contains(&name).then_some(tag)
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(unescape(value))
}

fn has(tag: &str, flag: &str) -> bool {
    tag.split([' ', '\n'])
        .any(|word| word == flag || word.starts_with(&format!("{flag}=")))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
