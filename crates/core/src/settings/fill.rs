//! Fills placeholders and default dimensions into policies and alarms, for one target.

use super::Question;
use crate::kind::Kind;
use crate::metric::published_dimensions;
use crate::naming::{NAME_PREFIX, full_name};
use crate::problem::{Problem, Source, did_you_mean};
use crate::scaling::{AlarmDefinition, Customized, Dimensions, Metric, MetricSpecification};
use serde_json::Value;
use std::collections::BTreeMap;

/// Names of policies and scheduled actions (Application Auto Scaling API reference).
const LONGEST_NAME: usize = 256;

/// Fills in what a document leaves to the target at hand; complains about what it cannot fill.
pub(super) struct Fill<'a> {
    pub(super) question: &'a Question<'a>,
    pub(super) source: &'a Source,
    pub(super) path: String,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Fill<'_> {
    pub(super) fn specification(&mut self, metric: &mut MetricSpecification) {
        match metric {
            MetricSpecification::Predefined(_) => {}
            MetricSpecification::Customized(Customized::Metric(metric)) => {
                self.metric(
                    &mut metric.namespace,
                    &mut metric.metric_name,
                    &mut metric.dimensions,
                );
            }
            MetricSpecification::Customized(Customized::Math(math)) => {
                for query in &mut math.metrics {
                    query.expression = query.expression.as_deref().map(|text| self.text(text));
                    query.label = query.label.as_deref().map(|text| self.text(text));
                    if let Some(stat) = &mut query.metric_stat {
                        let Metric {
                            namespace,
                            metric_name,
                            dimensions,
                        } = &mut stat.metric;
                        self.metric(namespace, metric_name, dimensions);
                    }
                }
            }
        }
    }

    pub(super) fn alarm(&mut self, alarm: &mut AlarmDefinition) {
        alarm.alarm_name = self.text(&alarm.alarm_name);
        self.metric(
            &mut alarm.namespace,
            &mut alarm.metric_name,
            &mut alarm.dimensions,
        );
    }

    fn metric(
        &mut self,
        namespace: &mut String,
        name: &mut String,
        dimensions: &mut Option<Dimensions>,
    ) {
        *namespace = self.text(namespace);
        *name = self.text(name);
        *dimensions = Some(self.dimensions(namespace, name, dimensions.take()));
    }

    /// AWS treats a missing list as an empty one, so that both are kept as the same value.
    fn dimensions(
        &mut self,
        namespace: &str,
        metric: &str,
        stated: Option<Dimensions>,
    ) -> Dimensions {
        if let Some(Dimensions(stated)) = stated {
            let filled = stated
                .iter()
                .map(|(name, value)| (name.clone(), self.text(value)));
            return Dimensions(filled.collect());
        }
        let names = match published_dimensions(namespace, metric) {
            None => &[][..],
            Some(Ok(names)) => names,
            Some(Err(known)) => {
                let message = format!(
                    "unknown metric of {namespace}{}: state its Dimensions (an empty list says none)",
                    did_you_mean(metric, known)
                );
                self.complain(metric, message);
                &[]
            }
        };
        let mut filled = BTreeMap::new();
        for name in names {
            if let Some(value) = self.placeholder(name) {
                filled.insert((*name).to_owned(), value);
            } else {
                let noun = self.question.subject.kind.noun();
                let message = format!("is published per {name}, which {noun} is not");
                self.complain(metric, message);
            }
        }
        Dimensions(filled)
    }

    /// The full name of a policy or scheduled action.
    pub(super) fn name(&mut self, name: &str) -> String {
        let full = full_name(&self.text(name));
        if full.chars().count() > LONGEST_NAME {
            let message = format!(
                "must have at most {LONGEST_NAME} characters with its placeholders filled in and `{NAME_PREFIX}` before it"
            );
            self.complain(&full, message);
        }
        full
    }

    fn placeholder(&self, name: &str) -> Option<String> {
        let is_component = self.question.subject.kind == Kind::InferenceComponent;
        match name {
            "EndpointName" => Some(self.question.endpoint.to_string()),
            "VariantName" if !is_component => Some(self.question.subject.name().to_owned()),
            "InferenceComponentName" if is_component => {
                Some(self.question.subject.name().to_owned())
            }
            _ => None,
        }
    }

    pub(super) fn text(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                self.complain(text, "has a placeholder without its closing brace");
                return text.to_owned();
            };
            if let Some(value) = self.placeholder(name) {
                filled.push_str(&value);
            } else {
                let known = ["EndpointName", "VariantName", "InferenceComponentName"];
                let known = known
                    .into_iter()
                    .filter(|known| self.placeholder(known).is_some());
                let meant = did_you_mean(name, known.collect::<Vec<_>>());
                let name = self.source.shown(format!("`${{{name}}}`"));
                self.complain(
                    text,
                    format!("placeholder {name} means nothing here{meant}"),
                );
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }

    fn complain(&mut self, value: &str, message: impl Into<String>) {
        let problem = Problem::new(
            self.source.clone(),
            self.path.as_str(),
            &Value::from(value),
            message,
        );
        self.problems.push(problem);
    }
}
