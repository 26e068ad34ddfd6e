//! Rows: their text with what each labeling function found in it, and how the votes add up.

use super::escape::escape;
use super::ledger::ledger;
use super::numbers::{count, percent};
use super::view::View;
use crate::report::{Action, Cell, Example, PairCell, Privacy, Stratum};
use std::collections::BTreeSet;

/// Bytes of a cell that are shown.
const CELL: usize = 4000;
/// Bytes of a row's text in a list of proofs, before and after what was found.
const BEFORE: usize = 40;
const AFTER: usize = 90;
/// Of what was found itself.
const FOUND: usize = 200;

/// All rows of the page; `budget` is the room for them, in bytes. Also which ones fit.
pub(super) fn articles(view: &View<'_>, budget: usize) -> (String, Vec<bool>) {
    let rows = &view.report.examples.rows;
    let articles: Vec<String> = rows.iter().map(|row| article(view, row)).collect();
    let mut shown = vec![false; rows.len()];
    let mut used = 0;
    for place in by_worth(view) {
        let length = articles[place].len();
        if !shown[place] && used + length <= budget {
            shown[place] = true;
            used += length;
        }
    }
    let articles = articles.into_iter().zip(&shown).filter(|(_, shown)| **shown);
    (articles.map(|(article, _)| article).collect(), shown)
}

/// Examples by what they are worth to a reader: some of each stratum, then those on the cards of
/// verdicts, then those of the pairs with most conflicts, then the others. Some come twice.
fn by_worth(view: &View<'_>) -> Vec<usize> {
    let rows = &view.report.examples.rows;
    let of = |stratum: Stratum| -> Vec<usize> {
        (0..rows.len()).filter(|&place| rows[place].strata.contains(&stratum)).collect()
    };
    let strata = Stratum::ALL.into_iter().filter(|stratum| *stratum != Stratum::Proof).map(of);
    let mut order = in_turn(&strata.collect::<Vec<_>>());
    let cards = Action::ALL.into_iter().filter(|action| *action != Action::Keep);
    let cards = cards.flat_map(|action| view.with(action).into_iter().take(view.room.cards));
    let proofs = cards.filter_map(|lf| Some(view.lf(lf).verdict.as_ref()?.proof.clone()));
    order.extend(in_turn(&proofs.collect::<Vec<_>>()));
    let mut pairs: Vec<&PairCell> = view.report.matrix.cells.iter().collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.conflict));
    order.extend(pairs.iter().flat_map(|pair| &pair.examples));
    order.extend(0..rows.len());
    order.retain(|place| *place < rows.len());
    order
}

/// The first of each list, then the second of each, and so on.
fn in_turn(lists: &[Vec<usize>]) -> Vec<usize> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|turn| lists.iter().filter_map(move |list| list.get(turn)))
        .copied()
        .collect()
}

/// The section: `articles` below the choice of why they are shown.
pub(super) fn section(view: &View<'_>, articles: &str) -> Option<String> {
    let examples = &view.report.examples;
    let mut out = String::new();
    if let Some(note) = &examples.note {
        out += &format!("<p class=none>{}</p>\n", escape(note));
    }
    match examples.privacy {
        Privacy::Redacted => {
            out += "<p class=none>Letters and digits are masked, but for words of the spec.</p>\n";
        }
        Privacy::NoExamples => {
            out += "<p class=none>The report was made to show no rows.</p>\n";
            return Some(out);
        }
        Privacy::Full => {}
    }
    let shown: Vec<&Example> = view.all_rows().collect();
    if shown.is_empty() {
        if examples.note.is_none() {
            out += "<p class=none>No rows were kept for this report.</p>\n";
        }
        return Some(out);
    }
    out += "<p class=lede>Read a few of each kind. What was found is marked with the number of its labeling \
            function; below the text is how the votes add up.</p>\n";
    let with = |stratum: Stratum| shown.iter().filter(|row| row.strata.contains(&stratum)).count();
    let strata: Vec<Stratum> = Stratum::ALL.into_iter().filter(|s| with(*s) > 0).collect();
    out += "<fieldset class=choice><legend>Show rows that are</legend>";
    for (place, stratum) in strata.iter().enumerate() {
        let (name, checked) = (stratum.name(), if place == 0 { " checked" } else { "" });
        out += &format!(
            "<label title=\"{}\"><input type=radio name=stratum id=s-{name}{checked}> {name} ({})</label>\n",
            why(*stratum),
            with(*stratum)
        );
    }
    let checked = if strata.is_empty() { " checked" } else { "" };
    out += &format!(
        "<label><input type=radio name=stratum id=s-all{checked}> all ({})</label></fieldset>\n",
        shown.len()
    );
    let left = examples.rows.len() - shown.len();
    if left > 0 {
        out += &format!(
            "<p class=none>{} more rows are in report.json: this page is kept small.</p>\n",
            count(left as u64)
        );
    }
    Some(out + "<div id=rows>\n" + articles + "</div>\n")
}

