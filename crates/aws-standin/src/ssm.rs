//! Parameter Store: documents by name, with versions.

use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::{Account, read};
use crate::error::ServiceError;

/// The kind of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterType {
    /// Plain text.
    String,
    /// Plain text with commas.
    StringList,
    /// Text that is encrypted at rest, and returned decrypted on request only.
    SecureString,
}

/// A parameter with all its values, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    name: String,
    arn: String,
    kind: ParameterType,
    values: Vec<String>,
    modified: u32,
}

/// What a parameter's value may be in bytes: standard tier, as by default
/// (Systems Manager endpoints and quotas).
const STANDARD_TIER: usize = 4096;

/// Both the default and the most (`GetParametersByPathMaxResults`, API model).
const USUAL_PAGE: usize = 10;

impl Parameter {
    fn describe(&self, version: usize, selector: Option<&str>, decrypt: bool) -> Option<Value> {
        let value = self.values.get(version.checked_sub(1)?)?;
        let hidden = self.kind == ParameterType::SecureString && !decrypt;
        Some(json!({
            "Name": self.name,
            "Type": self.kind,
            "Value": if hidden { format!("AQICAH-{}-bytes", value.len()) } else { value.clone() },
            "Version": version,
            "Selector": selector,
            "LastModifiedDate": f64::from(self.modified),
            "ARN": self.arn,
            "DataType": "text",
        }))
    }

    fn latest(&self, decrypt: bool) -> Value {
        self.describe(self.values.len(), None, decrypt)
            .unwrap_or_default()
    }

