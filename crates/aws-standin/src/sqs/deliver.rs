//! Lambda's end of a queue: what an event-source mapping does.
//!
//! Rules: "Using Lambda with Amazon SQS" and "Handling errors for an SQS event
//! source in Lambda" in the Lambda developer guide.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Message, Queue};
use crate::account::Account;
use crate::error::ServiceError;

/// The most messages that a mapping hands over at once, for standard queues.
const LARGEST_BATCH: usize = 10_000;

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
}

impl Message {
    fn record(&self, queue_arn: &str, region: &str) -> Value {
        let milliseconds = |seconds: u32| (u64::from(seconds) * 1000).to_string();
        let mut record = json!({
            "messageId": self.id,
            "receiptHandle": self.receipt,
            "body": self.body,
            "attributes": {
                "ApproximateReceiveCount": self.receives.to_string(),
                "SentTimestamp": milliseconds(self.sent),
                "SenderId": "AIDAENDPOINTAUTOSCALER",
                "ApproximateFirstReceiveTimestamp": milliseconds(self.first_received),
            },
            "messageAttributes": {},
            "md5OfBody": self.md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": region,
        });
        if let Some(group) = &self.group {
            record["attributes"]["MessageGroupId"] = group.as_str().into();
        }
        record
    }
}

impl Queue {
    /// Moves messages that were received as often as the redrive policy allows
    /// to the dead letters, when they would be received again.
    fn bury(&mut self, now: u32) {
        let most = self.settings.max_receive_count;
        let spent = |message: &Message| message.visible_at <= now && message.receives >= most;
        if !self.messages.iter().any(spent) {
            return;
        }
        let (dead, alive): (Vec<_>, Vec<_>) = self.messages.drain(..).partition(spent);
        self.messages = alive.into();
        self.dead.extend(dead);
    }
}

impl Account {
    /// Takes what is visible, oldest first, as the event of a mapping. Taken
    /// messages are in flight until `finish_messages`, or until the queue's
    /// visibility timeout is over.
    pub(crate) fn take_messages(
        &mut self,
        queue: &str,
        most: usize,
    ) -> Result<Value, ServiceError> {
        if !(1..=LARGEST_BATCH).contains(&most) {
            return Err(ServiceError::validation(format!(
                "A batch has 1 to {LARGEST_BATCH} messages."
            )));
        }
        let now = self.now;
        let region = self.identity.region.clone();
        let mut receipts = self.identity.clone();
        let queue = self.queue_by_name(queue)?;
        queue.bury(now);
        let visible = queue
            .messages
            .iter_mut()
            .filter(|message| message.visible_at <= now);
        let mut records = Vec::new();
        for message in visible.take(most) {
            if message.receives == 0 {
                message.first_received = now;
            }
            message.receives += 1;
            message.visible_at = now.saturating_add(queue.settings.visibility_timeout);
            message.receipt = Some(format!("receipt-{}", receipts.uuid()));
            records.push(message.record(&queue.arn, &region));
        }
        self.identity = receipts;
        Ok(json!({ "Records": records }))
    }

    /// Does with a batch what the mapping does when the function has answered:
    /// deletes what went well and gives the rest back. Without an answer the
    /// function has failed, and with it the whole batch.
    ///
    /// What is given back is visible at once: the stand-in's clock stands still,
    /// and waiting for the visibility timeout would show nothing more.
    pub(crate) fn finish_messages(
        &mut self,
        event: &Value,
        answer: Option<&Value>,
    ) -> Result<(), ServiceError> {
        let malformed = |problem: String| ServiceError::validation(problem);
        let Event { records } =
            Event::deserialize(event).map_err(|error| malformed(error.to_string()))?;
        let Some(first) = records.first() else {
            return Err(malformed(
                "Lambda calls no function without a message.".to_owned(),
            ));
        };
        let name = first
            .event_source_arn
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        let now = self.now;
        let queue = self.queue_by_name(&name)?;
        let failed = answer.and_then(|answer| failures(answer, &records));
        for record in &records {
            // A message that has been received again since is somebody else's.
            let ours = |message: &Message| message.receipt.as_ref() == Some(&record.receipt_handle);
            let Some(place) = queue.messages.iter().position(ours) else {
                continue;
            };
            let gone_well = failed
                .as_ref()
                .is_some_and(|failed| !failed.contains(&record.message_id.as_str()));
            if gone_well {
                queue.messages.remove(place);
            } else {
                queue.messages[place].visible_at = now;
                queue.messages[place].receipt = None;
            }
        }
        queue.bury(now);
        Ok(())
    }
}

