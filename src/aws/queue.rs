//! Work for later: messages to the function's own queue.

use super::{Aws, call_error};
use crate::core::fault::CallError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde_json::Value;
use std::time::Duration;

/// Messages per `SendMessageBatch` (SQS API reference).
const MESSAGES_AT_ONCE: usize = 10;

impl Aws {
    /// Puts payloads into the queue, to be worked on after `delay`.
    ///
    /// # Errors
    /// The first message that the queue did not take.
    pub async fn enqueue(
        &self,
        queue_url: &str,
        payloads: &[Value],
        delay: Duration,
    ) -> Result<(), CallError> {
        let operation = "SendMessageBatch";
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        for group in payloads.chunks(MESSAGES_AT_ONCE) {
            let entries = group.iter().enumerate().map(|(index, payload)| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(payload.to_string())
                    .delay_seconds(seconds)
                    .build()
            });
            let entries = entries
                .collect::<Result<_, _>>()
                .map_err(|error| CallError {
                    operation,
                    code: "InvalidRequest".to_owned(),
                    message: error.to_string(),
                })?;
            let request = self
                .sqs
                .send_message_batch()
                .queue_url(queue_url)
                .set_entries(Some(entries));
            let answer = request
                .send()
                .await
                .map_err(|error| call_error(operation, &error))?;
            if let Some(failed) = answer.failed().first() {
                return Err(CallError {
                    operation,
                    code: failed.code().to_owned(),
                    message: failed.message().unwrap_or_default().to_owned(),
                });
            }
        }
        Ok(())
    }
}
