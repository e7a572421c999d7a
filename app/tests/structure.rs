//! The layout is a promise: this reads the `use` lines and holds the code to it.

#![expect(clippy::unwrap_used, reason = "a tree that cannot be read fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Each file with its path below `src` and its code without comments.
fn code(of: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(of);
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    assert!(paths.len() > 5, "{of} has no sources");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            (name, lines.join("\n"))
        })
        .collect()
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.ends_with("testing.rs") || name.contains("/tests/")
}

#[test]
fn pure_modules_know_no_framework_and_no_database() {
    for (name, text) in code("src") {
        let pure = name.ends_with("model.rs")
            || name.starts_with("rules/")
            || name.starts_with("access/")
            || name == "search/tokens.rs"
            || name == "case/stage.rs";
        if pure && !is_test(&name) {
            for library in ["leptos::", "sqlx::", "axum::"] {
                assert!(!text.contains(library), "{name} uses {library}");
            }
        }
    }
}

#[test]
fn sql_stands_in_stores_and_storage_only() {
    for (name, text) in code("src") {
        let may = name.ends_with("store.rs") || name == "ids.rs" || name.starts_with("storage/");
        if !may && !is_test(&name) {
            assert!(!text.contains("sqlx::"), "{name} uses sqlx");
            for verb in ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "] {
                assert!(!text.contains(verb), "{name} holds SQL");
            }
        }
    }
    for (name, text) in code("../server/src") {
        assert!(!text.contains("sqlx::") && !text.contains("\"SELECT "), "server/src/{name} holds SQL");
    }
}

#[test]
fn a_stage_reaches_another_through_its_model_or_steps() {
    let stages = ["topic", "research", "plan", "invitation", "meeting", "minutes", "outcome", "task", "evaluation"];
    for (name, text) in code("src") {
        let own = name.split('/').next().unwrap_or_default();
        for other in stages.iter().filter(|s| stages.contains(&own) && **s != own) {
            assert!(!text.contains(&format!("{other}::store")), "{name} reaches into the store of {other}");
        }
    }
}

#[test]
fn only_islands_reach_the_browser() {
    for (name, text) in code("src") {
        if text.contains("#[island") {
            assert!(name.ends_with("_island.rs"), "{name} holds an island");
        }
    }
}

#[test]
fn nothing_is_switched_off() {
    for folder in ["src", "../server/src"] {
        for (name, text) in code(folder) {
            for word in ["todo!(", "unimplemented!(", "#[ignore", "#[allow("] {
                assert!(!text.contains(word), "{folder}/{name}: {word}");
            }
        }
    }
}
