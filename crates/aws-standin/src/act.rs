//! Acts: what deployers, people and AWS itself do to the account.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::account::Account;
use crate::autoscaling::TargetKey;
use crate::error::ServiceError;
use crate::sagemaker::{EndpointStatus, NewComponent};
use crate::service::Service;
use crate::sqs::QueueSettings;
use crate::ssm::ParameterType;

/// Something that happens in the account, told in AWS's own field names.
///
/// ```
/// use aws_standin::Act;
///
/// let act: Act = serde_json::from_str(
///     r#"{"act": "CreateEndpoint", "EndpointName": "plain", "EndpointConfigName": "plain-config"}"#,
/// )?;
/// assert!(matches!(act, Act::CreateEndpoint { endpoint_name, .. } if endpoint_name == "plain"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all_fields = "PascalCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Act {
    /// Creates an endpoint configuration.
    CreateEndpointConfig {
        /// Its name.
        endpoint_config_name: String,
        /// `ProductionVariant` structures of the SageMaker API.
        production_variants: Value,
        /// `ProductionVariant` structures of the SageMaker API.
        #[serde(default)]
        shadow_production_variants: Value,
        /// Makes the endpoint asynchronous.
        #[serde(default)]
        async_inference_config: Value,
        /// The role that models run under.
        #[serde(default)]
        execution_role_arn: Option<String>,
    },
    /// Deletes an endpoint configuration, in use or not.
    DeleteEndpointConfig {
        /// Its name.
        endpoint_config_name: String,
    },
    /// Creates an endpoint, which is in service at once unless a status is given.
    CreateEndpoint {
        /// Its name.
        endpoint_name: String,
        /// The configuration to run on.
        endpoint_config_name: String,
        /// A list of `Key` and `Value`.
        #[serde(default = "no_tags")]
        tags: Value,
        /// `InService`, or `Creating`: then it is in service after a while.
        #[serde(default = "in_service")]
        status: EndpointStatus,
    },
    /// Begins to move an endpoint to a configuration.
    UpdateEndpoint {
        /// Its name.
        endpoint_name: String,
        /// The configuration to run on.
        endpoint_config_name: String,
        /// Whether counts stay, or go back to the configuration's.
        #[serde(default)]
        retain_all_variant_properties: bool,
    },
    /// Deletes an endpoint and, silently, its scalable targets.
    DeleteEndpoint {
        /// Its name.
        endpoint_name: String,
        /// Gone at once, or `Deleting` until the clock is advanced.
        #[serde(default = "yes")]
        gone: bool,
        /// Leaves scalable targets behind, as a deletion that went wrong does.
        #[serde(default)]
        keep_scalable_targets: bool,
    },
    /// Adds tags to an endpoint, or changes them.
    AddTags {
        /// The endpoint's name.
        endpoint_name: String,
        /// A list of `Key` and `Value`.
        tags: Value,
    },
    /// Takes tags off an endpoint.
    DeleteTags {
        /// The endpoint's name.
        endpoint_name: String,
        /// Their keys.
        tag_keys: Vec<String>,
    },
    /// Writes a parameter, new or not.
    PutParameter {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// Its kind.
        #[serde(rename = "Type", default = "string_parameter")]
        kind: ParameterType,
    },
    /// Deletes a parameter.
    DeleteParameter {
        /// Its name.
        name: String,
    },
    /// Records a metric, one value for each period.
    PutMetricData {
        /// Such as `AWS/SageMaker`.
        namespace: String,
        /// Its name.
        metric_name: String,
        /// A list of `Name` and `Value`.
        dimensions: Value,
        /// Seconds since 1970 of the first value.
        start_time: i64,
        /// Seconds from one value to the next.
        period: u32,
        /// The values.
        values: Vec<f64>,
    },
    /// Puts an endpoint into a state, whatever it was doing.
    SetEndpointStatus {
        /// Its name.
        endpoint_name: String,
        /// The state.
        endpoint_status: EndpointStatus,
        /// Why it failed.
        #[serde(default)]
        failure_reason: Option<String>,
    },
    /// Moves the clock; deployments and scaling activities complete meanwhile.
    Advance {
        /// By how much.
        seconds: u32,
    },
    /// Application Auto Scaling acts by itself, within the target's bounds.
    Scale {
        /// The target's resource.
        resource_id: String,
        /// The target's dimension.
        scalable_dimension: String,
        /// The capacity that its policies ask for.
        desired_capacity: u32,
    },
    /// The time of a scheduled action has come.
    FireScheduledAction {
        /// The target's resource.
        resource_id: String,
        /// The target's dimension.
        scalable_dimension: String,
        /// The action's name.
        scheduled_action_name: String,
    },
    /// A person performs an AWS operation, under the same rules as any client.
    Call {
        /// The service, as in the journal.
        service: Service,
        /// The operation.
        operation: String,
        /// Its input.
        #[serde(default)]
        input: Value,
    },
    /// Creates an inference component.
    CreateInferenceComponent {
        /// Its name.
        inference_component_name: String,
        /// The endpoint that hosts it.
        endpoint_name: String,
        /// The variant that hosts it.
        variant_name: String,
        /// What it runs.
        #[serde(default)]
        specification: Value,
        /// How many copies: `{"CopyCount": n}`.
        runtime_config: RuntimeConfig,
        /// `InService`, or `Creating`: then it is in service after a while.
        #[serde(default = "in_service")]
        status: EndpointStatus,
    },
    /// Updates an inference component.
    UpdateInferenceComponent {
        /// Its name.
        inference_component_name: String,
        /// What it is to run.
        #[serde(default)]
        specification: Option<Value>,
        /// How many copies: `{"CopyCount": n}`.
        #[serde(default)]
        runtime_config: Option<RuntimeConfig>,
        /// `InService`, or `Updating`: then it is in service after a while.
        #[serde(default = "in_service")]
        status: EndpointStatus,
    },
    /// Deletes an inference component. A scalable target of it stays.
    DeleteInferenceComponent {
        /// Its name.
        inference_component_name: String,
        /// Gone at once, or `Deleting` until the clock is advanced.
        #[serde(default = "yes")]
        gone: bool,
    },
    /// Creates a standard queue, with a dead-letter queue behind it.
    CreateQueue {
        /// Its name, the last part of its URL.
        queue_name: String,
        /// How often a message may be received before it is a dead letter.
        #[serde(default = "five")]
        max_receive_count: u32,
        /// Seconds until a message that was taken is visible again.
        #[serde(default = "half_a_minute")]
        visibility_timeout: u32,
        /// Seconds until a message is visible that does not say.
        #[serde(default)]
        delay_seconds: u32,
    },
    /// How many scalable targets the account may have.
    SetScalableTargetQuota {
        /// The number of targets.
        targets: usize,
    },
    /// How many calls do not see a scalable target that is registered from now on.
    SetConsistencyLag {
        /// The number of calls.
        calls: u32,
    },
    /// How many items a page has at most; without a number, AWS's own.
    SetPageSize {
        /// The number of items.
        #[serde(default)]
        items: Option<usize>,
    },
}

