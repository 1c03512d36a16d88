//! Test vectors of AWS's pages and of public observations, run through the whole simulation.
//! Those of single rules stand beside the rules.

use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::metric::PredefinedMetric;
use endpoint_autoscaler_core::scaling::{
    AlarmDefinition, CapacityRange, PolicyBody, ScalableTargetAction, ScalingPolicy,
    ScheduledAction, StepAdjustment, StepScaling, Suspension, TargetTracking,
};
use endpoint_autoscaler_core::settings::PolicyAlarm;
use endpoint_autoscaler_simulator::{
    AlarmState, Assumptions, Capacity, Fleet, NotScaled, Scaling, Simulation, Timeline, Trace,
};
use jiff::Timestamp;
use pretty_assertions::assert_eq;

const START: &str = "2026-03-02T00:00:00Z";

struct Setting {
    kind: Kind,
    scaling: Scaling,
    fleet: Fleet,
    start: u32,
    assumptions: Assumptions,
}

impl Setting {
    fn new(min: u32, max: u32, start: u32) -> Self {
        Self {
            kind: Kind::RealTime,
            scaling: Scaling {
                range: CapacityRange::new(min, max).expect("ordered"),
                policies: Vec::new(),
                alarms: Vec::new(),
                scheduled_actions: Vec::new(),
                suspended: Suspension::NONE,
            },
            fleet: Fleet {
                start_up: 300,
                ..Fleet::new(Capacity::RequestsPerMinute(100.0))
            },
            start,
            assumptions: Assumptions {
                publish_lag: 0,
                ..Assumptions::default()
            },
        }
    }

    fn tracking(mut self, name: &str, target_value: f64) -> Self {
        let metric = PredefinedMetric::SageMakerVariantInvocationsPerInstance;
        self.scaling.policies.push(ScalingPolicy {
            name: name.to_owned(),
            body: PolicyBody::TargetTracking(TargetTracking {
                target_value,
                metric: metric.into(),
                scale_in_cooldown: 300,
                scale_out_cooldown: 300,
                disable_scale_in: false,
            }),
        });
        self
    }

    fn tracker(&mut self, index: usize) -> &mut TargetTracking {
        match &mut self.scaling.policies[index].body {
            PolicyBody::TargetTracking(tracking) => tracking,
            other => unreachable!("{other:?} is not target tracking"),
        }
    }

    fn step(
        mut self,
        name: &str,
        adjustment_type: &str,
        steps: &[(Option<f64>, Option<f64>, i32)],
        metric: (&str, &str),
        above: f64,
    ) -> Self {
        let step =
            |(lower, upper, scaling_adjustment): &(Option<f64>, Option<f64>, i32)| StepAdjustment {
                metric_interval_lower_bound: *lower,
                metric_interval_upper_bound: *upper,
                scaling_adjustment: *scaling_adjustment,
            };
        self.scaling.policies.push(ScalingPolicy {
            name: name.to_owned(),
            body: PolicyBody::Step(StepScaling {
                adjustment_type: adjustment_type.to_owned(),
                step_adjustments: steps.iter().map(step).collect(),
                min_adjustment_magnitude: None,
                cooldown: 300,
                metric_aggregation_type: "Average".to_owned(),
            }),
        });
        self.scaling.alarms.push(PolicyAlarm {
            policy: name.to_owned(),
            definition: AlarmDefinition {
                alarm_name: format!("{name}-alarm"),
                namespace: "AWS/SageMaker".to_owned(),
                metric_name: metric.0.to_owned(),
                dimensions: None,
                statistic: metric.1.to_owned(),
                period: 60,
                evaluation_periods: 1,
                datapoints_to_alarm: None,
                threshold: above,
                comparison_operator: "GreaterThanOrEqualToThreshold".to_owned(),
                treat_missing_data: "missing".to_owned(),
                unit: None,
            },
        });
        self
    }

    fn run(&self, requests: &[(usize, f64)]) -> Timeline {
        let minutes = requests
            .iter()
            .flat_map(|(count, value)| std::iter::repeat_n(*value, *count));
        let start = START.parse().expect("a time");
        self.run_trace(&Trace::new(start, minutes.collect()))
    }

    fn run_trace(&self, trace: &Trace) -> Timeline {
        let simulation = Simulation {
            kind: self.kind,
            scaling: &self.scaling,
            fleet: &self.fleet,
            start: self.start,
            trace,
            assumptions: &self.assumptions,
        };
        simulation.run().expect("can be simulated")
    }
}

fn seconds(time: Timestamp) -> i64 {
    let start: Timestamp = START.parse().expect("a time");
    time.duration_since(start).as_secs()
}

