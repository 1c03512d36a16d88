//! Every call that goes wrong, in every way, in every kind of work: nothing of others is touched,
//! the answer says the right thing, and one more event after the fault has passed reaches the
//! state that an undisturbed run reaches.

mod scenarios;

use crate::acts::advance;
use crate::state::{foreign, state};
use crate::world::World;
use aws_standin::{FaultRule, JournalEntry};
use lambda_runtime::Diagnostic;
use pretty_assertions::assert_eq;
use scenarios::Scenario;
use serde_json::{Value, json};

/// What a call that goes wrong leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Consequence {
    /// The function tries again by itself.
    Retried,
    /// The event is delivered again.
    Redelivered,
    /// The report says so, with AWS's code: repeating cannot help.
    Reported,
    /// The endpoint is busy: later.
    Deferred,
    /// The function tries again by itself, and may then find what the first try did: a busy endpoint,
    /// or a target that is there.
    TriedTwice,
}

/// A way in which a call goes wrong.
#[derive(Clone, Copy, Debug)]
struct Wrong {
    name: &'static str,
    fault: &'static str,
    once: bool,
    /// Performed; only the answer is lost.
    after: bool,
    /// Operations that it can happen to; all if empty.
    only: &'static [&'static str],
    consequence: Consequence,
}

const SCALING_WRITES: &[&str] = &[
    "RegisterScalableTarget",
    "DeregisterScalableTarget",
    "PutScalingPolicy",
    "DeleteScalingPolicy",
    "PutScheduledAction",
    "DeleteScheduledAction",
];
const PUTS: &[&str] = &["PutScalingPolicy", "PutScheduledAction"];
const DELETES: &[&str] = &[
    "DeregisterScalableTarget",
    "DeleteScalingPolicy",
    "DeleteScheduledAction",
];
const POLICIES: &[&str] = &["PutScalingPolicy", "DeleteScalingPolicy"];
const WRITES: &[&str] = &[
    "RegisterScalableTarget",
    "DeregisterScalableTarget",
    "PutScalingPolicy",
    "DeleteScalingPolicy",
    "PutScheduledAction",
    "DeleteScheduledAction",
    "TagResource",
    "UntagResource",
    "PutMetricAlarm",
    "DeleteAlarms",
];
const BUSY: &str = "Busy";

const fn once(name: &'static str, fault: &'static str, only: &'static [&'static str]) -> Wrong {
    Wrong {
        name,
        fault,
        once: true,
        after: false,
        only,
        consequence: Consequence::Retried,
    }
}

const fn always(
    name: &'static str,
    fault: &'static str,
    only: &'static [&'static str],
    consequence: Consequence,
) -> Wrong {
    Wrong {
        once: false,
        consequence,
        ..once(name, fault, only)
    }
}

const WAYS: &[Wrong] = &[
    once("throttled once", "Throttled", &[]),
    once("HTTP 500 once", "Http500", &[]),
    once("reset once", "ConnectionReset", &[]),
    once("no answer once", "Timeout", &[]),
    Wrong {
        after: true,
        consequence: Consequence::TriedTwice,
        ..once("answer lost once", "Timeout", WRITES)
    },
    once("concurrent update once", "ConcurrentUpdate", SCALING_WRITES),
    once(
        "alarms throttled once",
        "FailedResourceAccessRateExceeded",
        POLICIES,
    ),
    once("not visible once", "ObjectNotFound", PUTS),
    always("throttled", "Throttled", &[], Consequence::Redelivered),
    always("HTTP 500", "Http500", &[], Consequence::Redelivered),
    always("no answer", "Timeout", &[], Consequence::Redelivered),
    Wrong {
        after: true,
        ..always("answers lost", "Timeout", WRITES, Consequence::Redelivered)
    },
    always(
        "concurrent updates",
        "ConcurrentUpdate",
        SCALING_WRITES,
        Consequence::Redelivered,
    ),
    always(
        "alarms throttled",
        "FailedResourceAccessRateExceeded",
        POLICIES,
        Consequence::Redelivered,
    ),
    always(
        "never visible",
        "ObjectNotFound",
        PUTS,
        Consequence::Redelivered,
    ),
    // Somebody else was faster.
    Wrong {
        after: true,
        ..once("gone already", "ObjectNotFound", DELETES)
    },
    always("denied", "AccessDenied", &[], Consequence::Reported),
    always(
        "quota",
        "LimitExceeded",
        SCALING_WRITES,
        Consequence::Reported,
    ),
    always("refused", "Validation", &[], Consequence::Reported),
    always(
        "busy",
        BUSY,
        &["RegisterScalableTarget"],
        Consequence::Deferred,
    ),
];

