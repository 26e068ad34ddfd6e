//! The embedded example: notes that a triage nurse might type in an emergency department.
//!
//! All notes are synthetic and made here from a seed; no patient was involved. For each note the
//! generator draws the class first, then a presentation (many are shared between classes), the
//! vital signs, the age, the mode of arrival and the remarks around the complaint, and at last it
//! types the note the way hurried people type. The spec that goes with it is [`SPEC`].

mod bank;
mod class;
mod random;
mod remarks;
mod score;
mod style;
mod template;
#[cfg(test)]
mod tests;
mod vitals;

use std::io;
use std::path::Path;

use bank::Who;
use class::Class;
use random::Random;
use template::expand;
use vitals::Level;

/// The spec of the example, `lf_specs/triage.yaml`.
pub const SPEC: &str = include_str!("../../lf_specs/triage.yaml");

/// The lookup table of dangerous conditions that [`SPEC`] refers to.
pub const CONDITIONS: &str = include_str!("../../lf_specs/tables/dangerous_conditions.csv");

/// The lookup table of modes of arrival that [`SPEC`] refers to.
pub const ARRIVALS: &str = include_str!("../../lf_specs/tables/arrival.csv");

/// The lookup table of common long-term medications that [`SPEC`] refers to.
pub const MEDICATIONS: &str = include_str!("../../lf_specs/tables/medications.csv");

/// One visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The number of the visit, such as `ED-00042`.
    pub id: String,
    /// The age in years.
    pub age: u32,
    /// How the patient came: `walk-in`, `ambulance`, `helicopter` or `referred`.
    pub arrival: String,
    /// What the nurse typed; empty in about one of a hundred visits.
    pub note: String,
    /// The risk score of an earlier system, from 0 to 1; missing in about one of five visits.
    pub old_score: Option<f64>,
    /// The true class: `immediate`, `urgent` or `routine`.
    pub triage: &'static str,
}

/// Makes `n` notes. The same `n` and `seed` give the same notes on every platform, and the first
/// notes do not depend on `n`.
#[must_use]
pub fn notes(n: usize, seed: u64) -> Vec<Note> {
    // Rows do not share a stream: a longer data set begins with the rows of a shorter one.
    (1_u64..).take(n).map(|row| draw(row, &mut Random::stream(seed, row))).collect()
}

/// Writes the example into the directory `dir`: `notes.csv` with `n` notes, the spec
/// `triage.yaml`, and its tables in `tables/`. A file that is there already stays as it is.
///
/// # Errors
///
/// Where a directory or a file cannot be written.
pub fn write(dir: &Path, n: usize, seed: u64) -> io::Result<()> {
    let tables = dir.join("tables");
    std::fs::create_dir_all(&tables)?;
    for (path, text) in [
        (dir.join("triage.yaml"), SPEC),
        (tables.join("dangerous_conditions.csv"), CONDITIONS),
        (tables.join("arrival.csv"), ARRIVALS),
        (tables.join("medications.csv"), MEDICATIONS),
    ] {
        if !path.exists() {
            std::fs::write(path, text)?;
        }
    }
    let path = dir.join("notes.csv");
    if path.exists() {
        return Ok(());
    }
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(["id", "age", "arrival", "note", "old_score", "triage"])?;
    for note in notes(n, seed) {
        let age = note.age.to_string();
        let score = note.old_score.map(|score| score.to_string()).unwrap_or_default();
        file.write_record([&note.id, &age, &note.arrival, &note.note, &score, note.triage])?;
    }
    file.flush()
}

/// Draws one note.
fn draw(row: u64, random: &mut Random) -> Note {
    let class = Class::draw(random);
    let (who, wording) = match bank::draw(class, random) {
        Some(presentation) => (presentation.who, random.pick(presentation.wordings)),
        None => (Who::Anyone, ""),
    };
    let (age, sex) = patient(who, random);
    let level = Level::draw(class, random);
    let arrival = arrival(class, age, random);
    let note = compose(class, wording, (age, sex), level, random);
    Note {
        id: format!("ED-{row:05}"),
        age,
        arrival: arrival.to_owned(),
        note,
        old_score: score::draw(class, age, level, random),
        triage: class.name(),
    }
}

/// Draws age and sex.
fn patient(who: Who, random: &mut Random) -> (u32, char) {
    let (youngest, oldest) = match who {
        Who::Anyone => (1, 88),
        Who::Adult => (16, 90),
        Who::Older => (45, 94),
        Who::Infant => (0, 2),
        Who::Child => (2, 12),
        Who::Woman => (17, 44),
        Who::Man => (12, 60),
    };
    let sex = match who {
        Who::Woman => 'F',
        Who::Man => 'M',
        _ if random.chance(50) => 'F',
        _ => 'M',
    };
    (random.between(youngest, oldest), sex)
}

/// Draws the mode of arrival. Old people are often brought by ambulance, whatever they have.
fn arrival(class: Class, age: u32, random: &mut Random) -> &'static str {
    let ambulance = class.of([58, 24, 3]) + if age > 70 { 8 } else { 0 };
    let weights = [ambulance, class.of([7, 1, 0]), class.of([5, 15, 6]), class.of([24, 54, 80])];
    match random.weighted(weights.into_iter()) {
        0 => "ambulance",
        1 => "helicopter",
        2 => "referred",
        _ => "walk-in",
    }
}

/// Writes the note of a patient, given by age and sex, whose complaint has this wording.
fn compose(
    class: Class,
    wording: &str,
    (age, sex): (u32, char),
    level: Level,
    random: &mut Random,
) -> String {
    if random.chance(1) {
        return String::new();
    }
    let named = wording.strip_prefix('~');
    let complaint = expand(named.unwrap_or(wording), random);
    if random.chance(9) {
        return style::type_out(&complaint, random);
    }
    let lead = if named.is_some() { remarks::lead(random) } else { "" };
    let mut words = Vec::new();
    if random.chance(68) {
        words.push(remarks::opening(age, sex, random));
    }
    words.extend([lead.to_owned(), complaint]);
    words.retain(|word| !word.is_empty());
    let mut parts = vec![words.join(" ")];
    parts.extend(remarks::remarks(class, age, random));
    // What is normal for an adult is not for a small child.
    if age > 5 && random.chance(class.of([55, 45, 36])) {
        parts.push(vitals::describe(level, random));
    }
    style::type_out(&style::join(&parts, random), random)
}
