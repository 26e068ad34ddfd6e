//! Values of settings, as specs and the command line give them to label models.

/// A value that a user gave to a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}
