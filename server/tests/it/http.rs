//! A small HTTP client, so that a test can drop an answer, hold a stream open or send what no library would.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A request under construction.
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The type of a problem document, after checking that it is one.
    pub fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let document: serde_json::Value = self.json();
        assert_eq!(document["status"], self.status);
        assert!(document["title"].is_string() && document["detail"].is_string());
        let kind = document["type"].as_str().expect("a type");
        kind.strip_prefix("urn:holdfast:problem:")
            .expect("a type of ours")
            .to_owned()
    }
}

impl Request {
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn json(self, body: &impl serde::Serialize) -> Self {
        self.body("application/json", serde_json::to_vec(body).expect("JSON"))
    }

    pub fn body(mut self, kind: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("content-type", kind)
    }

    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    pub fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n",
            self.method, self.path
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [head.as_bytes(), &self.body].concat()
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self, address: SocketAddr) -> Response {
        let mut stream = self.open(address).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("an answer");
        parse(&bytes)
    }

    /// Sends it and hangs up before the answer.
    pub async fn send_and_hang_up(self, address: SocketAddr) {
        drop(self.open(address).await);
    }

    /// Sends it and leaves the answer to be read.
    pub async fn open(self, address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        stream
            .write_all(&self.bytes(address))
            .await
            .expect("the server reads");
        stream
    }
}

/// Reads from a stream until it has `text`, or gives what came before it ended.
pub async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let reading = async {
        while !String::from_utf8_lossy(&bytes).contains(text) {
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => break,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
            }
        }
    };
    timeout(Duration::from_secs(20), reading)
        .await
        .expect("the stream goes on");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a whole answer.
pub fn parse(bytes: &[u8]) -> Response {
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).expect("UTF-8");
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .expect("a status")
        .parse()
        .expect("a number");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let rest = &bytes[end + 4..];
    let body = if chunked {
        dechunk(rest)
    } else {
        rest.to_vec()
    };
    Response {
        status,
        headers,
        body,
    }
}

fn dechunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|size| usize::from_str_radix(size, 16).ok())
            .expect("a size");
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    body
}
