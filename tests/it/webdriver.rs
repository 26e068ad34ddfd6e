//! A client for chromedriver: HTTP with JSON over a socket (W3C WebDriver, and two of its Chromium
//! extensions).

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A browser without a window. It ends when this is dropped.
pub(super) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// It would stop when it had nowhere to write.
    _out: BufReader<ChildStdout>,
}

/// Kills the driver of a session that did not come about.
struct Unless(Option<Child>);

impl Drop for Unless {
    fn drop(&mut self) {
        if let Some(driver) = &mut self.0 {
            let _ = driver.kill();
            let _ = driver.wait();
        }
    }
}

impl Browser {
    /// Starts chromedriver and a browser; says why there is none.
    pub(super) fn start() -> Result<Self, String> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver does not start ({error})"))?;
        let mut driver = Unless(Some(driver));
        let out = driver.0.as_mut().and_then(|driver| driver.stdout.take()).expect("a pipe");
        // `ChromeDriver was started successfully on port 41234.`
        let mut out = BufReader::new(out);
        let port = out
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok()
            })
            .ok_or("chromedriver names no port")?;
        let wish = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--force-prefers-reduced-motion", "--window-size=1280,1000"]},
        }}});
        let answer = call(port, "POST", "/session", &wish)
            .map_err(|error| format!("chromedriver has no browser ({error})"))?;
        let session = answer["sessionId"].as_str().ok_or("no session")?.to_owned();
        let driver = driver.0.take().expect("is running");
        Ok(Self { driver, port, session, _out: out })
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        let path = format!("/session/{}/{command}", self.session);
        call(self.port, "POST", &path, body)
            .unwrap_or_else(|error| panic!("{command} {body}: {error}"))
    }

    /// Opens an address and waits until it is loaded.
    pub(super) fn open(&self, url: &str) {
        self.post("url", &json!({"url": url}));
    }

    /// Runs the body of a function in the page.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Runs it until it gives `wish`, or for a few seconds.
    pub(super) fn wait(&self, script: &str, wish: &Value) -> Value {
        let start = Instant::now();
        loop {
            let value = self.run(script);
            if value == *wish || start.elapsed() > Duration::from_secs(5) {
                return value;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types into an element.
    pub(super) fn keys(&self, selector: &str, text: &str) {
        let found = self.post("element", &json!({"using": "css selector", "value": selector}));
        let id = found.as_object().and_then(|found| found.values().next()?.as_str());
        let id = id.unwrap_or_else(|| panic!("no {selector}"));
        self.post(&format!("element/{id}/value"), &json!({"text": text}));
    }

    /// Presses a key wherever the focus is.
    pub(super) fn press(&self, key: &str) {
        let steps = ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key}));
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": steps}]});
        self.post("actions", &actions);
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// Makes the page as wide as this.
    pub(super) fn width(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Whether pages may run their scripts.
    pub(super) fn scripts(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": !on}));
    }

    /// What was logged since it was asked for.
    pub(super) fn log(&self, what: &str) -> Value {
        self.post("se/log", &json!({"type": what}))
    }

    /// The addresses of all that was requested.
    pub(super) fn requests(&self) -> Vec<String> {
        let log = self.log("performance");
        let entries = log.as_array().into_iter().flatten();
        let messages = entries
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        messages
            .filter(|entry| entry["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|entry| {
                Some(entry["message"]["params"]["request"]["url"].as_str()?.to_owned())
            })
            .filter(|url| url != "about:blank")
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = call(self.port, "DELETE", &format!("/session/{}", self.session), &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command and its answer, the field `value`.
fn call(port: u16, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let said = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(said)?;
    stream.set_read_timeout(Some(Duration::from_mins(1))).map_err(said)?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(said)?;
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if answer.read_line(&mut line).map_err(said)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| format!("a strange length: {line}"))?;
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).map_err(said)?;
    let answer: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    match answer["value"]["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
        None => Ok(answer["value"].clone()),
    }
}
