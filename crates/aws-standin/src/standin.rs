//! The stand-in itself: an account behind a wire, with a journal and faults.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::account::Account;
use crate::act::{Act, ActError};
use crate::fault::{Ending, FaultRule, Faults};
use crate::journal::{Actor, Journal, JournalEntry, writes};
use crate::service::Service;
use crate::wire::{
    Call, Unroutable, WireOutcome, WireRequest, code_on_the_wire, failure, route, success,
};

/// An AWS account that answers requests. Clones share the account.
///
/// ```
/// use aws_standin::{Act, Standin};
/// use serde_json::json;
///
/// let standin = Standin::new();
/// standin.play(json!([
///     {"act": "CreateEndpointConfig", "EndpointConfigName": "c", "ProductionVariants": [
///         {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large",
///          "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}]},
///     {"act": "CreateEndpoint", "EndpointName": "plain", "EndpointConfigName": "c"},
/// ]))?;
/// let events = standin.take_events();
/// assert_eq!(events[1]["detail"]["EndpointStatus"], "IN_SERVICE");
/// # Ok::<(), aws_standin::ActError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Standin {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    account: Account,
    journal: Journal,
    faults: Faults,
    latency: Duration,
    requests: u64,
}

impl Default for Standin {
    fn default() -> Self {
        Self::new()
    }
}

impl Standin {
    /// A stand-in for an empty account.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Account::default())
    }

    /// A stand-in for that account.
    #[must_use]
    pub fn of(account: Account) -> Self {
        let inner = Inner {
            account,
            journal: Journal::from_environment(),
            faults: Faults::default(),
            latency: Duration::ZERO,
            requests: 0,
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic of one test must not hide behind a poisoned lock in another.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers an AWS request. Latency is the caller's to sleep (`latency`).
    #[must_use]
    pub fn respond(&self, request: &WireRequest) -> WireOutcome {
        self.lock().respond(request)
    }

    /// How long each answer is to take.
    #[must_use]
    pub fn latency(&self) -> Duration {
        self.lock().latency
    }

    /// Sets how long each answer is to take.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    /// Performs an act.
    ///
    /// # Errors
    ///
    /// What AWS would refuse.
    pub fn act(&self, act: Act) -> Result<(), ActError> {
        self.lock().act(act)
    }

    /// Performs acts written in JSON: one, or a list of them.
    ///
    /// # Errors
    ///
    /// The first act that is misspelt or that AWS would refuse, with its place
    /// in the list; the ones before it are done.
    pub fn play(&self, acts: Value) -> Result<(), ActError> {
        self.lock().play(acts)
    }

    /// Performs acts written in JSON and takes the events of these acts only.
    ///
    /// # Errors
    ///
    /// As `play`; events of the acts before the one at fault stay to be taken.
    pub fn play_and_take_events(&self, acts: Value) -> Result<Vec<Value>, ActError> {
        let mut inner = self.lock();
        let before = inner.account.events.len();
        inner.play(acts)?;
        Ok(inner.account.events.split_off(before))
    }

    /// Every operation asked for since the journal was last cleared.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.lock().journal.entries().to_vec()
    }

    /// Empties the journal in memory; files keep what they have.
    pub fn clear_journal(&self) {
        self.lock().journal.clear();
    }

    /// Appends later journal entries to a file, a line of JSON each.
    pub fn append_journal_to(&self, path: impl Into<PathBuf>) {
        self.lock().journal.append_to(path.into());
    }

    /// Everything the account holds, for assertions and for showing.
    #[must_use]
    pub fn state(&self) -> Value {
        self.lock().account.state()
    }

    /// The events that AWS would have sent to EventBridge since the last call.
    #[must_use]
    pub fn take_events(&self) -> Vec<Value> {
        self.lock().account.take_events()
    }

    /// Takes visible messages off a queue, the oldest first and at most so many,
    /// as the event that Lambda's event-source mapping hands to a function.
    ///
    /// They are in flight until `finish_messages`, or until the queue's
    /// visibility timeout is over. With no message there Lambda calls nothing,
    /// and `Records` is empty.
    ///
    /// # Errors
    ///
    /// An unknown queue.
    pub fn take_messages(&self, queue_name: &str, most: usize) -> Result<Value, ActError> {
        let mut inner = self.lock();
        Ok(inner.account.take_messages(queue_name, most)?)
    }

    /// Does with the messages of an event what Lambda does when the function has
    /// answered: those in `batchItemFailures` are given back, the others deleted.
    /// Without an answer the function has failed, and all are given back.
    ///
    /// # Errors
    ///
    /// An event that is not one of `take_messages`.
    pub fn finish_messages(&self, event: &Value, answer: Option<&Value>) -> Result<(), ActError> {
        let mut inner = self.lock();
        Ok(inner.account.finish_messages(event, answer)?)
    }

    /// Makes calls go wrong; earlier rules come first.
    pub fn inject(&self, rule: FaultRule) {
        self.lock().faults.inject(rule);
    }

    /// Takes all fault rules away.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }
}

