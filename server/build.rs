//! Makes sure that the folder of the browser's files is there, so that a program that was built
//! before them finds them all the same; and builds a release anew when they have changed.

fn main() -> std::io::Result<()> {
    let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site");
    std::fs::create_dir_all(site)?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={site}/manifest.json");
    Ok(())
}
