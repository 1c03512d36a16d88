//! What `simulate` and `recommend` take: traffic, a fleet, and what is assumed.

use super::Connection;
use crate::cli::units::{Duration, Share, cpu, duration, latency, share};
use crate::core::kind::Kind;
use clap::{Args, ValueEnum};
use endpoint_autoscaler_simulator::Cpu;
use jiff::Timestamp;
use std::path::PathBuf;

/// `simulate`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Simulate {
    /// A document, as it would be stored; give several to compare them. Without any, what is in
    /// force for `--endpoint`, or the built-in default.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) document: Vec<PathBuf>,
    /// Traffic, fleet and assumptions.
    #[command(flatten)]
    pub(in crate::cli) model: Model,
    /// Write the course of one document, minute by minute, as CSV.
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub(in crate::cli) csv: Option<PathBuf>,
    /// Write one self-contained HTML page.
    #[arg(long, value_name = "FILE.html", help_heading = "Results")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// Exit with 3 when more of the minutes than this are under-provisioned, such as 0.1%.
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "Results")]
    pub(in crate::cli) max_underprovisioned: Option<Share>,
}

/// `recommend`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Recommend {
    /// Only a load test is known: the requests a second at which one instance begins to fail. Gives
    /// AWS's formula; no traffic is simulated.
    #[arg(long, value_name = "RPS", allow_negative_numbers = true, conflicts_with_all = ["Traffic", "capacity_per_instance", "latency"],
        help_heading = "Load test")]
    pub(in crate::cli) max_rps: Option<f64>,
    /// What part of `--max-rps` an instance should get.
    #[arg(long, value_name = "FACTOR", default_value_t = endpoint_autoscaler_simulator::SAFETY_FACTOR,
        help_heading = "Load test")]
    pub(in crate::cli) safety_factor: f64,
    /// Greatest share of the minutes that may be under-provisioned.
    #[arg(long, value_name = "SHARE", default_value = "0.1%", value_parser = share)]
    pub(in crate::cli) objective_underprovisioned: Share,
    /// Greatest maximum to consider, such as the account's quota of instances.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) max: Option<u32>,
    /// Traffic, fleet and assumptions.
    #[command(flatten)]
    pub(in crate::cli) model: Model,
    /// Write the recommended document to a file.
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub(in crate::cli) save: Option<PathBuf>,
    /// Write one self-contained HTML page that compares the recommendation with the built-in default.
    #[arg(long, value_name = "FILE.html", help_heading = "Results")]
    pub(in crate::cli) report: Option<PathBuf>,
}

/// What is simulated, whatever its scaling.
#[derive(Debug, Args)]
pub(in crate::cli) struct Model {
    /// What is scaled; that of `--endpoint` where one is given, else a real-time variant.
    #[arg(long, value_enum, ignore_case = true, value_name = "KIND")]
    pub(in crate::cli) kind: Option<KindName>,
    /// Name of the variant or inference component: for documents that refine by name, and for an
    /// `--endpoint` that has several.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) target: Option<String>,
    /// Which traffic.
    #[command(flatten)]
    pub(in crate::cli) traffic: Traffic,
    /// How made-up traffic runs.
    #[command(flatten)]
    pub(in crate::cli) shape: ShapeOptions,
    /// The fleet.
    #[command(flatten)]
    pub(in crate::cli) fleet: FleetOptions,
    /// Write made-up or CloudWatch's traffic as CSV, to use or to look at; simulates nothing
    /// unless the fleet's capacity is given, too.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "trace",
        help_heading = "Traffic"
    )]
    pub(in crate::cli) trace_out: Option<PathBuf>,
    /// Period of the rows of `--trace-out`.
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = duration,
        help_heading = "Traffic")]
    pub(in crate::cli) period: Duration,
    /// How far back to ask CloudWatch for the traffic of `--endpoint`.
    #[arg(long, value_name = "TIME", default_value = "14d", value_parser = duration,
        help_heading = "Traffic")]
    pub(in crate::cli) last: Duration,
    /// How to reach AWS; needed for `--endpoint` only.
    #[command(flatten)]
    pub(in crate::cli) connection: Connection,
}

/// Which traffic.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(in crate::cli) struct Traffic {
    /// CSV (`timestamp,invocations`), or the JSON of `aws cloudwatch get-metric-data`; `-` is
    /// standard input.
    #[arg(long, value_name = "FILE", help_heading = "Traffic")]
    pub(in crate::cli) trace: Option<PathBuf>,
    /// Made-up traffic.
    #[arg(long, value_enum, value_name = "SHAPE", help_heading = "Traffic")]
    pub(in crate::cli) synthetic: Option<ShapeName>,
    /// The recorded traffic of an endpoint, from CloudWatch.
    #[arg(long, value_name = "NAME", help_heading = "Traffic")]
    pub(in crate::cli) endpoint: Option<String>,
}

