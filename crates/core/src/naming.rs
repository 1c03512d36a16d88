//! The names of everything we create, by which we know it again.

use crate::name::EndpointName;
use sha2::{Digest, Sha256};

/// What every name of ours begins with.
pub const NAME_PREFIX: &str = "endpoint-autoscaler-";
/// The longest name of a CloudWatch alarm (CloudWatch API reference, `PutMetricAlarm`).
const LONGEST_ALARM_NAME: usize = 255;

/// The full name of a policy or scheduled action; a prefix that is already there is not doubled.
#[must_use]
pub fn full_name(name: &str) -> String {
    if is_ours(name) {
        name.to_owned()
    } else {
        format!("{NAME_PREFIX}{name}")
    }
}

/// Whether a policy, scheduled action or alarm is one of ours.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    name.starts_with(NAME_PREFIX)
}

/// What the names of all our alarms of one endpoint begin with. The slash cannot stand in an
/// endpoint's name, so that endpoint `prod` never takes the alarms of `prod-eu` for its own.
#[must_use]
pub fn alarms_of(endpoint: &EndpointName) -> String {
    format!("{NAME_PREFIX}{endpoint}/")
}

/// What the names of all our alarms of one variant or component begin with.
#[must_use]
pub fn alarms_of_target(endpoint: &EndpointName, target: &str) -> String {
    format!("{}{target}/", alarms_of(endpoint))
}

/// The endpoint and the variant or component that one of our alarms belongs to.
#[must_use]
pub fn owner_of_alarm(name: &str) -> Option<(EndpointName, &str)> {
    let mut parts = name.strip_prefix(NAME_PREFIX)?.splitn(3, '/');
    let endpoint = EndpointName::new(parts.next()?).ok()?;
    let target = parts.next()?;
    parts.next().map(|_| (endpoint, target))
}

/// The full name of an alarm. One that would be too long keeps its beginning and ends in a digest
/// of the whole, so that it is the same each time and different for different names.
#[must_use]
pub fn alarm_name(endpoint: &EndpointName, target: &str, alarm: &str) -> String {
    const DIGEST: usize = 12;
    let prefix = alarms_of_target(endpoint, target);
    let room = LONGEST_ALARM_NAME - prefix.len();
    if alarm.chars().count() <= room {
        return prefix + alarm;
    }
    let kept: String = alarm.chars().take(room - DIGEST - 1).collect();
    let digest = Sha256::digest(alarm.as_bytes());
    let digest = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digest = digest.filter_map(|half| char::from_digit(half.into(), 16));
    format!("{prefix}{kept}-{}", digest.take(DIGEST).collect::<String>())
}

/// What an alarm of ours says about itself. CloudWatch shows it to people, and a sweep knows by it
/// whose alarm was left behind.
#[must_use]
pub fn alarm_description(managed_by: &str) -> String {
    format!(
        "Created by endpoint-autoscaler, installation {managed_by}. Do not edit: the next run would undo it."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(name: &str) -> EndpointName {
        EndpointName::new(name).expect("a name")
    }

    #[test]
    fn a_prefix_is_not_doubled() {
        assert_eq!(full_name("surge"), "endpoint-autoscaler-surge");
        assert_eq!(
            full_name("endpoint-autoscaler-surge"),
            "endpoint-autoscaler-surge"
        );
    }

    #[test]
    fn alarms_tell_whose_they_are() {
        let name = alarm_name(&endpoint("prod"), "AllTraffic", "latency/high");
        assert_eq!(name, "endpoint-autoscaler-prod/AllTraffic/latency/high");
        assert_eq!(
            owner_of_alarm(&name),
            Some((endpoint("prod"), "AllTraffic"))
        );
        assert!(!name.starts_with(&alarms_of(&endpoint("prod-eu"))));
        assert!(
            !alarm_name(&endpoint("prod-eu"), "a", "b").starts_with(&alarms_of(&endpoint("prod")))
        );
        assert_eq!(owner_of_alarm("endpoint-autoscaler-prod"), None);
        assert_eq!(
            owner_of_alarm("TargetTracking-endpoint/prod/variant/a-AlarmHigh-1"),
            None
        );
    }

    #[test]
    fn the_longest_names_fit_and_stay_apart() {
        let longest = "e".repeat(63);
        let of = |alarm: &str| alarm_name(&endpoint(&longest), &longest, alarm);
        let (a, b) = (
            of(&format!("{}a", "x".repeat(199))),
            of(&format!("{}b", "x".repeat(199))),
        );
        assert_eq!((a.len(), b.len()), (255, 255));
        assert_ne!(a, b);
        assert_eq!(a, of(&format!("{}a", "x".repeat(199))));
        assert!(a.starts_with(&alarms_of_target(&endpoint(&longest), &longest)));
        assert!(of(&"ü".repeat(200)).chars().count() <= 255);
    }
}
