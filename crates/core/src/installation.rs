//! What the platform team set when it deployed the function: its environment variables.

use crate::name::EndpointName;
use jiff::SignedDuration;
use wildmatch::WildMatch;

/// Every variable the function reads, in the order of the documentation.
pub const VARIABLES: &[&str] = &[
    "PARAMETER_PREFIX",
    "TAG_PREFIX",
    "MANAGED_BY",
    "ENROLLMENT",
    "ENDPOINT_INCLUDE",
    "ENDPOINT_EXCLUDE",
    "EXISTING_TARGETS",
    "DRY_RUN",
    "SETTLE_MINUTES",
    "MAX_DISRUPTION",
    "METRICS_NAMESPACE",
    "QUEUE_URL",
];

/// Who is scaled when nothing else says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrollment {
    /// Every endpoint.
    OptOut,
    /// Only endpoints whose tag or own document asks for it.
    OptIn,
}

/// What happens to scalable targets that somebody else registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExistingTargets {
    /// They are left alone.
    Leave,
    /// They are adopted where the endpoint's tag says so.
    ByTag,
    /// They are adopted.
    Adopt,
}

/// Which endpoints a parameter speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    /// This one.
    Endpoint(EndpointName),
    /// Those that use this profile.
    Profile(String),
    /// All of them.
    Everything,
}

/// The checked environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Installation {
    /// SSM path under which the documents live, without a trailing slash.
    pub parameter_prefix: String,
    /// What our endpoint tags begin with, without the colon.
    pub tag_prefix: String,
    /// The identity of this installation: the value of the ownership tag.
    pub managed_by: String,
    /// Who is scaled when nothing else says.
    pub enrollment: Enrollment,
    /// Only endpoints matching one of these; everything when empty.
    pub include: Vec<WildMatch>,
    /// Never endpoints matching one of these.
    pub exclude: Vec<WildMatch>,
    /// What happens to targets of others.
    pub existing_targets: ExistingTargets,
    /// Nothing is ever written.
    pub dry_run: bool,
    /// How long an endpoint that is enrolled only by default waits after its last change.
    pub settle: SignedDuration,
    /// Per cent of the owned targets that one sweep or parameter change may release or lower.
    pub max_disruption: u32,
    /// CloudWatch namespace of our own metrics.
    pub metrics_namespace: String,
    /// The SQS queue for sweeps and delayed retries.
    pub queue_url: Option<String>,
}

