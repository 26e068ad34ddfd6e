//! How well each class is told from the others: scores against gold labels, and curves over all thresholds.

use super::escape::escape;
use super::numbers::{Sheet, cell, count, count_cell, markup, of, percent, share_cell};
use super::plot::{self, Axis, Curve, stroke};
use super::view::View;
use crate::report::{ClassMetrics, Metrics, Ranking};

/// Curves in a plot: as many as there are colors.
const DRAWN: usize = 7;
/// Classes that are named as too rare.
const NAMED: usize = 20;

/// Both curves and the scores of each class; nothing without gold labels. A report of an earlier version has
/// no curves.
pub(super) fn curves(view: &View<'_>) -> Option<String> {
    let gold = view.report.gold.as_ref()?;
    let of_labels = &gold.labels;
    let mut out = "<p class=lede>Each label against all others, on the gold rows. Shares of right labels flatter \
                   a label that is rare: look at its precision and recall.</p>\n"
        .to_owned();
    out += &rare(view, of_labels);
    let classes = || of_labels.classes.iter().zip(&of_labels.rankings).enumerate();
    let mut shown: Vec<Class<'_>> = classes()
        .filter(|(_, (_, ranking))| ranking.has_curve() && !ranking.points.is_empty())
        .map(|(place, (scores, ranking))| Class { place, color: place, scores, ranking })
        .collect();
    let all = shown.len();
    if all > DRAWN {
        // The hardest ones are worth a look.
        let average = |class: &Class<'_>| class.ranking.average_precision.unwrap_or(1.0);
        shown.sort_by(|a, b| average(a).total_cmp(&average(b)));
        shown.truncate(DRAWN);
        shown.sort_by_key(|class| class.place);
        out += &format!(
            "<p class=quiet>The {DRAWN} with the lowest average precision are drawn.</p>\n"
        );
    }
    if of_labels.classes.len() > DRAWN {
        // Else some would share a gray.
        shown.iter_mut().enumerate().for_each(|(nth, class)| class.color = nth);
    }
    if all > 0 {
        out += &drawn(&shown);
    }
    let heads = [
        "Label",
        "By",
        "#gold rows",
        "#precision",
        "#recall",
        "#F1",
        "#ROC AUC",
        "#average precision",
    ];
    let mut sheet = Sheet::shown("Table: each label against gold", &heads);
    let who = [(view.report.model.name.as_str(), of_labels), ("majority vote", &gold.majority)];
    for (place, class) in of_labels.classes.iter().enumerate().take(view.room.lines / 2) {
        for (who, metrics) in who {
            if let Some(scores) = metrics.classes.get(place) {
                sheet.row(&line(view, class, who, scores, metrics.rankings.get(place)));
            }
        }
    }
    Some(out + &sheet.end() + &view.rest(2 * of_labels.classes.len()))
}

/// A class that is drawn.
struct Class<'a> {
    place: usize,
    /// Whose color it has.
    color: usize,
    scores: &'a ClassMetrics,
    ranking: &'a Ranking,
}

/// Which classes have too few rows for a curve.
fn rare(view: &View<'_>, metrics: &Metrics) -> String {
    let classes = metrics.classes.iter().zip(&metrics.rankings);
    let rare: Vec<String> = classes
        .filter(|(_, ranking)| !ranking.has_curve())
        .map(|(class, ranking)| {
            let (rows, others) = (count(ranking.positives), count(ranking.negatives));
            format!("{} ({rows} of it, {others} of others)", view.chip(&class.name))
        })
        .collect();
    if rare.is_empty() {
        return String::new();
    }
    let more = match rare.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", count(more as u64)),
    };
    let named = rare.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    format!(
        "<p class=none>Too few gold rows for a curve: {named}{more}. It takes {0} rows of a label and {0} of \
         others.</p>\n",
        Ranking::LEAST
    )
}

