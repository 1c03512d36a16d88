//! Metrics: what of the fleet or of the trace CloudWatch would show under a name.

use crate::assumptions::Assumptions;
use crate::fleet::{Capacity, Cpu, Fleet, Tick};
use crate::trace::Trace;
use endpoint_autoscaler_core::metric::PredefinedMetric;

/// What a metric measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Signal {
    /// `Invocations`: one for every request.
    Invocations,
    /// `InvocationsPerInstance` and `InvocationsPerCopy`: every request sends 1 / instances.
    InvocationsPerInstance,
    /// `ConcurrentRequestsPerModel` and `ConcurrentRequestsPerCopy`, by Little's law: arrivals
    /// times latency. Requests beyond the capacity count once, not for as long as they would wait.
    Concurrency { latency: f64 },
    /// `ServerlessProvisionedConcurrencyUtilization`.
    Utilization { latency: f64, capped: bool },
    /// `CPUUtilization`.
    Cpu { cpu: Cpu, per_second: f64 },
    /// `ApproximateBacklogSize`.
    Backlog,
    /// `ApproximateBacklogSizePerInstance`; there is none without an instance.
    BacklogPerInstance,
    /// `HasBacklogWithoutCapacity`.
    HasBacklogWithoutCapacity,
    /// `NoCapacityInvocationFailures`, published for failures only.
    NoCapacityInvocationFailures,
    /// A column of the trace.
    Column { index: usize, shared: bool },
}

impl Signal {
    pub(crate) fn predefined(metric: PredefinedMetric, context: &Context<'_>) -> Self {
        let name = match metric {
            PredefinedMetric::SageMakerVariantInvocationsPerInstance
            | PredefinedMetric::SageMakerInferenceComponentInvocationsPerCopy => {
                "InvocationsPerInstance"
            }
            PredefinedMetric::SageMakerVariantConcurrentRequestsPerModelHighResolution
            | PredefinedMetric::SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution => {
                "ConcurrentRequestsPerModel"
            }
            PredefinedMetric::SageMakerVariantProvisionedConcurrencyUtilization => {
                "ServerlessProvisionedConcurrencyUtilization"
            }
        };
        Self::modelled(name, context).unwrap_or(Self::Invocations)
    }

    /// A column of the trace of that name, else what the model knows under it.
    pub(crate) fn named(name: &str, context: &Context<'_>) -> Option<Self> {
        match context.trace.column_index(name) {
            Some(index) => Some(Self::Column {
                index,
                shared: context.fleet.shared_columns.contains(name),
            }),
            None => Self::modelled(name, context),
        }
    }

    fn modelled(name: &str, context: &Context<'_>) -> Option<Self> {
        let capacity: Capacity = context.fleet.capacity;
        let latency = capacity.latency();
        Some(match name {
            "Invocations" => Self::Invocations,
            "InvocationsPerInstance" | "InvocationsPerCopy" => Self::InvocationsPerInstance,
            "ConcurrentRequestsPerModel" | "ConcurrentRequestsPerCopy" => {
                Self::Concurrency { latency }
            }
            "ServerlessProvisionedConcurrencyUtilization" => Self::Utilization {
                latency,
                capped: context.assumptions.utilization_is_capped,
            },
            "CPUUtilization" | "CPUUtilizationNormalized" => Self::Cpu {
                cpu: context.fleet.cpu?,
                per_second: capacity.per_minute() / 60.0,
            },
            "ApproximateBacklogSize" => Self::Backlog,
            "ApproximateBacklogSizePerInstance" => Self::BacklogPerInstance,
            "HasBacklogWithoutCapacity" => Self::HasBacklogWithoutCapacity,
            "NoCapacityInvocationFailures" => Self::NoCapacityInvocationFailures,
            _ => return None,
        })
    }

    /// What is published for one tick, if anything.
    pub(crate) fn sample(&self, tick: &Tick, zeros: bool, trace: &Trace) -> Option<Sample> {
        let with = 1.0 - tick.without;
        let rate = tick.requests / tick.seconds;
        let each = |requests: f64, value: f64| {
            if requests > 0.0 {
                Some(Sample::of(requests, value))
            } else {
                zeros.then(|| Sample::of(1.0, 0.0))
            }
        };
        let running = |value: f64| (with > 0.0).then(|| Sample::of(1.0, value));
        match *self {
            Self::Invocations => each(tick.requests, 1.0),
            Self::InvocationsPerInstance if with > 0.0 => each(tick.requests * with, tick.share),
            Self::InvocationsPerInstance => None,
            Self::Concurrency { latency } => running(rate * latency * tick.share),
            Self::Utilization { latency, capped } => {
                let used = rate * latency * tick.share;
                running(if capped { used.min(1.0) } else { used })
            }
            Self::Cpu { cpu, per_second } => {
                let load = (rate * tick.share / per_second).min(1.0);
                running(cpu.idle + (cpu.full - cpu.idle) * load)
            }
            Self::Backlog => Some(Sample::of(1.0, tick.backlog)),
            Self::BacklogPerInstance => {
                (tick.running > 0).then(|| Sample::of(1.0, tick.backlog / f64::from(tick.running)))
            }
            Self::HasBacklogWithoutCapacity => {
                let waits = tick.running == 0 && tick.backlog > 0.0;
                Some(Sample::of(1.0, f64::from(u8::from(waits))))
            }
            Self::NoCapacityInvocationFailures => {
                let failed = tick.requests * tick.without;
                (failed > 0.0).then(|| Sample::of(failed, 1.0))
            }
            Self::Column { index, shared } => {
                let value = trace.column(index, tick.minute)?;
                if shared {
                    running(value * tick.share)
                } else {
                    Some(Sample::of(1.0, value))
                }
            }
        }
    }
}