/// Why rows of a stratum are shown.
fn why(stratum: Stratum) -> &'static str {
    match stratum {
        Stratum::Wrong => "the label is not the gold one",
        Stratum::Conflicting => "votes that cannot both be right",
        Stratum::Uncertain => "the model hardly knows",
        Stratum::Uncovered => "no vote at all",
        Stratum::Random => "any row",
        Stratum::Proof => "shown as proof of a verdict",
    }
}

fn article(view: &View<'_>, example: &Example) -> String {
    let row = example.row;
    let strata: Vec<&str> = example.strata.iter().map(|stratum| stratum.name()).collect();
    let mut out = format!(
        "<article id=row-{row} class=\"row {}\"><header><h4><a href=\"#row-{row}\">Row {}</a>",
        strata.join(" "),
        count(row)
    );
    if let Some(id) = &example.id {
        out += &format!(" <small class=id dir=auto>{}</small>", escape(id));
    }
    out += &format!("</h4><p>{}", outcome(view, example));
    if example.alike > 1 {
        out += &format!(
            " <span class=quiet title=\"of {} rows\">· {} rows have these votes</span>",
            count(view.report.rows.rows),
            count(example.alike)
        );
    }
    let tags: String =
        strata.iter().map(|name| format!(" <span class=tag>{name}</span>")).collect();
    out += &format!("{tags}</p></header>\n");
    for cell in &example.cells {
        out += &format!("<div class=cell><span class=column>{}</span>", escape(&cell.column));
        match &cell.text {
            Some(text) => {
                let end = text.floor_char_boundary(CELL);
                let (before, after) = (cell.cut_before, cell.cut_after || end < text.len());
                out += &format!(
                    "<p class=text dir=auto>{}{}{}</p>",
                    if before { "… " } else { "" },
                    marked(view, example, cell, (0, end), None),
                    if after { " …" } else { "" },
                );
            }
            None => out += "<p class=none>missing</p>",
        }
        out += "</div>\n";
    }
    out + &ledger(view, example) + "</article>\n"
}

/// The label of a row and how sure it is.
fn label(view: &View<'_>, example: &Example) -> String {
    match &example.label {
        Some(label) => {
            let place = view.report.classes.iter().position(|class| class.name == *label);
            let sure = place.and_then(|place| example.ledger.posterior.get(place)).map_or_else(
                String::new,
                |p| {
                    format!(
                        " <data value={p} title=\"its probability, of 1\">{}</data>",
                        percent(*p)
                    )
                },
            );
            format!("label {}{sure}", view.chip(label))
        }
        None => "<span class=none>no label</span>".to_owned(),
    }
}

/// The label of a row, how sure it is, and the gold label.
fn outcome(view: &View<'_>, example: &Example) -> String {
    let mut out = label(view, example);
    if let Some(gold) = &example.gold {
        let right = example.label.as_ref() == Some(gold);
        let sign = if right { "✓" } else { "✕" };
        out += &format!(" {sign} gold {}", view.chip(gold));
    }
    out
}