fn drawn(classes: &[Class<'_>]) -> String {
    let mut out = "<ul class=legend>".to_owned();
    for (nth, class) in classes.iter().enumerate() {
        let name = escape(&class.scores.name);
        out += &format!(
            "<li class={}><svg class=stroke viewBox=\"0 0 26 8\" aria-hidden=true><path class=\"line{}\" \
             d=\"M0 4H26\"/></svg>{name}",
            View::color_of(class.color),
            stroke(nth)
        );
    }
    out += "</ul>\n<h3>When it says a label, is it right? And how many does it find?</h3>\n\
            <p class=lede>Up and to the right is good. A threshold on the probability is a place on a curve; \
            the dot is where the labels given are.</p>\n";
    let x = Axis::whole("recall: found, of the gold rows of the label");
    let y = Axis::whole("precision: right, of the rows at or above the threshold");
    let precise: Vec<Curve> = classes.iter().map(Class::precision_recall).collect();
    out += &plot::curves("precision against recall", &x, &y, false, &precise);
    out += "<h3>Does it rank rows of a label above others?</h3>\n\
            <p class=lede>Up and to the left is good; on the thin line from corner to corner the probability says nothing.</p>\n";
    let x = Axis::whole("false positives, of the gold rows of other labels");
    let y = Axis::whole("recall: found, of the gold rows of the label");
    let roc: Vec<Curve> = classes.iter().map(Class::roc).collect();
    out + &plot::curves("recall against false positives", &x, &y, true, &roc)
}

impl Class<'_> {
    fn roc(&self) -> Curve {
        let points = self.ranking.points.iter().map(|point| {
            let (recall, wrong) = self.ranking.roc(point);
            (wrong, recall)
        });
        let given = self.scores.precision;
        let wrong = given.of.saturating_sub(given.count) as f64;
        let wrong = wrong / self.ranking.negatives.max(1) as f64;
        Curve {
            color: View::color_of(self.color),
            points: std::iter::once((0.0, 0.0)).chain(points).collect(),
            title: self.title("area under the ROC curve", self.ranking.roc_auc),
            mark: self.scores.recall.share.map(|recall| (wrong, recall, self.given())),
        }
    }

    /// Steps: a straight line between two points would promise what no threshold gives.
    fn precision_recall(&self) -> Curve {
        let mut points = Vec::with_capacity(2 * self.ranking.points.len());
        let mut before = 0.0;
        for point in &self.ranking.points {
            let (recall, _) = self.ranking.roc(point);
            if recall > before {
                let labeled = point.true_positives + point.false_positives;
                let precision = point.true_positives as f64 / labeled as f64;
                points.extend([(before, precision), (recall, precision)]);
                before = recall;
            }
        }
        let given = self.scores.precision.share.zip(self.scores.recall.share);
        Curve {
            color: View::color_of(self.color),
            points,
            title: self.title("average precision", self.ranking.average_precision),
            mark: given.map(|(precision, recall)| (recall, precision, self.given())),
        }
    }

    fn title(&self, what: &str, value: Option<f64>) -> String {
        let value = value.map_or_else(|| "none".to_owned(), |value| format!("{value:.3}"));
        let (rows, others) = (count(self.ranking.positives), count(self.ranking.negatives));
        escape(&format!(
            "{}: {what} {value}, over {rows} gold rows of it and {others} of others",
            self.scores.name
        ))
    }

    fn given(&self) -> String {
        let precision = of(self.scores.precision, "labels are right");
        let recall = of(self.scores.recall, "gold rows are found");
        escape(&format!("{}, the labels given: {precision}, {recall}", self.scores.name))
    }
}

fn line(
    view: &View<'_>,
    class: &ClassMetrics,
    who: &str,
    scores: &ClassMetrics,
    ranking: Option<&Ranking>,
) -> Vec<String> {
    let of_all =
        format!("of {} gold rows", count(view.report.gold.as_ref().map_or(0, |gold| gold.rows)));
    let both = scores.precision.of.saturating_add(scores.recall.of);
    let doubled = format!(
        "2 × {} right, of {} labels and gold rows together",
        count(scores.precision.count),
        count(both)
    );
    let pairs = ranking.map_or(0, |of| of.positives.saturating_mul(of.negatives));
    let pairs = format!(
        "of the {} pairs of a gold row of it with one of others, those in the right order, ties half",
        count(pairs)
    );
    let average = format!("over {} gold rows of it", count(scores.recall.of));
    let area = |value: f64| format!("{value:.3}");
    vec![
        markup(&class.name, &view.chip(&class.name)),
        format!("<td>{}", escape(who)),
        count_cell(scores.recall.of, &of_all),
        share_cell(scores.precision, "labels are right"),
        share_cell(scores.recall, "gold rows are found"),
        cell(scores.f1, percent, &doubled),
        cell(ranking.and_then(|of| of.roc_auc), area, &pairs),
        cell(ranking.and_then(|of| of.average_precision), area, &average),
    ]
}
