//! Gates as workflow commands of GitHub Actions, which it shows as annotations.

use super::{GateResult, GateStatus};
use crate::visible::line;

/// A line for each gate that failed, and a warning for each that was not checked.
///
/// ```
/// assert_eq!(jurat::report::gates::github(&[], false), "");
/// ```
#[must_use]
pub fn github(results: &[GateResult], strict: bool) -> String {
    let line = |result: &GateResult| {
        let command = match result.status {
            GateStatus::Passed => return String::new(),
            _ if result.fails(strict) => "error",
            _ => "warning",
        };
        let title = property(&format!("gate of {}: {}", result.subject(), result.condition()));
        format!("::{command} title={title}::{}\n", data(&line(&result.outcome())))
    };
    results.iter().map(line).collect()
}

/// A message: what would end it or begin another command is escaped, as the runner undoes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which `:` and `,` would end as well.
fn property(text: &str) -> String {
    data(&line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_begin_a_command() {
        assert_eq!(data("60 %\r\n::error::x"), "60 %25%0D%0A::error::x");
        assert_eq!(property("a: b, 5%\n\u{1b}"), "a%3A b%2C 5%25 ␛");
    }
}
