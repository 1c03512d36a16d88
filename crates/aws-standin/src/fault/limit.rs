//! Rates beyond which calls go wrong.

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// A token bucket, by which AWS limits the rates of its operations ("Request
/// throttling" in the Amazon EC2 developer guide describes one).
///
/// Time is tokio's: a test that pauses it decides when the bucket fills; a
/// server, and a test without a runtime, go by the clock on the wall.
///
/// ```
/// use aws_standin::FaultRule;
///
/// let rule: FaultRule = serde_json::from_str(
///     r#"{"operation": "PutMetricAlarm", "limit": {"perSecond": 3, "burst": 3}, "fault": "Throttled"}"#,
/// )?;
/// assert_eq!(rule.limit.map(|limit| limit.burst), Some(3));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// How many calls a second go well in the long run.
    pub per_second: f64,
    /// How many calls go well at once.
    pub burst: u32,
}

/// What is left of a rate limit.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl RateLimit {
    /// Whether the bucket has a token for another call; it is taken.
    pub(super) fn admits(self, bucket: &mut Option<Bucket>) -> bool {
        let now = Instant::now();
        let full = f64::from(self.burst);
        let tokens = bucket.as_ref().map_or(full, |bucket| {
            let passed = now.duration_since(bucket.filled).as_secs_f64();
            full.min(bucket.tokens + passed * self.per_second)
        });
        let admitted = tokens >= 1.0;
        *bucket = Some(Bucket {
            tokens: if admitted { tokens - 1.0 } else { tokens },
            filled: now,
        });
        admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_too_fast_is_refused() {
        let limit = RateLimit {
            per_second: 2.0,
            burst: 3,
        };
        let mut bucket = None;
        let mut passed = |calls: u32| (0..calls).filter(|_| limit.admits(&mut bucket)).count();
        assert_eq!(passed(5), 3);
        advance(Duration::from_millis(500)).await;
        assert_eq!(passed(2), 1);
        advance(Duration::from_mins(1)).await;
        assert_eq!(passed(5), 3, "no more than the burst is saved up");
    }

    #[test]
    fn a_test_without_a_runtime_goes_by_the_clock_on_the_wall() {
        let limit = RateLimit {
            per_second: 0.001,
            burst: 1,
        };
        let mut bucket = None;
        assert!(limit.admits(&mut bucket));
        assert!(!limit.admits(&mut bucket));
    }
}
