//! An AWS account in one Region: all state, and a clock that only `advance` moves.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::autoscaling::ScalableTargets;
use crate::cloudwatch::{Alarm, Alarms, Metrics};
use crate::error::ServiceError;
use crate::identity::Identity;
use crate::model::{Model, without_nulls};
use crate::paging::{Cursor, InvalidToken};
use crate::sagemaker::SageMaker;
use crate::service::Service;
use crate::sqs::Queue;
use crate::ssm::Parameter;

/// 2026-01-05T08:00:00Z, a Monday.
const EPOCH: u32 = 1_767_600_000;

/// Pages are tiny unless somebody asks otherwise, so that a client that reads
/// only the first page of a listing fails at once.
const PAGE_SIZE: usize = 2;

/// One AWS account in one Region.
///
/// Synchronous and deterministic: the same calls in the same order give the
/// same state, ids included. It does no input or output.
#[derive(Debug)]
pub struct Account {
    pub(crate) identity: Identity,
    /// Seconds since 1970.
    pub(crate) now: u32,
    pub(crate) page_size: Option<usize>,
    /// How many calls on a new scalable target do not see it yet.
    pub(crate) consistency_lag: u32,
    pub(crate) sagemaker: SageMaker,
    pub(crate) targets: ScalableTargets,
    pub(crate) alarms: Alarms,
    pub(crate) metrics: Metrics,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) queues: BTreeMap<String, Queue>,
    /// Entries of the batch at hand that a fault has doomed, by their ids.
    pub(crate) doomed_entries: BTreeMap<String, ServiceError>,
    pub(crate) events: Vec<Value>,
}

impl Default for Account {
    fn default() -> Self {
        Self::new("us-east-1", "111122223333")
    }
}

impl Account {
    /// An empty account.
    #[must_use]
    pub fn new(region: &str, account_id: &str) -> Self {
        Self {
            identity: Identity::new(region, account_id),
            now: EPOCH,
            page_size: Some(PAGE_SIZE),
            consistency_lag: 0,
            sagemaker: SageMaker::default(),
            targets: ScalableTargets::default(),
            alarms: Alarms::default(),
            metrics: Metrics::default(),
            parameters: BTreeMap::new(),
            queues: BTreeMap::new(),
            doomed_entries: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Performs one AWS operation: checks the request, does it, checks the answer.
    pub(crate) fn call(
        &mut self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, ServiceError> {
        let model = Model::of(service);
        let Some(shapes) = model.operation(operation) else {
            let message = format!("the stand-in does not answer {service} {operation}");
            return Err(ServiceError::new("UnknownOperationException", message).with_status(404));
        };
        let input = without_nulls(input);
        model.check_request(&shapes.input, &input)?;
        let output = match service {
            Service::SageMaker => self.call_sagemaker(operation, &input),
            Service::ApplicationAutoScaling => self.call_autoscaling(operation, &input),
            Service::Ssm => self.call_ssm(operation, &input),
            Service::CloudWatch => self.call_cloudwatch(operation, &input),
            Service::Tagging => self.get_resources(&input),
            Service::Sqs => self.call_sqs(operation, &input),
        }?;
        let output = without_nulls(output);
        if let Some(shape) = &shapes.output {
            // A fault of the stand-in itself must not pass for an answer of AWS.
            model.check_answer(shape, &output).map_err(|problem| {
                ServiceError::new("InternalFailure", problem).with_status(500)
            })?;
        }
        Ok(output)
    }

    /// The events that AWS would have sent to EventBridge since the last call.
    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// Everything the account holds, for assertions and for showing.
    #[must_use]
    pub fn state(&self) -> Value {
        json!({
            "Region": self.identity.region,
            "AccountId": self.identity.account_id,
            "Time": self.timestamp(),
            "EndpointConfigs": self.sagemaker.describe_configs(),
            "Endpoints": self.describe_endpoints_with_tags(),
            "InferenceComponents": self.describe_inference_components(),
            "ScalableTargets": self.describe_targets_with_all(),
            "Alarms": self.alarms.values().map(Alarm::describe).collect::<Vec<_>>(),
            "Queues": self.queues.values().map(|queue| queue.describe(self.now)).collect::<Vec<_>>(),
            "Parameters": self.parameters.values().map(Parameter::show).collect::<Vec<_>>(),
        })
    }

    /// The clock as AWS's protocols write a timestamp.
    pub(crate) fn timestamp(&self) -> f64 {
        f64::from(self.now)
    }

    /// Where a page of a listing begins; the page is never longer than the client
    /// or AWS allows.
    pub(crate) fn cursor(
        &self,
        operation: &str,
        input: &Value,
        asked: Option<usize>,
        usual: usize,
        token: Option<&str>,
    ) -> Result<Cursor, InvalidToken> {
        let allowed = asked.unwrap_or(usual);
        let size = self.page_size.map_or(allowed, |size| size.min(allowed));
        Cursor::new(operation, input, size, token)
    }
}

/// Reads an input that the model has already accepted.
pub(crate) fn read<T: DeserializeOwned>(input: &Value) -> Result<T, ServiceError> {
    T::deserialize(input).map_err(|error| ServiceError::serialization(error.to_string()))
}
