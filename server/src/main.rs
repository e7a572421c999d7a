//! The program: one executable with the site, the structure of the database and all commands in it.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
