//! Gates as JUnit XML, which most CI systems show as tests.

use super::{GateResult, GateStatus};
use crate::visible::lines;

/// One test case a gate; those that were not checked are skipped, or fail as well.
///
/// ```
/// assert!(jurat::report::gates::junit(&[], false).starts_with("<?xml"));
/// ```
#[must_use]
pub fn junit(results: &[GateResult], strict: bool) -> String {
    let failures = results.iter().filter(|result| result.fails(strict)).count();
    let passed = results.iter().filter(|result| result.status == GateStatus::Passed).count();
    let skipped = results.len() - failures - passed;
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"",
        results.len()
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"jurat gates\" {counts}>\n"
    );
    for result in results {
        let shown = |text: String| escape(&lines(&text));
        let (subject, name) = (shown(result.subject()), shown(result.condition()));
        let message = shown(result.outcome());
        out += &format!("    <testcase classname=\"{subject}\" name=\"{name}\"");
        out += &match result.status {
            GateStatus::Passed => "/>\n".to_owned(),
            _ if !result.fails(strict) => {
                format!(">\n      <skipped message=\"{message}\"/>\n    </testcase>\n")
            }
            _ => format!(
                ">\n      <failure message=\"{message}\" type=\"gate\">{message}</failure>\n    </testcase>\n"
            ),
        };
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// Text for attributes and elements of XML; what it cannot hold at all becomes U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&apos;",
            '\t' | '\n' | '\r' => out += &format!("&#{};", u32::from(c)),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(escape("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&apos;");
        assert_eq!(escape("x\ny\u{1b}[0m"), "x&#10;y\u{fffd}[0m");
    }
}