/// How many copies of an inference component run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RuntimeConfig {
    /// The number of copies.
    pub copy_count: u32,
}

const fn in_service() -> EndpointStatus {
    EndpointStatus::InService
}

const fn string_parameter() -> ParameterType {
    ParameterType::String
}

const fn five() -> u32 {
    5
}

/// The default of SQS (`CreateQueue`, API reference).
const fn half_a_minute() -> u32 {
    30
}

const fn yes() -> bool {
    true
}

fn no_tags() -> Value {
    json!([])
}

/// An act that AWS would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code}: {message}")]
pub struct ActError {
    /// AWS's error code.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

impl From<ServiceError> for ActError {
    fn from(error: ServiceError) -> Self {
        Self {
            code: error.code.into_owned(),
            message: error.message.unwrap_or_default(),
        }
    }
}

impl Account {
    /// Performs an act. `Act::Call` is answered like a client's call.
    ///
    /// # Errors
    ///
    /// What AWS would refuse; the account is then as it was.
    pub fn act(&mut self, act: Act) -> Result<(), ActError> {
        self.perform(act).map_err(ActError::from)
    }

    #[expect(clippy::too_many_lines, reason = "one arm per act, each a call")]
    fn perform(&mut self, act: Act) -> Result<(), ServiceError> {
        let settled = |status| status == EndpointStatus::InService;
        match act {
            Act::CreateEndpointConfig {
                endpoint_config_name,
                production_variants,
                shadow_production_variants,
                async_inference_config,
                execution_role_arn,
            } => self.create_endpoint_config(
                &endpoint_config_name,
                json!({
                    "ProductionVariants": production_variants,
                    "ShadowProductionVariants": shadow_production_variants,
                    "AsyncInferenceConfig": async_inference_config,
                    "ExecutionRoleArn": execution_role_arn,
                }),
            ),
            Act::DeleteEndpointConfig {
                endpoint_config_name,
            } => self.delete_endpoint_config(&endpoint_config_name),
            Act::CreateEndpoint {
                endpoint_name,
                endpoint_config_name,
                tags,
                status,
            } => self.create_endpoint(&endpoint_name, &endpoint_config_name, &tags, status),
            Act::UpdateEndpoint {
                endpoint_name,
                endpoint_config_name,
                retain_all_variant_properties,
            } => self.update_endpoint(
                &endpoint_name,
                &endpoint_config_name,
                retain_all_variant_properties,
            ),
            Act::DeleteEndpoint {
                endpoint_name,
                gone,
                keep_scalable_targets,
            } => self.delete_endpoint(&endpoint_name, gone, keep_scalable_targets),
            Act::AddTags {
                endpoint_name,
                tags,
            } => self.add_tags(&endpoint_name, &tags),
            Act::DeleteTags {
                endpoint_name,
                tag_keys,
            } => self.delete_tags(&endpoint_name, &tag_keys),
            Act::PutParameter { name, value, kind } => self.put_parameter(&name, &value, kind),
            Act::DeleteParameter { name } => self.delete_parameter(&name),
            Act::SetEndpointStatus {
                endpoint_name,
                endpoint_status,
                failure_reason,
            } => self.force_status(&endpoint_name, endpoint_status, failure_reason),
            Act::Advance { seconds } => {
                self.advance(seconds);
                Ok(())
            }
            Act::Scale {
                resource_id,
                scalable_dimension,
                desired_capacity,
            } => {
                let key = TargetKey::parse(&resource_id, &scalable_dimension)?;
                self.scale(&key, desired_capacity)
            }
            Act::FireScheduledAction {
                resource_id,
                scalable_dimension,
                scheduled_action_name,
            } => {
                let key = TargetKey::parse(&resource_id, &scalable_dimension)?;
                self.fire_action(&key, &scheduled_action_name)
            }
            Act::Call {
                service,
                operation,
                input,
            } => self.call(service, &operation, input).map(drop),
            Act::CreateInferenceComponent {
                inference_component_name,
                endpoint_name,
                variant_name,
                specification,
                runtime_config,
                status,
            } => self.create_component(NewComponent {
                name: &inference_component_name,
                endpoint_name: &endpoint_name,
                variant_name: &variant_name,
                specification,
                copies: runtime_config.copy_count,
                settled: settled(status),
            }),
            Act::UpdateInferenceComponent {
                inference_component_name,
                specification,
                runtime_config,
                status,
            } => self.update_component(
                &inference_component_name,
                specification,
                runtime_config.map(|config| config.copy_count),
                settled(status),
            ),
            Act::DeleteInferenceComponent {
                inference_component_name,
                gone,
            } => self.delete_component(&inference_component_name, gone),
            Act::CreateQueue {
                queue_name,
                max_receive_count,
                visibility_timeout,
                delay_seconds,
            } => self.create_queue(
                &queue_name,
                QueueSettings {
                    max_receive_count,
                    visibility_timeout,
                    delay: delay_seconds,
                },
            ),
            Act::PutMetricData {
                namespace,
                metric_name,
                dimensions,
                start_time,
                period,
                values,
            } => self.put_metric_data(
                json!({"Namespace": namespace, "MetricName": metric_name, "Dimensions": dimensions}),
                start_time,
                period,
                &values,
            ),
            Act::SetScalableTargetQuota { targets } => {
                self.targets.quota = targets;
                Ok(())
            }
            Act::SetConsistencyLag { calls } => {
                self.consistency_lag = calls;
                Ok(())
            }
            Act::SetPageSize { items } => {
                if items == Some(0) {
                    return Err(ServiceError::validation("A page has at least one item."));
                }
                self.page_size = items;
                Ok(())
            }
        }
    }
}
