//! `SendMessage` and `SendMessageBatch`.
//!
//! Rules: the API reference of the two; the words of errors that it does not
//! give are those that moto has recorded (`moto/sqs/exceptions.py`).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::md5::md5;
use super::{LONGEST_DELAY, Message};
use crate::account::Account;
use crate::error::ServiceError;
use crate::service::Service;
use crate::wire::code_on_the_wire;

/// "The maximum allowed individual message size and the maximum total payload
/// size … are both 1 MiB 1,048,576 bytes."
const LONGEST: usize = 1_048_576;
const ENTRIES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    queue_url: String,
    #[serde(flatten)]
    message: NewMessage,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    message: NewMessage,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewMessage {
    message_body: String,
    delay_seconds: Option<i64>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
    message_attributes: Option<Value>,
    message_system_attributes: Option<Value>,
}

impl NewMessage {
    /// The delay that it asks for.
    fn check(&self) -> Result<Option<u32>, ServiceError> {
        let refuse = |problem: String| Err(ServiceError::validation(problem));
        if self.message_body.is_empty() {
            return Err(ServiceError::new(
                "MissingParameter",
                "The request must contain the parameter MessageBody.",
            ));
        }
        if self.message_body.len() > LONGEST {
            return refuse(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {LONGEST} bytes."
            ));
        }
        // "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
        let banned = |letter: char| {
            matches!(letter, '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
                && !matches!(letter, '\t' | '\n' | '\r')
        };
        if self.message_body.contains(banned) {
            return Err(ServiceError::new(
                "InvalidMessageContents",
                "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
                 #xE000 to #xFFFD | #x10000 to #x10FFFF.",
            ));
        }
        if self.message_deduplication_id.is_some() {
            return refuse(
                "The request include parameter MessageDeduplicationId which is not valid for this queue type"
                    .to_owned(),
            );
        }
        if self.message_attributes.is_some() || self.message_system_attributes.is_some() {
            return refuse("The stand-in keeps no attributes of messages.".to_owned());
        }
        let Some(asked) = self.delay_seconds else {
            return Ok(None);
        };
        match u32::try_from(asked) {
            Ok(delay @ 0..=LONGEST_DELAY) => Ok(Some(delay)),
            _ => refuse(format!(
                "Value {asked} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= \
                 {LONGEST_DELAY}."
            )),
        }
    }
}

impl SendBatch {
    /// What makes SQS refuse the batch as a whole.
    fn check(&self) -> Result<(), ServiceError> {
        let refuse = |code: &'static str, problem: String| Err(ServiceError::new(code, problem));
        if self.entries.is_empty() {
            let problem =
                "There should be at least one SendMessageBatchRequestEntry in the request.";
            return refuse("EmptyBatchRequest", problem.to_owned());
        }
        if self.entries.len() > ENTRIES {
            let problem = format!(
                "Maximum number of entries per request are {ENTRIES}. You have sent {}.",
                self.entries.len()
            );
            return refuse("TooManyEntriesInBatchRequest", problem);
        }
        let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let mut ids = BTreeSet::new();
        for Entry { id, .. } in &self.entries {
            if id.is_empty() || id.len() > 80 || !id.chars().all(known) {
                let problem = "A batch entry id can only contain alphanumeric characters, hyphens and \
                               underscores. It can be at most 80 letters long.";
                return refuse("InvalidBatchEntryId", problem.to_owned());
            }
            if !ids.insert(id) {
                return refuse("BatchEntryIdsNotDistinct", format!("Id {id} repeated."));
            }
        }
        let length: usize = self
            .entries
            .iter()
            .map(|entry| entry.message.message_body.len())
            .sum();
        if length > LONGEST {
            let problem = format!(
                "Batch requests cannot be longer than {LONGEST} bytes. You have sent {length} bytes."
            );
            return refuse("BatchRequestTooLong", problem);
        }
        Ok(())
    }
}

impl Account {
    pub(super) fn send_message(&mut self, request: Send) -> Result<Value, ServiceError> {
        self.queue_by_url(&request.queue_url)?;
        self.enqueue(&request.queue_url, request.message)
    }

    /// "The result of sending each message is reported individually in the
    /// response": the answer is HTTP 200 also when every entry failed.
    pub(super) fn send_message_batch(&mut self, request: SendBatch) -> Result<Value, ServiceError> {
        self.queue_by_url(&request.queue_url)?;
        request.check()?;
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for Entry { id, message } in request.entries {
            let result = match self.doomed_entries.remove(&id) {
                Some(error) => Err(error),
                None => self.enqueue(&request.queue_url, message),
            };
            match result {
                Ok(mut sent) => {
                    sent["Id"] = id.into();
                    successful.push(sent);
                }
                // The shape of aws/aws-sdk-js#3187.
                Err(error) => failed.push(json!({
                    "Id": id,
                    "SenderFault": error.status < 500,
                    "Code": code_on_the_wire(Service::Sqs, &error.code),
                    "Message": error.message,
                })),
            }
        }
        Ok(json!({"Successful": successful, "Failed": failed}))
    }

