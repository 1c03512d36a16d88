//! EventBridge as it is allowed to be: events get lost, doubled, late and out of order.

use aws_standin::Standin;
use serde_json::Value;

/// What becomes of the events of one step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Prompt,
    Lost,
    Doubled,
    Reversed,
    /// They come with those of a later step, after them.
    Late,
}

#[derive(Default)]
pub(super) struct EventBridge {
    waiting: Vec<Value>,
}

impl EventBridge {
    /// What arrives now.
    pub(super) fn deliver(&mut self, standin: &Standin, fate: Fate) -> Vec<Value> {
        let mut events = standin.take_events();
        match fate {
            Fate::Prompt => {}
            Fate::Lost => return Vec::new(),
            Fate::Doubled => events.extend(events.clone()),
            Fate::Reversed => events.reverse(),
            Fate::Late => {
                self.waiting.append(&mut events);
                return Vec::new();
            }
        }
        events.append(&mut self.waiting);
        events
    }
}
