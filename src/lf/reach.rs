//! Which files a spec may name.
//!
//! A spec is often somebody else's. Its tables are read without being asked for, and errors and
//! reports quote what stands in them; so they must be within the folder of the spec, by their real
//! paths, unless whoever loads the spec says otherwise. Data are named by whoever starts the run, or lie
//! elsewhere for good reasons: they are free.

use super::error::Problem;
use super::place::Place;
use crate::input::STDIN;
use std::path::{Component, Path, PathBuf};

/// Where files that a spec names may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// In the folder of the spec, and in folders inside it.
    #[default]
    Folder,
    /// Anywhere.
    Anywhere,
}

/// Why a file is out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Denied {
    /// It is outside of the folder.
    Outside {
        /// Where it really is, if it is there and a link leads to it.
        real: Option<PathBuf>,
    },
    /// It is a pipe, a device or standard input.
    Special,
}

impl Reach {
    /// Checks that a file that is named at `place` may be read, given the folder of the spec.
    pub(super) fn allows(
        self,
        folder: &Path,
        file: &Path,
        place: Place,
    ) -> Result<(), Box<Problem>> {
        let shown = file.display();
        let (message, help) = match self.check(folder, file) {
            Ok(()) => return Ok(()),
            Err(Denied::Special) => {
                let message = format!("{shown} is standard input, a pipe or a device");
                (message, "write what it gives to a file in the folder of the spec")
            }
            Err(Denied::Outside { real }) => {
                let real = real
                    .map_or_else(String::new, |real| format!(": it leads to {}", real.display()));
                let message = format!("{shown} is outside of the folder of the spec{real}");
                (message, "move it there, or allow it for a spec that you trust: --allow-outside")
            }
        };
        Err(Box::new(Problem::new("outside", place, message).help(help)))
    }

    /// Checks a file, whose path is relative to where the program runs, against the folder that it must be
    /// in.
    ///
    /// A file that is not there is no concern of this check, as long as its path stays in the folder.
    fn check(self, root: &Path, file: &Path) -> Result<(), Denied> {
        if file == Path::new(STDIN) {
            return Err(Denied::Special);
        }
        // What may never end, or answer, is no table wherever it is.
        if file.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
            return Err(match self {
                Self::Folder if leaves(root, file) => Denied::Outside { real: None },
                _ => Denied::Special,
            });
        }
        let here = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        match (self, here.canonicalize(), file.canonicalize()) {
            (Self::Anywhere, ..) => Ok(()),
            (Self::Folder, Ok(root), Ok(real)) if real.starts_with(&root) => Ok(()),
            (Self::Folder, Ok(_), Ok(real)) => {
                let real = (!leaves(here, file)).then_some(real);
                Err(Denied::Outside { real })
            }
            (Self::Folder, ..) if leaves(root, file) => Err(Denied::Outside { real: None }),
            (Self::Folder, ..) => Ok(()),
        }
    }
}

/// Whether a path leaves a folder by what is written, links aside.
fn leaves(root: &Path, file: &Path) -> bool {
    let Ok(rest) = file.strip_prefix(root) else { return true };
    let mut depth = 0_usize;
    for part in rest.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_turn_but_not_leave() {
        for (file, out) in [
            ("specs/a.csv", false),
            ("specs/tables/../a.csv", false),
            ("specs/./a/b/../../c.csv", false),
            ("specs/../a.csv", true),
            ("specs/a/../../specs/b.csv", true),
            ("/etc/passwd", true),
        ] {
            assert_eq!(leaves(Path::new("specs"), Path::new(file)), out, "{file}");
        }
        assert!(!leaves(Path::new(""), Path::new("a.csv")));
        assert!(leaves(Path::new(""), Path::new("/a.csv")));
    }
}
