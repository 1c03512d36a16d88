//! Policies as they are registered become policies at work.

use super::{Controller, Name, Stepper, Tracker, Watch};
use crate::alarm::{Aggregation, Alarm, Comparison, MissingData, Rule};
use crate::assumptions::Assumptions;
use crate::cooldown::Cooldowns;
use crate::gauge::{Gauge, Reading};
use crate::math::Formula;
use crate::refusal::Refusal;
use crate::scaling::Scaling;
use crate::signal::{Context, Signal, Statistic};
use crate::step::Steps;
use endpoint_autoscaler_core::metric::PredefinedMetric;
use endpoint_autoscaler_core::scaling::{
    AlarmDefinition, Customized, MetricSpecification, PolicyBody, StepScaling, TargetTracking,
};

impl<'a> Controller<'a> {
    /// All policies of `scaling`; what cannot be simulated goes to `refusals`.
    pub(crate) fn new(
        scaling: &'a Scaling,
        context: &Context<'_>,
        refusals: &mut Vec<Refusal>,
    ) -> Self {
        let mut controller = Self {
            gauges: Vec::new(),
            fresh: Vec::new(),
            watches: Vec::new(),
            trackers: Vec::new(),
            steppers: Vec::new(),
            suspended: scaling.suspended,
            action_interval: context.assumptions.alarm_action_interval.into(),
            counts_from_before: context.assumptions.cooldown_counts_from_before,
            missing_breach_acts: context.assumptions.missing_breach_acts,
        };
        let mut build = Build {
            controller: &mut controller,
            context,
            refusals,
        };
        for policy in &scaling.policies {
            match &policy.body {
                PolicyBody::TargetTracking(config) => build.tracker(&policy.name, config),
                PolicyBody::Step(config) => {
                    let alarms = scaling.alarms.iter();
                    let alarms = alarms.filter(|alarm| alarm.policy == policy.name);
                    build.stepper(&policy.name, config, alarms.map(|alarm| &alarm.definition));
                }
                PolicyBody::Opaque => {
                    let rule = "must be target tracking or step scaling";
                    build
                        .refusals
                        .push(Refusal::new("policy", &policy.name, rule));
                }
            }
        }
        controller.fresh = vec![None; controller.gauges.len()];
        controller
    }
}

struct Build<'b, 'a, 'c> {
    controller: &'b mut Controller<'a>,
    context: &'b Context<'c>,
    refusals: &'b mut Vec<Refusal>,
}

const MODELLED: &str = "must be a column of the trace, or one of Invocations, \
    InvocationsPerInstance, InvocationsPerCopy, ConcurrentRequestsPerModel, \
    ConcurrentRequestsPerCopy, ServerlessProvisionedConcurrencyUtilization, \
    ApproximateBacklogSize, ApproximateBacklogSizePerInstance, HasBacklogWithoutCapacity, \
    NoCapacityInvocationFailures and, with a CPU model, CPUUtilization";

impl<'a> Build<'_, 'a, '_> {
    /// The alarms that target tracking makes for itself.
    fn tracker(&mut self, policy: &'a str, config: &'a TargetTracking) {
        let Some((reading, high_resolution)) = self.reading(policy, &config.metric) else {
            return;
        };
        if !(config.target_value.is_finite() && config.target_value > 0.0) {
            let path = format!("policy {policy}, TargetValue");
            let rule = "must be a number above 0";
            self.refusals
                .push(Refusal::new(path, config.target_value, rule));
            return;
        }
        let assumptions: &Assumptions = self.context.assumptions;
        let (period, high, low) = if high_resolution {
            (
                assumptions.high_resolution_period,
                assumptions.high_resolution_high_datapoints,
                assumptions.high_resolution_low_datapoints,
            )
        } else {
            (60, assumptions.high_datapoints, assumptions.low_datapoints)
        };
        let Some(gauge) = self.gauge(policy, reading, period) else {
            return;
        };
        let rule = |comparison, threshold, periods: u32| Rule {
            comparison,
            threshold,
            evaluation_periods: periods.max(1) as usize,
            datapoints_to_alarm: periods.max(1) as usize,
            missing: MissingData::Missing,
            extra: assumptions.extra_datapoints as usize,
        };
        let above = rule(Comparison::Greater, config.target_value, high);
        let below = rule(
            Comparison::Less,
            config.target_value * assumptions.low_ratio,
            low,
        );
        let high = self.watch(Name::High(policy), gauge, above);
        let low = (!config.disable_scale_in).then(|| self.watch(Name::Low(policy), gauge, below));
        self.controller.trackers.push(Tracker {
            policy,
            config,
            high,
            low,
            cooldowns: Cooldowns::default(),
        });
    }

