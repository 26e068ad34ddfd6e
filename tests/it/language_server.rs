//! A client of a language server: the few messages of the protocol that editors and tests need.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    next: u64,
    /// What came unasked, such as diagnostics.
    notes: Vec<Value>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts the YAML language server; why that is not possible otherwise.
    pub(crate) fn start() -> Result<Self, String> {
        let mut process = Command::new("yaml-language-server")
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("yaml-language-server does not start: {error}"))?;
        let to = process.stdin.take().ok_or("no input")?;
        let out = process.stdout.take().ok_or("no output")?;
        let (send, from) = channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            while let Some(message) = receive(&mut out) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let mut server = Self { process, to, from, next: 0, notes: Vec::new() };
        let capabilities = json!({
            "workspace": {"configuration": true},
            "textDocument": {"completion": {"completionItem": {"snippetSupport": false}}},
        });
        server.ask(
            "initialize",
            json!({"processId": null, "rootUri": null, "capabilities": capabilities}),
        );
        server.tell("initialized", json!({}));
        server.tell("workspace/didChangeConfiguration", json!({"settings": settings()}));
        Ok(server)
    }

    /// Opens a document.
    pub(crate) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// What can be written at a line and character, both from 0: the labels of the completions.
    pub(crate) fn completions(&mut self, uri: &str, line: usize, character: usize) -> Vec<String> {
        // A server that has just read a document may not know its schema yet.
        for _ in 0..50 {
            let answer = self.ask(
                "textDocument/completion",
                json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}),
            );
            let items = answer["items"].as_array().or(answer.as_array());
            if let Some(items) = items.filter(|items| !items.is_empty()) {
                let label = |item: &Value| item["label"].as_str().map(str::to_owned);
                return items.iter().filter_map(label).collect();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Vec::new()
    }

    /// What is said of the thing at a line and character.
    pub(crate) fn hover(&mut self, uri: &str, line: usize, character: usize) -> String {
        let answer = self.ask(
            "textDocument/hover",
            json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}),
        );
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// The first diagnostics of a document that satisfy `enough`: their lines, from 0, and messages.
    pub(crate) fn diagnostics(
        &mut self,
        uri: &str,
        enough: impl Fn(&[(u64, String)]) -> bool,
    ) -> Vec<(u64, String)> {
        let until = Instant::now() + PATIENCE;
        let mut last = Vec::new();
        loop {
            for note in self.notes.drain(..) {
                let of_it = note["method"] == "textDocument/publishDiagnostics"
                    && note["params"]["uri"] == uri;
                if let (true, Some(list)) = (of_it, note["params"]["diagnostics"].as_array()) {
                    let one = |diagnostic: &Value| {
                        let line = diagnostic["range"]["start"]["line"].as_u64().unwrap_or(0);
                        (line, diagnostic["message"].as_str().unwrap_or_default().to_owned())
                    };
                    last = list.iter().map(one).collect();
                    if enough(&last) {
                        return last;
                    }
                }
            }
            match self.from.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => self.take(message),
                Err(_) => return last,
            }
        }
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}));
        let until = Instant::now() + PATIENCE;
        loop {
            match self.from.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) if message["id"] == id && message.get("method").is_none() => {
                    return message["result"].clone();
                }
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => panic!("no answer to {method}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended at {method}"),
            }
        }
    }

    /// Answers what the server asks, and keeps what it says.
    fn take(&mut self, message: Value) {
        let Some(id) = message.get("id").cloned() else {
            self.notes.push(message);
            return;
        };
        let result = match message["method"].as_str() {
            Some("workspace/configuration") => {
                let items = message["params"]["items"].as_array().cloned().unwrap_or_default();
                items
                    .iter()
                    .map(|item| {
                        let section = item["section"].as_str().unwrap_or_default();
                        settings().get(section).cloned().unwrap_or(Value::Null)
                    })
                    .collect()
            }
            _ => Value::Null,
        };
        self.send(json!({"jsonrpc": "2.0", "id": id, "result": result}));
    }

    fn tell(&mut self, method: &str, parameters: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": parameters}));
    }

    fn send(&mut self, message: Value) {
        let text = message.to_string();
        let head = format!("Content-Length: {}\r\n\r\n", text.len());
        let sent =
            self.to.write_all(head.as_bytes()).and_then(|()| self.to.write_all(text.as_bytes()));
        sent.and_then(|()| self.to.flush()).expect("the server listens");
    }
}

/// The settings of an editor: nothing is fetched from anywhere.
fn settings() -> Value {
    let none = json!({"enable": false, "url": ""});
    json!({"yaml": {"validate": true, "completion": true, "hover": true, "schemaStore": none}})
}

fn receive(from: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("Content-Length: ") {
            length = bytes.parse().ok()?;
        }
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
