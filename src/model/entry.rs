//! Label models by name, with their settings checked.

use super::{BalanceUse, LabelModel, MODELS};
use crate::SettingValue;

/// A label model that can be chosen by name.
pub struct ModelEntry {
    /// Its name in specs and on the command line.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub summary: &'static str,
    /// Whether it makes use of what the user expects of labeling functions
    /// ([`Supervision::trust`](super::Supervision::trust)).
    pub uses_trust: bool,
    /// Its settings.
    pub settings: &'static [Setting],
    pub(super) build: fn(&Values<'_>) -> Result<Box<dyn LabelModel>, SettingError>,
}

/// One setting of a label model.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in specs.
    pub name: &'static str,
    /// What it does, with its default.
    pub summary: &'static str,
}

/// Why a model cannot be built from its name and settings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// No model has this name.
    #[error("no label model is named `{name}`; there are {}", allowed.join(", "))]
    UnknownModel {
        /// The name given.
        name: String,
        /// The names there are.
        allowed: Vec<&'static str>,
    },
    /// The model has no such setting.
    #[error("the model `{model}` has no setting `{name}`; {}", list(allowed))]
    UnknownSetting {
        /// The model.
        model: &'static str,
        /// The name given.
        name: String,
        /// The settings there are.
        allowed: Vec<&'static str>,
    },
    /// The value is of the wrong kind or out of range.
    #[error("`{name}` must be {expected}")]
    BadValue {
        /// The setting.
        name: &'static str,
        /// What it takes.
        expected: &'static str,
    },
}

fn list(allowed: &[&str]) -> String {
    if allowed.is_empty() {
        "it has none, choose a model that has".to_owned()
    } else {
        format!("it has {}", allowed.join(", "))
    }
}

/// The label models, in the order in which to show them.
#[must_use]
pub fn models() -> &'static [&'static ModelEntry] {
    MODELS
}

/// The label model of that name with these settings; settings that are not given have their
/// defaults.
///
/// # Errors
/// [`SettingError`] names the model or setting that is wrong, and what is allowed.
pub fn by_name(
    name: &str,
    settings: &[(String, SettingValue)],
) -> Result<Box<dyn LabelModel>, SettingError> {
    let entry = MODELS.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let allowed = MODELS.iter().map(|entry| entry.name).collect();
        SettingError::UnknownModel { name: name.to_owned(), allowed }
    })?;
    let known = |name: &str| entry.settings.iter().any(|setting| setting.name == name);
    if let Some((name, _)) = settings.iter().find(|(name, _)| !known(name)) {
        let allowed = entry.settings.iter().map(|setting| setting.name).collect();
        return Err(SettingError::UnknownSetting {
            model: entry.name,
            name: name.clone(),
            allowed,
        });
    }
    (entry.build)(&Values(settings))
}

/// Settings by name.
pub(super) struct Values<'a>(&'a [(String, SettingValue)]);

impl Values<'_> {
    /// A number, checked by `allowed`; `expected` says in words what that is.
    pub(super) fn number(
        &self,
        name: &'static str,
        default: f64,
        expected: &'static str,
        allowed: impl Fn(f64) -> bool,
    ) -> Result<f64, SettingError> {
        match self.0.iter().find(|(given, _)| given == name) {
            None => Ok(default),
            Some((_, SettingValue::Number(value))) if allowed(*value) => Ok(*value),
            Some(_) => Err(SettingError::BadValue { name, expected }),
        }
    }

    /// A finite number above 0.
    pub(super) fn positive(&self, name: &'static str, default: f64) -> Result<f64, SettingError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        self.number(name, default, "a number above 0", positive)
    }

    /// A finite number from 0 on.
    pub(super) fn not_negative(
        &self,
        name: &'static str,
        default: f64,
    ) -> Result<f64, SettingError> {
        let not_negative = |value: f64| value >= 0.0 && value.is_finite();
        self.number(name, default, "a number from 0 on", not_negative)
    }

    /// A probability that settles nothing.
    pub(super) fn probability(
        &self,
        name: &'static str,
        default: f64,
    ) -> Result<f64, SettingError> {
        let open = |value: f64| value > 0.0 && value < 1.0;
        self.number(name, default, "a number between 0 and 1, both excluded", open)
    }

    /// The setting `balance`: what to do with a known class balance.
    pub(super) fn balance(&self, default: BalanceUse) -> Result<BalanceUse, SettingError> {
        let choices = [("prior", BalanceUse::Prior), ("match", BalanceUse::Match)];
        self.word("balance", default, "prior or match", &choices)
    }

    /// The setting `repeats`: whether labeling functions that repeat each other count once.
    pub(super) fn repeats(&self, once: bool) -> Result<bool, SettingError> {
        self.word("repeats", once, "once or all", &[("once", true), ("all", false)])
    }

    /// The setting `rounds`: how many rounds there may be.
    pub(super) fn rounds(&self, default: usize) -> Result<usize, SettingError> {
        self.whole("rounds", default)
    }

    /// How often something is done.
    pub(super) fn whole(&self, name: &'static str, default: usize) -> Result<usize, SettingError> {
        let whole = |value: f64| (1.0..=1e5).contains(&value) && value.fract() == 0.0;
        let expected = "a whole number from 1 to 100000";
        Ok(self.number(name, default as f64, expected, whole)? as usize)
    }

    /// One of `choices`.
    pub(super) fn word<T: Copy>(
        &self,
        name: &'static str,
        default: T,
        expected: &'static str,
        choices: &[(&str, T)],
    ) -> Result<T, SettingError> {
        let Some((_, value)) = self.0.iter().find(|(given, _)| given == name) else {
            return Ok(default);
        };
        choices
            .iter()
            .find(|(choice, _)| matches!(value, SettingValue::Word(word) if word == choice))
            .map(|(_, choice)| *choice)
            .ok_or(SettingError::BadValue { name, expected })
    }
}