impl Wrong {
    fn happens_to(&self, operation: &str) -> bool {
        self.only.is_empty() || self.only.contains(&operation)
    }

    fn rule(&self, operation: &str, nth: usize) -> FaultRule {
        let fault = match self.fault {
            BUSY => json!({"code": "ValidationException",
                "message": "The status should be in 'InService' to register it as a scalable target"}),
            usual => json!(usual),
        };
        let rule = json!({"operation": operation, "skip": nth, "fault": fault, "after": self.after,
            "times": self.once.then_some(1)});
        serde_json::from_value(rule).unwrap()
    }
}

/// What an undisturbed run does and reaches.
struct Undisturbed {
    answer: Value,
    calls: Vec<JournalEntry>,
    /// Just after the run, and a while later.
    reached: [Value; 2],
    foreign: Value,
}

async fn undisturbed(scenario: &Scenario) -> Undisturbed {
    let (world, event) = scenario.begin().await;
    let theirs = foreign(&world.standin);
    let answer = world.ask(event.clone()).await;
    let calls = world.calls();
    let reached = state(&world.standin);
    rest(&world);
    let later = state(&world.standin);
    world.standin.clear_journal();
    world.ask(event).await;
    assert_eq!(world.writes(), [""; 0], "{}: a second run", scenario.name);
    assert_eq!(foreign(&world.standin), theirs, "{}", scenario.name);
    Undisturbed {
        answer,
        calls,
        reached: [reached, later],
        foreign: theirs,
    }
}

/// Deployments and scaling activities end.
fn rest(world: &World) {
    world.play(advance(600));
}

/// Which calls of a run are worth disturbing: every write, and the first of each read.
fn occurrences(calls: &[JournalEntry]) -> Vec<(String, usize)> {
    let mut seen: Vec<(String, usize)> = Vec::new();
    for call in calls {
        let nth = seen
            .iter()
            .filter(|(name, _)| *name == call.operation)
            .count();
        if call.write || nth == 0 {
            seen.push((call.operation.clone(), nth));
        }
    }
    seen
}

#[derive(Default)]
struct Figure {
    tried: usize,
    failures: Vec<String>,
}

async fn disturb(scenario: &Scenario, expected: &Undisturbed, figure: &mut Figure) {
    for (operation, nth) in occurrences(&expected.calls) {
        for wrong in WAYS.iter().filter(|wrong| wrong.happens_to(&operation)) {
            figure.tried += 1;
            let place = format!("{}: {operation} #{nth} {}", scenario.name, wrong.name);
            let by_sweep = figure.tried.is_multiple_of(2);
            let found = combination(scenario, expected, (&operation, nth), wrong, by_sweep).await;
            figure.failures.extend(found.into_iter().map(|problem| {
                format!(
                    "{place} (then a {}): {problem}",
                    if by_sweep { "sweep" } else { "event" }
                )
            }));
        }
    }
}

/// One call that goes wrong in one way; what is not as it should be.
async fn combination(
    scenario: &Scenario,
    expected: &Undisturbed,
    (operation, nth): (&str, usize),
    wrong: &Wrong,
    by_sweep: bool,
) -> Vec<String> {
    let mut problems = Vec::new();
    let (world, event) = scenario.begin().await;
    world.standin.inject(wrong.rule(operation, nth));
    let answer = world.handle(event.clone()).await;
    let run = Run {
        answer: &answer,
        world: &world,
        expected,
        wrong,
    };
    problems.extend(run.problem());
    if foreign(&world.standin) != expected.foreign {
        problems.push("something foreign was touched".to_owned());
    }

    world.standin.clear_faults();
    rest(&world);
    let more = if by_sweep {
        json!({"action": "scan"})
    } else {
        event.clone()
    };
    if let Err(error) = world.handle(more).await {
        problems.push(format!("one more event fails: {}", error.error_message));
    }
    rest(&world);
    // Events do not look for what is remembered of targets, as long as nothing is to be written: where
    // only that is unfinished, the next sweep finishes it.
    let reached = state(&world.standin);
    if reached != expected.reached[1]
        && without_memory(&reached) == without_memory(&expected.reached[1])
    {
        world.sweep().await;
    }
    if state(&world.standin) != expected.reached[1] {
        problems.push(format!(
            "one more event does not converge: {}",
            difference(&state(&world.standin), &expected.reached[1])
        ));
    }
    if by_sweep {
        world.standin.clear_journal();
        world.ask(event).await;
        let writes = world.writes();
        if !writes.is_empty() {
            problems.push(format!("the run after that writes {writes:?}"));
        }
    }
    problems
}

fn without_memory(state: &Value) -> Value {
    let mut state = state.clone();
    for target in state["ScalableTargets"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        target["Tags"] = Value::Null;
    }
    state
}

