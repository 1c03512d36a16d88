//! Whatever is registered and whatever comes: what always holds.

use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::metric::PredefinedMetric;
use endpoint_autoscaler_core::scaling::{
    CapacityRange, PolicyBody, ScalableTargetAction, ScalingPolicy, ScheduledAction, Suspension,
    TargetTracking,
};
use endpoint_autoscaler_simulator::{
    Assumptions, Capacity, Fleet, Scaling, Shape, Simulation, Synthetic, Timeline, Trace,
};
use proptest::prelude::*;

const MINUTES: usize = 600;

fn any_traffic() -> impl Strategy<Value = Trace> {
    let rate = || 0.0..3000.0_f64;
    let shape = prop_oneof![
        (rate(), rate()).prop_map(|(from, to)| Shape::Ramp { from, to }),
        (rate(), rate(), 0..MINUTES, 1_usize..200).prop_map(|(base, peak, after, minutes)| {
            Shape::Spike {
                base,
                peak,
                after,
                minutes,
            }
        }),
        (rate(), rate(), 0_u8..24).prop_map(|(low, high, peak_hour)| Shape::Diurnal {
            low,
            high,
            peak_hour
        }),
        (rate(), 1_usize..60, 1_usize..200).prop_map(|(rate, busy, idle)| Shape::Bursts {
            rate,
            busy,
            idle
        }),
    ];
    (shape, 0.0..0.5_f64, any::<u64>()).prop_map(|(shape, noise, seed)| {
        let start = "2026-03-02T00:00:00Z".parse().expect("a time");
        Synthetic {
            shape,
            start,
            minutes: MINUTES,
            noise,
            seed,
        }
        .trace()
    })
}

fn any_policy() -> impl Strategy<Value = TargetTracking> {
    let cooldown = || prop_oneof![Just(0), Just(300), 0_u32..2000];
    (10.0..500.0_f64, cooldown(), cooldown(), any::<bool>()).prop_map(
        |(target_value, scale_in_cooldown, scale_out_cooldown, disable_scale_in)| TargetTracking {
            target_value,
            metric: PredefinedMetric::SageMakerVariantInvocationsPerInstance.into(),
            scale_in_cooldown,
            scale_out_cooldown,
            disable_scale_in,
        },
    )
}

fn any_scaling(most_policies: usize) -> impl Strategy<Value = Scaling> {
    let policies = proptest::collection::vec(any_policy(), 1..=most_policies);
    (1_u32..6, 0_u32..30, policies).prop_map(|(min, more, policies)| Scaling {
        range: CapacityRange::new(min, min + more).expect("ordered"),
        policies: (0..)
            .zip(policies)
            .map(|(index, policy)| ScalingPolicy {
                name: format!("policy-{index}"),
                body: PolicyBody::TargetTracking(policy),
            })
            .collect(),
        alarms: Vec::new(),
        scheduled_actions: Vec::new(),
        suspended: Suspension::NONE,
    })
}

fn any_assumptions() -> impl Strategy<Value = Assumptions> {
    (0_u32..400, any::<bool>(), any::<bool>()).prop_map(
        |(publish_lag, cooldown_counts_from_before, removed_instances_serve)| Assumptions {
            publish_lag,
            cooldown_counts_from_before,
            removed_instances_serve,
            ..Assumptions::default()
        },
    )
}

fn fleet(per_minute: f64, start_up: u32) -> Fleet {
    Fleet {
        start_up,
        ..Fleet::new(Capacity::RequestsPerMinute(per_minute))
    }
}

