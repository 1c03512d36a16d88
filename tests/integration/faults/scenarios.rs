//! What happens to an account while calls go wrong.

use crate::acts::{
    INSTANCES, Target, advance, asynchronous, component, day, deployed, endpoint, foreign_alarm,
    foreign_items, host, parameter, real_time, register, serverless, surge, tag, tracking, untag,
    vanish,
};
use crate::world::World;
use serde_json::{Value, json};

/// A change, and the event about it.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// What was there before, and was brought to its desired state.
    pub(super) before: Value,
    /// What others did then.
    pub(super) meanwhile: Value,
    /// The change.
    pub(super) change: Value,
    /// The event about it; the last one of the change where nothing is said.
    pub(super) event: Option<Value>,
}

impl Scenario {
    /// The account just before the event about the change, and that event.
    pub(super) async fn begin(&self) -> (World, Value) {
        let world = World::with(self.variables);
        world.play(theirs());
        drop(world.standin.take_events());
        world.play(self.before.clone());
        for event in world.standin.take_events() {
            if event["detail"]["EndpointStatus"] == "IN_SERVICE" {
                world.ask(event).await;
            }
        }
        world.play(advance(600));
        world.play(self.meanwhile.clone());
        drop(world.standin.take_events());
        world.play(self.change.clone());
        let mut events = world.standin.take_events();
        let event = self.event.clone().or_else(|| events.pop());
        world.standin.clear_journal();
        (world, event.expect("the change has an event"))
    }
}

const PROD: Target<'_> = ("endpoint/Prod/variant/AllTraffic", INSTANCES);

/// An endpoint whose scaling somebody else set up, and alarms that look like ours or AWS's.
fn theirs() -> Value {
    let target = ("endpoint/Theirs/variant/AllTraffic", INSTANCES);
    json!([
        real_time("theirs", 1),
        endpoint("Theirs", "theirs"),
        register(target, 1, 3),
        foreign_alarm("endpoint-autoscaler-Prod"),
        foreign_alarm("latency"),
        foreign_items(target)
    ])
}

/// A document with one of everything.
fn full() -> Value {
    json!({"MinCapacity": 2, "MaxCapacity": 6, "ScalingPolicies": [tracking("invocations", 600), surge(2, 500_000)],
        "ScheduledActions": [day(8, 4)]})
}

fn prod_with(document: &Value) -> Value {
    json!([
        parameter("endpoints/Prod", document),
        real_time("c", 1),
        endpoint("Prod", "c")
    ])
}

/// A host of components whose component `llama` may go down to nothing.
fn sleepy_host() -> Value {
    let document = json!({"InferenceComponents": {"llama": {"MinCapacity": 0}}});
    json!([
        parameter("endpoints/Prod", &document),
        host("c"),
        endpoint("Prod", "c")
    ])
}

fn none() -> Value {
    json!([])
}

const ADOPT: &[(&str, &str)] = &[
    ("EXISTING_TARGETS", "adopt"),
    ("ENDPOINT_EXCLUDE", "Theirs"),
];
fn scenario(name: &'static str, before: Value, change: Value) -> Scenario {
    Scenario {
        name,
        variables: &[],
        before,
        meanwhile: none(),
        change,
        event: None,
    }
}

pub(super) fn new_endpoints() -> Vec<Scenario> {
    let serverless = json!([
        parameter(
            "endpoints/Prod",
            &json!({"Serverless": {"MinCapacity": 2, "ScheduledActions": [day(8, 2)]}})
        ),
        serverless("c", 1),
        endpoint("Prod", "c")
    ]);
    let asynchronous = json!([
        parameter(
            "endpoints/Prod",
            &json!({"Asynchronous": {"MinCapacity": 0}})
        ),
        asynchronous("c", 1),
        endpoint("Prod", "c")
    ]);
    vec![
        scenario("a new real-time endpoint", none(), prod_with(&full())),
        scenario("a new serverless endpoint", none(), serverless),
        scenario("a new asynchronous endpoint", none(), asynchronous),
        scenario(
            "a new inference component",
            sleepy_host(),
            component("llama", "Prod"),
        ),
    ]
}

