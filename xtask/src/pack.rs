//! Names with a hash, compressed copies beside each file, and a manifest that knows the names.

use crate::{Mode, fingerprint};
use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

/// What a first visit may transfer at most, in bytes.
const BUDGET: u64 = 170_000;

/// The plain name of a file and the name under which it is served.
type Manifest = BTreeMap<String, String>;

/// Replaces `folder` by these files in `pkg/`, their compressed copies, and `manifest.json`.
pub fn write(folder: &Path, files: &[(&str, Vec<u8>)], mode: Mode) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let pkg = folder.join("pkg");
    fs::create_dir_all(&pkg)?;
    let mut manifest = Manifest::new();
    for (name, content) in files {
        let hashed = hashed(name, content);
        fs::write(pkg.join(&hashed), content)?;
        fs::write(pkg.join(format!("{hashed}.br")), brotli(content, mode)?)?;
        fs::write(pkg.join(format!("{hashed}.gz")), gzip(content, mode)?)?;
        manifest.insert((*name).to_owned(), hashed);
    }
    let json = serde_json::to_vec_pretty(&manifest)?;
    Ok(fs::write(folder.join("manifest.json"), json)?)
}

/// Prints what a first visit transfers with brotli, and fails when that is over the budget.
pub fn size(folder: &Path) -> Result<()> {
    let json = fs::read(folder.join("manifest.json"))
        .context("there is no site yet: cargo run -p xtask -- site")?;
    let manifest: Manifest = serde_json::from_slice(&json)?;
    let mut total = 0;
    for (name, hashed) in &manifest {
        let bytes = fs::metadata(folder.join("pkg").join(format!("{hashed}.br")))?.len();
        println!("{bytes:>9}  {name}");
        total += bytes;
    }
    println!("{total:>9}  in all; at most {BUDGET}");
    if total > BUDGET {
        bail!("a first visit is {} bytes over the budget", total - BUDGET);
    }
    Ok(())
}

/// `leadline.js` → `leadline.0123456789ab.js`.
fn hashed(name: &str, content: &[u8]) -> String {
    let hash = &fingerprint(&[content])[..12];
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{hash}.{ending}"),
        None => format!("{name}.{hash}"),
    }
}

fn brotli(content: &[u8], mode: Mode) -> Result<Vec<u8>> {
    let quality = if mode == Mode::Release { 11 } else { 1 };
    let params = BrotliEncoderParams {
        quality,
        lgwin: 22,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params)?;
    Ok(packed)
}

fn gzip(content: &[u8], mode: Mode) -> Result<Vec<u8>> {
    let level = if mode == Mode::Release { 9 } else { 1 };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::iter;

    fn pack(folder: &Path, css: &str) -> Result<Manifest> {
        let files = [("leadline.css", css.as_bytes().to_vec())];
        write(folder, &files, Mode::Dev)?;
        Ok(serde_json::from_slice(&fs::read(
            folder.join("manifest.json"),
        )?)?)
    }

    #[test]
    fn a_name_changes_with_the_content_and_only_then() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let first = pack(folder.path(), "a {}")?;
        assert_eq!(pack(folder.path(), "a {}")?, first);
        assert_ne!(pack(folder.path(), "b {}")?, first);
        Ok(())
    }

    #[test]
    fn compressed_copies_hold_the_same_content_and_older_files_are_gone() -> Result<()> {
        let folder = tempfile::tempdir()?;
        pack(folder.path(), "old {}")?;
        let name = pack(folder.path(), "new {}")?["leadline.css"].clone();
        let pkg = folder.path().join("pkg");
        assert_eq!(fs::read_dir(&pkg)?.count(), 3);

        let mut unzipped = String::new();
        let gz = fs::File::open(pkg.join(format!("{name}.gz")))?;
        flate2::read::GzDecoder::new(gz).read_to_string(&mut unzipped)?;
        let mut unpacked = Vec::new();
        let mut br = fs::File::open(pkg.join(format!("{name}.br")))?;
        brotli::BrotliDecompress(&mut br, &mut unpacked)?;
        assert_eq!(
            (unzipped.as_str(), &unpacked[..]),
            ("new {}", &b"new {}"[..])
        );
        Ok(())
    }

    #[test]
    fn a_first_visit_over_the_budget_is_an_error() -> Result<()> {
        let folder = tempfile::tempdir()?;
        pack(folder.path(), "a {}")?;
        assert!(size(folder.path()).is_ok());

        // Noise does not compress, so this many bytes stay this many.
        let seed = fingerprint(&[b"noise"]);
        let noise: Vec<u8> =
            iter::successors(Some(seed), |last| Some(fingerprint(&[last.as_bytes()])))
                .flat_map(|hash| hex::decode(hash).unwrap_or_default())
                .take(BUDGET as usize)
                .collect();
        write(folder.path(), &[("leadline_bg.wasm", noise)], Mode::Dev)?;
        let error = size(folder.path()).expect_err("it is refused").to_string();
        assert!(error.contains("over the budget"), "{error}");
        Ok(())
    }
}