/// What signals are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) trace: &'a Trace,
    pub(crate) assumptions: &'a Assumptions,
}

/// A CloudWatch statistic set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    count: f64,
    sum: f64,
    least: f64,
    greatest: f64,
}

impl Sample {
    pub(crate) const NONE: Self = Self {
        count: 0.0,
        sum: 0.0,
        least: f64::INFINITY,
        greatest: f64::NEG_INFINITY,
    };

    /// The same value so many times.
    pub(crate) fn of(count: f64, value: f64) -> Self {
        Self {
            count,
            sum: count * value,
            least: value,
            greatest: value,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }

    /// NaN where nothing was published.
    pub(crate) fn statistic(&self, statistic: Statistic) -> f64 {
        if self.count <= 0.0 {
            return f64::NAN;
        }
        match statistic {
            Statistic::Average => self.sum / self.count,
            Statistic::Sum => self.sum,
            Statistic::Minimum => self.least,
            Statistic::Maximum => self.greatest,
            Statistic::SampleCount => self.count,
        }
    }
}

/// `Statistic`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    Average,
    Sum,
    Minimum,
    Maximum,
    SampleCount,
}

impl Statistic {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "Average" => Some(Self::Average),
            "Sum" => Some(Self::Sum),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            "SampleCount" => Some(Self::SampleCount),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(requests: f64, running: u32) -> Tick {
        Tick {
            seconds: 60.0,
            requests,
            minute: 0,
            share: if running == 0 {
                0.0
            } else {
                1.0 / f64::from(running)
            },
            without: f64::from(u8::from(running == 0)),
            backlog: 12.0,
            running,
            over: 0.0,
            serving: f64::from(running),
            billed: f64::from(running),
        }
    }

    fn value(signal: Signal, statistic: Statistic, tick: &Tick) -> Option<f64> {
        let trace = Trace::default();
        let sample = signal.sample(tick, true, &trace)?;
        Some(sample.statistic(statistic))
    }

    /// SageMaker developer guide, "Metrics for monitoring": 1 / numberOfInstances is sent as the
    /// value on each request.
    #[test]
    fn developer_guide_invocations_per_instance_is_requests_over_instances() {
        let of = |statistic, requests, running| {
            value(
                Signal::InvocationsPerInstance,
                statistic,
                &tick(requests, running),
            )
        };
        assert_eq!(of(Statistic::Sum, 300.0, 4), Some(75.0));
        assert_eq!(of(Statistic::Average, 300.0, 4), Some(0.25));
        assert_eq!(of(Statistic::Sum, 0.0, 4), Some(0.0));
        assert_eq!(of(Statistic::Sum, 300.0, 0), None);
    }

    #[test]
    fn concurrency_is_arrivals_times_latency() {
        let concurrency = Signal::Concurrency { latency: 2.0 };
        assert_eq!(
            value(concurrency, Statistic::Maximum, &tick(300.0, 5)),
            Some(2.0)
        );
        let utilization = |capped| Signal::Utilization {
            latency: 2.0,
            capped,
        };
        assert_eq!(
            value(utilization(true), Statistic::Average, &tick(300.0, 5)),
            Some(1.0)
        );
        assert_eq!(
            value(utilization(false), Statistic::Average, &tick(300.0, 5)),
            Some(2.0)
        );
    }

    #[test]
    fn cpu_is_a_line_that_ends_at_capacity() {
        let cpu = Signal::Cpu {
            cpu: Cpu {
                idle: 5.0,
                full: 95.0,
            },
            per_second: 1.0,
        };
        assert_eq!(value(cpu, Statistic::Average, &tick(0.0, 2)), Some(5.0));
        assert_eq!(value(cpu, Statistic::Average, &tick(60.0, 2)), Some(50.0));
        assert_eq!(value(cpu, Statistic::Average, &tick(600.0, 2)), Some(95.0));
    }

    /// SageMaker developer guide, "Autoscale an asynchronous endpoint".
    #[test]
    fn developer_guide_backlog_metrics() {
        let of = |signal, running| value(signal, Statistic::Average, &tick(0.0, running));
        assert_eq!(of(Signal::Backlog, 0), Some(12.0));
        assert_eq!(of(Signal::BacklogPerInstance, 4), Some(3.0));
        assert_eq!(of(Signal::BacklogPerInstance, 0), None);
        assert_eq!(of(Signal::HasBacklogWithoutCapacity, 0), Some(1.0));
        assert_eq!(of(Signal::HasBacklogWithoutCapacity, 1), Some(0.0));
    }

    #[test]
    fn failures_without_capacity_are_published_only_when_there_are_any() {
        let of = |requests, running| {
            let signal = Signal::NoCapacityInvocationFailures;
            value(signal, Statistic::Sum, &tick(requests, running))
        };
        assert_eq!(of(7.0, 0), Some(7.0));
        assert_eq!(of(7.0, 1), None);
        assert_eq!(of(0.0, 0), None);
    }
}