fn run(scaling: &Scaling, fleet: &Fleet, trace: &Trace, assumptions: &Assumptions) -> Timeline {
    let simulation = Simulation {
        kind: Kind::RealTime,
        scaling,
        fleet,
        start: scaling.range.min(),
        trace,
        assumptions,
    };
    simulation.run().expect("can be simulated")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn capacity_stays_within_its_bounds(
        scaling in any_scaling(3), trace in any_traffic(), start_up in 0_u32..900,
        assumptions in any_assumptions(),
    ) {
        let timeline = run(&scaling, &fleet(100.0, start_up), &trace, &assumptions);
        let bounds = scaling.range.min()..=scaling.range.max();
        for row in &timeline.timeline {
            prop_assert!(bounds.contains(&row.desired_capacity), "{row:?}");
            prop_assert!(bounds.contains(&row.running_capacity), "{row:?}");
        }
    }

    /// While bounds move by schedule, the capacity follows as soon as the endpoint takes a change.
    #[test]
    fn capacity_follows_scheduled_bounds_once_in_service(
        scaling in any_scaling(2), trace in any_traffic(), start_up in 0_u32..900,
        (min, more, hour) in (0_u32..20, 0_u32..20, 1..9),
    ) {
        let mut scaling = scaling;
        scaling.scheduled_actions.push(ScheduledAction {
            scheduled_action_name: "move".to_owned(),
            schedule: format!("at(2026-03-02T0{hour}:00:00)"),
            timezone: None,
            scalable_target_action: ScalableTargetAction {
                min_capacity: Some(min),
                max_capacity: Some(min + more),
            },
        });
        let timeline = run(&scaling, &fleet(100.0, start_up), &trace, &Assumptions::default());
        let moved = usize::try_from(hour).expect("small") * 60;
        // The longest update, and the pull after it.
        let settled = moved + usize::try_from(start_up.max(420)).expect("small") / 60 + 2;
        for row in &timeline.timeline[settled..] {
            prop_assert!((min..=min + more).contains(&row.desired_capacity), "{row:?}");
        }
    }

    /// One policy: no scale-in within the cooldown of another unless a scale-out came between; two
    /// scale-outs within the cooldown only if the second is larger than what the first gave.
    #[test]
    fn cooldowns_hold(
        scaling in any_scaling(1), trace in any_traffic(), start_up in 0_u32..900,
    ) {
        let timeline = run(&scaling, &fleet(100.0, start_up), &trace, &Assumptions::default());
        let PolicyBody::TargetTracking(policy) = &scaling.policies[0].body else {
            return Ok(());
        };
        let out = |index: usize| {
            let activity = &timeline.activities[index];
            activity.to_capacity > activity.from_capacity
        };
        let mut before = None;
        for (index, pair) in timeline.activities.windows(2).enumerate() {
            let after = pair[1].time.duration_since(pair[0].completed).as_secs();
            prop_assert!(after >= 0, "an update was disturbed: {pair:?}");
            if out(index) && !out(index + 1) {
                before = None;
            }
            if !out(index) && !out(index + 1) {
                prop_assert!(after >= i64::from(policy.scale_in_cooldown), "{pair:?}");
            }
            if out(index) && out(index + 1) && after < i64::from(policy.scale_out_cooldown) {
                let first: u32 = *before.get_or_insert(pair[0].from_capacity);
                // What the whole need is, counted from before, is more than what was added.
                let added = pair[0].to_capacity - first;
                let wanted = pair[1].to_capacity - first;
                prop_assert!(wanted > added, "{pair:?}");
            } else {
                before = None;
            }
        }
    }

    /// The metric of these policies does not depend on what an instance can do, so neither does
    /// the capacity: a stronger instance only ever helps. With metrics that do depend on it, such
    /// as concurrency or CPU, a stronger instance scales out later, and this need not hold.
    #[test]
    fn more_capacity_per_instance_never_makes_more_under_provisioned_minutes(
        scaling in any_scaling(3), trace in any_traffic(), start_up in 0_u32..900,
        per_minute in 10.0..300.0_f64, factor in 1.0..4.0_f64,
    ) {
        let assumptions = Assumptions::default();
        let weak = run(&scaling, &fleet(per_minute, start_up), &trace, &assumptions);
        let strong = run(&scaling, &fleet(per_minute * factor, start_up), &trace, &assumptions);
        prop_assert_eq!(weak.activities, strong.activities);
        let (weak, strong) = (weak.summary, strong.summary);
        prop_assert!(strong.under_provisioned_minutes <= weak.under_provisioned_minutes);
        prop_assert!(strong.requests_over_capacity <= weak.requests_over_capacity);
    }

    /// The fixed capacity that the whole trace needs has no under-provisioned minutes, and more
    /// instances never make more of them.
    #[test]
    fn more_fixed_instances_never_make_more_under_provisioned_minutes(
        trace in any_traffic(), count in 1_u32..30, more in 0_u32..30,
    ) {
        let fixed = |count| Scaling {
            range: CapacityRange::new(count, count).expect("ordered"),
            policies: Vec::new(),
            alarms: Vec::new(),
            scheduled_actions: Vec::new(),
            suspended: Suspension::NONE,
        };
        let assumptions = Assumptions::default();
        let few = run(&fixed(count), &fleet(100.0, 300), &trace, &assumptions).summary;
        let many = run(&fixed(count + more), &fleet(100.0, 300), &trace, &assumptions).summary;
        prop_assert!(many.under_provisioned_minutes <= few.under_provisioned_minutes);
        prop_assert!(many.instance_hours >= few.instance_hours);
        if f64::from(count) * 100.0 >= few.peak_requests {
            prop_assert_eq!(few.under_provisioned_minutes, 0);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_timeline(
        scaling in any_scaling(3), trace in any_traffic(), start_up in 0_u32..900,
        assumptions in any_assumptions(),
    ) {
        let fleet = fleet(100.0, start_up);
        let first = run(&scaling, &fleet, &trace, &assumptions);
        prop_assert_eq!(&first, &run(&scaling, &fleet, &trace.clone(), &assumptions));
        let simulation = Simulation {
            kind: Kind::RealTime,
            scaling: &scaling,
            fleet: &fleet,
            start: scaling.range.min(),
            trace: &trace,
            assumptions: &assumptions,
        };
        prop_assert_eq!(simulation.summarize(), Ok(first.summary));
    }

    /// The totals are those of the course.
    #[test]
    fn the_summary_fits_the_timeline(
        scaling in any_scaling(2), trace in any_traffic(), start_up in 0_u32..900,
    ) {
        let timeline = run(&scaling, &fleet(100.0, start_up), &trace, &Assumptions::default());
        let summary = timeline.summary;
        prop_assert_eq!(timeline.timeline.len(), trace.requests().len());
        let changes = u32::try_from(timeline.activities.len()).expect("few");
        prop_assert_eq!(summary.scale_outs + summary.scale_ins, changes);
        let peak = timeline.timeline.iter().map(|row| row.desired_capacity).max();
        prop_assert_eq!(Some(summary.peak_capacity), peak);
        prop_assert!(summary.requests_over_capacity <= summary.requests + 1e-6);
        let hours = f64::from(summary.minutes) / 60.0;
        let least = f64::from(scaling.range.min()) * hours;
        let most = f64::from(scaling.range.max()) * hours;
        prop_assert!((least - 1e-6..=most + 1e-6).contains(&summary.instance_hours));
        // What is not busy is wasted; partial minutes make the difference.
        prop_assert!(summary.wasted_instance_minutes <= summary.instance_hours * 60.0 + 1e-6);
    }

    /// An asynchronous endpoint loses nothing: what was not served at once waits.
    #[test]
    fn a_queue_loses_nothing(trace in any_traffic(), count in 1_u32..5) {
        let scaling = Scaling {
            range: CapacityRange::new(count, count).expect("ordered"),
            policies: Vec::new(),
            alarms: Vec::new(),
            scheduled_actions: Vec::new(),
            suspended: Suspension::NONE,
        };
        let fleet = fleet(100.0, 300);
        let simulation = Simulation {
            kind: Kind::Asynchronous,
            scaling: &scaling,
            fleet: &fleet,
            start: count,
            trace: &trace,
            assumptions: &Assumptions::default(),
        };
        let timeline = simulation.run().expect("can be simulated");
        let mut waiting = 0.0_f64;
        for row in &timeline.timeline {
            waiting = (waiting + row.requests - f64::from(count) * 100.0).max(0.0);
            prop_assert!((row.backlog.unwrap_or(-1.0) - waiting).abs() < 1e-6);
        }
    }
}
