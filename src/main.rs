//! The command line's entry, and the allocator of the whole process.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The system's takes twice the instructions, and returns memory only to ask for it again.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    vouchlink::cli::main()
}
