//! Amazon SQS: standard queues, and Lambda's end of them.

mod deliver;
mod md5;
mod send;

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::account::{Account, read};
use crate::error::ServiceError;

/// A standard queue with a dead-letter queue behind it.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    name: String,
    arn: String,
    url: String,
    settings: QueueSettings,
    /// In the order in which they were sent.
    messages: VecDeque<Message>,
    /// Messages that were received too often.
    dead: Vec<Message>,
}

/// Attributes of a queue (`CreateQueue`, API reference).
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueSettings {
    /// `maxReceiveCount` of the redrive policy.
    pub(crate) max_receive_count: u32,
    pub(crate) visibility_timeout: u32,
    pub(crate) delay: u32,
}

/// The longest delay of a message, 15 minutes, and the longest visibility
/// timeout, 12 hours (`CreateQueue`, API reference).
const LONGEST_DELAY: u32 = 900;
const LONGEST_TIMEOUT: u32 = 43_200;

#[derive(Clone, Debug)]
struct Message {
    id: String,
    body: String,
    md5: String,
    group: Option<String>,
    sent: u32,
    /// When it can be received: after its delay, or when its receiver took too long.
    visible_at: u32,
    receives: u32,
    first_received: u32,
    /// Names its last receipt, while that is not undone.
    receipt: Option<String>,
}

impl Message {
    fn describe(&self, now: u32) -> Value {
        json!({
            "MessageId": self.id,
            "Body": self.body,
            "ApproximateReceiveCount": self.receives,
            "VisibleInSeconds": self.visible_at.saturating_sub(now),
            "InFlight": self.receipt.is_some() && self.visible_at > now,
        })
    }
}

impl Queue {
    /// For `state`: the queue and what is in it.
    pub(crate) fn describe(&self, now: u32) -> Value {
        let messages = self.messages.iter().map(|message| message.describe(now));
        let dead = self.dead.iter().map(|message| message.describe(now));
        json!({
            "QueueName": self.name,
            "QueueUrl": self.url,
            "QueueArn": self.arn,
            "Messages": messages.collect::<Vec<_>>(),
            "DeadLetters": dead.collect::<Vec<_>>(),
        })
    }
}

fn no_such_queue() -> ServiceError {
    ServiceError::new("QueueDoesNotExist", "The specified queue does not exist.")
}

impl Account {
    pub(crate) fn call_sqs(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ServiceError> {
        match operation {
            "SendMessage" => self.send_message(read(input)?),
            _ => self.send_message_batch(read(input)?),
        }
    }

    /// Creates a queue (`Act::CreateQueue`).
    pub(crate) fn create_queue(
        &mut self,
        name: &str,
        settings: QueueSettings,
    ) -> Result<(), ServiceError> {
        let refuse = |problem: &str| Err(ServiceError::validation(problem));
        // "A queue name can have up to 80 characters: alphanumeric characters,
        // hyphens, and underscores"; `.fifo` is for FIFO queues.
        let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if name.is_empty() || name.len() > 80 || !name.chars().all(known) {
            return refuse(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            );
        }
        if settings.delay > LONGEST_DELAY
            || settings.visibility_timeout > LONGEST_TIMEOUT
            || settings.max_receive_count == 0
        {
            return refuse("An attribute of the queue is out of range.");
        }
        if self.queues.contains_key(name) {
            return Err(ServiceError::new(
                "QueueNameExists",
                format!("A queue already exists with the name {name}."),
            ));
        }
        let queue = Queue {
            name: name.to_owned(),
            arn: self.identity.arn("sqs", name),
            url: format!(
                "https://sqs.{}.amazonaws.com/{}/{name}",
                self.identity.region, self.identity.account_id
            ),
            settings,
            messages: VecDeque::new(),
            dead: Vec::new(),
        };
        self.queues.insert(name.to_owned(), queue);
        Ok(())
    }

    fn queue_by_name(&mut self, name: &str) -> Result<&mut Queue, ServiceError> {
        self.queues.get_mut(name).ok_or_else(no_such_queue)
    }

    /// A queue by the last two parts of its URL, account and name: whoever sets
    /// an endpoint of its own has a URL with another host.
    fn queue_by_url(&mut self, url: &str) -> Result<&mut Queue, ServiceError> {
        let path = url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'));
        let mut parts = path.map_or("", |(_, path)| path).rsplit('/');
        let (Some(name), Some(account)) = (parts.next(), parts.next()) else {
            return Err(ServiceError::new(
                "InvalidAddress",
                format!("The address {url} is not valid for this endpoint."),
            ));
        };
        if account != self.identity.account_id {
            return Err(no_such_queue());
        }
        self.queue_by_name(name)
    }
}
