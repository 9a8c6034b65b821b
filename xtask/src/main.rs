//! Builds what the browser gets: `cargo run -p xtask -- site`.
//!
//! A task of our own instead of a general build tool, because a newcomer compiles it in a minute:
//! cargo builds the wasm, `wasm-bindgen-cli-support` binds it in this process, `wasm-opt` makes it
//! smaller where it is found, and everything is packed under names that contain their content's
//! hash, so that browsers may keep them for ever.

mod pack;
mod wasm;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, time::Instant};

const USAGE: &str = "\
Usage: cargo run -p xtask -- <command>

  site          build the wasm, its JavaScript and the style into target/site
  site --dev    the same, quick to build but large
  size          print what a first visit transfers; fail when it is over the budget";

/// How much time goes into making the result small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For people: small.
    Release,
    /// For whoever is changing the code: soon.
    Dev,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["site"] => site(&root(), Mode::Release),
        ["site", "--dev"] => site(&root(), Mode::Dev),
        ["size"] => pack::size(&root().join("target/site")),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

fn site(root: &Path, mode: Mode) -> Result<()> {
    let started = Instant::now();
    let target = root.join("target");
    let compiled = wasm::compile(root, mode)?;
    let style = style(&root.join("style"))?;
    let optimizer = (mode == Mode::Release)
        .then(|| wasm::optimizer(root))
        .flatten();

    // Cargo knows best whether the wasm is fresh; all that follows depends on these alone.
    let inputs = format!("{mode:?} {optimizer:?}");
    let stamp = fingerprint(&[&compiled, style.as_bytes(), inputs.as_bytes()]);
    let (folder, stamp_file) = (target.join("site"), target.join("site.stamp"));
    let same = fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp);
    if same && folder.join("manifest.json").exists() {
        println!("site: nothing has changed");
        return Ok(());
    }

    let bound = wasm::bind(compiled, &target.join("site.tmp"))?;
    let small = match &optimizer {
        Some(program) => wasm::optimize(program, &bound.wasm)?,
        None => fs::read(&bound.wasm)?,
    };
    if mode == Mode::Release && optimizer.is_none() {
        println!("site: wasm-opt is not there (npm ci in end2end brings it): larger, still right");
    }
    let files = [
        ("leadline.js", fs::read(&bound.js)?),
        ("leadline_bg.wasm", small),
        ("leadline.css", style.into_bytes()),
    ];
    pack::write(&folder, &files, mode)?;
    fs::write(&stamp_file, stamp)?;
    println!("site: built in {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// The style sheets one after another, in the order of their names.
fn style(folder: &Path) -> Result<String> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("cannot read the style sheets in {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "css"));
    paths.sort();
    if paths.is_empty() {
        bail!("there is no .css file in {}", folder.display());
    }
    let sheets: Result<Vec<String>, _> = paths.iter().map(fs::read_to_string).collect();
    Ok(sheets?.join("\n"))
}

fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_follow_each_other_in_the_order_of_their_names() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("20-table.css"), "table {}")?;
        fs::write(folder.path().join("10-tokens.css"), ":root {}")?;
        fs::write(folder.path().join("notes.txt"), "not a style sheet")?;
        assert_eq!(style(folder.path())?, ":root {}\ntable {}");
        Ok(())
    }

    #[test]
    fn a_folder_without_style_sheets_is_named_in_the_error() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let error = style(folder.path()).expect_err("it is refused").to_string();
        assert!(
            error.contains(&folder.path().display().to_string()),
            "{error}"
        );
        Ok(())
    }

    #[test]
    fn a_fingerprint_tells_where_one_part_ends() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
    }
}
