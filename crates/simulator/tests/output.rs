//! The output that scripts rely on.

use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_simulator::{
    Assumptions, Capacity, Fleet, Scaling, Simulation, Target, Timeline, Trace,
};
use pretty_assertions::assert_eq;
use serde_json::json;

fn timeline(requests: Vec<f64>) -> Timeline {
    let trace = Trace::new("2026-03-02T08:00:00Z".parse().expect("a time"), requests);
    let target = Target {
        kind: Kind::RealTime,
        name: "AllTraffic",
        start: 1,
    };
    let scaling = Scaling::resolve(&[], target, trace.start()).expect("built-in");
    let fleet = Fleet {
        start_up: 120,
        price_per_hour: 0.6,
        ..Fleet::new(Capacity::RequestsPerMinute(100.0))
    };
    let assumptions = Assumptions {
        publish_lag: 0,
        ..Assumptions::default()
    };
    let simulation = Simulation {
        kind: Kind::RealTime,
        scaling: &scaling,
        fleet: &fleet,
        start: 1,
        trace: &trace,
        assumptions: &assumptions,
    };
    simulation.run().expect("can be simulated")
}

#[test]
fn json_has_the_names_that_scripts_rely_on() {
    let shown = serde_json::to_value(timeline(vec![140.0; 6])).expect("JSON");
    assert_eq!(
        shown["summary"],
        json!({
            "instanceHours": 0.15, "cost": 0.09, "underProvisionedMinutes": 5,
            "requestsOverCapacity": 200.0, "wastedInstanceMinutes": 0.0, "scaleOuts": 1,
            "scaleIns": 0, "peakCapacity": 2, "minutes": 6, "requests": 840.0,
            "peakRequests": 140.0, "flaps": 0,
            "worstSpike": {"time": "2026-03-02T08:00:00Z", "minutes": 5,
                "requestsOverCapacity": 200.0, "recovered": true}
        })
    );
    assert_eq!(
        shown["activities"],
        json!([{"time": "2026-03-02T08:03:00Z", "fromCapacity": 1, "toCapacity": 2,
            "cause": "alarm endpoint-autoscaler-target-tracking-AlarmHigh in state ALARM (140, above 70) triggered policy endpoint-autoscaler-target-tracking",
            "completed": "2026-03-02T08:05:00Z"}])
    );
    assert_eq!(
        shown["timeline"][3],
        json!({"time": "2026-03-02T08:03:00Z", "requests": 140.0, "metric": 140.0,
            "desiredCapacity": 2, "runningCapacity": 1})
    );
    assert_eq!(
        shown["notScaled"],
        json!([{"reason": "TargetServicePutResourceAsUnscalable", "first": "2026-03-02T08:04:00Z",
            "last": "2026-03-02T08:04:00Z", "times": 1},
            {"reason": "CooldownInEffect", "first": "2026-03-02T08:05:00Z",
            "last": "2026-03-02T08:05:00Z", "times": 1}])
    );
    assert_eq!(
        shown["alarms"][1],
        json!({"time": "2026-03-02T08:03:00Z",
            "alarm": "endpoint-autoscaler-target-tracking-AlarmHigh", "state": "ALARM"})
    );
}

#[test]
fn csv_has_a_row_for_every_minute() {
    let csv = timeline(vec![140.0; 6]).to_csv();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        lines[0],
        "time,requests,metric,desiredCapacity,runningCapacity,backlog"
    );
    assert_eq!(lines[6], "2026-03-02T08:05:00Z,140,70,2,2,");
}

#[test]
fn text_says_what_people_ask_first() {
    assert_eq!(
        timeline(vec![140.0; 6]).to_text(),
        "\
simulated                 6 minutes, 840 requests, at most 140 a minute
instance-hours            0.1
cost                      0.09
under-provisioned         5 minutes (83.333 %)
requests over capacity    200 (23.810 %)
wasted instance-minutes   0
scaling actions           1 out, 0 in
flapping                  0 scale-outs within 30 minutes after a scale-in
peak capacity             2
worst spike               2026-03-02T08:00:00Z, 5 minutes to scale out, 200 requests over capacity
not scaled                TargetServicePutResourceAsUnscalable, 1 times
not scaled                CooldownInEffect, 1 times
"
    );
    let quiet = timeline(vec![1.0; 6]).to_text();
    assert!(
        quiet.contains("none: capacity sufficed at all times"),
        "{quiet}"
    );
}

/// What the function would refuse is refused in its words.
#[test]
fn documents_are_refused_as_the_function_refuses_them() {
    let parameter = endpoint_autoscaler_core::observation::Parameter {
        name: "policy.json".to_owned(),
        value: json!({"MinCapacity": 0}).to_string(),
        secure: false,
    };
    let document = endpoint_autoscaler_core::document::parse(&parameter).expect("a document");
    let target = Target {
        kind: Kind::RealTime,
        name: "AllTraffic",
        start: 1,
    };
    let refused =
        Scaling::of_document(document, "policy.json", target, jiff::Timestamp::UNIX_EPOCH);
    let messages: Vec<_> = refused
        .expect_err("no zero")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        messages,
        [
            "parameter policy.json, MinCapacity: must be at least 1 for a real-time variant (SageMaker developer guide) (got 0)"
        ]
    );
}

#[test]
fn metrics_that_nobody_has_are_refused_by_name() {
    let trace = Trace::new(jiff::Timestamp::UNIX_EPOCH, vec![1.0]);
    let policy = json!({"ScalingPolicies": [{"PolicyName": "a", "TargetTrackingScalingPolicyConfiguration":
        {"TargetValue": 5, "CustomizedMetricSpecification":
            {"Namespace": "Own", "MetricName": "QueueDepth", "Statistic": "Average"}}}]});
    let parameter = endpoint_autoscaler_core::observation::Parameter {
        name: "policy.json".to_owned(),
        value: policy.to_string(),
        secure: false,
    };
    let document = endpoint_autoscaler_core::document::parse(&parameter).expect("a document");
    let target = Target {
        kind: Kind::RealTime,
        name: "AllTraffic",
        start: 1,
    };
    let scaling =
        Scaling::of_document(document, "policy.json", target, trace.start()).expect("fine");
    let fleet = Fleet::new(Capacity::RequestsPerMinute(100.0));
    let run = |trace: &Trace| {
        let simulation = Simulation {
            kind: Kind::RealTime,
            scaling: &scaling,
            fleet: &fleet,
            start: 1,
            trace,
            assumptions: &Assumptions::default(),
        };
        simulation.run()
    };
    let refused = run(&trace).expect_err("nobody has it").to_string();
    assert!(
        refused
            .starts_with("policy endpoint-autoscaler-a, MetricName: must be a column of the trace"),
        "{refused}"
    );
    assert!(refused.ends_with("(got QueueDepth)"), "{refused}");
    assert!(run(&trace.clone().with_column("QueueDepth", vec![7.0])).is_ok());
}
