//! `jurat rule`: what a code means.

use super::console::Console;
use crate::names::nearest;
use crate::rules::{rule, rules};
use anyhow::bail;
use clap::Args;

/// Explains a code: why it matters, and what to do.
///
/// Codes stand in brackets in messages, as in `error[unknown-label]` and `warning[subsumed-lf]`, and beside
/// the findings of reports.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The code. Without, all are listed.
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let Some(code) = &arguments.code else {
        let longest = rules().iter().map(|rule| rule.code.len()).max().unwrap_or(0);
        let line = |rule: &crate::rules::Rule| {
            format!("{:longest$}  {:7}  {}\n", rule.code, rule.kind, rule.summary)
        };
        console.result(&rules().iter().map(line).collect::<String>())?;
        return Ok(0);
    };
    let code = code.trim_matches(['[', ']']);
    match rule(code) {
        Some(rule) => console.result(&format!("{}\n\n{}\n", rule.code, rule.text))?,
        None => match nearest(code, rules().iter().map(|rule| rule.code)) {
            Some(near) => bail!("there is no code `{code}`; did you mean `{near}`?"),
            None => bail!("there is no code `{code}`; `jurat rule` lists all"),
        },
    }
    Ok(0)
}
