//! What only the command line calls, with its user's own credentials: the function never does, and
//! its role allows none of it.

use super::{Aws, call_error, convert, done};
use crate::core::fault::CallError;
use crate::core::name::{ComponentName, EndpointName, ResourceId};
use crate::core::observation::Observation;
use crate::core::subject::subjects;
use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_sdk_sagemaker::types::Tag;
use jiff::Timestamp;
use serde::Serialize;

/// Activities per resource that are worth showing.
const RECENT: i32 = 5;

/// One scaling activity, as Application Auto Scaling tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// RFC 3339.
    pub time: String,
    /// `Successful`, `Failed`, …
    pub status: String,
    /// What was done.
    pub description: String,
    /// Why.
    pub cause: String,
    /// AWS's message, such as a quota that is too small.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_scaled_reasons: Vec<String>,
}

impl Aws {
    /// Sets a tag of an endpoint.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn tag_endpoint(&self, arn: &str, key: &str, value: &str) -> Result<(), CallError> {
        let tag = Tag::builder().key(key).value(value).build();
        done(
            "AddTags",
            self.sagemaker
                .add_tags()
                .resource_arn(arn)
                .tags(tag)
                .send()
                .await,
        )
    }

    /// ARN and configuration of an endpoint; `None` when there is none.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn arn_and_config(
        &self,
        name: &EndpointName,
    ) -> Result<Option<(String, String)>, CallError> {
        let described = self.describe_endpoint(name).await?;
        Ok(described.map(|described| {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            (
                text(described.endpoint_arn()),
                text(described.endpoint_config_name()),
            )
        }))
    }

    /// The last activities of a scalable target, also those that did not scale, with their reasons.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn activities(
        &self,
        resource: &str,
        dimension: &str,
    ) -> Result<Vec<Activity>, CallError> {
        let request = self
            .scaling
            .describe_scaling_activities()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource)
            .scalable_dimension(dimension.into())
            .include_not_scaled_activities(true)
            .max_results(RECENT);
        let answer = request
            .send()
            .await
            .map_err(|error| call_error("DescribeScalingActivities", &error))?;
        let activities = answer.scaling_activities.unwrap_or_default().into_iter();
        Ok(activities
            .map(|activity| Activity {
                time: super::convert::timestamp(Some(&activity.start_time))
                    .map(|time| time.to_string())
                    .unwrap_or_default(),
                status: activity.status_code.as_str().to_owned(),
                description: activity.description,
                cause: activity.cause,
                message: activity.status_message.unwrap_or_default(),
                not_scaled_reasons: activity
                    .not_scaled_reasons
                    .unwrap_or_default()
                    .into_iter()
                    .map(|reason| reason.code)
                    .collect(),
            })
            .collect())
    }

    /// How many copies of an inference component run; `None` when there is no such component.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn running_copies(&self, name: &ComponentName) -> Result<Option<u32>, CallError> {
        let described = self.describe_component(name).await?;
        Ok(described.and_then(|(_, component)| component.copies))
    }

    /// An endpoint and what is held for it, whatever its status; `None` when there is none.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn held_by(
        &self,
        name: &EndpointName,
        now: Timestamp,
    ) -> Result<Option<Observation>, CallError> {
        let Some(described) = self.describe_endpoint(name).await? else {
            return Ok(None);
        };
        let components = self.list_components(Some(name)).await?;
        let components: Vec<_> = components.iter().filter_map(convert::component).collect();
        let endpoint = convert::endpoint(&described, None, components);
        let subjects = subjects(name, &endpoint);
        let resources = subjects
            .iter()
            .map(|subject| subject.id.resource.to_string());
        Ok(Some(Observation {
            scaling: self.scaling_of(&resources.collect::<Vec<_>>()).await?,
            endpoint: Some(endpoint),
            ..Observation::of_nothing(name.clone(), now)
        }))
    }

    /// Names of all endpoints.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn endpoint_names(&self) -> Result<Vec<EndpointName>, CallError> {
        let endpoints = self.list_endpoints().await?;
        let names = endpoints
            .iter()
            .filter_map(|endpoint| EndpointName::new(endpoint.endpoint_name()?).ok());
        Ok(names.collect())
    }

    /// How many scalable targets the account has in the namespace of SageMaker.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn count_scalable_targets(&self) -> Result<usize, CallError> {
        Ok(self.scalable_targets(None).await?.len())
    }

    /// Requests to a variant or component in each period of so many seconds that had any, by the
    /// second at which the period begins.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn recorded_invocations(
        &self,
        resource: &ResourceId,
        (from, to): (Timestamp, Timestamp),
        period: i32,
    ) -> Result<Vec<(i64, f64)>, CallError> {
        let dimension =
            |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
        let dimensions = match resource {
            ResourceId::Variant { endpoint, variant } => vec![
                dimension("EndpointName", endpoint.as_str()),
                dimension("VariantName", variant.as_str()),
            ],
            ResourceId::Component(component) => {
                vec![dimension("InferenceComponentName", component.as_str())]
            }
        };
        let metric = Metric::builder()
            .namespace("AWS/SageMaker")
            .metric_name("Invocations")
            .set_dimensions(Some(dimensions));
        let stat = MetricStat::builder()
            .metric(metric.build())
            .period(period)
            .stat("Sum");
        let query = MetricDataQuery::builder()
            .id("invocations")
            .metric_stat(stat.build());
        let pages = self
            .cloudwatch
            .get_metric_data()
            .metric_data_queries(query.build())
            .start_time(DateTime::from_secs(from.as_second()))
            .end_time(DateTime::from_secs(to.as_second()))
            .scan_by(ScanBy::TimestampAscending)
            .into_paginator()
            .send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(|error| call_error("GetMetricData", &error))?;
        let mut points = Vec::new();
        for result in pages
            .iter()
            .flat_map(GetMetricDataOutput::metric_data_results)
        {
            let times = result.timestamps().iter().map(DateTime::secs);
            points.extend(times.zip(result.values().iter().copied()));
        }
        Ok(points)
    }
}
