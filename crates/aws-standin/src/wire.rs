//! The wire: HTTP requests and answers in AWS's protocols, without a socket.

mod answer;
mod route;

pub(crate) use answer::{code_on_the_wire, failure, success};
pub(crate) use route::{Call, Protocol, Unroutable, route};

/// An HTTP request as a client wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WireRequest {
    /// The method, in upper case.
    pub method: String,
    /// The path, with the query if there is one.
    pub path: String,
    /// Header names (in any case) and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl WireRequest {
    /// The value of the first header of that name, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireResponse {
    /// The HTTP status.
    pub status: u16,
    /// Header names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireOutcome {
    /// It is answered.
    Response(WireResponse),
    /// The connection breaks before an answer.
    ConnectionReset,
    /// No answer ever comes; the connection stays open.
    NoAnswer,
}
