//! SDK types to ours and back; server defaults are filled in on the way in.

use crate::core::metric::PredefinedMetric;
use crate::core::name::{ResourceId, ScalableDimension, TargetId, VariantName};
use crate::core::observation::{Endpoint, HeldTarget, Serverless, Variant, VariantConfig};
use crate::core::scaling::{
    CapacityRange, Customized, DEFAULT_COOLDOWN, Dimensions, Metric, MetricDataQuery, MetricMath,
    MetricSpecification, MetricStat, MetricStatistic, PolicyBody, Predefined, ScalingPolicy,
    TargetTracking,
};
use aws_sdk_applicationautoscaling::error::BuildError;
use aws_sdk_applicationautoscaling::types as aas;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use aws_sdk_sagemaker::types as sagemaker;
use std::collections::BTreeMap;

fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// AWS takes `i32`; documents are checked to fit.
pub(super) fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn endpoint(
    described: &DescribeEndpointOutput,
    config: Option<&DescribeEndpointConfigOutput>,
) -> Endpoint {
    let production = described.production_variants();
    let variants = production
        .iter()
        .chain(described.shadow_production_variants());
    Endpoint {
        status: described
            .endpoint_status()
            .map_or_else(String::new, |status| status.as_str().to_owned()),
        config_name: described.endpoint_config_name().map(str::to_owned),
        asynchronous: described.async_inference_config().is_some(),
        variants: variants
            .filter_map(|summary| variant(summary, config))
            .collect(),
    }
}

fn variant(
    summary: &sagemaker::ProductionVariantSummary,
    config: Option<&DescribeEndpointConfigOutput>,
) -> Option<Variant> {
    let name = summary.variant_name()?;
    let configured = config.and_then(|config| {
        let variants = config
            .production_variants()
            .iter()
            .chain(config.shadow_production_variants());
        variants
            .into_iter()
            .find(|variant| variant.variant_name() == Some(name))
    });
    Some(Variant {
        name: VariantName::new(name).ok()?,
        current_instance_count: count(summary.current_instance_count()),
        serverless: summary
            .current_serverless_config()
            .map(|serverless| Serverless {
                provisioned_concurrency: count(serverless.provisioned_concurrency()),
            }),
        managed_instance_scaling: summary.managed_instance_scaling().is_some_and(|scaling| {
            scaling.status() == Some(&sagemaker::ManagedInstanceScalingStatus::Enabled)
        }),
        config: configured.map(|variant| VariantConfig {
            instance_type: variant.instance_type().map(|name| name.as_str().to_owned()),
            initial_instance_count: count(variant.initial_instance_count()),
            has_model: variant.model_name().is_some(),
            instance_pools: !variant.instance_pools().is_empty(),
        }),
    })
}

pub(super) fn target_id(resource_id: &str, dimension: &aas::ScalableDimension) -> Option<TargetId> {
    Some(TargetId {
        resource: ResourceId::parse(resource_id)?,
        dimension: ScalableDimension::parse(dimension.as_str())?,
    })
}

pub(super) fn held_target(target: &aas::ScalableTarget) -> Option<(TargetId, HeldTarget)> {
    let id = target_id(target.resource_id(), target.scalable_dimension())?;
    let (min, max) = (
        count(Some(target.min_capacity()))?,
        count(Some(target.max_capacity()))?,
    );
    let held = HeldTarget {
        arn: target.scalable_target_arn().unwrap_or_default().to_owned(),
        range: CapacityRange::new(min, max)?,
        tags: None,
    };
    Some((id, held))
}

pub(super) fn held_policy(policy: &aas::ScalingPolicy) -> ScalingPolicy {
    let tracking = policy.target_tracking_scaling_policy_configuration();
    let body = tracking
        .and_then(target_tracking)
        .map_or(PolicyBody::Opaque, PolicyBody::TargetTracking);
    ScalingPolicy {
        name: policy.policy_name().to_owned(),
        body,
    }
}

fn cooldown(seconds: Option<i32>) -> Option<u32> {
    seconds.map_or(Some(DEFAULT_COOLDOWN), |seconds| {
        u32::try_from(seconds).ok()
    })
}

fn target_tracking(
    policy: &aas::TargetTrackingScalingPolicyConfiguration,
) -> Option<TargetTracking> {
    let predefined = policy.predefined_metric_specification();
    let metric = match (predefined, policy.customized_metric_specification()) {
        (Some(metric), None) if metric.resource_label().is_none() => {
            let metric = PredefinedMetric::parse(metric.predefined_metric_type().as_str())?;
            MetricSpecification::Predefined(Predefined {
                predefined_metric_type: metric,
            })
        }
        (None, Some(metric)) => MetricSpecification::Customized(customized(metric)?),
        _ => return None,
    };
    Some(TargetTracking {
        target_value: policy.target_value(),
        metric,
        scale_in_cooldown: cooldown(policy.scale_in_cooldown())?,
        scale_out_cooldown: cooldown(policy.scale_out_cooldown())?,
        disable_scale_in: policy.disable_scale_in().unwrap_or(false),
    })
}

