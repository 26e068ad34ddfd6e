//! The report as a browser shows it: driven over WebDriver, by a client that knows the few commands it
//! needs. Without chromedriver these tests are skipped, unless `JURAT_BROWSER=required`.

use super::pages::{read, report};
use super::webdriver::Browser;
use jurat::report::html;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A page of so many labeling functions on the disk, as its address.
fn page(n_lfs: usize) -> String {
    let path: PathBuf =
        [env!("CARGO_TARGET_TMPDIR"), &format!("browser-{n_lfs}.html")].iter().collect();
    std::fs::write(&path, html(&read(&report(n_lfs)))).expect("written");
    format!("file://{}", path.display())
}

/// A browser, or none where there is none and nobody insists.
#[expect(clippy::print_stderr, reason = "that a test is skipped must be seen")]
fn browser() -> Option<Browser> {
    match Browser::start() {
        Ok(browser) => Some(browser),
        Err(why) if std::env::var_os("JURAT_BROWSER").is_some_and(|wish| wish == "required") => {
            panic!("JURAT_BROWSER=required, but {why}")
        }
        Err(why) => {
            eprintln!("skipped: {why}; install chromium and chromium-driver to run it");
            None
        }
    }
}

/// One session for all steps: to start a browser takes longer than any of them.
#[test]
#[expect(clippy::print_stdout, reason = "times are to be seen with --nocapture")]
fn the_page_does_what_its_readers_do() {
    let Some(browser) = browser() else { return };
    for n_lfs in [22, 100, 1000] {
        browser.open(&page(n_lfs));
        println!("{n_lfs} LFs: loaded in {} ms", loaded(&browser));
    }
    let address = page(22);
    browser.open(&address);
    sorting(&browser);
    filters(&browser);
    details_and_keys(&browser);
    pairs(&browser);
    rows(&browser);
    theme(&browser);
    anchors(&browser, &address);
    widths(&browser, &address);
    without_script(&browser, &address);
    quiet(&browser);
}

/// The console is empty, and nothing was asked of the network.
fn quiet(browser: &Browser) {
    let log = browser.log("browser");
    assert_eq!(log, json!([]), "the console is empty");
    let requests = browser.requests();
    assert!(!requests.is_empty());
    for url in &requests {
        assert!(url.starts_with("file:///") || url.starts_with("data:"), "asked for {url}");
    }
}

/// Milliseconds until the page was loaded: the driver may come back just before.
fn loaded(browser: &Browser) -> Value {
    let loaded = "return performance.getEntriesByType('navigation')[0].loadEventEnd > 0";
    assert_eq!(browser.wait(loaded, &json!(true)), true);
    browser.run("return Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd)")
}

/// The page of the demo, of one of its rows, and of a run of a hundred labeling functions.
#[cfg(feature = "cli")]
#[test]
#[expect(clippy::print_stdout, reason = "times are to be seen with --nocapture")]
fn pages_of_runs_do_so_too() {
    let Some(browser) = browser() else { return };
    let folder = super::cli::Folder::new();
    folder.run(&["demo", "d"]).code(0);
    let row = folder.run(&["explain", "d/run", "ED-00002", "--format", "html"]).code(0).out;
    folder.write("row.html", &row);
    let address = |path: &str| format!("file://{}", folder.path(path).display());
    let demo = address("d/run/report.html");
    browser.open(&demo);
    println!("the demo: loaded in {} ms", loaded(&browser));
    // The first screen leads to what is to be done.
    let next = "return [...document.querySelectorAll('.next a')].map(a => [a.hash, a.getBoundingClientRect().bottom < innerHeight])";
    assert_eq!(browser.run(next), json!([["#verdicts", true], ["#examples", true]]));
    let click = |what: &str| browser.run(&format!("document.querySelector('{what}').click()"));
    browser.run("[...document.querySelectorAll('#lf-table > thead button')].find(b => b.textContent === 'Coverage').click()");
    let shares = "return [...document.querySelectorAll('#lf-table > tbody')].map(b => Number(b.rows[0].cells[3].dataset.v))";
    let shares = browser.run(shares);
    let shares: Vec<f64> =
        shares.as_array().expect("shares").iter().filter_map(Value::as_f64).collect();
    assert_eq!(shares.len(), 22);
    assert!(shares.is_sorted_by(|one, other| one >= other), "{shares:?}");
    browser.keys("#lf-search", "chest");
    assert_eq!(browser.run(NAMES), json!(["chest-complaint", "chest-pain"]));
    browser.run("const e = document.getElementById('lf-search'); e.value = ''; e.dispatchEvent(new Event('input'))");
    // From a pair to its rows, with the mouse and by keys.
    click(".matrix td[data-rows]");
    let rows = "const p = document.getElementById('pair'); return !p.hidden && p.querySelectorAll('.row .ledger').length > 0";
    assert_eq!(browser.run(rows), true);
    browser.press("\u{e00c}");
    let at =
        "const c = document.activeElement; return [c.tagName, c.cellIndex + c.parentNode.rowIndex]";
    let before = browser.run(at);
    assert_eq!(before[0], "TD", "Escape gives the focus back");
    browser.press("\u{e015}");
    assert_ne!(browser.run(at), before);
    browser.press("\u{e007}");
    assert_eq!(browser.run("return document.getElementById('pair').hidden"), false);
    theme(&browser);
    widths(&browser, &demo);
    browser.open(&address("row.html"));
    let found = "return [document.querySelectorAll('.row').length, document.querySelectorAll('.row mark').length > 2, \
                 document.querySelectorAll('.row .ledger tr').length > 3]";
    assert_eq!(browser.run(found), json!([1, true, true]));
    // A line of the ledger leads to its labeling function.
    click(".ledger a.lf");
    let open = "return document.querySelectorAll('#lf-table > tbody.open').length";
    assert_eq!(browser.wait(open, &json!(1)), 1);
    widths(&browser, &address("row.html"));
    let run = super::pages::run_of(100, 3000);
    let many = format!("file://{}", run.path("out/report.html").display());
    browser.open(&many);
    println!("a run of 100 LFs: loaded in {} ms", loaded(&browser));
    let wide = "return [...document.querySelectorAll('#time svg, #slices .bar, #gates tbody tr')].length > 9";
    assert_eq!(browser.run(wide), true);
    widths(&browser, &many);
    quiet(&browser);
}