/// The messages that an answer reports as failed; none where the whole batch is.
///
/// An empty or null answer or list is a success; an answer of another form, and
/// an item whose identifier is empty, null or under a wrong name fails all. So
/// does one of no message of the batch, which is our reading.
fn failures<'a>(answer: &'a Value, records: &[Record]) -> Option<Vec<&'a str>> {
    let items = match answer {
        Value::Null => return Some(Vec::new()),
        Value::Object(members) => members.get("batchItemFailures").unwrap_or(&Value::Null),
        _ => return None,
    };
    let items = match items {
        Value::Null => return Some(Vec::new()),
        Value::Array(items) => items,
        _ => return None,
    };
    let known = |id: &&str| records.iter().any(|record| record.message_id == *id);
    items
        .iter()
        .map(|item| item["itemIdentifier"].as_str().filter(known))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::testing::refused;

    fn account(bodies: &[(&str, u32)]) -> Account {
        let mut account = Account::default();
        account.play(json!({"act": "CreateQueue", "QueueName": "work", "MaxReceiveCount": 2}));
        for (body, delay) in bodies {
            let input = json!({
                "QueueUrl": "http://x/111122223333/work", "MessageBody": body, "DelaySeconds": delay,
            });
            account
                .ask(Service::Sqs, "SendMessage", input)
                .expect("sent");
        }
        account
    }

    fn take(account: &mut Account, most: usize) -> Value {
        account.take_messages("work", most).expect("an event")
    }

    fn bodies(event: &Value) -> Vec<&str> {
        let records = event["Records"].as_array();
        let body = |record: &Value| {
            format!(
                "{}{}",
                record["body"], record["attributes"]["ApproximateReceiveCount"]
            )
        };
        let words: Vec<_> = records.into_iter().flatten().map(body).collect();
        words
            .iter()
            .map(|word| &*word.replace('"', "").leak())
            .collect()
    }

    fn held(account: &Account, member: &str) -> usize {
        account.state()["Queues"][0][member]
            .as_array()
            .map_or(0, Vec::len)
    }

    #[test]
    fn messages_come_when_their_delay_is_over_and_once() {
        let mut account = account(&[("now", 0), ("later", 60)]);
        let event = take(&mut account, 10);
        let record = &event["Records"][0];
        assert_eq!(bodies(&event), ["now1"]);
        assert_eq!(
            record["eventSourceARN"],
            "arn:aws:sqs:us-east-1:111122223333:work"
        );
        assert_eq!(record["md5OfBody"], super::super::md5::md5(b"now"));
        assert_eq!(record["attributes"]["SentTimestamp"], "1767600000000");
        assert_eq!(bodies(&take(&mut account, 10)), [""; 0]);
        account.play(json!({"act": "Advance", "Seconds": 29}));
        assert_eq!(bodies(&take(&mut account, 10)), [""; 0], "in flight");
        account.play(json!({"act": "Advance", "Seconds": 31}));
        assert_eq!(
            bodies(&take(&mut account, 1)),
            ["now2"],
            "its receiver took too long"
        );
        assert_eq!(bodies(&take(&mut account, 1)), ["later1"]);
        let late = account.finish_messages(&event, Some(&json!({})));
        assert_eq!(
            (late, held(&account, "Messages")),
            (Ok(()), 2),
            "an old receipt deletes nothing"
        );
    }

    #[test]
    fn what_failed_comes_again_until_it_is_a_dead_letter() {
        let mut account = account(&[("a", 0), ("b", 0)]);
        let event = take(&mut account, 10);
        let failed = &event["Records"][1]["messageId"];
        let answer = json!({"batchItemFailures": [{"itemIdentifier": failed}]});
        account
            .finish_messages(&event, Some(&answer))
            .expect("finished");
        assert_eq!(held(&account, "Messages"), 1);
        let event = take(&mut account, 10);
        assert_eq!(bodies(&event), ["b2"]);
        account.finish_messages(&event, None).expect("finished");
        assert_eq!(
            (held(&account, "Messages"), held(&account, "DeadLetters")),
            (0, 1)
        );
        assert_eq!(bodies(&take(&mut account, 10)), [""; 0]);
    }

    #[test]
    fn answers_are_read_as_lambda_reads_them() {
        let left = |answer: &Value| {
            let mut account = account(&[("a", 0), ("b", 0)]);
            let event = take(&mut account, 10);
            account
                .finish_messages(&event, Some(answer))
                .expect("finished");
            held(&account, "Messages")
        };
        for success in [
            json!(null),
            json!({}),
            json!({"batchItemFailures": null}),
            json!({"batchItemFailures": []}),
        ] {
            assert_eq!(left(&success), 0, "{success}");
        }
        for failure in [
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{"item": "x"}]}),
            json!({"batchItemFailures": [{"itemIdentifier": "unknown"}]}),
            json!({"batchItemFailures": "x"}),
            json!("done"),
        ] {
            assert_eq!(left(&failure), 2, "{failure}");
        }
    }

    #[test]
    fn takings_that_make_no_sense_are_refused() {
        let mut account = account(&[]);
        let code =
            |result: Result<Value, ServiceError>| result.map_err(|error| error.code.into_owned());
        refused(code(account.take_messages("none", 10)), "QueueDoesNotExist");
        refused(
            code(account.take_messages("work", 0)),
            "ValidationException",
        );
        let nothing = take(&mut account, 10);
        let finished = account
            .finish_messages(&nothing, None)
            .map(|()| json!(null));
        refused(code(finished), "ValidationException");
        refused(
            account.try_act(json!({"act": "CreateQueue", "QueueName": "work"})),
            "already exists",
        );
        refused(
            account.try_act(json!({"act": "CreateQueue", "QueueName": "w.fifo"})),
            "alphanumeric",
        );
    }
}
