//! What a simulation and a search cost: `cargo bench -p endpoint-autoscaler-simulator`.

#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::metric::PredefinedMetric;
use endpoint_autoscaler_core::scaling::PolicyBody;
use endpoint_autoscaler_simulator::{
    Assumptions, Capacity, Fleet, Objective, Scaling, Search, Shape, Simulation, Synthetic, Target,
    Trace,
};
use std::fmt::Write as _;
use std::hint::black_box;

const DAY: usize = 1440;

fn traffic(days: usize) -> Trace {
    Synthetic {
        shape: Shape::Weekly {
            low: 200.0,
            high: 6000.0,
            peak_hour: 14,
            weekend: 0.4,
        },
        start: "2026-01-01T00:00:00Z".parse().expect("a time"),
        minutes: days * DAY,
        noise: 0.1,
        seed: 42,
    }
    .trace()
}

/// The built-in policy so many times, each with a target of its own.
fn policies(count: usize, metric: PredefinedMetric) -> Scaling {
    let target = Target {
        kind: Kind::RealTime,
        name: "AllTraffic",
        start: 8,
    };
    let mut scaling =
        Scaling::resolve(&[], target, "2026-01-01T00:00:00Z".parse().expect("a time"))
            .expect("built-in");
    let policy = scaling.policies[0].clone();
    scaling.policies = (0_u32..)
        .take(count)
        .map(|index| {
            let mut policy = policy.clone();
            if let PolicyBody::TargetTracking(tracking) = &mut policy.body {
                tracking.metric = metric.into();
                tracking.target_value = match metric {
                    PredefinedMetric::SageMakerVariantInvocationsPerInstance => 400.0,
                    _ => 0.7,
                } + f64::from(index) / 100.0;
            }
            policy.name = format!("policy-{index}");
            policy
        })
        .collect();
    scaling
}

fn simulate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulate");
    let fleet = Fleet::new(Capacity::RequestsPerMinute(600.0));
    let assumptions = Assumptions::default();
    let standard = PredefinedMetric::SageMakerVariantInvocationsPerInstance;
    let fast = PredefinedMetric::SageMakerVariantConcurrentRequestsPerModelHighResolution;
    let cases = [
        ("30 days, 1 policy, totals only", 30, 1, standard, false),
        ("one year, 1 policy, totals only", 365, 1, standard, false),
        ("one year, 1 policy, full timeline", 365, 1, standard, true),
        ("one year, 5 policies, totals only", 365, 5, standard, false),
        (
            "one year, 50 policies, totals only",
            365,
            50,
            standard,
            false,
        ),
        (
            "one year, 1 high-resolution policy, totals only",
            365,
            1,
            fast,
            false,
        ),
    ];
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, days, count, metric, whole) in cases {
        let (trace, scaling) = (traffic(days), policies(count, metric));
        let simulation = Simulation {
            kind: Kind::RealTime,
            scaling: &scaling,
            fleet: &fleet,
            start: 8,
            trace: &trace,
            assumptions: &assumptions,
        };
        group.bench_function(name, |bencher| {
            if whole {
                bencher.iter(|| black_box(&simulation).run());
            } else {
                bencher.iter(|| black_box(&simulation).summarize());
            }
        });
    }
    group.finish();
}

fn recommend(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recommend");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    let (trace, assumptions) = (traffic(30), Assumptions::default());
    let fleet = Fleet::new(Capacity::RequestsPerMinute(600.0));
    let search = Search {
        kind: Kind::RealTime,
        fleet: &fleet,
        trace: &trace,
        assumptions: &assumptions,
        start: 2,
        most: 100,
        objective: Objective {
            under_provisioned_share: 0.001,
        },
    };
    let evaluated = search.run(&|_| {}).expect("can be simulated").evaluated;
    group.bench_function(
        format!("30 days, {evaluated} configurations, all cores"),
        |bencher| {
            bencher.iter(|| black_box(&search).run(&|_| {}));
        },
    );
    group.finish();
}

fn traces(criterion: &mut Criterion) {
    let mut csv = String::from("timestamp,invocations\n");
    let trace = traffic(365);
    let mut time = trace.start();
    for requests in trace.requests() {
        let _ = writeln!(csv, "{time},{requests}");
        time += jiff::SignedDuration::from_secs(60);
    }
    let mut group = criterion.benchmark_group("trace");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("one year of CSV", |bencher| {
        bencher.iter(|| Trace::from_csv(black_box(&csv)));
    });
    group.finish();
}

criterion_group!(benches, simulate, recommend, traces);
criterion_main!(benches);
