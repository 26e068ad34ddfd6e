//! The nearest of several names, for "did you mean".

/// The allowed name that is most like `name`, if one is like it at all.
pub(crate) fn nearest<'a>(
    name: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in allowed {
        let alike = strsim::jaro_winkler(&lower, &candidate.to_lowercase());
        let edits = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        let near = alike >= 0.82 || edits <= 1 + name.chars().count() / 6;
        if near && candidate != name && best.is_none_or(|(score, _)| alike > score) {
            best = Some((alike, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let allowed = ["keyword", "regex", "lookup", "model"];
        for (typed, meant) in [
            ("keywords", Some("keyword")),
            ("regexp", Some("regex")),
            ("lokup", Some("lookup")),
            ("Model", Some("model")),
            ("banana", None),
        ] {
            assert_eq!(nearest(typed, allowed), meant, "{typed}");
        }
    }
}
