//! What stands around the complaint: who the patient is, how long it has lasted, what was denied,
//! what happened years ago, and what else is wanted.

use super::class::Class;
use super::random::Random;
use super::template::expand;

/// Ways to begin a note; `AGE` is the age and `SEX` the letter.
const OPENINGS: &[&str] =
    &["AGE y/o SEX", "AGE yo SEX", "AGEySEX", "pt is AGE y/o SEX", "AGE y/o SEX pt", "AGESEX"];

/// Words between the patient and a named complaint.
const LEADS: &[&str] = &["c/o", "presents with", "here with", "with", "c/o", "reports", "for"];

/// Durations by class.
const DURATIONS: [&[&str]; 3] = [
    &["x <10-50> min", "since <2-4> hrs", "sudden onset", "started <15-55> min ago", "x 1 day"],
    &[
        "x <2-3> days",
        "since yesterday",
        "x <2-12> hrs",
        "since this morning",
        "getting worse x <2-4> days",
        "sudden onset",
        "x 1 week",
    ],
    &[
        "x <2-6> days",
        "x <2-4> weeks",
        "for <2-8> months",
        "for several weeks",
        "since last week",
        "x <2-3> days",
        "since yesterday",
        "on and off for <2-3> years",
    ],
];

/// How the patient looks, by class.
const LOOKS: [&[&str]; 3] = [
    &[
        "diaphoretic",
        "pale and clammy",
        "altered",
        "to resus",
        "MD at bedside",
        "confused",
        "lethargic",
        "in acute distress",
    ],
    &[
        "uncomfortable",
        "guarding",
        "in moderate distress",
        "worsening",
        "tearful",
        "needs wheelchair",
        "vomiting in triage",
        "can't keep fluids down",
        "grimacing",
    ],
    &[
        "NAD",
        "well appearing",
        "ambulatory with steady gait",
        "eating chips in triage",
        "on phone",
        "smiling and talking",
        "no acute distress",
        "mild",
        "resting comfortably",
        "has not tried OTC meds",
    ],
];

/// What is not there.
const DENIALS: &[&str] = &[
    "denies chest pain",
    "no chest pain",
    "denies CP or SOB",
    "no SOB",
    "no LOC",
    "denies LOC",
    "no fever",
    "denies fever/chills",
    "denies SI",
    "no N/V",
    "no trauma",
    "denies abd pain",
    "no head injury",
    "denies numbness or weakness",
    "no chest pain or SOB",
    "no bleeding",
];

/// What a patient over 45 had once, or somebody else.
const HISTORIES: &[&str] = &[
    "hx of stroke 20<10-23>",
    "hx MI 20<12-22>",
    "hx HTN, DM2",
    "PMH: a fib, CHF",
    "hx of PE on eliquis",
    "PMHx COPD",
    "s/p CABG 20<10-21>",
    "family hx of aneurysm",
    "father had heart attack at <45-60>",
    "hx kidney stone",
    "hx cardiac arrest 20<15-22>, has ICD",
    "no PMH",
];

/// The same for younger patients.
const YOUNG_HISTORIES: &[&str] = &[
    "hx of asthma",
    "hx of seizures, none recent",
    "s/p appendectomy 20<10-21>",
    "hx anaphylaxis to peanuts",
    "hx of meningitis as child",
    "no PMHx",
    "immunizations up to date",
];

/// What else is wanted.
const REQUESTS: &[&str] = &[
    "also needs refill of [albuterol|metformin|lisinopril]",
    "needs work note",
    "wants note for work",
    "wants xray",
    "asking for something for pain",
    "requesting MRI",
    "needs refill of [insulin|gabapentin]",
    "wants to be seen today",
    "PCP cannot see until [Monday|next month]",
];

/// The opening, such as `54 y/o M`.
pub(super) fn opening(age: u32, sex: char, random: &mut Random) -> String {
    let age = if age == 0 { format!("{}mo", random.between(2, 11)) } else { age.to_string() };
    let pattern = if age.ends_with("mo") { "AGE old SEX" } else { random.pick(OPENINGS) };
    pattern.replace("AGE", &age).replace("SEX", &sex.to_string())
}

/// A lead, or nothing.
pub(super) fn lead(random: &mut Random) -> &'static str {
    if random.chance(80) { random.pick(LEADS) } else { "" }
}

/// The remarks of a note, in the order in which they are written.
pub(super) fn remarks(class: Class, age: u32, random: &mut Random) -> Vec<String> {
    let mut written = Vec::new();
    // Patients play down and nurses differ: some remarks belong to another class.
    let seen_as = if random.chance(12) { Class::draw(random) } else { class };
    if random.chance(class.of([30, 50, 58])) {
        written.push(random.pick(seen_as.of(DURATIONS)).to_owned());
    }
    if age > 3 && random.chance(class.of([12, 30, 14])) {
        let worst = random.between(class.of([6, 5, 2]), class.of([10, 10, 8]));
        written.push(format!("{}{worst}/10", random.pick(&["pain ", "pain scale ", ""])));
    }
    if random.chance(class.of([45, 32, 36])) {
        written.push(random.pick(seen_as.of(LOOKS)).to_owned());
    }
    if random.chance(class.of([8, 20, 28])) {
        written.push(random.pick(DENIALS).to_owned());
    }
    if age > 45 && random.chance(26) {
        written.push(random.pick(HISTORIES).to_owned());
    } else if random.chance(8) {
        written.push(random.pick(YOUNG_HISTORIES).to_owned());
    }
    if random.chance(class.of([1, 5, 14])) {
        written.push(random.pick(REQUESTS).to_owned());
    }
    written.iter().map(|remark| expand(remark, random)).collect()
}