/// A row in a line, around what `lf` found in it, with a link to the whole.
pub(super) fn snippet(view: &View<'_>, example: &Example, lf: Option<usize>) -> String {
    let mark = |cell: &Cell| cell.marks.iter().find(|mark| Some(mark.lf) == lf).cloned();
    let found = example.cells.iter().find_map(|cell| Some((cell, mark(cell)?)));
    let cell = found.as_ref().map(|(cell, _)| *cell).or_else(|| example.cells.first());
    let text = cell.and_then(|cell| cell.text.as_deref()).unwrap_or_default();
    let (first, last) = found.as_ref().map_or((0, 0), |(_, mark)| (mark.start, mark.end));
    let start = text.floor_char_boundary(first.saturating_sub(BEFORE).min(text.len()));
    let end = text.ceil_char_boundary(
        (last.min(first.saturating_add(FOUND)).saturating_add(AFTER)).min(text.len()),
    );
    let mut shown =
        cell.map_or_else(String::new, |cell| marked(view, example, cell, (start, end), lf));
    // What was found in another column says little without the text that people read first.
    if let (Some((cell, _)), Some(first)) = (found.as_ref(), example.cells.first())
        && !std::ptr::eq(*cell, first)
    {
        shown = format!("<span class=column>{}</span> {shown}", escape(&cell.column));
        if let Some(text) = &first.text {
            let end = text.floor_char_boundary(AFTER.min(text.len()));
            let cut = if end < text.len() { " …" } else { "" };
            shown += &format!("<br>{}{cut}", escape(&text[..end]));
        }
    }
    // What it says of the row, and whether that is right, where that is as plain as a class.
    let vote = lf.and_then(|lf| place(example, lf)).map(|place| &example.ledger.votes[place].vote);
    let says = vote.map_or_else(String::new, |vote| {
        let plain = view.report.classes.iter().any(|class| class.name == *vote);
        let sign = match example.gold.as_ref().filter(|_| plain) {
            Some(gold) if gold == vote => " ✓",
            Some(_) => " ✕",
            None => "",
        };
        format!("votes {}{sign} · ", view.chip(vote))
    });
    let gold = example.gold.as_ref();
    let gold = gold.map_or_else(String::new, |gold| format!(" · gold {}", view.chip(gold)));
    format!(
        "<li><a href=\"#row-{0}\">Row {1}</a>: {says}{2}{gold} <q dir=auto>{3}{shown}{4}</q>",
        example.row,
        count(example.row),
        label(view, example),
        if start > 0 { "… " } else { "" },
        if end < text.len() { " …" } else { "" },
    )
}

/// The bytes of a text from `start` to `end` with its marks. These may overlap: the text is cut where
/// any of them begins or ends, and each piece says who found it. `only` leaves out those of others, and
/// the numbers that tell them apart.
fn marked(
    view: &View<'_>,
    example: &Example,
    cell: &Cell,
    (start, end): (usize, usize),
    only: Option<usize>,
) -> String {
    let text = cell.text.as_deref().unwrap_or_default();
    // Marks come from a file: they need not stand at borders of letters, or within the text.
    let within = |at: usize| text.floor_char_boundary(at.min(text.len())).clamp(start, end);
    let marks: Vec<(usize, usize, usize)> = cell
        .marks
        .iter()
        .map(|mark| (within(mark.start), within(mark.end), mark.lf))
        .filter(|(from, to, lf)| from < to && only.is_none_or(|only| only == *lf))
        .collect();
    let borders: BTreeSet<usize> =
        marks.iter().flat_map(|(from, to, _)| [*from, *to]).chain([start, end]).collect();
    let borders: Vec<usize> = borders.into_iter().collect();
    let mut out = String::new();
    for pair in borders.windows(2) {
        let piece = escape(&text[pair[0]..pair[1]]);
        let who: BTreeSet<usize> = marks
            .iter()
            .filter(|(from, to, _)| *from <= pair[0] && pair[1] <= *to)
            .map(|(_, _, lf)| *lf)
            .collect();
        if who.is_empty() {
            out += &piece;
            continue;
        }
        // A number stands once, at the end of what was found.
        let ends = |lf: &usize| {
            only.is_none() && marks.iter().any(|(_, to, by)| by == lf && *to == pair[1])
        };
        let numbers: Vec<String> = who
            .iter()
            .filter(|lf| ends(lf))
            .filter_map(|lf| place(example, *lf))
            .map(|place| (place + 1).to_string())
            .collect();
        let numbers = match numbers.len() {
            0 => String::new(),
            _ => format!("<sup>{}</sup>", numbers.join(",")),
        };
        let names: Vec<&str> = who
            .iter()
            .filter_map(|lf| view.report.lfs.get(*lf))
            .map(|lf| lf.name.as_str())
            .collect();
        let lfs: Vec<String> = who.iter().map(usize::to_string).collect();
        out += &format!(
            "<mark class={} data-lf=\"{}\" title=\"{}\">{piece}{numbers}</mark>",
            color(view, example, &who),
            lfs.join(" "),
            escape(&names.join(", "))
        );
    }
    out
}

/// The place of a labeling function in the ledger.
fn place(example: &Example, lf: usize) -> Option<usize> {
    example.ledger.votes.iter().position(|reason| reason.lf == lf)
}

/// The color of what these voted, if it is the same.
fn color(view: &View<'_>, example: &Example, who: &BTreeSet<usize>) -> String {
    let voted = who.iter().filter_map(|lf| place(example, *lf));
    let mut colors: BTreeSet<String> =
        voted.map(|place| view.color(&example.ledger.votes[place].vote)).collect();
    match (colors.len(), colors.pop_first()) {
        (1, Some(color)) => color,
        _ => "kn".to_owned(),
    }
}