const NAMES: &str = "return [...document.querySelectorAll('#lf-table > tbody')].filter(b => !b.hidden).map(b => b.rows[0].cells[0].textContent)";

fn sorting(browser: &Browser) {
    let click = |head: &str| {
        browser.run(&format!(
            "[...document.querySelectorAll('#lf-table > thead button')].find(b => b.textContent === '{head}').click()"
        ));
    };
    let values = || {
        let column = "const at = [...document.querySelectorAll('#lf-table > thead th')].findIndex(h => h.ariaSort); \
                      return [...document.querySelectorAll('#lf-table > tbody')].map(b => Number(b.rows[0].cells[at].dataset.v))";
        let values = browser.run(column);
        values.as_array().expect("values").iter().filter_map(Value::as_f64).collect::<Vec<f64>>()
    };
    click("Coverage");
    let down = values();
    assert_eq!(down.len(), 22);
    assert!(down.is_sorted_by(|one, other| one >= other), "{down:?}");
    let sort = "return document.querySelector('#lf-table > thead [aria-sort]').ariaSort";
    assert_eq!(browser.run(sort), "descending");
    click("Coverage");
    assert!(values().is_sorted(), "the other way");
    click("Name");
    let names = browser.run(NAMES);
    let names: Vec<&str> =
        names.as_array().expect("names").iter().filter_map(Value::as_str).collect();
    assert_eq!(names[..3], ["arrival", "arrival-13", "arrival-21"]);
    // Details go along with their line.
    let beside = "return [...document.querySelectorAll('#lf-table > tbody')].every(b => b.rows.length === 2 && b.rows[1].classList.contains('more'))";
    assert_eq!(browser.run(beside), true);
}

fn filters(browser: &Browser) {
    let shown = || browser.run(NAMES).as_array().expect("names").len();
    browser.keys("#lf-search", "CHEST-pain");
    assert_eq!(shown(), 3);
    assert_eq!(browser.run("return document.getElementById('lf-count').textContent"), "3 of 22");
    let set = |id: &str, what: &str| {
        browser.run(&format!(
            "const e = document.getElementById('{id}'); {what}; e.dispatchEvent(new Event('input', {{bubbles: true}}))"
        ));
    };
    set("lf-search", "e.value = ''");
    set("lf-label", "e.value = '0'");
    assert_eq!(shown(), 8);
    set("lf-label", "e.value = ''");
    set("lf-verdict", "e.value = 'retire'");
    assert_eq!(shown(), 3);
    set("lf-verdict", "e.value = ''");
    set("lf-found", "e.checked = true");
    assert_eq!(shown(), 7);
    set("lf-found", "e.checked = false");
    assert_eq!(shown(), 22);
}

fn details_and_keys(browser: &Browser) {
    // The keyboard alone: the search by `/`, on by Tab to a head, which Enter sorts by.
    browser.run("document.activeElement.blur()");
    browser.keys("body", "/");
    assert_eq!(browser.run("return document.activeElement.id"), "lf-search");
    let active = "return document.activeElement.textContent";
    for _ in 0..20 {
        browser.press("\u{e004}");
        if browser.run(active) == "Conflict" {
            break;
        }
    }
    browser.press("\u{e007}");
    let by = "return document.querySelector('#lf-table > thead [aria-sort]').textContent";
    assert_eq!(browser.run(by), "Conflict");
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.run(outline), "solid", "focus is seen");
    let open = "const b = document.querySelector('#lf-table > tbody .toggle'); b.focus(); b.click(); \
                return [b.ariaExpanded, getComputedStyle(b.closest('tbody').rows[1]).display]";
    assert_eq!(browser.run(open), json!(["true", "table-row"]));
    let close = "const b = document.querySelector('#lf-table > tbody .toggle'); b.click(); \
                 return [b.ariaExpanded, getComputedStyle(b.closest('tbody').rows[1]).display]";
    assert_eq!(browser.run(close), json!(["false", "none"]));
}