/// Every change as "minute:from-to".
fn changes(timeline: &Timeline) -> Vec<String> {
    let change = |activity: &endpoint_autoscaler_simulator::Activity| {
        let minute = seconds(activity.time) / 60;
        format!(
            "{minute}:{}-{}",
            activity.from_capacity, activity.to_capacity
        )
    };
    timeline.activities.iter().map(change).collect()
}

fn reasons(timeline: &Timeline) -> Vec<NotScaled> {
    let mut reasons: Vec<_> = timeline.not_scaled.iter().map(|span| span.reason).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

/// EC2 Auto Scaling user guide, "Scaling based on Amazon SQS": 10 instances, 150 each, target 100.
#[test]
fn ec2_guide_sqs_10_instances_at_150_for_100_become_15() {
    let timeline = Setting::new(1, 100, 10)
        .tracking("a", 100.0)
        .run(&[(4, 1500.0)]);
    assert_eq!(changes(&timeline), ["3:10-15"]);
}

/// Application Auto Scaling API reference, `PutScalingPolicy`: policy A adds 3, policy B 200 %.
#[test]
fn api_reference_the_largest_of_two_policies_wins_10_becomes_30() {
    let metric = ("Invocations", "Sum");
    let timeline = Setting::new(1, 100, 10)
        .step(
            "a",
            "ChangeInCapacity",
            &[(Some(0.0), None, 3)],
            metric,
            50.0,
        )
        .step(
            "b",
            "PercentChangeInCapacity",
            &[(Some(0.0), None, 200)],
            metric,
            50.0,
        )
        .run(&[(2, 60.0)]);
    assert_eq!(changes(&timeline), ["1:10-30"]);
}

/// Observed: one instance, about 130 requests a minute, target 5, bounds 1 and 4: the capacity of
/// 26 is clamped, and reached in one step.
#[test]
fn observed_130_requests_at_target_5_go_straight_to_the_maximum_4() {
    let mut setting = Setting::new(1, 4, 1).tracking("a", 5.0);
    setting.assumptions = Assumptions::default();
    let timeline = setting.run(&[(30, 130.0)]);
    // "About 5 minutes" until the alarm: three of data, and the lag.
    assert_eq!(changes(&timeline), ["6:1-4"]);
    assert_eq!(
        reasons(&timeline),
        [
            NotScaled::AlreadyAtMaxCapacity,
            NotScaled::TargetServicePutResourceAsUnscalable
        ]
    );
}

/// Emulator `radkawar/stackd`, `testdata/runtime.json`.
#[test]
fn stackd_4_instances_at_75_for_50_become_6_and_6_at_25_become_3() {
    let timeline = Setting::new(1, 10, 4)
        .tracking("a", 50.0)
        .run(&[(4, 300.0)]);
    assert_eq!(changes(&timeline), ["3:4-6"]);
    let timeline = Setting::new(1, 10, 6)
        .tracking("a", 50.0)
        .run(&[(16, 150.0)]);
    assert_eq!(changes(&timeline), ["15:6-3"]);
}

/// User guide, "Target tracking": of 2 instances, 1.5 are needed; removing half would bring the
/// metric above the target.
#[test]
fn user_guide_would_remove_half_an_instance_holds() {
    let timeline = Setting::new(1, 10, 2)
        .tracking("a", 100.0)
        .run(&[(20, 150.0)]);
    assert_eq!(changes(&timeline), [""; 0]);
    assert_eq!(
        reasons(&timeline),
        [NotScaled::AutoScalingAnticipatedFlapping]
    );
}

/// re:Post `QUf450Wsd9RROGGOIwaolN9w`: target 1500, from idle to 20,000 requests a minute and
/// instance; `AlarmHigh` (3 of 3 minutes above 1500) more than 5 minutes after the rise, `AlarmLow` (15
/// of 15 below 1350), scaled in more than 25 minutes after the stop.
#[test]
fn re_post_target_1500_from_idle_to_20000_and_back() {
    let mut setting = Setting::new(1, 4, 1).tracking("a", 1500.0);
    setting.fleet.capacity = Capacity::RequestsPerMinute(20_000.0);
    setting.assumptions = Assumptions::default();
    let timeline = setting.run(&[(30, 0.0), (60, 20_000.0), (60, 0.0)]);
    let alarms: Vec<_> = timeline
        .alarms
        .iter()
        .map(|change| {
            (
                seconds(change.time) / 60,
                change.alarm.as_str(),
                change.state,
            )
        })
        .collect();
    assert_eq!(
        alarms,
        [
            (4, "a-AlarmHigh", AlarmState::Ok),
            (18, "a-AlarmLow", AlarmState::Alarm),
            (34, "a-AlarmLow", AlarmState::Ok),
            (36, "a-AlarmHigh", AlarmState::Alarm),
            (94, "a-AlarmHigh", AlarmState::Ok),
            (108, "a-AlarmLow", AlarmState::Alarm),
        ]
    );
    assert_eq!(changes(&timeline), ["36:1-4", "108:4-1"]);
    let risen = seconds(timeline.activities[0].time) - 30 * 60;
    assert!(risen > 5 * 60, "scaled out after {risen} s");
    let stopped = seconds(timeline.activities[1].completed) - 90 * 60;
    assert!(stopped >= 25 * 60, "scaled in after {stopped} s");
}

/// A public issue report of an asynchronous endpoint: "Setting desired instance count to 48" from
/// 02:28:13 to 02:35:19. While the endpoint is Updating, nothing else is scaled.
#[test]
fn observed_a_capacity_change_takes_7_minutes_6_seconds_and_blocks_others() {
    let mut setting = Setting::new(1, 48, 1).tracking("a", 100.0);
    setting.fleet = Fleet::new(Capacity::RequestsPerMinute(100.0));
    let timeline = setting.run(&[(3, 1000.0), (17, 4800.0)]);
    let first = &timeline.activities[0];
    assert_eq!(
        first.completed.duration_since(first.time).as_secs(),
        7 * 60 + 6
    );
    assert_eq!(changes(&timeline), ["3:1-10", "11:10-36"]);
    let blocked = timeline.not_scaled[0];
    assert_eq!(
        blocked.reason,
        NotScaled::TargetServicePutResourceAsUnscalable
    );
    assert_eq!(
        (seconds(blocked.first), seconds(blocked.last)),
        (4 * 60, 10 * 60)
    );
    // New instances serve within the eighth minute, not before.
    let running = |minute: usize| timeline.timeline[minute].running_capacity;
    assert_eq!((running(10), running(11)), (1, 10));
}

/// SageMaker developer guide, "Autoscale an asynchronous endpoint": target tracking on the backlog
/// per instance scales in to nothing but never out of it; `HasBacklogWithoutCapacity` does.
#[test]
fn developer_guide_an_asynchronous_endpoint_goes_to_zero_and_wakes() {
    use endpoint_autoscaler_simulator::Target;
    let target = Target {
        kind: Kind::Asynchronous,
        name: "AllTraffic",
        start: 1,
    };
    let document = r#"{"Asynchronous": {"MinCapacity": 0}}"#;
    let parameter = endpoint_autoscaler_core::observation::Parameter {
        name: "file".to_owned(),
        value: document.to_owned(),
        secure: false,
    };
    let document = endpoint_autoscaler_core::document::parse(&parameter).expect("a document");
    let start = START.parse().expect("a time");
    let mut setting = Setting::new(0, 4, 1);
    setting.kind = Kind::Asynchronous;
    setting.scaling = Scaling::of_document(document, "file", target, start).expect("settings");
    let timeline = setting.run(&[(60, 0.0), (1, 30.0), (59, 0.0)]);
    // Two minutes of backlog without capacity wake the first instance; after its 30 requests,
    // fifteen quiet minutes put it to sleep.
    assert_eq!(changes(&timeline), ["15:1-0", "62:0-1", "82:1-0"]);
    assert_eq!(timeline.timeline[61].backlog, Some(30.0));
}

/// SageMaker developer guide, "Scale an endpoint to zero instances": target tracking cannot leave
/// zero; the alarm on `NoCapacityInvocationFailures` does.
#[test]
fn developer_guide_a_component_wakes_on_failures_without_capacity() {
    let steps = [(Some(0.0), None, 1)];
    let metric = ("NoCapacityInvocationFailures", "Sum");
    let mut setting = Setting::new(0, 4, 0).step("wake", "ChangeInCapacity", &steps, metric, 1.0);
    setting.kind = Kind::InferenceComponent;
    let timeline = setting.run(&[(5, 0.0), (10, 1.0)]);
    assert_eq!(changes(&timeline), ["6:0-1"]);
    assert!((timeline.summary.requests_over_capacity - 6.0).abs() < 1e-9);
    assert_eq!(timeline.summary.under_provisioned_minutes, 6);
}

/// User guide, "Scheduled scaling": the minimum pulls the capacity up, the maximum down, and
/// neither waits for a cooldown.
#[test]
fn user_guide_scheduled_actions_pull_the_capacity() {
    let mut setting = Setting::new(1, 8, 1);
    let action = |name: &str, at: &str, min, max| ScheduledAction {
        scheduled_action_name: name.to_owned(),
        schedule: format!("at(2026-03-02T{at}:00)"),
        timezone: None,
        scalable_target_action: ScalableTargetAction {
            min_capacity: min,
            max_capacity: max,
        },
    };
    setting.scaling.scheduled_actions = vec![
        action("day", "00:10", Some(4), Some(8)),
        // While the endpoint is Updating: the bound holds at once, the capacity follows.
        action("night", "00:12", Some(1), Some(2)),
    ];
    let timeline = setting.run(&[(20, 0.0)]);
    assert_eq!(changes(&timeline), ["10:1-4", "15:4-2"]);
    assert_eq!(
        timeline.activities[0].cause,
        "minimum capacity was set to 4"
    );
    assert_eq!(
        timeline.activities[1].cause,
        "maximum capacity was set to 2"
    );
    setting.scaling.suspended.scheduled = true;
    assert_eq!(changes(&setting.run(&[(20, 0.0)])), [""; 0]);
}

/// `SuspendedState`: each direction stands still by itself.
#[test]
fn api_reference_suspended_directions_stand_still() {
    let mut setting = Setting::new(1, 8, 4).tracking("a", 100.0);
    setting.scaling.suspended = Suspension {
        scale_in: true,
        ..Suspension::NONE
    };
    assert_eq!(changes(&setting.run(&[(20, 0.0)])), [""; 0]);
    assert_eq!(changes(&setting.run(&[(5, 500.0)])), ["3:4-5"]);
    setting.scaling.suspended = Suspension {
        scale_out: true,
        ..Suspension::NONE
    };
    let timeline = setting.run(&[(5, 500.0)]);
    assert_eq!(changes(&timeline), [""; 0]);
    assert_eq!(reasons(&timeline), [NotScaled::Suspended]);
}

/// User guide, "Target tracking": all policies with scale-in must be ready; one without has no say.
#[test]
fn user_guide_scale_in_needs_all_target_tracking_policies() {
    let load = [(20, 100.0)];
    let both = Setting::new(1, 8, 4)
        .tracking("a", 100.0)
        .tracking("b", 20.0);
    let timeline = both.run(&load);
    assert_eq!(changes(&timeline), ["3:4-5"]);
    let mut one = Setting::new(1, 8, 4)
        .tracking("a", 100.0)
        .tracking("b", 26.0);
    let timeline = one.run(&load);
    assert_eq!(changes(&timeline), [""; 0]);
    assert_eq!(reasons(&timeline), [NotScaled::ScaleInNotAgreed]);
    one.tracker(1).disable_scale_in = true;
    assert_eq!(changes(&one.run(&load)), ["15:4-1"]);
}

/// User guide, "Target tracking": of several policies that scale in, the largest capacity counts.
#[test]
fn user_guide_scale_in_to_the_largest_capacity() {
    let setting = Setting::new(1, 8, 8)
        .tracking("a", 100.0)
        .tracking("b", 50.0);
    assert_eq!(changes(&setting.run(&[(16, 200.0)])), ["15:8-4"]);
}

/// User guide, "Define cooldown periods": within the cooldown only a larger scale-out passes, and
/// what was added counts towards it.
#[test]
fn user_guide_a_scale_out_cooldown_lets_only_a_larger_one_pass() {
    let mut setting = Setting::new(1, 100, 1).tracking("a", 100.0);
    setting.fleet.start_up = 0;
    setting.tracker(0).scale_out_cooldown = 600;
    // One instance becomes three. Four times the load on three, 400 each, would need twelve; from
    // the one before it is four. When the cooldown of that is over, nine more come.
    let load = [(3, 300.0), (3, 300.0), (30, 1200.0)];
    let timeline = setting.run(&load);
    assert_eq!(changes(&timeline), ["3:1-3", "9:3-4", "19:4-12"]);
    let refused = &timeline.not_scaled[0];
    assert_eq!(
        (refused.reason, refused.times),
        (NotScaled::CooldownInEffect, 9)
    );
    // As the emulator `radkawar/stackd` does it: 12 less the 2 that came already.
    setting.assumptions.cooldown_counts_from_before = false;
    assert_eq!(changes(&setting.run(&load))[..2], ["3:1-3", "9:3-10"]);
}

/// SageMaker developer guide: high-resolution metrics come every 10 seconds, so that a policy
/// "reacts by scaling out much more quickly".
#[test]
fn developer_guide_high_resolution_metrics_scale_out_within_a_minute() {
    let mut setting = Setting::new(1, 8, 1).tracking("a", 5.0);
    let high = PredefinedMetric::SageMakerVariantConcurrentRequestsPerModelHighResolution;
    setting.tracker(0).metric = high.into();
    setting.fleet.capacity = Capacity::Concurrency {
        latency: 2.0,
        requests: 8.0,
    };
    setting.assumptions = Assumptions::default();
    // 10 requests a second of 2 seconds each: 20 in flight.
    let timeline = setting.run(&[(1, 0.0), (1, 600.0), (18, 600.0)]);
    let first = &timeline.activities[0];
    assert_eq!((first.from_capacity, first.to_capacity), (1, 4));
    assert_eq!(seconds(first.time), 60 + 3 * 10 + 10);
}
