//! The program: one executable with the site, the structure of the database and all commands in it.

use std::process::ExitCode;

/// A page is some thousand small allocations, on whichever thread is free; the C library's allocator lets threads wait
/// for each other there, and keeps more of what was freed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