/// One disturbed run.
struct Run<'a> {
    answer: &'a Result<Value, Diagnostic>,
    world: &'a World,
    expected: &'a Undisturbed,
    wrong: &'a Wrong,
}

impl Run<'_> {
    /// Why its answer is not the right one.
    fn problem(&self) -> Option<String> {
        let answer = match self.answer {
            Ok(answer) => answer.to_string(),
            Err(error) => error.error_message.clone(),
        };
        let right = match self.wrong.consequence {
            Consequence::Retried => self.went_well(),
            Consequence::Redelivered => self.went_well_without() || self.is_redelivered(),
            Consequence::Reported => self.went_well_without() || self.is_reported(),
            Consequence::Deferred => answer.contains("\"Deferred\""),
            Consequence::TriedTwice => {
                let is_busy = ["\"Deferred\"", "\"EndpointNotInService\""];
                self.went_well()
                    || self.is_redelivered()
                    || is_busy.into_iter().any(|busy| answer.contains(busy))
            }
        };
        if !right {
            let consequence = self.wrong.consequence;
            return Some(format!("is not {consequence:?}: {answer}"));
        }
        let read_failed = matches!(self.answer, Ok(answer) if !answer["error"].is_null());
        let writes = self.world.writes();
        (read_failed && !writes.is_empty())
            .then(|| format!("a read failed and yet there are writes: {writes:?}"))
    }

    /// As if nothing had happened.
    fn went_well(&self) -> bool {
        let outcome = |answer: &Value| (answer["outcome"].clone(), answer["outcomes"].clone());
        self.answer
            .as_ref()
            .is_ok_and(|answer| outcome(answer) == outcome(&self.expected.answer))
            && state(&self.world.standin) == self.expected.reached[0]
    }

    /// The call that went wrong was of no importance, and nothing was made of its failure.
    fn went_well_without(&self) -> bool {
        let writes = self.expected.calls.iter().filter(|call| call.write);
        let writes: Vec<_> = writes.map(|call| call.operation.clone()).collect();
        self.went_well() && self.world.writes() == writes
    }

    /// One failing endpoint does not make a sweep fail: the next sweep comes by itself.
    fn is_redelivered(&self) -> bool {
        match self.answer {
            Err(error) => error.error_type == "Transient",
            Ok(answer) => answer["outcomes"]["Failed"].as_u64() > Some(0),
        }
    }

    fn is_reported(&self) -> bool {
        let Ok(answer) = self.answer else {
            return false;
        };
        let failed = answer["outcome"] == "Failed"
            || answer["outcomes"]["Failed"].as_u64() > Some(0)
            || !answer["error"].is_null();
        let calls = self.world.calls().into_iter();
        let mut codes = calls.filter_map(|call| call.error_code);
        let text = answer.to_string();
        failed && codes.any(|code| text.contains(&code))
    }
}

/// Where two states differ first.
fn difference(found: &Value, expected: &Value) -> String {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let names = found.keys().chain(expected.keys());
            let mut names = names.filter(|name| found.get(*name) != expected.get(*name));
            names.next().map_or_else(String::new, |name| {
                let null = Value::Null;
                let (found, expected) = (
                    found.get(name).unwrap_or(&null),
                    expected.get(name).unwrap_or(&null),
                );
                format!("{name}.{}", difference(found, expected))
            })
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let mut pairs = found.iter().zip(expected).enumerate();
            pairs
                .find(|(_, (found, expected))| found != expected)
                .map_or_else(String::new, |(at, (found, expected))| {
                    format!("{at}.{}", difference(found, expected))
                })
        }
        _ => format!(" {found} instead of {expected}"),
    }
}

async fn check(scenarios: Vec<Scenario>, at_least: usize) {
    let mut figure = Figure::default();
    for scenario in &scenarios {
        let expected = undisturbed(scenario).await;
        disturb(scenario, &expected, &mut figure).await;
    }
    let Figure { tried, failures } = figure;
    println!(
        "faults: {tried} combinations in {} scenarios, {} as they should be",
        scenarios.len(),
        tried - failures.len().min(tried)
    );
    assert!(
        failures.is_empty(),
        "{} of {tried}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(tried >= at_least, "only {tried} combinations are left");
}

#[tokio::test(start_paused = true)]
async fn while_an_endpoint_is_new() {
    check(scenarios::new_endpoints(), 500).await;
}

#[tokio::test(start_paused = true)]
async fn while_its_configuration_changes() {
    check(scenarios::changes(), 700).await;
}

#[tokio::test(start_paused = true)]
async fn while_targets_change_hands() {
    check(scenarios::handovers(), 700).await;
}

#[tokio::test(start_paused = true)]
async fn while_many_are_looked_at() {
    check(scenarios::sweeps(), 320).await;
}
