//! The browser's half of the pages: built by cargo, bound to JavaScript, made smaller.

use crate::Mode;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

/// What rustc uses of wasm; every browser of the last four years has it.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Where the bound module and its glue are.
pub struct Bound {
    pub js: PathBuf,
    pub wasm: PathBuf,
}

/// Has cargo build the pages' library for the browser, and reads it.
pub fn compile(root: &Path, mode: Mode) -> Result<Vec<u8>> {
    let profile = match mode {
        Mode::Release => "wasm",
        Mode::Dev => "wasm-dev",
    };
    let target = root.join("target");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["build", "--package", "leadline-app", "--lib"])
        .args(["--no-default-features", "--features", "hydrate"])
        .args(["--target", TARGET, "--profile", profile])
        .arg("--target-dir")
        .arg(&target)
        // What is given for the host (a linker, a CPU) is wrong for the browser.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the wasm does not build; if its target is missing: rustup target add {TARGET}");
    }
    let path = target.join(TARGET).join(profile).join("leadline_app.wasm");
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Makes the module and its JavaScript fit together, as files in `folder`.
pub fn bind(compiled: Vec<u8>, folder: &Path) -> Result<Bound> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Bindgen::new()
        .input_bytes("leadline", compiled)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .context("wasm-bindgen failed (its library and the crate must be of one version)")?;
    if folder.join("snippets").exists() {
        bail!("a dependency brings JavaScript files of its own; the page would not find them");
    }
    Ok(Bound {
        js: folder.join("leadline.js"),
        wasm: folder.join("leadline_bg.wasm"),
    })
}

/// `wasm-opt` from the npm packages or from the path.
pub fn optimizer(root: &Path) -> Option<PathBuf> {
    let npm = root.join("end2end/node_modules/.bin/wasm-opt");
    let path = env::var_os("PATH").unwrap_or_default();
    std::iter::once(npm)
        .chain(env::split_paths(&path).map(|folder| folder.join("wasm-opt")))
        .find(|candidate| candidate.is_file())
}

/// The module again, smaller.
pub fn optimize(program: &Path, module: &Path) -> Result<Vec<u8>> {
    let smaller = module.with_extension("opt.wasm");
    let status = Command::new(program)
        .args(FEATURES)
        .arg("-Oz")
        .arg(module)
        .arg("-o")
        .arg(&smaller)
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if !status.success() {
        bail!("{} failed", program.display());
    }
    Ok(fs::read(&smaller)?)
}
