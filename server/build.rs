//! Puts the built site into the executable.
//!
//! Reads the folder of finished assets (`../target/site`, or `SITE_DIR`), which
//! `make site` fills, and writes the table that `src/http/assets.rs` includes.
//! Without that folder the table is empty: the program then compiles and runs,
//! but its pages have no style. So checks and lints need no site build first.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through the environment")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let site = match env::var_os("SITE_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../target/site"),
    };
    println!("cargo::rerun-if-env-changed=SITE_DIR");
    // A watched folder that is missing would make cargo rebuild every time.
    fs::create_dir_all(&site)?;
    let site = site.canonicalize()?;
    println!("cargo::rerun-if-changed={}", site.display());

    let mut files = BTreeMap::new();
    collect(&site, &site, &mut files)?;

    let mut table = String::from("static FILES: &[File] = &[\n");
    for (url, path) in &files {
        if url.ends_with(".br") || url.ends_with(".gz") {
            continue;
        }
        let (name, hash) = split_hash(url).ok_or_else(|| format!("no content hash in the name of {url}"))?;
        let kind = content_type(url).ok_or_else(|| format!("no content type known for {url}"))?;
        let packed = |ending: &str| match files.get(&format!("{url}{ending}")) {
            Some(path) => format!("Some(include_bytes!({path:?}))"),
            None => "None".to_owned(),
        };
        writeln!(
            table,
            "    File {{ url: {url:?}, name: {name:?}, etag: {:?}, content_type: {kind:?}, plain: include_bytes!({path:?}), brotli: {}, gzip: {} }},",
            format!("\"{hash}\""),
            packed(".br"),
            packed(".gz"),
        )?;
    }
    table.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("assets.rs"), table)?;
    Ok(())
}

/// Every file below `folder`, by the address it is served under.
fn collect(site: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(site, &path, files)?;
        } else {
            let relative = path.strip_prefix(site)?.to_str().ok_or("a file name is not UTF-8")?;
            files.insert(format!("/{relative}"), path);
        }
    }
    Ok(())
}

/// `/pkg/icons/mark.0a1b2c.svg` gives `icons/mark.svg` and `0a1b2c`.
fn split_hash(url: &str) -> Option<(String, &str)> {
    let path = url.strip_prefix("/pkg/")?;
    let (rest, ending) = path.rsplit_once('.')?;
    let (stem, hash) = rest.rsplit_once('.')?;
    Some((format!("{stem}.{ending}"), hash))
}

fn content_type(url: &str) -> Option<&'static str> {
    Some(match url.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}
