//! An installation of the function in an account, and the bus between them.

use crate::account::clients;
use crate::acts::advance;
use aws_standin::{Actor, JournalEntry, Standin};
use endpoint_autoscaler::aws::Aws;
use endpoint_autoscaler::core::installation::Installation;
use endpoint_autoscaler::lambda::handle;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `Timeout` of the function in `template.yaml`.
const TIMEOUT: Duration = Duration::from_mins(15);

/// One installation in one account.
pub(crate) struct World {
    pub(crate) standin: Standin,
    pub(crate) aws: Aws,
    pub(crate) installation: Installation,
}

impl World {
    /// With everything as it is when nothing is set.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// With these variables of the environment.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        Self::in_account(Standin::new(), variables)
    }

    /// One more installation in an account, with variables of its own.
    pub(crate) fn in_account(standin: Standin, variables: &[(&str, &str)]) -> Self {
        let variable = |name: &str| {
            let mut variables = variables.iter();
            let found = variables.find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Self {
            aws: clients(&standin),
            installation: Installation::from_variables(variable).unwrap(),
            standin,
        }
    }

    /// Performs acts; lists may stand in lists.
    #[track_caller]
    pub(crate) fn play(&self, acts: Value) {
        match acts {
            Value::Array(acts) => acts.into_iter().for_each(|acts| self.play(acts)),
            act => self.standin.play(act).unwrap(),
        }
    }

    /// Calls the function, with the time that it has on AWS.
    pub(crate) async fn handle(&self, payload: Value) -> Result<Value, Diagnostic> {
        self.handle_within(payload, TIMEOUT).await
    }

    pub(crate) async fn handle_within(
        &self,
        payload: Value,
        time: Duration,
    ) -> Result<Value, Diagnostic> {
        let mut context = Context::default();
        let deadline = SystemTime::now() + time;
        let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis();
        context.deadline = u64::try_from(deadline).unwrap();
        let event = LambdaEvent::new(payload, context);
        Box::pin(handle(&self.aws, &self.installation, event)).await
    }

    /// Calls the function, which must not fail.
    pub(crate) async fn ask(&self, payload: Value) -> Value {
        let answer = self.handle(payload).await;
        answer.unwrap_or_else(|error| panic!("{}: {}", error.error_type, error.error_message))
    }

    pub(crate) async fn sweep(&self) -> Value {
        self.ask(json!({"action": "scan"})).await
    }

    /// Delivers events, and those that the deliveries cause, until there are none. Deployments and
    /// scaling activities end meanwhile.
    pub(crate) async fn settle(&self) {
        for _ in 0..20 {
            let events = self.standin.take_events();
            if events.is_empty() {
                return;
            }
            for event in events {
                self.ask(event).await;
            }
            self.play(advance(600));
        }
        panic!("events go on causing events");
    }

    /// What the function has called since the journal was cleared last.
    pub(crate) fn calls(&self) -> Vec<JournalEntry> {
        let journal = self.standin.journal().into_iter();
        journal
            .filter(|entry| entry.actor == Actor::Client)
            .collect()
    }

    /// What it has written, by operation.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.calls().into_iter();
        calls
            .filter(|call| call.write)
            .map(|call| call.operation)
            .collect()
    }
}

mod tests {
    use super::*;
    use crate::acts::{endpoint, real_time};
    use pretty_assertions::assert_eq;

    #[tokio::test(start_paused = true)]
    async fn a_new_endpoint_scales_and_stays_as_it_is() {
        let world = World::new();
        world.play(json!([real_time("c", 2), endpoint("Prod", "c")]));
        world.settle().await;
        let target = &world.standin.state()["ScalableTargets"][0];
        assert_eq!(
            (&target["MinCapacity"], &target["MaxCapacity"]),
            (&json!(2), &json!(4))
        );
        world.standin.clear_journal();
        let report = world.sweep().await;
        assert_eq!(report["outcomes"], json!({"Unchanged": 1}));
        assert_eq!(world.writes(), [""; 0]);
    }
}
