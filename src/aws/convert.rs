//! SDK types to ours and back; server defaults are filled in on the way in.

use crate::core::metric::PredefinedMetric;
use crate::core::name::{ComponentName, ResourceId, ScalableDimension, TargetId, VariantName};
use crate::core::observation::{
    Component, DescribedComponent, Endpoint, HeldAlarm, HeldPolicy, HeldScheduledAction,
    HeldTarget, ManagedInstanceScaling, Serverless, Variant, VariantConfig,
};
use crate::core::scaling::{
    AlarmDefinition, CapacityRange, Customized, DEFAULT_COOLDOWN, Dimensions, Metric,
    MetricDataQuery, MetricMath, MetricSpecification, MetricStat, MetricStatistic, PolicyBody,
    Predefined, ScalableTargetAction, ScalingPolicy, ScheduledAction, StepAdjustment, StepScaling,
    Suspension, TargetTracking,
};
use aws_sdk_applicationautoscaling::error::BuildError;
use aws_sdk_applicationautoscaling::types as aas;
use aws_sdk_cloudwatch::types as cloudwatch;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use aws_sdk_sagemaker::operation::describe_inference_component::DescribeInferenceComponentOutput;
use aws_sdk_sagemaker::types as sagemaker;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// AWS takes `i32`; documents are checked to fit.
pub(super) fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn timestamp(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

pub(super) fn endpoint(
    described: &DescribeEndpointOutput,
    config: Option<&DescribeEndpointConfigOutput>,
    components: Vec<Component>,
) -> Endpoint {
    let production = described.production_variants().iter();
    let variants = production.chain(described.shadow_production_variants());
    Endpoint {
        status: described
            .endpoint_status()
            .map_or_else(String::new, |status| status.as_str().to_owned()),
        config_name: described.endpoint_config_name().map(str::to_owned),
        last_modified: timestamp(described.last_modified_time()),
        asynchronous: described.async_inference_config().is_some(),
        variants: variants
            .filter_map(|summary| variant(summary, config))
            .collect(),
        components,
    }
}

fn variant(
    summary: &sagemaker::ProductionVariantSummary,
    config: Option<&DescribeEndpointConfigOutput>,
) -> Option<Variant> {
    let name = summary.variant_name()?;
    let configured = config.and_then(|config| {
        let production = config.production_variants().iter();
        let mut variants = production.chain(config.shadow_production_variants());
        variants.find(|variant| variant.variant_name() == Some(name))
    });
    let enabled = Some(&sagemaker::ManagedInstanceScalingStatus::Enabled);
    let managed = summary
        .managed_instance_scaling()
        .filter(|scaling| scaling.status() == enabled);
    Some(Variant {
        name: VariantName::new(name).ok()?,
        current_instance_count: count(summary.current_instance_count()),
        serverless: summary
            .current_serverless_config()
            .map(|serverless| Serverless {
                provisioned_concurrency: count(serverless.provisioned_concurrency()),
                max_concurrency: count(serverless.max_concurrency()),
            }),
        managed_instance_scaling: managed.map(|scaling| ManagedInstanceScaling {
            min_instance_count: count(scaling.min_instance_count()),
        }),
        instance_pools: !summary.instance_pools().is_empty()
            || configured.is_some_and(|variant| !variant.instance_pools().is_empty()),
        config: configured.map(|variant| VariantConfig {
            instance_type: variant.instance_type().map(|name| name.as_str().to_owned()),
            initial_instance_count: count(variant.initial_instance_count()),
            provisioned_concurrency: variant
                .serverless_config()
                .and_then(|serverless| count(serverless.provisioned_concurrency())),
            has_model: variant.model_name().is_some(),
        }),
    })
}

pub(super) fn component(summary: &sagemaker::InferenceComponentSummary) -> Option<Component> {
    Some(Component {
        name: ComponentName::new(summary.inference_component_name()?).ok()?,
        variant: summary
            .variant_name()
            .and_then(|name| VariantName::new(name).ok()),
        status: summary
            .inference_component_status()
            .map_or_else(String::new, |status| status.as_str().to_owned()),
        described: None,
    })
}

pub(super) fn described_component(
    described: &DescribeInferenceComponentOutput,
) -> DescribedComponent {
    let config = described.runtime_config();
    let specification = described.specification();
    DescribedComponent {
        copies: config.and_then(|config| count(config.current_copy_count())),
        is_adapter: specification
            .is_some_and(|specification| specification.base_inference_component_name().is_some()),
    }
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
        suspended: target
            .suspended_state()
            .map_or(Suspension::NONE, |state| Suspension {
                scale_in: state.dynamic_scaling_in_suspended().unwrap_or_default(),
                scale_out: state.dynamic_scaling_out_suspended().unwrap_or_default(),
                scheduled: state.scheduled_scaling_suspended().unwrap_or_default(),
            }),
        tags: None,
    };
    Some((id, held))
}

pub(super) fn suspended_state(suspension: Suspension) -> aas::SuspendedState {
    aas::SuspendedState::builder()
        .dynamic_scaling_in_suspended(suspension.scale_in)
        .dynamic_scaling_out_suspended(suspension.scale_out)
        .scheduled_scaling_suspended(suspension.scheduled)
        .build()
}

pub(super) fn held_policy(policy: &aas::ScalingPolicy) -> HeldPolicy {
    let tracking = policy.target_tracking_scaling_policy_configuration();
    let step = policy.step_scaling_policy_configuration();
    let body = match (tracking, step) {
        (Some(tracking), None) => target_tracking(tracking).map(PolicyBody::TargetTracking),
        (None, Some(step)) => step_scaling(step).map(PolicyBody::Step),
        _ => None,
    };
    HeldPolicy {
        policy: ScalingPolicy {
            name: policy.policy_name().to_owned(),
            body: body.unwrap_or(PolicyBody::Opaque),
        },
        arn: policy.policy_arn().to_owned(),
        alarms: policy
            .alarms()
            .iter()
            .map(|alarm| alarm.alarm_name().to_owned())
            .collect(),
    }
}