    /// For `state`: the latest version, decrypted.
    pub(crate) fn show(&self) -> Value {
        self.latest(true)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameters {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameter {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParametersByPath {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default)]
    with_decryption: bool,
    parameter_filters: Option<Value>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Account {
    pub(crate) fn call_ssm(&self, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        match operation {
            "GetParameter" => self.get_parameter(&read(input)?),
            "GetParameters" => self.get_parameters(&read(input)?),
            _ => self.get_parameters_by_path(input, &read(input)?),
        }
    }

    /// Finds `name`, `name:version` or the same of an ARN.
    fn parameter(&self, asked: &str, decrypt: bool) -> Result<Value, ServiceError> {
        check_name(asked)?;
        let found = |name: &str| {
            self.parameters
                .get(name)
                .or_else(|| self.parameter_by_arn(name))
        };
        let missing = || ServiceError::new("ParameterNotFound", "").without_message();
        if let Some(parameter) = found(asked) {
            return Ok(parameter.latest(decrypt));
        }
        let (name, selector) = asked.rsplit_once(':').ok_or_else(missing)?;
        let parameter = found(name).ok_or_else(missing)?;
        selector
            .parse()
            .ok()
            .and_then(|version| parameter.describe(version, Some(&format!(":{selector}")), decrypt))
            .ok_or_else(|| {
                let message =
                    format!("Systems Manager could not find version {selector} of {name}.");
                ServiceError::new("ParameterVersionNotFound", message)
            })
    }

    /// The ARN of `/a/b` and of `a/b` is the same but for the first slash.
    fn parameter_by_arn(&self, arn: &str) -> Option<&Parameter> {
        let (_, name) = arn.split_once(":parameter/")?;
        [name, &format!("/{name}")]
            .into_iter()
            .filter_map(|name| self.parameters.get(name))
            .find(|parameter| parameter.arn == arn)
    }

    fn get_parameter(&self, request: &GetParameter) -> Result<Value, ServiceError> {
        let parameter = self.parameter(&request.name, request.with_decryption)?;
        Ok(json!({ "Parameter": parameter }))
    }

    /// Unknown names are no error here: they come back as `InvalidParameters`.
    /// Found ones come "in alphabetical order" (API reference of `GetParameters`).
    fn get_parameters(&self, request: &GetParameters) -> Result<Value, ServiceError> {
        let mut names = request.names.clone();
        names.sort();
        names.dedup();
        // Our reading: a repeated name is a mistake of the client's.
        if names.len() != request.names.len() {
            return Err(ServiceError::validation(
                "The request names a parameter twice.",
            ));
        }
        let (mut found, mut invalid) = (Vec::new(), Vec::new());
        for name in names {
            match self.parameter(&name, request.with_decryption) {
                Ok(parameter) => found.push(parameter),
                Err(error) if error.code == "ValidationException" => return Err(error),
                Err(_) => invalid.push(name),
            }
        }
        let mut answer = json!({ "Parameters": found });
        if !invalid.is_empty() {
            answer["InvalidParameters"] = invalid.into();
        }
        Ok(answer)
    }

    fn get_parameters_by_path(
        &self,
        input: &Value,
        request: &GetParametersByPath,
    ) -> Result<Value, ServiceError> {
        check_name(&request.path)?;
        if !request.path.starts_with('/') {
            return Err(ServiceError::validation(
                "The parameter path must begin with a forward slash (/).",
            ));
        }
        if request.parameter_filters.is_some() {
            return Err(ServiceError::validation(
                "The stand-in does not filter parameters.",
            ));
        }
        let prefix = format!("{}/", request.path.trim_end_matches('/'));
        let below = |name: &str| {
            name.strip_prefix(&prefix)
                .is_some_and(|rest| request.recursive || !rest.contains('/'))
        };
        let token = request.next_token.as_deref();
        let asked = request.max_results;
        let cursor = self
            .cursor("GetParametersByPath", input, asked, USUAL_PAGE, token)
            .map_err(|_| {
                ServiceError::new("InvalidNextToken", "The specified token isn't valid.")
            })?;
        let from = Bound::Excluded(cursor.after().unwrap_or(&prefix));
        let items = self
            .parameters
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(&prefix))
            .filter(|(name, _)| below(name))
            .map(|(name, parameter)| (name.clone(), parameter));
        let page = cursor
            .page(items)
            .describe(|parameter: &Parameter| parameter.latest(request.with_decryption));
        Ok(json!({"Parameters": page.items, "NextToken": page.next_token}))
    }

    /// Writes a parameter, new or not, as `PutParameter` with `Overwrite` does.
    pub(crate) fn put_parameter(
        &mut self,
        name: &str,
        value: &str,
        kind: ParameterType,
    ) -> Result<(), ServiceError> {
        check_name(name)?;
        if name.contains(':') {
            return Err(ServiceError::validation("A parameter's name has no colon."));
        }
        if value.is_empty() || value.len() > STANDARD_TIER {
            return Err(ServiceError::validation(format!(
                "A value of the standard tier has 1 to {STANDARD_TIER} bytes, not {}.",
                value.len()
            )));
        }
        let resource = format!("parameter/{}", name.trim_start_matches('/'));
        let fresh = Parameter {
            name: name.to_owned(),
            arn: self.identity.arn("ssm", &resource),
            kind,
            values: Vec::new(),
            modified: self.now,
        };
        let parameter = self.parameters.entry(name.to_owned()).or_insert(fresh);
        let operation = if parameter.values.is_empty() {
            "Create"
        } else {
            "Update"
        };
        parameter.values.push(value.to_owned());
        parameter.kind = kind;
        parameter.modified = self.now;
        self.emit_parameter_change(operation, name, &format!("{kind:?}"));
        Ok(())
    }

    pub(crate) fn delete_parameter(&mut self, name: &str) -> Result<(), ServiceError> {
        let parameter = self.parameters.remove(name).ok_or_else(|| {
            ServiceError::new(
                "ParameterNotFound",
                format!("There is no parameter {name}."),
            )
        })?;
        self.emit_parameter_change("Delete", name, &format!("{:?}", parameter.kind));
        Ok(())
    }
}

/// Letters, digits and `_.-/`, 15 levels (`PutParameter`, API reference); a
/// colon only before a version or in an ARN.
fn check_name(name: &str) -> Result<(), ServiceError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-/:".contains(letter);
    let levels = name.trim_start_matches('/').split('/').count();
    if !name.chars().all(allowed) || levels > 15 || name.contains("//") {
        return Err(ServiceError::validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can \
             consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
             numbers and the following 3 symbols .-_",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;

    fn account() -> Account {
        let mut account = Account::default();
        for (name, value, kind) in [
            ("/p/b", "1", ParameterType::String),
            ("/p/a", "2", ParameterType::String),
            ("/p/deep/c", "3", ParameterType::String),
            ("/p/secret", "hidden", ParameterType::SecureString),
            ("/p/b", "4", ParameterType::String),
        ] {
            account
                .put_parameter(name, value, kind)
                .expect("a parameter");
        }
        account
    }

    fn call(operation: &str, input: Value) -> Result<Value, String> {
        account()
            .call(Service::Ssm, operation, input)
            .map_err(|error| error.code.into_owned())
    }

    fn names(answer: &Value) -> Vec<&str> {
        let parameters = answer["Parameters"].as_array().expect("parameters");
        parameters
            .iter()
            .filter_map(|parameter| parameter["Name"].as_str())
            .collect()
    }

    #[test]
    fn unknown_names_come_back_as_invalid_and_known_ones_in_order() {
        let answer =
            call("GetParameters", json!({"Names": ["/p/b", "/none", "/p/a"]})).expect("an answer");
        assert_eq!(names(&answer), ["/p/a", "/p/b"]);
        assert_eq!(answer["InvalidParameters"], json!(["/none"]));
    }

    #[test]
    fn only_decryption_shows_a_secure_string() {
        let value = |decrypt: bool| {
            let input = json!({"Name": "/p/secret", "WithDecryption": decrypt});
            call("GetParameter", input).expect("a parameter")["Parameter"]["Value"].clone()
        };
        assert_eq!(value(true), "hidden");
        assert_ne!(value(false), "hidden");
    }

    #[test]
    fn versions_are_kept() {
        let value = |name: &str| {
            call("GetParameter", json!({"Name": name}))
                .map(|answer| answer["Parameter"]["Value"].clone())
        };
        assert_eq!(value("/p/b"), Ok(json!("4")));
        assert_eq!(value("/p/b:1"), Ok(json!("1")));
        assert_eq!(
            value("arn:aws:ssm:us-east-1:111122223333:parameter/p/b:2"),
            Ok(json!("4"))
        );
        assert_eq!(value("/p/b:3"), Err("ParameterVersionNotFound".to_owned()));
        assert_eq!(value("/p/none"), Err("ParameterNotFound".to_owned()));
    }

    #[test]
    fn a_path_lists_what_is_below_it() {
        let list = |input: Value| {
            let mut account = account();
            account.page_size = None;
            let answer = account
                .call(Service::Ssm, "GetParametersByPath", input)
                .expect("an answer");
            names(&answer)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(list(json!({"Path": "/p"})), ["/p/a", "/p/b", "/p/secret"]);
        assert_eq!(
            list(json!({"Path": "/p/", "Recursive": true})),
            ["/p/a", "/p/b", "/p/deep/c", "/p/secret"]
        );
        assert_eq!(list(json!({"Path": "/p", "MaxResults": 1})), ["/p/a"]);
    }

    #[test]
    fn requests_that_parameter_store_refuses() {
        const INVALID: &str = "ValidationException";
        for (operation, input, code) in [
            ("GetParameters", json!({"Names": []}), INVALID),
            ("GetParameters", json!({"Names": vec!["/a"; 2]}), INVALID),
            (
                "GetParameters",
                json!({"Names": (0..11).map(|n| format!("/{n}")).collect::<Vec<_>>()}),
                INVALID,
            ),
            ("GetParameters", json!({"Names": ["/with space"]}), INVALID),
            ("GetParametersByPath", json!({"Path": "p"}), INVALID),
            (
                "GetParametersByPath",
                json!({"Path": "/p", "MaxResults": 11}),
                INVALID,
            ),
            (
                "GetParametersByPath",
                json!({"Path": "/p", "NextToken": "x"}),
                "InvalidNextToken",
            ),
        ] {
            assert_eq!(
                call(operation, input.clone()),
                Err(code.to_owned()),
                "{input}"
            );
        }
    }
}
