//! Writes `NAME.js` and `NAME_bg.wasm` for a module that the browser imports directly. It is called as the command
//! wasm-bindgen is, so that cargo-leptos finds it under that name:
//!
//! `wasm-bindgen --target=web --out-name=NAME --out-dir=FOLDER [--debug] [--keep-debug] INPUT.wasm`

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    match bind() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bind() -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen.typescript(false).omit_default_module_path(true);
    let (mut input, mut output) = (None, None);
    for argument in std::env::args().skip(1) {
        match argument.split_once('=').unwrap_or((&argument, "")) {
            ("--target", "web") => {}
            ("--out-name", name) => {
                bindgen.out_name(name);
            }
            ("--out-dir", folder) => output = Some(folder.to_owned()),
            ("--debug", "") => {
                bindgen.debug(true);
            }
            ("--keep-debug", "") => {
                bindgen.keep_debug(true);
            }
            (option, _) if option.starts_with("--") => return Err(format!("{argument} is not known here")),
            _ => input = Some(argument),
        }
    }
    let (Some(input), Some(output)) = (input, output) else {
        return Err("usage: --target=web --out-name=NAME --out-dir=FOLDER INPUT.wasm".to_owned());
    };
    let written = bindgen.input_path(input).web(true).and_then(|bindgen| bindgen.generate(output));
    written.map_err(|error| format!("{error:#}"))
}