    fn enqueue(&mut self, url: &str, new: NewMessage) -> Result<Value, ServiceError> {
        let delay = new.check()?;
        let id = self.identity.uuid();
        let now = self.now;
        let queue = self.queue_by_url(url)?;
        let md5 = md5(new.message_body.as_bytes());
        let answer = json!({"MessageId": id, "MD5OfMessageBody": md5});
        queue.messages.push_back(Message {
            id,
            body: new.message_body,
            md5,
            group: new.message_group_id,
            sent: now,
            visible_at: now.saturating_add(delay.unwrap_or(queue.settings.delay)),
            receives: 0,
            first_received: 0,
            receipt: None,
        });
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::refused;

    const URL: &str = "http://127.0.0.1:4566/111122223333/work";

    fn account() -> Account {
        let mut account = Account::default();
        account.play(json!({"act": "CreateQueue", "QueueName": "work"}));
        account
    }

    fn batch(account: &mut Account, entries: &Value) -> Result<Value, String> {
        let input = json!({"QueueUrl": URL, "Entries": entries});
        account.ask(Service::Sqs, "SendMessageBatch", input)
    }

    fn send(changes: Value) -> Result<Value, String> {
        let mut input = json!({"QueueUrl": URL, "MessageBody": "hello"});
        if let (Some(input), Value::Object(changes)) = (input.as_object_mut(), changes) {
            input.extend(changes);
        }
        account().ask(Service::Sqs, "SendMessage", input)
    }

    #[test]
    fn a_message_is_answered_with_its_digest() {
        let answer = send(json!({"DelaySeconds": 900, "MessageGroupId": "tenant"}));
        let answer = answer.expect("sent");
        assert_eq!(
            answer["MD5OfMessageBody"],
            "5d41402abc4b2a76b9719d911017c592"
        );
        let url = "https://sqs.us-east-1.amazonaws.com/111122223333/work";
        send(json!({"QueueUrl": url})).expect("the host does not matter");
    }

    #[test]
    fn messages_that_sqs_refuses() {
        let check = |changes: Value, part: &str| refused(send(changes), part);
        check(
            json!({"QueueUrl": "http://x/111122223333/none"}),
            "QueueDoesNotExist: The specified queue",
        );
        check(
            json!({"QueueUrl": "http://x/444455556666/work"}),
            "QueueDoesNotExist",
        );
        check(json!({"QueueUrl": "work"}), "InvalidAddress");
        check(json!({"MessageBody": ""}), "MissingParameter");
        check(json!({"MessageBody": "a\u{1}"}), "InvalidMessageContents");
        check(
            json!({"MessageBody": "a".repeat(LONGEST + 1)}),
            "shorter than 1048576 bytes",
        );
        check(json!({"DelaySeconds": 901}), "must be >= 0 and <= 900");
        check(json!({"DelaySeconds": -1}), "must be >= 0 and <= 900");
        check(json!({"DelaySeconds": "1"}), "can not be converted");
        check(
            json!({"MessageDeduplicationId": "a"}),
            "not valid for this queue type",
        );
        check(json!({"MessageAttributes": {}}), "no attributes");
        check(json!({"Body": "a"}), "Unknown member");
    }

    #[test]
    fn each_entry_of_a_batch_has_its_own_result() {
        let mut account = account();
        let entries = json!([
            {"Id": "a", "MessageBody": "1"},
            {"Id": "b", "MessageBody": "2", "DelaySeconds": 901},
        ]);
        let answer = batch(&mut account, &entries).expect("answered");
        assert_eq!(answer["Successful"][0]["Id"], "a");
        assert_eq!(answer["Failed"][0]["Code"], "InvalidParameterValue");
        assert_eq!(answer["Failed"][0]["SenderFault"], true);
        assert_eq!(account.state()["Queues"][0]["Messages"][0]["Body"], "1");
        assert_eq!(account.state()["Queues"][0]["Messages"][1], Value::Null);
    }

    #[test]
    fn batches_that_sqs_refuses_send_nothing() {
        let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
        let check = |entries: Value, code: &str| {
            let mut account = account();
            refused(batch(&mut account, &entries), code);
            assert_eq!(account.state()["Queues"][0]["Messages"], json!([]));
        };
        check(json!([]), "EmptyBatchRequest");
        let eleven: Vec<_> = (0..11)
            .map(|number| entry(&number.to_string(), "x"))
            .collect();
        check(
            eleven.into(),
            "TooManyEntriesInBatchRequest: Maximum number of entries",
        );
        check(
            json!([entry("a", "x"), entry("a", "y")]),
            "BatchEntryIdsNotDistinct",
        );
        check(json!([entry("a/b", "x")]), "InvalidBatchEntryId");
        check(json!([entry(&"a".repeat(81), "x")]), "InvalidBatchEntryId");
        let half = "a".repeat(LONGEST / 2 + 1);
        check(
            json!([entry("a", &half), entry("b", &half)]),
            "BatchRequestTooLong",
        );
    }
}
