//! How long each stage of `jurat fit` takes on a label matrix in a file, as a line of JSON.
//!
//! ```sh
//! cargo run --release --example stages -- votes.parquet [MODEL] [REPEATS]
//! ```
//!
//! Seconds for reading, packing rows to patterns, fitting and labeling; of several repeats the
//! shortest. `benches/peers/fit.py` compares the fit with that of other tools.

#![expect(clippy::print_stdout, reason = "an example prints")]

#[path = "support/clock.rs"]
mod clock;

use clock::timed;
use jurat::Patterns;
use jurat::input::Files;
use jurat::model::{Supervision, by_name};
use jurat::votes::{VotesFile, VotesOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: stages FILE [MODEL] [REPEATS]")?;
    let name = arguments.next().unwrap_or_else(|| "auto".to_owned());
    let repeats = arguments.next().map_or(Ok(1), |repeats| repeats.parse())?;
    let model = by_name(&name, &[])?;
    let known = Supervision::default();
    let files = Files::new([&path])?;
    let (votes, read) = timed(1, || VotesFile::read(&files, &VotesOptions::default()));
    let matrix = votes?.matrix;
    let (patterns, pack) = timed(repeats, || Patterns::count(&matrix));
    let (fitted, fit) = timed(repeats, || model.fit(&patterns, &known));
    let fitted = fitted?;
    let (_, label) = timed(repeats, || fitted.label(&patterns));
    let seconds = serde_json::json!({"read": read, "pack": pack, "fit": fit, "label": label});
    let line = serde_json::json!({
        "model": name,
        "rows": patterns.n_rows(),
        "patterns": patterns.len(),
        "rounds": fitted.trace().rounds,
        "seconds": seconds,
    });
    println!("{line}");
    Ok(())
}
