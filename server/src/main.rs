//! The `holdfast` command: `serve`, `import`, `user`, `verify`.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast_server::cli::main()
}