impl Inner {
    fn play(&mut self, acts: Value) -> Result<(), ActError> {
        let acts = match acts {
            Value::Array(acts) => acts,
            one => vec![one],
        };
        for (index, act) in acts.into_iter().enumerate() {
            let name = act["act"].as_str().unwrap_or("?").to_owned();
            let place = |error: ActError| ActError {
                message: format!("act {} ({name}): {}", index + 1, error.message),
                ..error
            };
            let act = serde_json::from_value(act).map_err(|error| {
                place(ActError {
                    code: "MalformedAct".to_owned(),
                    message: error.to_string(),
                })
            })?;
            self.act(act).map_err(place)?;
        }
        Ok(())
    }

    fn respond(&mut self, request: &WireRequest) -> WireOutcome {
        self.requests += 1;
        let request_id = format!("00000000-0000-4000-9000-{:012x}", self.requests);
        let call = match route(request) {
            Ok(call) => call,
            Err(unroutable) => return self.refuse(&unroutable, &request_id),
        };
        let fault = self.faults.meet(call.service, &call.operation, &call.input);
        let ending = match fault {
            Some((ending, false)) => Err(ending),
            Some((ending, true)) => {
                // The caller never learns whether the operation went well.
                let _ = self
                    .account
                    .call(call.service, &call.operation, call.input.clone());
                Err(ending)
            }
            None => {
                if call.operation == "SendMessageBatch" {
                    self.account.doomed_entries = self.faults.doom_entries(&call.input);
                }
                let result = self
                    .account
                    .call(call.service, &call.operation, call.input.clone());
                self.account.doomed_entries.clear();
                result.map_err(Ending::Error)
            }
        };
        let (outcome, status, code) = finish(&call, ending, &request_id);
        self.record(
            Actor::Client,
            Some(call.service),
            call.operation,
            call.input,
            status,
            code,
        )
        .unwrap_or(outcome)
    }

    fn refuse(&mut self, unroutable: &Unroutable, request_id: &str) -> WireOutcome {
        let Unroutable {
            protocol,
            service,
            operation,
            error,
        } = unroutable;
        let code = Some(error.code.to_string());
        let outcome = WireOutcome::Response(failure(*protocol, *service, error, request_id));
        self.record(
            Actor::Client,
            *service,
            operation.clone(),
            Value::Null,
            Some(error.status),
            code,
        )
        .unwrap_or(outcome)
    }

    fn act(&mut self, act: Act) -> Result<(), ActError> {
        let Act::Call {
            service,
            operation,
            input,
        } = act
        else {
            return self.account.act(act);
        };
        let result = self.account.call(service, &operation, input.clone());
        let (status, code) = match &result {
            Ok(_) => (200, None),
            Err(error) => (error.status, Some(code_on_the_wire(service, &error.code))),
        };
        self.record(
            Actor::Person,
            Some(service),
            operation,
            input,
            Some(status),
            code,
        );
        result.map(drop).map_err(ActError::from)
    }

    /// Journals a call. A journal that cannot be written breaks the call: a
    /// test run must notice.
    fn record(
        &mut self,
        actor: Actor,
        service: Option<Service>,
        operation: String,
        input: Value,
        status: Option<u16>,
        error_code: Option<String>,
    ) -> Option<WireOutcome> {
        let entry = JournalEntry {
            seq: 0,
            actor,
            service: service.map_or("unknown", Service::name).to_owned(),
            write: writes(&operation),
            operation,
            input,
            status,
            error_code,
        };
        let written: io::Result<()> = self.journal.record(entry);
        written.err().map(|_| WireOutcome::ConnectionReset)
    }
}

fn finish(
    call: &Call,
    ending: Result<Value, Ending>,
    request_id: &str,
) -> (WireOutcome, Option<u16>, Option<String>) {
    let Call {
        protocol,
        service,
        operation,
        ..
    } = call;
    match ending {
        Ok(output) => {
            let answer = success(*protocol, *service, operation, &output, request_id);
            (WireOutcome::Response(answer), Some(200), None)
        }
        Err(Ending::Error(error)) => {
            let answer = failure(*protocol, Some(*service), &error, request_id);
            let code = code_on_the_wire(*service, &error.code);
            (
                WireOutcome::Response(answer),
                Some(error.status),
                Some(code),
            )
        }
        Err(Ending::ConnectionReset) => (
            WireOutcome::ConnectionReset,
            None,
            Some("ConnectionReset".to_owned()),
        ),
        Err(Ending::NoAnswer) => (WireOutcome::NoAnswer, None, Some("Timeout".to_owned())),
    }
}

#[cfg(test)]
mod tests;
