//! The official API models: which members a request may have, and of what kind.
//!
//! The JSON files in `model/` are cut out of botocore's service models by
//! `model/extract.py`; AWS generates its SDKs from the same models.

mod cbor;
mod check;

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde::Deserialize;

use crate::service::Service;

pub(crate) use cbor::{decode, encode};
pub(crate) use check::without_nulls;

/// The part of one service's API model that the stand-in answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Model {
    /// What stands before the dot in the `x-amz-target` header.
    pub(crate) target_prefix: String,
    operations: BTreeMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

/// The shapes of one operation and the errors it is modelled to return.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) input: String,
    pub(crate) output: Option<String>,
    errors: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    members: BTreeMap<String, String>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<String>,
    key: Option<String>,
    value: Option<String>,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<Pattern>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// A regular expression that is compiled when it is first needed.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
struct Pattern {
    source: String,
    compiled: OnceLock<Regex>,
}

impl From<String> for Pattern {
    fn from(source: String) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }
}

impl Pattern {
    /// Whether the whole text fits, which is how AWS reads a model's pattern.
    fn fits(&self, text: &str) -> bool {
        self.compiled
            .get_or_init(|| {
                Regex::new(&format!("^(?:{})$", self.source)).expect("a pattern of the model")
            })
            .is_match(text)
    }
}

static MODELS: LazyLock<[Model; 6]> = LazyLock::new(|| {
    [
        include_str!("../model/sagemaker.json"),
        include_str!("../model/application-autoscaling.json"),
        include_str!("../model/ssm.json"),
        include_str!("../model/cloudwatch.json"),
        include_str!("../model/resourcegroupstaggingapi.json"),
        include_str!("../model/sqs.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("an extract of an API model"))
});

impl Model {
    /// The model of a service.
    pub(crate) fn of(service: Service) -> &'static Self {
        &MODELS[service as usize]
    }

    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// Whether some operation of the service is modelled to return that error.
    pub(crate) fn models_error(&self, code: &str) -> bool {
        self.operations
            .values()
            .any(|operation| operation.errors.iter().any(|error| error == code))
    }

    fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_models_compiles() {
        let patterns = Service::ALL
            .into_iter()
            .flat_map(|service| Model::of(service).shapes.values())
            .filter_map(|shape| shape.pattern.as_ref())
            .filter(|pattern| !pattern.fits("\u{1}"))
            .count();
        assert!(patterns > 10);
    }

    #[test]
    fn each_model_is_the_one_of_its_service() {
        let prefixes = Service::ALL.map(|service| Model::of(service).target_prefix.as_str());
        assert_eq!(
            prefixes,
            [
                "SageMaker",
                "AnyScaleFrontendService",
                "AmazonSSM",
                "GraniteServiceVersion20100801",
                "ResourceGroupsTaggingAPI_20170126",
                "AmazonSQS"
            ]
        );
    }
}
