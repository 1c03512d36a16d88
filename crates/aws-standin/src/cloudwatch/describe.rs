//! `DescribeAlarms`.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Alarm;
use crate::account::Account;
use crate::error::ServiceError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeAlarms {
    alarm_names: Option<Vec<String>>,
    alarm_name_prefix: Option<String>,
    alarm_types: Option<Vec<String>>,
    children_of_alarm_name: Option<String>,
    parents_of_alarm_name: Option<String>,
    state_value: Option<String>,
    action_prefix: Option<String>,
    max_records: Option<usize>,
    next_token: Option<String>,
}

/// Alarms on a page where the client does not say (observed; the API reference
/// only gives the most, 100).
const USUAL_PAGE: usize = 50;

impl Account {
    pub(super) fn describe_alarms(
        &self,
        input: &Value,
        request: &DescribeAlarms,
    ) -> Result<Value, ServiceError> {
        if request.children_of_alarm_name.is_some() || request.parents_of_alarm_name.is_some() {
            return Err(ServiceError::validation(
                "The stand-in has no composite alarms.",
            ));
        }
        if request.alarm_names.is_some() && request.alarm_name_prefix.is_some() {
            return Err(ServiceError::validation(
                "AlarmNames and AlarmNamePrefix cannot be given together.",
            ));
        }
        // Metric alarms are what is listed where no type is asked for.
        let metric_alarms = request
            .alarm_types
            .as_ref()
            .is_none_or(|types| types.iter().any(|kind| kind == "MetricAlarm"));
        let takes = |alarm: &Alarm| {
            let action = request.action_prefix.as_ref();
            metric_alarms
                && action
                    .is_none_or(|prefix| alarm.actions().any(|action| action.starts_with(prefix)))
                && request
                    .state_value
                    .as_ref()
                    .is_none_or(|state| state == "INSUFFICIENT_DATA")
        };
        let (asked, token) = (request.max_records, request.next_token.as_deref());
        let cursor = self
            .cursor("DescribeAlarms", input, asked, USUAL_PAGE, token)
            .map_err(|_| {
                ServiceError::new("InvalidNextToken", "The token is not of this listing.")
            })?;
        let items = self
            .named(request, cursor.after())
            .filter(|alarm| takes(alarm))
            .map(|alarm| (alarm.name.clone(), alarm));
        let page = cursor.page(items).describe(Alarm::describe);
        Ok(json!({
            "MetricAlarms": page.items,
            "CompositeAlarms": [],
            "NextToken": page.next_token,
        }))
    }

    /// The alarms of those names or that prefix, in order, after a name.
    fn named<'a>(
        &'a self,
        request: &'a DescribeAlarms,
        after: Option<&'a str>,
    ) -> Box<dyn Iterator<Item = &'a Alarm> + 'a> {
        if let Some(names) = &request.alarm_names {
            let names: BTreeSet<_> = names.iter().collect();
            let ahead = move |name: &&String| after.is_none_or(|after| name.as_str() > after);
            let names = names.into_iter().filter(ahead);
            return Box::new(names.filter_map(|name| self.alarms.get(name)));
        }
        let prefix = request.alarm_name_prefix.as_deref().unwrap_or_default();
        let from = after.map_or(Bound::Included(prefix), Bound::Excluded);
        let alarms = self.alarms.range::<str, _>((from, Bound::Unbounded));
        let alarms = alarms.take_while(move |(name, _)| name.starts_with(prefix));
        Box::new(alarms.map(|(_, alarm)| alarm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::NewAlarm;
    use crate::service::Service;

    fn account() -> Account {
        let mut account = Account {
            page_size: None,
            ..Account::default()
        };
        for (name, action) in [
            ("ours-a", "arn:aws:x"),
            ("ours-b", "arn:aws:y"),
            ("theirs", "arn:aws:x"),
        ] {
            let settings = json!({"AlarmName": name, "AlarmActions": [action], "Period": 60});
            account.store_alarm(NewAlarm {
                name: name.to_owned(),
                settings,
            });
        }
        account
    }

    fn names(input: Value) -> Result<Vec<String>, String> {
        let answer = account()
            .call(Service::CloudWatch, "DescribeAlarms", input)
            .map_err(|error| error.code.into_owned())?;
        let alarms = answer["MetricAlarms"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        Ok(alarms
            .iter()
            .map(|alarm| alarm["AlarmName"].as_str().unwrap_or_default().to_owned())
            .collect())
    }

    fn check(input: &Value, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(names(input.clone()), Ok(expected), "{input}");
    }

    #[test]
    fn alarms_are_filtered() {
        check(&json!({}), &["ours-a", "ours-b", "theirs"]);
        check(&json!({"AlarmNamePrefix": "ours-"}), &["ours-a", "ours-b"]);
        check(&json!({"AlarmNames": ["theirs", "none"]}), &["theirs"]);
        check(&json!({"ActionPrefix": "arn:aws:x"}), &["ours-a", "theirs"]);
        check(&json!({"StateValue": "OK"}), &[]);
        check(&json!({"AlarmTypes": ["CompositeAlarm"]}), &[]);
        check(&json!({"MaxRecords": 1}), &["ours-a"]);
    }

    #[test]
    fn filters_that_exclude_each_other_are_refused() {
        let both = json!({"AlarmNames": ["a"], "AlarmNamePrefix": "a"});
        assert_eq!(names(both), Err("ValidationException".to_owned()));
        assert_eq!(
            names(json!({"NextToken": "00"})),
            Err("InvalidNextToken".to_owned())
        );
    }

    #[test]
    fn deleting_reports_unknown_alarms_and_deletes_the_others() {
        let mut account = account();
        let input = json!({"AlarmNames": ["ours-a", "none"]});
        let error = account
            .call(Service::CloudWatch, "DeleteAlarms", input)
            .expect_err("one is unknown");
        assert_eq!(
            (error.code.as_ref(), error.status),
            ("ResourceNotFound", 404)
        );
        assert_eq!(
            account.alarms.keys().collect::<Vec<_>>(),
            ["ours-b", "theirs"]
        );
        let many: Vec<_> = (0..101).map(|n| n.to_string()).collect();
        let error = account.call(
            Service::CloudWatch,
            "DeleteAlarms",
            json!({"AlarmNames": many}),
        );
        assert_eq!(error.expect_err("too many").code, "ValidationException");
    }
}
