//! The nearest of several names, for "did you mean".

/// Longer names, in bytes, are not compared, nor more of them than this: data may have any names, and to
/// compare two takes the product of their lengths.
const LONGEST: usize = 200;
const MOST: usize = 100_000;

/// The beginning of a text that may be of any length, for a message.
pub(crate) fn brief(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The allowed name that is most like `name`, if one is like it at all.
pub(crate) fn nearest<'a>(
    name: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in allowed.into_iter().take(MOST).filter(|name| name.len() <= LONGEST) {
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
        let long = "k".repeat(1 << 20);
        assert_eq!(nearest(&long, [long.as_str(), "keyword"]), None);
        assert_eq!(nearest("keywrd", [long.as_str(), "keyword"]), Some("keyword"));
    }
}