    /// What a target-tracking policy looks at, and whether that is published every 10 seconds.
    fn reading(&mut self, policy: &str, metric: &MetricSpecification) -> Option<(Reading, bool)> {
        let path = |field: &str| format!("policy {policy}, {field}");
        match metric {
            MetricSpecification::Predefined(predefined) => {
                let metric = predefined.predefined_metric_type;
                let (statistic, high_resolution) = match metric {
                    PredefinedMetric::SageMakerVariantInvocationsPerInstance
                    | PredefinedMetric::SageMakerInferenceComponentInvocationsPerCopy => {
                        (Statistic::Sum, false)
                    }
                    PredefinedMetric::SageMakerVariantProvisionedConcurrencyUtilization => {
                        (Statistic::Average, false)
                    }
                    PredefinedMetric::SageMakerVariantConcurrentRequestsPerModelHighResolution
                    | PredefinedMetric::SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution => {
                        (Statistic::Maximum, true)
                    }
                };
                let signal = Signal::predefined(metric, self.context);
                Some((Reading::Metric(signal, statistic), high_resolution))
            }
            MetricSpecification::Customized(Customized::Metric(metric)) => {
                let reading = self.metric(&path(""), &metric.metric_name, &metric.statistic)?;
                Some((reading, false))
            }
            MetricSpecification::Customized(Customized::Math(math)) => {
                match Formula::new(math, self.context) {
                    Ok(formula) => Some((Reading::Math(formula.into()), false)),
                    Err((value, rule)) => {
                        self.refusals
                            .push(Refusal::new(path("Metrics"), value, rule));
                        None
                    }
                }
            }
        }
    }

    fn metric(&mut self, path: &str, name: &str, statistic: &str) -> Option<Reading> {
        let signal = Signal::named(name, self.context);
        if signal.is_none() {
            self.refusals
                .push(Refusal::new(format!("{path}MetricName"), name, MODELLED));
        }
        let parsed = Statistic::parse(statistic);
        if parsed.is_none() {
            let rule = "must be Average, Sum, Minimum, Maximum or SampleCount";
            self.refusals
                .push(Refusal::new(format!("{path}Statistic"), statistic, rule));
        }
        Some(Reading::Metric(signal?, parsed?))
    }

    fn stepper(
        &mut self,
        policy: &'a str,
        config: &'a StepScaling,
        alarms: impl Iterator<Item = &'a AlarmDefinition>,
    ) {
        let mut refuse = |field: &str, value: &str, rule: &str| {
            let path = format!("policy {policy}, {field}");
            self.refusals.push(Refusal::new(path, value, rule));
        };
        let steps = Steps::new(config);
        if steps.is_none() {
            let rule = "must be ChangeInCapacity, PercentChangeInCapacity or ExactCapacity";
            refuse("AdjustmentType", &config.adjustment_type, rule);
        }
        let aggregation = Aggregation::parse(&config.metric_aggregation_type);
        if aggregation.is_none() {
            let rule = "must be Average, Minimum or Maximum";
            refuse(
                "MetricAggregationType",
                &config.metric_aggregation_type,
                rule,
            );
        }
        let watches = alarms.filter_map(|alarm| self.alarm(alarm)).collect();
        if let (Some(steps), Some(aggregation)) = (steps, aggregation) {
            self.controller.steppers.push(Stepper {
                policy,
                steps,
                watches,
                aggregation,
                cooldown: config.cooldown.into(),
                cooldowns: Cooldowns::default(),
            });
        }
    }

    fn alarm(&mut self, alarm: &'a AlarmDefinition) -> Option<usize> {
        let path = format!("alarm {}, ", alarm.alarm_name);
        let reading = self.metric(&path, &alarm.metric_name, &alarm.statistic);
        let comparison = Comparison::parse(&alarm.comparison_operator);
        if comparison.is_none() {
            let rule = "must be GreaterThanThreshold, GreaterThanOrEqualToThreshold, \
                LessThanThreshold or LessThanOrEqualToThreshold";
            let path = format!("{path}ComparisonOperator");
            self.refusals
                .push(Refusal::new(path, &alarm.comparison_operator, rule));
        }
        let missing = MissingData::parse(&alarm.treat_missing_data);
        if missing.is_none() {
            let rule = "must be missing, ignore, breaching or notBreaching";
            let path = format!("{path}TreatMissingData");
            self.refusals
                .push(Refusal::new(path, &alarm.treat_missing_data, rule));
        }
        let periods = alarm.evaluation_periods.max(1);
        let gauge = self.gauge(&alarm.alarm_name, reading?, alarm.period)?;
        let rule = Rule {
            comparison: comparison?,
            threshold: alarm.threshold,
            evaluation_periods: periods as usize,
            datapoints_to_alarm: alarm
                .datapoints_to_alarm
                .unwrap_or(periods)
                .clamp(1, periods) as usize,
            missing: missing?,
            extra: self.context.assumptions.extra_datapoints as usize,
        };
        Some(self.watch(Name::Own(&alarm.alarm_name), gauge, rule))
    }

    /// The gauge that shows `reading`; alarms on the same share one.
    fn gauge(&mut self, owner: &str, reading: Reading, period: u32) -> Option<usize> {
        if period == 0 || !(matches!(period, 10 | 20 | 30) || period.is_multiple_of(60)) {
            let path = format!("{owner}, Period");
            let rule = "must be 10, 20, 30 or a multiple of 60 seconds";
            self.refusals.push(Refusal::new(path, period, rule));
            return None;
        }
        let gauges = &mut self.controller.gauges;
        let same = gauges
            .iter()
            .position(|gauge| gauge.shows(&reading, period));
        Some(same.unwrap_or_else(|| {
            let epoch = self.context.trace.start().as_second();
            gauges.push(Gauge::new(reading, period, epoch, self.context.assumptions));
            gauges.len() - 1
        }))
    }

    fn watch(&mut self, name: Name<'a>, gauge: usize, rule: Rule) -> usize {
        self.controller.watches.push(Watch {
            name,
            gauge,
            alarm: Alarm::new(rule),
            next_action: 0,
            fires: false,
        });
        self.controller.watches.len() - 1
    }
}
