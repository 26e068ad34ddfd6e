//! A finished run, made once more: do the same spec, tables and data still give the same bytes?

use super::{Job, MODEL, Manifest, ROWS, Run, RunError, SaveSettings, hex, spec_file};
use crate::Error;
use crate::input::Digest;
use crate::lf::{TableDigest, Watch};
use crate::output::{OutputError, Staged, format_named};
use crate::votes::Scratch;
use sha2::{Digest as _, Sha256};
use std::io::Read;
use std::path::Path;

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// What: a file of the run directory, or one that it was made from.
    pub what: String,
    /// How it differs; none where it is the same.
    pub difference: Option<String>,
}

impl Verified {
    fn new(what: impl Into<String>, same: bool, difference: &str) -> Self {
        let difference = (!same).then(|| difference.to_owned());
        Self { what: what.into(), difference }
    }
}

impl Run {
    /// Makes the run once more in `folder`, which must not be there yet, and compares what went in and what
    /// came out: the texts of the spec, tables and data by their hashes, and labels, votes, fingerprints and
    /// the model byte by byte. The report is not compared: its intervals depend on what was asked for.
    ///
    /// # Errors
    /// [`Error::Run`] for a run with labeling functions in Rust, which are not here; [`Error::Read`] when the
    /// data are gone; as [`Job::run_with`] else.
    pub fn verify(
        &self,
        elsewhere: &[String],
        folder: &Path,
        watch: &dyn Watch,
    ) -> Result<Vec<Verified>, Error> {
        self.with_rows()?;
        let manifest = self.manifest();
        if let Some(closure) = manifest.lfs.iter().find(|lf| lf.utils.is_none()) {
            let message = format!(
                "`{}` is a labeling function in Rust: only the program that made the run can make it again",
                closure.name
            );
            let path = self.folder().display().to_string();
            return Err(RunError::Damaged { path, message }.into());
        }
        let mut checks = self.texts()?;
        let (_, mut job) = self.job()?;
        job.expect(manifest);
        let files = self.data(elsewhere)?;
        let data = job.data(&files);
        let mut source = data.open(&job.lfs.fields())?;
        let staged = Staged::new(folder, false)?;
        let mut outcome =
            job.run_with(source.as_mut(), watch, &Scratch::folder(staged.folder()), None)?;
        checks.extend(tables(&manifest.tables, job.lfs.tables()));
        checks.extend(inputs(&manifest.inputs, &outcome.inputs));
        let unknown = || RunError::Damaged {
            path: self.folder().display().to_string(),
            message: format!("this jurat writes no `{}`", manifest.output_format),
        };
        let format = format_named(&manifest.output_format).ok_or_else(unknown)?;
        job.save(
            &mut outcome,
            staged,
            &SaveSettings {
                format,
                id: &manifest.id,
                with_votes: manifest.with_votes,
                with_why: manifest.with_why,
                weights: manifest.weights,
                sheet: false,
                data: manifest.data.clone(),
                changes: None,
                started: None,
                finished: None,
                model_settings: manifest.settings.clone(),
            },
        )?;
        for stem in ["labels", "votes", ROWS] {
            let name = format!("{stem}.{}", format.name);
            checks.push(self.compare(folder, &name)?);
        }
        checks.push(self.compare(folder, MODEL)?);
        Ok(checks)
    }

    /// Whether the texts of the spec are those that the manifest names.
    fn texts(&self) -> Result<Vec<Verified>, Error> {
        let Manifest { spec, parts, .. } = self.manifest();
        let mut checks = Vec::new();
        for (source, file) in std::iter::once(spec).chain(parts).enumerate() {
            let name = spec_file(source);
            let same = sha256(&self.folder().join(&name))? == file.sha256;
            checks.push(Verified::new(name, same, "it was changed after the run"));
        }
        Ok(checks)
    }

    /// Whether a file of the run and one that was made again have the same bytes.
    fn compare(&self, again: &Path, name: &str) -> Result<Verified, Error> {
        let same = sha256(&self.folder().join(name))? == sha256(&again.join(name))?;
        Ok(Verified::new(name, same, "it comes out otherwise now"))
    }
}

impl Job {
    /// Takes what the command line said of a run instead of its spec.
    fn expect(&mut self, manifest: &Manifest) {
        let names = self.lfs.names();
        let trust = manifest.trust.iter().filter_map(|(name, accuracy)| {
            let lf = names.lfs.iter().position(|lf| lf == name)?;
            Some((crate::LfId::new(lf)?, accuracy.as_f64()?))
        });
        self.known.trust = trust.collect();
    }
}

fn tables(before: &[TableDigest], now: &[TableDigest]) -> Vec<Verified> {
    let check = |table: &TableDigest| {
        let same = table.is_among(now);
        Verified::new(format!("table {}", table.name), same, "it was changed since the run")
    };
    before.iter().map(check).collect()
}

fn inputs(before: &[Digest], now: &[Digest]) -> Vec<Verified> {
    if before.len() != now.len() {
        let difference = format!("there are {} files, there were {}", now.len(), before.len());
        return vec![Verified { what: "data".to_owned(), difference: Some(difference) }];
    }
    let check = |(before, now): (&Digest, &Digest)| {
        let same = before.sha256 == now.sha256;
        Verified::new(format!("data {}", before.path), same, "it was changed since the run")
    };
    before.iter().zip(now).map(check).collect()
}

/// SHA-256 of a file, in hexadecimal.
fn sha256(path: &Path) -> Result<String, OutputError> {
    let failed = |source| OutputError::Io { path: path.display().to_string(), source };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
