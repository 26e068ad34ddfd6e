//! What the example promises.

use super::{notes, write};

#[test]
fn the_same_seed_gives_the_same_notes() {
    let long = notes(300, 7);
    assert_eq!(long, notes(300, 7));
    assert_eq!(long.get(..50), Some(notes(50, 7).as_slice()));
    assert_ne!(long, notes(300, 8));
}

#[test]
fn the_classes_are_skewed_and_some_cells_are_empty() {
    let notes = notes(4000, 42);
    let percent = |count: usize| count * 100 / notes.len();
    let share = |class| percent(notes.iter().filter(|note| note.triage == class).count());
    assert!((8..=12).contains(&share("immediate")));
    assert!((30..=34).contains(&share("urgent")));
    assert!((55..=61).contains(&share("routine")));
    assert!((17..=23).contains(&percent(notes.iter().filter(|n| n.old_score.is_none()).count())));
    let empty = notes.iter().filter(|note| note.note.is_empty()).count();
    assert!((15..=70).contains(&empty));
}

#[test]
fn no_template_is_left_unfilled() {
    for note in notes(4000, 3) {
        assert!(!note.note.contains(['[', ']', '<', '>', '|', '~']), "{}", note.note);
        assert!(note.old_score.is_none_or(|score| (0.0..=1.0).contains(&score)));
    }
}

#[test]
fn all_files_are_written() -> std::io::Result<()> {
    let dir = std::env::temp_dir().join(format!("jurat-demo-{}", std::process::id()));
    write(&dir, 20, 1)?;
    let data = std::fs::read_to_string(dir.join("notes.csv"))?;
    assert!(data.starts_with("id,age,arrival,note,old_score,triage\nED-00001,"));
    for line in super::SPEC.lines() {
        if let Some(file) = line.trim().strip_prefix("file: ") {
            assert!(dir.join(file).is_file(), "{file}");
        }
    }
    std::fs::remove_dir_all(&dir)
}
