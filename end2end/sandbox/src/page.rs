//! The consent page: plain HTML, works without scripts, says clearly what it is.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use url::Url;

use crate::model::Member;
use crate::server::Reply;

const STYLE: &str = "\
:root{color-scheme:light dark;--bg:#f4f2ee;--card:#fff;--ink:#191919;--soft:#5a5a5a;--line:#d6d3cd;--act:#0a66c2;--on:#fff;--flag:#915907}\
@media(prefers-color-scheme:dark){:root{--bg:#1b1f23;--card:#24292e;--ink:#f0f0f0;--soft:#b4b9be;--line:#454c53;--act:#70b5f9;--on:#10181f;--flag:#f5c26b}}\
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem 3rem}\
.flag{margin:0 0 1rem;padding:.5rem .75rem;border:1px solid var(--flag);border-radius:.5rem;color:var(--flag);font-weight:600;text-align:center}\
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}\
h1{font-size:1.25rem;line-height:1.3;margin:0 0 .75rem}p{margin:.5rem 0}\
fieldset{border:0;padding:0;margin:1.25rem 0 0;min-width:0}legend{font-weight:600;padding:0;margin-bottom:.25rem}\
.who{display:flex;gap:.75rem;align-items:flex-start;padding:.6rem .25rem;border-top:1px solid var(--line);cursor:pointer}\
.who input{width:1.25rem;height:1.25rem;margin:.15rem 0 0;accent-color:var(--act);flex:none}\
.soft{color:var(--soft);font-size:.9rem}ul{margin:.25rem 0 0;padding-left:1.25rem}li{margin:.2rem 0;overflow-wrap:anywhere}\
.acts{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}\
button{flex:1 1 8rem;min-height:2.75rem;padding:.5rem 1rem;border:1px solid var(--act);border-radius:1.5rem;background:none;color:var(--act);font:inherit;font-weight:600;cursor:pointer}\
button.go{background:var(--act);color:var(--on)}button.link{flex:1 1 100%;border-color:transparent;text-decoration:underline}\
:focus-visible{outline:3px solid var(--act);outline-offset:2px}code{overflow-wrap:anywhere}";

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn page(status: u16, title: &str, card: &str) -> Reply {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} | LinkedIn sandbox</title><link rel=\"icon\" href=\"data:,\">\
         <style>{STYLE}</style></head><body><main><p class=\"flag\">LinkedIn sandbox: nothing here is the real LinkedIn</p>\
         <div class=\"card\"><h1>{title}</h1>{card}</div></main></body></html>",
        title = escape(title),
    );
    Reply::new(status, "text/html; charset=utf-8", html)
        .with("x-content-type-options", "nosniff")
        .with("x-frame-options", "DENY")
        .with("referrer-policy", "no-referrer")
}

/// An error that LinkedIn shows itself instead of redirecting.
pub(crate) fn failed(status: u16, title: &str, text: &str) -> Reply {
    let mut reply = page(
        status,
        title,
        &format!(
            "<p>{}</p><p class=\"soft\">Go back to the application and try again.</p>",
            escape(text)
        ),
    );
    reply.reason = format!("{title}: {text}");
    reply
}

/// What a scope lets an application do, in words.
fn meaning(scope: &str) -> &'static str {
    match scope {
        "r_marketing_leadgen_automation" => {
            "Read your lead forms and their responses, and be told of new ones"
        }
        "r_ads" => "See your ad accounts, campaigns and creatives",
        "rw_ads" => "See and change your ad accounts, campaigns and creatives",
        "r_organization_admin" => "See your roles on company pages",
        "rw_organization_admin" => "See and change your company pages",
        "r_events" => "See your events",
        "r_basicprofile" | "profile" => "Use your name and photo",
        "openid" => "Sign you in",
        "email" => "Use your primary e-mail address",
        _ => "Do what this permission stands for",
    }
}

/// The page on which a member allows or cancels.
pub(crate) fn consent(
    members: &[Member],
    scopes: &BTreeSet<String>,
    redirect_uri: &Url,
    params: &HashMap<String, String>,
) -> Reply {
    let mut card = String::new();
    let host = escape(redirect_uri.host_str().unwrap_or_default());
    let _ = write!(
        card,
        "<p>The application at <strong>{host}</strong> asks for permission to:</p><ul>"
    );
    for scope in scopes {
        let _ = write!(
            card,
            "<li>{} <span class=\"soft\">({})</span></li>",
            meaning(scope),
            escape(scope)
        );
    }
    card.push_str("</ul><form method=\"post\" action=\"/oauth/v2/authorization\">");
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "scope",
    ] {
        if let Some(value) = params.get(name) {
            let _ = write!(
                card,
                "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                escape(value)
            );
        }
    }
    card.push_str("<fieldset><legend>Signed in as</legend>");
    for (index, member) in members.iter().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let _ = write!(
            card,
            "<label class=\"who\"><input type=\"radio\" name=\"member\" value=\"{key}\"{checked}>\
             <span><strong>{name}</strong><br><span class=\"soft\">{about}</span></span></label>",
            key = escape(&member.key),
            name = escape(&member.name()),
            about = escape(&member.about),
        );
    }
    card.push_str(
        "</fieldset><div class=\"acts\">\
         <button name=\"decision\" value=\"cancel\">Cancel</button>\
         <button class=\"go\" name=\"decision\" value=\"allow\">Allow</button>\
         <button class=\"link\" name=\"decision\" value=\"cancel_login\">Not you? Leave without signing in</button></div></form>",
    );
    let _ = write!(
        card,
        "<p class=\"soft\">You will be taken to <code>{}</code></p>",
        escape(redirect_uri.as_str())
    );
    page(200, "Allow access to your LinkedIn account?", &card)
}