fn step_scaling(policy: &aas::StepScalingPolicyConfiguration) -> Option<StepScaling> {
    let step = |step: &aas::StepAdjustment| StepAdjustment {
        metric_interval_lower_bound: step.metric_interval_lower_bound(),
        metric_interval_upper_bound: step.metric_interval_upper_bound(),
        scaling_adjustment: step.scaling_adjustment(),
    };
    let mut steps: Vec<_> = policy.step_adjustments().iter().map(step).collect();
    let low = |step: &StepAdjustment| {
        step.metric_interval_lower_bound
            .unwrap_or(f64::NEG_INFINITY)
    };
    steps.sort_by(|a, b| low(a).total_cmp(&low(b)));
    let aggregation = policy.metric_aggregation_type();
    Some(StepScaling {
        adjustment_type: policy.adjustment_type()?.as_str().to_owned(),
        step_adjustments: steps,
        min_adjustment_magnitude: count(policy.min_adjustment_magnitude()),
        cooldown: cooldown(policy.cooldown())?,
        metric_aggregation_type: aggregation
            .map_or("Average", |aggregation| aggregation.as_str())
            .to_owned(),
    })
}

/// The whole configuration: what is left out would revert to its default.
pub(super) fn step_configuration(
    policy: &StepScaling,
) -> Result<aas::StepScalingPolicyConfiguration, BuildError> {
    let steps = policy.step_adjustments.iter().map(|step| {
        aas::StepAdjustment::builder()
            .set_metric_interval_lower_bound(step.metric_interval_lower_bound)
            .set_metric_interval_upper_bound(step.metric_interval_upper_bound)
            .scaling_adjustment(step.scaling_adjustment)
            .build()
    });
    Ok(aas::StepScalingPolicyConfiguration::builder()
        .adjustment_type(policy.adjustment_type.as_str().into())
        .set_step_adjustments(Some(steps.collect::<Result<_, _>>()?))
        .set_min_adjustment_magnitude(policy.min_adjustment_magnitude.map(signed))
        .cooldown(signed(policy.cooldown))
        .metric_aggregation_type(policy.metric_aggregation_type.as_str().into())
        .build())
}

/// An action with a start or end time does something that no document can say.
pub(super) fn held_scheduled_action(action: &aas::ScheduledAction) -> HeldScheduledAction {
    let name = action.scheduled_action_name().to_owned();
    let timeless = action.start_time().is_none() && action.end_time().is_none();
    let bounds = action.scalable_target_action().filter(|_| timeless);
    let understood = bounds.map(|bounds| {
        let action = ScheduledAction {
            scheduled_action_name: name.clone(),
            schedule: action.schedule().to_owned(),
            timezone: action.timezone().map(str::to_owned),
            scalable_target_action: ScalableTargetAction {
                min_capacity: count(bounds.min_capacity()),
                max_capacity: count(bounds.max_capacity()),
            },
        };
        action.with_defaults()
    });
    HeldScheduledAction {
        name,
        action: understood,
    }
}

pub(super) fn held_alarm(alarm: &cloudwatch::MetricAlarm) -> Option<HeldAlarm> {
    Some(HeldAlarm {
        name: alarm.alarm_name()?.to_owned(),
        definition: alarm_definition(alarm),
        actions: alarm.alarm_actions().to_vec(),
        description: alarm.alarm_description().unwrap_or_default().to_owned(),
    })
}

/// `None` for what no document can say: metric math, percentiles, actions switched off.
fn alarm_definition(alarm: &cloudwatch::MetricAlarm) -> Option<AlarmDefinition> {
    if alarm.actions_enabled() == Some(false) {
        return None;
    }
    let definition = AlarmDefinition {
        alarm_name: alarm.alarm_name()?.to_owned(),
        namespace: alarm.namespace()?.to_owned(),
        metric_name: alarm.metric_name()?.to_owned(),
        dimensions: Some(dimensions(alarm.dimensions(), |dimension| {
            (
                dimension.name().unwrap_or_default(),
                dimension.value().unwrap_or_default(),
            )
        })),
        statistic: alarm.statistic()?.as_str().to_owned(),
        period: count(alarm.period())?,
        evaluation_periods: count(alarm.evaluation_periods())?,
        datapoints_to_alarm: count(alarm.datapoints_to_alarm()),
        threshold: alarm.threshold()?,
        comparison_operator: alarm.comparison_operator()?.as_str().to_owned(),
        treat_missing_data: alarm.treat_missing_data().unwrap_or("missing").to_owned(),
        unit: alarm.unit().map(|unit| unit.as_str().to_owned()),
    };
    Some(definition.with_defaults())
}

fn dimensions<'a, T>(list: &'a [T], pair: impl Fn(&'a T) -> (&'a str, &'a str)) -> Dimensions {
    let pairs = list.iter().map(pair);
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
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
        return Some(Customized::Metric(MetricStatistic {
            namespace: metric.namespace()?.to_owned(),
            metric_name: metric.metric_name()?.to_owned(),
            dimensions: Some(dimensions(metric.dimensions(), |dimension| {
                (dimension.name(), dimension.value())
            })),
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
            Some(MetricStat {
                metric: Metric {
                    namespace: metric.namespace()?.to_owned(),
                    metric_name: metric.metric_name()?.to_owned(),
                    dimensions: Some(dimensions(metric.dimensions(), |dimension| {
                        (dimension.name(), dimension.value())
                    })),
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