impl Installation {
    /// Checks the variables `lookup` finds; an empty one counts as unset.
    ///
    /// # Errors
    /// Lists everything that is wrong, one sentence each.
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut read = |name: &str, default: &str, rule: &str, valid: &dyn Fn(&str) -> bool| {
            let value = lookup(name).filter(|value| !value.is_empty());
            let value = value.unwrap_or_else(|| default.to_owned());
            if !valid(&value) {
                problems.push(format!("{name} {rule}; got {value:?}"));
            }
            value
        };
        let parameter_prefix = read(
            "PARAMETER_PREFIX",
            "/endpoint-autoscaler",
            "must be a path such as /endpoint-autoscaler: a slash, then letters, digits, `.`, `-`, `_` and inner slashes",
            &is_parameter_path,
        );
        let tag_prefix = read(
            "TAG_PREFIX",
            "autoscaling",
            "must be 1 to 64 letters, digits, `-`, `_`, `.`, and not begin with `aws`",
            &|text| is_word(text, 64) && !text.to_ascii_lowercase().starts_with("aws"),
        );
        let managed_by = read(
            "MANAGED_BY",
            "endpoint-autoscaler",
            "must be 1 to 128 letters, digits, `-`, `_`, `.`",
            &|text| is_word(text, 128),
        );
        let enrollment = read(
            "ENROLLMENT",
            "opt-out",
            "must be opt-out or opt-in",
            &|text| ["opt-out", "opt-in"].contains(&text),
        );
        let globs = "must be a comma-separated list of names, with `*` and `?` as wildcards";
        let include = read("ENDPOINT_INCLUDE", "", globs, &are_globs);
        let exclude = read("ENDPOINT_EXCLUDE", "", globs, &are_globs);
        let existing = read(
            "EXISTING_TARGETS",
            "leave",
            "must be leave, by-tag or adopt",
            &|text| ["leave", "by-tag", "adopt"].contains(&text),
        );
        let dry_run = read("DRY_RUN", "false", "must be true or false", &|text| {
            ["true", "false"].contains(&text.to_ascii_lowercase().as_str())
        });
        let metrics_namespace = read(
            "METRICS_NAMESPACE",
            "EndpointAutoscaler",
            "must be 1 to 255 letters, digits and `._-/#:`, and not begin with `AWS/`",
            &is_metrics_namespace,
        );
        let settle = read(
            "SETTLE_MINUTES",
            "0",
            "must be a whole number from 0 to 1440",
            &|text| is_number(text, 1440),
        );
        let max_disruption = read(
            "MAX_DISRUPTION",
            "10",
            "must be a whole number of per cent, from 0 to 100",
            &|text| is_number(text, 100),
        );
        let queue_url = read(
            "QUEUE_URL",
            "",
            "must be the URL of an SQS queue",
            &|text| text.is_empty() || text.starts_with("https://") || text.starts_with("http://"),
        );
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            parameter_prefix,
            tag_prefix,
            managed_by,
            enrollment: if enrollment == "opt-in" {
                Enrollment::OptIn
            } else {
                Enrollment::OptOut
            },
            include: globs_of(&include),
            exclude: globs_of(&exclude),
            existing_targets: match existing.as_str() {
                "adopt" => ExistingTargets::Adopt,
                "by-tag" => ExistingTargets::ByTag,
                _ => ExistingTargets::Leave,
            },
            dry_run: dry_run.eq_ignore_ascii_case("true"),
            settle: SignedDuration::from_mins(settle.parse().unwrap_or_default()),
            max_disruption: max_disruption.parse().unwrap_or_default(),
            metrics_namespace,
            queue_url: Some(queue_url).filter(|url| !url.is_empty()),
        })
    }

    /// How many of `owned` targets one sweep or parameter change may release or lower: a share of
    /// them, but never so few that a small account cannot be changed at all.
    #[must_use]
    pub fn allowed_disruption(&self, owned: usize) -> usize {
        const AT_LEAST: usize = 5;
        (owned * self.max_disruption as usize / 100).max(AT_LEAST)
    }

    /// Whether the name filters keep this endpoint out.
    #[must_use]
    pub fn excludes(&self, endpoint: &EndpointName) -> bool {
        let any = |globs: &[WildMatch]| globs.iter().any(|glob| glob.matches(endpoint.as_str()));
        any(&self.exclude) || (!self.include.is_empty() && !any(&self.include))
    }

    /// The parameter that holds profile `name`.
    #[must_use]
    pub fn profile_parameter(&self, name: &str) -> String {
        format!("{}/profiles/{name}", self.parameter_prefix)
    }

    /// The parameter that holds the endpoint's own document.
    #[must_use]
    pub fn endpoint_parameter(&self, endpoint: &EndpointName) -> String {
        format!("{}/endpoints/{endpoint}", self.parameter_prefix)
    }

    /// The parameter that holds the platform team's limits.
    #[must_use]
    pub fn limits_parameter(&self) -> String {
        format!("{}/limits", self.parameter_prefix)
    }

    /// Which endpoints a change of this parameter can affect; `None` for one that is not ours.
    #[must_use]
    pub fn concern(&self, parameter: &str) -> Option<Concern> {
        let rest = parameter
            .strip_prefix(&self.parameter_prefix)?
            .strip_prefix('/')?;
        match rest.split_once('/') {
            None if rest == "limits" => Some(Concern::Everything),
            Some(("profiles", name)) => Some(Concern::Profile(name.to_owned())),
            Some(("endpoints", name)) => EndpointName::new(name).ok().map(Concern::Endpoint),
            _ => None,
        }
    }

    /// The full key of one of our endpoint tags.
    #[must_use]
    pub fn tag(&self, name: &str) -> String {
        format!("{}:{name}", self.tag_prefix)
    }
}