/// The shapes of made-up traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ShapeName {
    /// Always `--high`.
    Constant,
    /// Evenly from `--low` to `--high`.
    Ramp,
    /// `--low`, and `--high` for `--busy` after `--after`.
    Spike,
    /// Every day from `--low` to `--high` at `--peak-hour` and back.
    Diurnal,
    /// The same with quieter weekends.
    Weekly,
    /// Nothing for about `--idle`, then `--high` for about `--busy`, and again.
    Bursts,
}

/// Parameters of made-up traffic; rates are requests a minute.
#[derive(Debug, Args)]
#[command(next_help_heading = "Made-up traffic")]
pub(in crate::cli) struct ShapeOptions {
    /// Requests a minute at the least [default: a tenth of --high].
    #[arg(long, value_name = "RPM", requires = "synthetic")]
    pub(in crate::cli) low: Option<f64>,
    /// Requests a minute at the most.
    #[arg(long, value_name = "RPM", default_value_t = 2000.0)]
    pub(in crate::cli) high: f64,
    /// Hour of the day's peak, UTC [default: 14].
    #[arg(long, value_name = "HOUR", requires = "synthetic",
        value_parser = clap::value_parser!(u8).range(..24))]
    pub(in crate::cli) peak_hour: Option<u8>,
    /// Share of a weekday's traffic on Saturdays and Sundays [default: 30%].
    #[arg(long, value_name = "SHARE", requires = "synthetic", value_parser = share)]
    pub(in crate::cli) weekend: Option<Share>,
    /// From the start until the spike [default: 2h].
    #[arg(long, value_name = "TIME", requires = "synthetic", value_parser = duration)]
    pub(in crate::cli) after: Option<Duration>,
    /// How long a spike or burst lasts [default: 30m].
    #[arg(long, value_name = "TIME", requires = "synthetic", value_parser = duration)]
    pub(in crate::cli) busy: Option<Duration>,
    /// Between two bursts [default: 8h].
    #[arg(long, value_name = "TIME", requires = "synthetic", value_parser = duration)]
    pub(in crate::cli) idle: Option<Duration>,
    /// How long it runs [default: 1d for constant, ramp and spike, else 14d].
    #[arg(long, value_name = "TIME", requires = "synthetic", value_parser = duration)]
    pub(in crate::cli) length: Option<Duration>,
    /// When it begins; the default is a Monday.
    #[arg(long, value_name = "TIME", default_value = "2026-03-02T00:00:00Z")]
    pub(in crate::cli) begin: Timestamp,
    /// Standard deviation of each minute, as a share of its rate.
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = share)]
    pub(in crate::cli) noise: Share,
    /// What noise and bursts follow from: the same seed, the same traffic.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
}

/// What one instance can do, how long it takes to come, and what it costs. An instance stands for
/// whatever is scaled: an instance, a copy, a unit of provisioned concurrency.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fleet")]
pub(in crate::cli) struct FleetOptions {
    /// Requests a minute that one instance serves.
    #[arg(long, value_name = "RPM", conflicts_with = "latency")]
    pub(in crate::cli) capacity_per_instance: Option<f64>,
    /// Instead: how long one request takes, such as 200ms.
    #[arg(long, value_name = "TIME", value_parser = latency)]
    pub(in crate::cli) latency: Option<f64>,
    /// Requests that one instance works on at once.
    #[arg(long, value_name = "N", requires = "latency", default_value_t = 1.0)]
    pub(in crate::cli) concurrency_per_instance: f64,
    /// From a scale-out until new instances serve: measure it, it differs between models [default:
    /// 7m6s, as observed once].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) start_up: Option<Duration>,
    /// Instances at the start [default: what runs of --endpoint, else 1].
    #[arg(long, value_name = "N")]
    pub(in crate::cli) start: Option<u32>,
    /// Price of one instance for an hour.
    #[arg(long, value_name = "PRICE", default_value_t = 0.0)]
    pub(in crate::cli) price: f64,
    /// CPU utilization in per cent of an instance without requests and of one at capacity, for
    /// policies on `CPUUtilization`.
    #[arg(long, value_name = "IDLE,FULL", value_parser = cpu)]
    pub(in crate::cli) cpu: Option<Cpu>,
    /// A further column of the trace that is a total, which the running instances share.
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) shared_column: Vec<String>,
    /// What AWS does not publish, such as `publish_lag=240`; docs/simulator.md has the list.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Assumptions")]
    pub(in crate::cli) assume: Vec<String>,
}

/// The kinds, as documents call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub(in crate::cli) enum KindName {
    /// A variant with instances that answers at once.
    RealTime,
    /// A variant of an asynchronous endpoint.
    Asynchronous,
    /// A serverless variant with provisioned concurrency.
    Serverless,
    /// An inference component.
    InferenceComponent,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::RealTime => Self::RealTime,
            KindName::Asynchronous => Self::Asynchronous,
            KindName::Serverless => Self::Serverless,
            KindName::InferenceComponent => Self::InferenceComponent,
        }
    }
}
