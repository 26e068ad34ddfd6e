//! Which column is what: the text, the identifier, the known labels, the time.

use super::profile::Profile;

/// Names that columns of a role often have, the surest first. They are compared with a whole name, and with
/// the words of a longer one.
const TEXT: &[&str] = &[
    "text",
    "body",
    "note",
    "notes",
    "message",
    "content",
    "comment",
    "review",
    "description",
    "abstract",
    "sentence",
    "document",
    "transcript",
    "question",
    "report",
];
const ID: &[&str] =
    &["id", "uid", "uuid", "guid", "key", "index", "row", "number", "no", "nr", "ref"];
const GOLD: &[&str] = &[
    "gold",
    "label",
    "labels",
    "class",
    "target",
    "truth",
    "category",
    "y",
    "annotation",
    "triage",
    "urgency",
    "priority",
    "severity",
    "sentiment",
    "intent",
    "topic",
    "diagnosis",
    "outcome",
    "decision",
    "verdict",
    "rating",
    "type",
];
const TIME: &[&str] = &[
    "time",
    "date",
    "timestamp",
    "datetime",
    "created",
    "received",
    "sent",
    "published",
    "updated",
    "at",
    "on",
];

/// Labels that data may have without being asked whether they are labels.
const MAX_LABELS: usize = 50;

/// The columns that matter, by their places.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Roles {
    pub(super) text: Option<usize>,
    pub(super) id: Option<usize>,
    pub(super) gold: Option<usize>,
    pub(super) time: Option<usize>,
    /// Columns of numbers from 0 to 1.
    pub(super) probabilities: Vec<usize>,
    /// Columns with few values, which might be known labels or something to look at apart.
    pub(super) few_values: Vec<usize>,
}

/// How well a name fits, from 0: the whole of it, or one of its words.
fn fit(name: &str, known: &[&str]) -> usize {
    let words = words(name);
    let rank = |fits: &dyn Fn(&str) -> bool| {
        known.iter().position(|known| fits(known)).map(|at| known.len() - at)
    };
    let whole = words.join(" ");
    let whole = rank(&|known| whole == known).map(|rank| rank + known.len());
    whole.or_else(|| rank(&|known| words.iter().any(|word| word == known))).unwrap_or(0)
}

/// The words of a name: at signs, and where a capital follows a small letter.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && small) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Chooses; what is given stays as it is.
pub(super) fn roles(profiles: &[Profile], given: Roles) -> Roles {
    let mut roles = given;
    let all = || 0..profiles.len();
    if roles.gold.is_none() {
        let free = |at: &usize| Some(*at) != roles.text && Some(*at) != roles.id;
        let of = |at: &usize| fit(&profiles[*at].name, GOLD);
        // Numbers are labels only where the whole name says so.
        let named = |at: &usize| of(at) > GOLD.len() || of(at) > 0 && profiles[*at].has_letters();
        let fits = all().filter(|at| free(at) && named(at) && like_labels(&profiles[*at]));
        // The first of the best.
        roles.gold = fits.rev().max_by_key(of);
    }
    if roles.text.is_none() {
        let free = |at: &usize| Some(*at) != roles.gold && Some(*at) != roles.id;
        let worth = |at: &usize| text_worth(&profiles[*at]);
        let fits = all().filter(|at| free(at) && worth(at) > 0.0);
        roles.text = fits.rev().max_by(|a, b| worth(a).total_cmp(&worth(b)));
    }
    if roles.text.is_none() && numbers(profiles, &roles).is_none() {
        // Some column must be read, if only to show the form.
        let texts = || all().filter(|at| !profiles[*at].numbers_only);
        let free = |at: &usize| Some(*at) != roles.gold && Some(*at) != roles.id;
        roles.text = texts().find(free).or_else(|| texts().next());
    }
    let others = |roles: &Roles| [roles.text, roles.gold, roles.id, roles.time];
    if roles.id.is_none() {
        let of = |at: &usize| fit(&profiles[*at].name, ID);
        let taken = others(&roles);
        let fits =
            all().filter(|at| !taken.contains(&Some(*at)) && like_ids(&profiles[*at], of(at)));
        roles.id = fits.rev().max_by_key(of);
    }
    if roles.time.is_none() {
        let taken = others(&roles);
        let fits = all().filter(|at| !taken.contains(&Some(*at)) && profiles[*at].is_time());
        roles.time = fits.rev().max_by_key(|at| fit(&profiles[*at].name, TIME));
    }
    let taken = others(&roles);
    let rest = || all().filter(|at| !taken.contains(&Some(*at)));
    roles.probabilities = rest().filter(|at| profiles[*at].is_probability()).collect();
    roles.few_values =
        rest().filter(|at| like_labels(&profiles[*at]) && profiles[*at].has_letters()).collect();
    roles
}

/// A column of numbers, other than identifiers.
pub(super) fn numbers(profiles: &[Profile], roles: &Roles) -> Option<usize> {
    (0..profiles.len()).find(|at| {
        let column = &profiles[*at];
        column.numbers_only || column.is_numeric() && Some(*at) != roles.id
    })
}

/// Few different values, none of them long, and each of them more than once or twice.
fn like_labels(profile: &Profile) -> bool {
    let Some(values) = &profile.values else { return false };
    let n = values.len();
    (2..=MAX_LABELS).contains(&n)
        && profile.longest <= 60
        && profile.n_distinct() * 2 <= profile.cells
        && !(profile.numbers_only && profile.is_probability())
}

/// How much there is to read in a column; nothing for numbers, times and codes.
fn text_worth(profile: &Profile) -> f64 {
    if profile.numbers_only || profile.is_numeric() || profile.is_time() || !profile.has_letters() {
        return 0.0;
    }
    let named = match fit(&profile.name, TEXT) {
        0 => 1.0,
        rank if rank > TEXT.len() => 4.0,
        _ => 2.0,
    };
    let there = profile.cells as f64 / (profile.cells + profile.missing).max(1) as f64;
    // Beyond some hundred words a longer column is no better one: headers, markup, whole files.
    profile.mean_words().min(300.0) * there * named
}

/// Every cell once and short; where the name says nothing, there must be enough of them to tell.
fn like_ids(profile: &Profile, named: usize) -> bool {
    let unique = profile.cells > 0 && profile.n_distinct() == profile.cells && profile.missing == 0;
    unique
        && !profile.numbers_only
        && profile.longest <= 64
        && profile.mean_words() <= 1.2
        && profile.mean_bytes() > 0.0
        && (named > 0 || profile.cells >= 50 && !profile.is_time() && !profile.is_probability())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(words("messageId"), ["message", "id"]);
        assert_eq!(words("true_label.2"), ["true", "label", "2"]);
        assert!(fit("label", GOLD) > fit("true_label", GOLD) && fit("true_label", GOLD) > 0);
        assert_eq!(fit("valid", ID), 0);
    }
}
