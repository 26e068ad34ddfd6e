//! What every code means that jurat gives to what it finds: the page `docs/rules.md`, by code.

use std::sync::OnceLock;

const PAGE: &str = include_str!("../docs/rules.md");

/// An error, a lint or a finding, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its stable name, such as `unknown-label`.
    pub code: &'static str,
    /// `error`, `lint` or `finding`.
    pub kind: &'static str,
    /// What it says, in a sentence.
    pub summary: &'static str,
    /// Why it matters and what to do, as Markdown, with examples.
    pub text: &'static str,
}

/// All rules, in the order of the page.
#[must_use]
pub fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| PAGE.split("\n## ").skip(1).filter_map(section).collect())
}

/// The rule with this code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.code == code)
}

fn section(text: &'static str) -> Option<Rule> {
    let (code, text) = text.split_once('\n')?;
    let (kind, summary) = text.trim_start().lines().next()?.split_once(" · ")?;
    Some(Rule { code: code.trim(), kind, summary, text: text.trim() })
}
