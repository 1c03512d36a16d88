//! The stand-in behind a socket.

use std::convert::Infallible;
use std::future::pending;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::control::control;
use crate::standin::Standin;
use crate::wire::{WireOutcome, WireRequest, WireResponse};

/// Serves connections until the future is dropped, and their tasks with it.
///
/// A connection that cannot be accepted is left out.
pub async fn serve(listener: TcpListener, standin: Standin) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, standin.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, standin: Standin) {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| exchange(request, &standin));
    // A client that goes away in the middle is none of our business.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The connection breaks when the service fails, which is what a reset needs.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on purpose")]
struct Reset;

async fn exchange(
    request: Request<Incoming>,
    standin: &Standin,
) -> Result<Response<Full<Bytes>>, Reset> {
    let (head, body) = request.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let request = WireRequest {
        method: head.method.as_str().to_owned(),
        path: head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        headers,
        body: body.collect().await.map_err(|_| Reset)?.to_bytes().into(),
    };
    if let Some(answer) = control(standin, &request) {
        return Ok(response(answer));
    }
    let latency = standin.latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match standin.respond(&request) {
        WireOutcome::Response(answer) => Ok(response(answer)),
        WireOutcome::ConnectionReset => Err(Reset),
        WireOutcome::NoAnswer => {
            let never: Infallible = pending().await;
            match never {}
        }
    }
}

fn response(answer: WireResponse) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    builder
        .body(Full::new(Bytes::from(answer.body)))
        .unwrap_or_default()
}
