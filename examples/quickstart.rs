//! Labels for a few texts, from rules instead of by hand: the whole line in one page.
//!
//! ```sh
//! cargo run --example quickstart
//! ```

#![expect(clippy::print_stdout, reason = "an example prints")]

use jurat::input::Table;
use jurat::{Job, Patterns, Spec};
use std::error::Error;

/// Each labeling function (LF) knows one sign. It votes where it sees it and is silent elsewhere.
const SPEC: &str = r"
spec: 1
labels: [complaint, praise]
lfs:
  - {name: delight,  label: praise,    when: {keyword: [love, lovely, great, thank you]}}
  - {name: smile,    label: praise,    when: {regex: '[:;]-?\)'}}
  - {name: defect,   label: complaint, when: {keyword: [broken, cracked, late, refund]}}
  - {name: outburst, label: complaint, when: {regex: '!!|\?\?'}}
  - name: hopes
    label: complaint
    when: {keyword: [hoped, expected]}
    unless: {keyword: [better than i expected]}
";

const TEXTS: [&str; 8] = [
    "Lovely lamp, thank you :)",
    "Arrived late and broken!!",
    "Works better than I expected. Great!",
    "I expected a refund by now??",
    "I love it!!",
    "The lid is cracked :)",
    "It is blue.",
    "Great, my parcel is late.",
];

fn main() -> Result<(), Box<dyn Error>> {
    // The spec names the labels and the LFs; a job is the spec compiled, ready to run.
    let job = Job::new(&Spec::from_yaml(SPEC, "quickstart.yaml")?)?;

    // Rows can stand in files or, as here, in memory. LFs read the column `text` by default.
    let rows = Table::new().text("text", TEXTS.map(Some));

    // Every LF looks at every row. The matrix keeps the votes and leaves out the silence.
    let applied = job.lfs.apply(rows.open(&job.lfs.fields())?.as_mut())?;

    // A label model needs to see only which combinations of votes occur, and how often. It learns
    // from them how far each LF can be trusted; nobody tells it the right answers.
    let votes = Patterns::count(&applied.matrix);
    let model = job.model.fit(&votes, &job.known)?;

    // Probabilities for every row, and a hard label where one class is ahead of the others.
    let labels = model.label(&votes);
    let hard = labels.decide(&job.policy.prepare(&labels, &votes, &job.known)?);
    let names = labels.names();
    for (row, text) in TEXTS.iter().enumerate() {
        let pattern = votes.of_row()[row] as usize;
        let label = hard[pattern].map_or("—", |class| names.class(class));
        let voters: Vec<&str> = votes.votes(pattern).iter().map(|vote| names.lf(vote.lf)).collect();
        let [complaint, praise] = [0, 1].map(|class| labels.probabilities(row)[class]);
        println!("{label:<9}  {complaint:.2} : {praise:.2}  {text}  ({})", voters.join(", "));
    }
    Ok(())
}