pub(super) fn changes() -> Vec<Scenario> {
    let changed = json!({"MinCapacity": 3, "MaxCapacity": 8,
        "ScalingPolicies": [tracking("invocations", 500), surge(3, 400_000)], "ScheduledActions": [day(7, 5)]});
    // Another name for the same metric: the old one stands in the way.
    let fewer =
        json!({"MinCapacity": 2, "MaxCapacity": 6, "ScalingPolicies": [tracking("other", 600)]});
    vec![
        Scenario {
            meanwhile: json!(foreign_items(PROD)),
            ..scenario(
                "everything changes",
                prod_with(&full()),
                parameter("endpoints/Prod", &changed),
            )
        },
        Scenario {
            meanwhile: json!(foreign_items(PROD)),
            ..scenario(
                "policies are removed",
                prod_with(&full()),
                parameter("endpoints/Prod", &fewer),
            )
        },
        scenario(
            "a profile changes",
            json!([
                parameter("profiles/default", &full()),
                real_time("c", 1),
                endpoint("Prod", "c")
            ]),
            parameter("profiles/default", &changed),
        ),
        scenario(
            "an endpoint is paused",
            prod_with(&full()),
            tag("Prod", "paused", "true"),
        ),
        scenario(
            "an endpoint is resumed",
            json!([
                real_time("c", 1),
                endpoint("Prod", "c"),
                tag("Prod", "paused", "scale-in"),
                tag("Prod", "paused", "true")
            ]),
            untag("Prod", "paused"),
        ),
    ]
}

pub(super) fn handovers() -> Vec<Scenario> {
    let foreign = || {
        json!([
            real_time("c", 1),
            endpoint("Prod", "c"),
            register(PROD, 1, 3),
            foreign_items(PROD)
        ])
    };
    let with_component = json!([sleepy_host(), component("llama", "Prod")]);
    vec![
        scenario(
            "an endpoint opts out",
            prod_with(&full()),
            tag("Prod", "enabled", "false"),
        ),
        Scenario {
            meanwhile: json!(foreign_items(PROD)),
            ..scenario(
                "an endpoint with foreign policies opts out",
                prod_with(&full()),
                tag("Prod", "enabled", "false"),
            )
        },
        scenario("an endpoint is deleted", prod_with(&full()), vanish("Prod")),
        Scenario {
            variables: ADOPT,
            ..scenario(
                "a foreign target is adopted",
                json!([]),
                json!([foreign(), parameter("endpoints/Prod", &full())]),
            )
        },
        Scenario {
            variables: ADOPT,
            ..scenario(
                "an adopted target is given back",
                json!([parameter("endpoints/Prod", &full()), foreign()]),
                tag("Prod", "enabled", "false"),
            )
        },
        scenario(
            "a component is deleted",
            with_component,
            json!({"act": "DeleteInferenceComponent", "InferenceComponentName": "llama"}),
        ),
    ]
}

/// What no single event is about: one that was lost, and endpoints that are gone.
pub(super) fn sweeps() -> Vec<Scenario> {
    let changed = json!({"MinCapacity": 3, "MaxCapacity": 8, "ScalingPolicies": [tracking("invocations", 500)]});
    let before = json!([
        parameter("endpoints/Gone", &full()),
        deployed("Gone"),
        prod_with(&full())
    ]);
    vec![
        Scenario {
            meanwhile: json!(foreign_items(PROD)),
            event: Some(json!({"action": "scan"})),
            ..scenario(
                "a sweep",
                before,
                json!([parameter("endpoints/Prod", &changed), vanish("Gone")]),
            )
        },
        scenario(
            "a tag of an endpoint in mixed case",
            deployed("FraudDetector"),
            tag("FraudDetector", "max-capacity", "9"),
        ),
    ]
}