fn customized(metric: &aas::CustomizedMetricSpecification) -> Option<Customized> {
    if metric.metrics().is_empty() {
        let dimensions = metric.dimensions().iter();
        let dimensions: BTreeMap<_, _> = dimensions
            .map(|dimension| (dimension.name().to_owned(), dimension.value().to_owned()))
            .collect();
        return Some(Customized::Metric(MetricStatistic {
            namespace: metric.namespace()?.to_owned(),
            metric_name: metric.metric_name()?.to_owned(),
            dimensions: Some(Dimensions(dimensions)),
            statistic: metric.statistic()?.as_str().to_owned(),
            unit: metric.unit().map(str::to_owned),
        }));
    }
    let queries: Option<Vec<_>> = metric.metrics().iter().map(query).collect();
    let mut metrics = queries?;
    metrics.sort_by(|a, b| a.id.cmp(&b.id));
    Some(Customized::Math(MetricMath { metrics }))
}

fn query(query: &aas::TargetTrackingMetricDataQuery) -> Option<MetricDataQuery> {
    let metric_stat = match query.metric_stat() {
        None => None,
        Some(stat) => {
            let metric = stat.metric()?;
            let dimensions = metric.dimensions().iter();
            let dimensions: BTreeMap<_, _> = dimensions
                .map(|dimension| (dimension.name().to_owned(), dimension.value().to_owned()))
                .collect();
            Some(MetricStat {
                metric: Metric {
                    namespace: metric.namespace()?.to_owned(),
                    metric_name: metric.metric_name()?.to_owned(),
                    dimensions: Some(Dimensions(dimensions)),
                },
                stat: stat.stat().to_owned(),
                unit: stat.unit().map(str::to_owned),
            })
        }
    };
    Some(MetricDataQuery {
        id: query.id().to_owned(),
        expression: query.expression().map(str::to_owned),
        label: query.label().map(str::to_owned),
        metric_stat,
        return_data: query.return_data().unwrap_or(true),
    })
}

/// The whole configuration: what is left out would revert to its default.
pub(super) fn tracking_configuration(
    policy: &TargetTracking,
) -> Result<aas::TargetTrackingScalingPolicyConfiguration, BuildError> {
    let builder = aas::TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(policy.target_value)
        .scale_in_cooldown(signed(policy.scale_in_cooldown))
        .scale_out_cooldown(signed(policy.scale_out_cooldown))
        .disable_scale_in(policy.disable_scale_in);
    let builder = match &policy.metric {
        MetricSpecification::Predefined(metric) => builder.predefined_metric_specification(
            aas::PredefinedMetricSpecification::builder()
                .predefined_metric_type(metric.predefined_metric_type.as_str().into())
                .build()?,
        ),
        MetricSpecification::Customized(Customized::Metric(metric)) => {
            let dimensions = metric.dimensions.iter().flat_map(|Dimensions(all)| all);
            let dimensions: Result<Vec<_>, _> = dimensions
                .map(|(name, value)| {
                    aas::MetricDimension::builder()
                        .name(name)
                        .value(value)
                        .build()
                })
                .collect();
            builder.customized_metric_specification(
                aas::CustomizedMetricSpecification::builder()
                    .namespace(&metric.namespace)
                    .metric_name(&metric.metric_name)
                    .set_dimensions(Some(dimensions?).filter(|all| !all.is_empty()))
                    .statistic(metric.statistic.as_str().into())
                    .set_unit(metric.unit.clone())
                    .build(),
            )
        }
        MetricSpecification::Customized(Customized::Math(math)) => {
            let queries: Result<Vec<_>, _> = math.metrics.iter().map(data_query).collect();
            builder.customized_metric_specification(
                aas::CustomizedMetricSpecification::builder()
                    .set_metrics(Some(queries?))
                    .build(),
            )
        }
    };
    builder.build()
}

fn data_query(query: &MetricDataQuery) -> Result<aas::TargetTrackingMetricDataQuery, BuildError> {
    let stat = query.metric_stat.as_ref().map(metric_stat).transpose()?;
    aas::TargetTrackingMetricDataQuery::builder()
        .id(&query.id)
        .set_expression(query.expression.clone())
        .set_label(query.label.clone())
        .set_metric_stat(stat)
        .return_data(query.return_data)
        .build()
}

fn metric_stat(stat: &MetricStat) -> Result<aas::TargetTrackingMetricStat, BuildError> {
    let dimensions = stat
        .metric
        .dimensions
        .iter()
        .flat_map(|Dimensions(all)| all);
    let dimensions: Result<Vec<_>, _> = dimensions
        .map(|(name, value)| {
            aas::TargetTrackingMetricDimension::builder()
                .name(name)
                .value(value)
                .build()
        })
        .collect();
    let metric = aas::TargetTrackingMetric::builder()
        .namespace(&stat.metric.namespace)
        .metric_name(&stat.metric.metric_name)
        .set_dimensions(Some(dimensions?).filter(|all| !all.is_empty()))
        .build();
    aas::TargetTrackingMetricStat::builder()
        .metric(metric)
        .stat(&stat.stat)
        .set_unit(stat.unit.clone())
        .build()
}