fn pairs(browser: &Browser) {
    let shown =
        "return getComputedStyle(document.querySelector('.matrix td[data-a]'), '::after').content";
    let first = "const c = document.querySelector('.matrix td[data-rows]'); c.click(); \
                 const p = document.getElementById('pair'); return [p.hidden, p.querySelectorAll('.row').length]";
    assert_eq!(browser.run(first), json!([false, 2]));
    // Arrows walk on to a pair without rows, Enter says so.
    browser.run("document.querySelector('.matrix td[data-rows]').focus()");
    let at = "const c = document.activeElement; return [c.cellIndex, c.parentNode.rowIndex]";
    let before = browser.run(at);
    browser.press("\u{e015}");
    let after = browser.run(at);
    assert_eq!(before[0], after[0]);
    assert!(after[1].as_u64() > before[1].as_u64(), "{before} {after}");
    browser.press("\u{e007}");
    let panel = browser.run("return document.getElementById('pair').textContent");
    let panel = panel.as_str().unwrap_or_default();
    assert!(panel.contains("No rows of this pair"), "{panel}");
    let pair = browser.run("return document.querySelector('#pair h3').textContent");
    let names = pair.as_str().and_then(|pair| pair.split_once(" × ")).expect("a pair");
    for name in [names.0, names.1] {
        assert!(panel.contains(&format!("jurat explain RUN --lf {name}")), "{panel}");
    }
    browser.press("\u{e00c}");
    assert_eq!(browser.run("return document.getElementById('pair').hidden"), true, "Escape closes");
    assert_eq!(browser.run(at), after, "and gives the focus back");
    let conflict = browser.run(shown);
    browser.run("document.getElementById('show-k').click()");
    assert_ne!(browser.run(shown), conflict, "kappa is shown");
    browser.run("document.getElementById('show-a').click()");
}

fn rows(browser: &Browser) {
    let shown = "return [...document.querySelectorAll('#rows .row')].filter(r => getComputedStyle(r).display !== 'none').length";
    assert_eq!(browser.run(shown), 30);
    browser.run("document.getElementById('s-all').click()");
    assert_eq!(browser.run(shown), 120);
    browser.run("document.getElementById('s-wrong').click()");
    let lit = "const line = document.querySelector('#rows .ledger tr[data-lf]'); \
               line.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})); \
               return document.querySelectorAll('#rows mark.lit').length > 0";
    assert_eq!(browser.run(lit), true);
}

fn theme(browser: &Browser) {
    let ground = "return getComputedStyle(document.body).backgroundColor";
    let before = browser.run(ground);
    browser.run("document.getElementById('theme').click()");
    assert_ne!(browser.run(ground), before);
    assert_eq!(browser.run("return document.getElementById('theme').ariaPressed"), "true");
    browser.run("document.getElementById('theme').click()");
    assert_eq!(browser.run(ground), before);
}

fn anchors(browser: &Browser, address: &str) {
    let open = "const b = document.getElementById('lf-belly'); return [b.classList.contains('open'), \
                Math.abs(b.getBoundingClientRect().top) < 300]";
    browser.open("about:blank");
    browser.open(&format!("{address}#lf-belly"));
    assert_eq!(browser.wait(open, &json!([true, true])), json!([true, true]));
    // Filters that would hide it give way.
    browser.keys("#lf-search", "refill");
    let follow = "document.querySelector('#verdicts a[href=\"#lf-errand\"]').click(); return 1";
    browser.run(follow);
    let open = "const b = document.getElementById('lf-errand'); return [b.hidden, b.classList.contains('open')]";
    assert_eq!(browser.wait(open, &json!([false, true])), json!([false, true]));
    // A row of a kind that is not chosen is shown all the same.
    let row = "return getComputedStyle(document.getElementById('row-37')).display";
    assert_eq!(browser.run(row), "none");
    browser.run("location.hash = 'row-37'");
    assert_eq!(browser.wait(row, &json!("block")), "block");
}

fn widths(browser: &Browser, address: &str) {
    for width in [1280, 768, 420] {
        browser.width(width);
        browser.open(address);
        let over =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.run(over), 0, "at a width of {width}");
    }
}

fn without_script(browser: &Browser, address: &str) {
    browser.scripts(false);
    browser.open(address);
    // What a test asks runs all the same.
    let read = "return [document.documentElement.className, \
                getComputedStyle(document.querySelector('.controls')).display, \
                getComputedStyle(document.querySelector('.more')).display, \
                document.querySelectorAll('#rows .row').length]";
    // Without scripts the driver does not wait until all of it is there.
    let whole = json!(["", "none", "table-row", 120]);
    assert_eq!(browser.wait(read, &whole), whole);
    browser.scripts(true);
}