/// SSM names cannot begin with `aws` or `ssm` and have at most 15 levels (SSM API model).
fn is_parameter_path(text: &str) -> bool {
    text.len() <= 900
        && text.strip_prefix('/').is_some_and(|rest| {
            let first = rest
                .split('/')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            rest.split('/').count() <= 12
                && rest.split('/').all(|level| is_word(level, 900))
                && !first.starts_with("aws")
                && !first.starts_with("ssm")
        })
}

fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_number(text: &str, most: u32) -> bool {
    text.parse::<u32>().is_ok_and(|number| number <= most)
}

fn is_metrics_namespace(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && !text.starts_with("AWS/")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-/#:".contains(&byte))
}

/// An empty item is refused: a list that means less than it says must not match more.
fn are_globs(text: &str) -> bool {
    text.is_empty()
        || text.split(',').map(str::trim).all(|glob| {
            !glob.is_empty()
                && glob
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-*?".contains(&byte))
        })
}

fn globs_of(text: &str) -> Vec<WildMatch> {
    text.split(',')
        .map(str::trim)
        .filter(|glob| !glob.is_empty())
        .map(WildMatch::new)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(variables: &[(&str, &str)]) -> Result<Installation, Vec<String>> {
        Installation::from_variables(|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn excludes(variables: &[(&str, &str)], endpoint: &str) -> bool {
        let endpoint = EndpointName::new(endpoint).expect("a name");
        installation(variables).expect("valid").excludes(&endpoint)
    }

    #[test]
    fn nothing_set_gives_the_documented_defaults() {
        let defaults = installation(&[]).expect("defaults are valid");
        assert_eq!(
            defaults.profile_parameter("default"),
            "/endpoint-autoscaler/profiles/default"
        );
        assert_eq!(defaults.tag("enabled"), "autoscaling:enabled");
        assert_eq!(defaults.enrollment, Enrollment::OptOut);
        assert_eq!(defaults.existing_targets, ExistingTargets::Leave);
        assert!(!defaults.dry_run);
        assert_eq!(
            [0, 40, 100].map(|owned| defaults.allowed_disruption(owned)),
            [5, 5, 10]
        );
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let problems = installation(&[
            ("PARAMETER_PREFIX", "no-slash"),
            ("ENROLLMENT", "optin"),
            ("ENDPOINT_INCLUDE", "prod-*,,x"),
            ("DRY_RUN", "yes"),
            ("SETTLE_MINUTES", "-1"),
            ("MAX_DISRUPTION", "101"),
            ("QUEUE_URL", "queue"),
        ])
        .expect_err("seven are wrong");
        let names = [
            "PARAMETER_PREFIX",
            "ENROLLMENT",
            "ENDPOINT_INCLUDE",
            "DRY_RUN",
            "SETTLE_MINUTES",
            "MAX_DISRUPTION",
            "QUEUE_URL",
        ];
        assert_eq!(problems.len(), names.len(), "{problems:?}");
        for (problem, name) in problems.iter().zip(names) {
            assert!(problem.starts_with(name), "{problem}");
        }
    }

    #[test]
    fn a_parameter_concerns_those_it_speaks_of() {
        let installation = installation(&[]).expect("defaults are valid");
        let concern = |rest: &str| installation.concern(&format!("/endpoint-autoscaler/{rest}"));
        assert_eq!(concern("limits"), Some(Concern::Everything));
        assert_eq!(
            concern("profiles/llm"),
            Some(Concern::Profile("llm".into()))
        );
        let endpoint = EndpointName::new("Prod").expect("a name");
        assert_eq!(concern("endpoints/Prod"), Some(Concern::Endpoint(endpoint)));
        assert_eq!(concern("other"), None);
        assert_eq!(installation.concern("/endpoint-autoscalers/limits"), None);
    }

    #[test]
    fn exclude_wins_over_include() {
        let filters = [
            ("ENDPOINT_INCLUDE", "prod-*, web?"),
            ("ENDPOINT_EXCLUDE", "*-canary"),
        ];
        assert!(!excludes(&filters, "prod-a"));
        assert!(!excludes(&filters, "web1"));
        assert!(excludes(&filters, "dev-a"));
        assert!(excludes(&filters, "prod-canary"));
        assert!(!excludes(&[("ENDPOINT_INCLUDE", "")], "anything"));
    }
}
