//! Our tags of an endpoint: what its owner asks for.

use crate::metric::PredefinedMetric;
use crate::problem::{Problem, Source, Sourced, did_you_mean};
use crate::scaling::Suspension;
use serde_json::Value;
use std::collections::BTreeMap;

/// Tags that speak of the endpoint as a whole.
const ENDPOINT_TAGS: [&str; 4] = ["enabled", "hold", "paused", "profile"];
/// Tags that may also speak of one variant or component, with its name appended.
const TARGET_TAGS: [&str; 8] = [
    "min-capacity",
    "max-capacity",
    "target-value",
    "metric",
    "scale-in-cooldown",
    "scale-out-cooldown",
    "disable-scale-in",
    "adopt",
];

/// The names of all our tags, without their prefix.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ENDPOINT_TAGS.into_iter().chain(TARGET_TAGS)
}

/// What `hold` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Until the tag is removed.
    Always,
    /// While the endpoint runs on the endpoint configuration of that name.
    OnConfiguration(String),
}

impl Hold {
    /// Whether it holds an endpoint that runs on `config`.
    #[must_use]
    pub fn applies_to(&self, config: Option<&str>) -> bool {
        match self {
            Self::Always => true,
            Self::OnConfiguration(name) => config == Some(name),
        }
    }
}

/// What tags say about a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// `min-capacity`.
    pub min_capacity: Option<Sourced<u32>>,
    /// `max-capacity`.
    pub max_capacity: Option<Sourced<u32>>,
    /// `target-value`.
    pub target_value: Option<Sourced<f64>>,
    /// `metric`.
    pub metric: Option<Sourced<PredefinedMetric>>,
    /// `scale-in-cooldown`, in seconds.
    pub scale_in_cooldown: Option<Sourced<u32>>,
    /// `scale-out-cooldown`, in seconds.
    pub scale_out_cooldown: Option<Sourced<u32>>,
    /// `disable-scale-in`.
    pub disable_scale_in: Option<Sourced<bool>>,
    /// `adopt`.
    pub adopt: Option<Sourced<bool>>,
}

impl Overrides {
    /// What `self` says, and where it is silent, what `wider` says.
    #[must_use]
    pub fn or(&self, wider: &Self) -> Self {
        let pick = |mine: &Option<Sourced<u32>>, other: &Option<Sourced<u32>>| {
            mine.clone().or_else(|| other.clone())
        };
        let flag = |mine: &Option<Sourced<bool>>, other: &Option<Sourced<bool>>| {
            mine.clone().or_else(|| other.clone())
        };
        Self {
            min_capacity: pick(&self.min_capacity, &wider.min_capacity),
            max_capacity: pick(&self.max_capacity, &wider.max_capacity),
            target_value: self
                .target_value
                .clone()
                .or_else(|| wider.target_value.clone()),
            metric: self.metric.clone().or_else(|| wider.metric.clone()),
            scale_in_cooldown: pick(&self.scale_in_cooldown, &wider.scale_in_cooldown),
            scale_out_cooldown: pick(&self.scale_out_cooldown, &wider.scale_out_cooldown),
            disable_scale_in: flag(&self.disable_scale_in, &wider.disable_scale_in),
            adopt: flag(&self.adopt, &wider.adopt),
        }
    }
}

/// Our tags of one endpoint, understood as far as they can be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags {
    /// `enabled`.
    pub enabled: Option<Sourced<bool>>,
    /// `hold`.
    pub hold: Option<Hold>,
    /// `paused` is there and asks for something: what shall stand still.
    pub paused: Option<Suspension>,
    /// `profile`.
    pub profile: Option<Sourced<String>>,
    /// What is said about every target.
    pub all: Overrides,
    /// What is said about one variant or component.
    pub by_name: BTreeMap<String, Overrides>,
    /// The tags that are there: full key and name without prefix and variant.
    pub present: Vec<(String, String)>,
    /// Everything that is wrong. Kept beside what is right, because stopping (`enabled=false`,
    /// `hold`, `paused`) must work even when something else is wrong.
    pub problems: Vec<Problem>,
}

impl Tags {
    /// Reads the tags whose keys begin with `prefix` and a colon; others belong to others.
    #[must_use]
    pub fn parse(tags: &BTreeMap<String, String>, prefix: &str) -> Self {
        let mut parsed = Self::default();
        for (key, value) in tags {
            if let Some(rest) = key
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix(':'))
            {
                parsed.read(key, rest, value);
            }
        }
        parsed
    }

    fn read(&mut self, key: &str, rest: &str, value: &str) {
        let (tag, variant) = match rest.split_once(':') {
            Some((tag, variant)) => (tag, Some(variant)),
            None => (rest, None),
        };
        let known =
            TARGET_TAGS.contains(&tag) || (variant.is_none() && ENDPOINT_TAGS.contains(&tag));
        if !known {
            let all = names();
            let message = if ENDPOINT_TAGS.contains(&tag) {
                format!("`{tag}` speaks of the whole endpoint and takes no variant name")
            } else {
                format!("unknown tag{}", did_you_mean(tag, all))
            };
            self.problems.push(problem(key, value, message));
            return;
        }
        self.present.push((key.to_owned(), tag.to_owned()));
        let source = Source::Tag(key.to_owned());
        let mut problems = Vec::new();
        {
            let mut reader = Reader {
                key,
                value,
                source,
                problems: &mut problems,
            };
            match tag {
                "enabled" => self.enabled = reader.boolean(),
                "hold" => self.hold = reader.hold(),
                "paused" => self.paused = reader.paused(),
                "profile" => self.profile = reader.profile(),
                _ => {
                    let overrides = match variant {
                        Some(name) => self.by_name.entry(name.to_owned()).or_default(),
                        None => &mut self.all,
                    };
                    reader.target_tag(tag, overrides);
                }
            }
        }
        self.problems.append(&mut problems);
    }
}

fn problem(key: &str, value: &str, message: impl Into<String>) -> Problem {
    Problem::new(
        Source::Tag(key.to_owned()),
        "",
        &Value::from(value),
        message,
    )
}

struct Reader<'a> {
    key: &'a str,
    value: &'a str,
    source: Source,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn or_complain<T>(&mut self, value: Option<T>, rule: &str) -> Option<Sourced<T>> {
        if value.is_none() {
            self.problems
                .push(problem(self.key, self.value, format!("must be {rule}")));
        }
        value.map(|value| Sourced::new(value, self.source.clone()))
    }

    fn boolean(&mut self) -> Option<Sourced<bool>> {
        let value = match self.value.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.or_complain(value, "true or false")
    }

    fn whole_number(&mut self) -> Option<Sourced<u32>> {
        let value = self
            .value
            .trim()
            .parse()
            .ok()
            .filter(|number| *number <= 2_147_483_647);
        self.or_complain(value, "a whole number from 0 to 2147483647")
    }

    fn hold(&mut self) -> Option<Hold> {
        match self.value.trim() {
            "" => {
                let rule = "true, false or the name of an endpoint configuration";
                self.or_complain(None::<()>, rule);
                None
            }
            value if value.eq_ignore_ascii_case("true") => Some(Hold::Always),
            value if value.eq_ignore_ascii_case("false") => None,
            value => Some(Hold::OnConfiguration(value.to_owned())),
        }
    }

    fn paused(&mut self) -> Option<Suspension> {
        match self.value.trim().to_ascii_lowercase().as_str() {
            "false" => None,
            "true" => Some(Suspension::ALL),
            word @ ("scale-in" | "scale-out" | "scheduled") => Some(Suspension::parse(word)),
            _ => {
                self.or_complain(None::<()>, "true, false, scale-in, scale-out or scheduled");
                // A misspelt pause still means that somebody wants the program to hold back.
                Some(Suspension::NONE)
            }
        }
    }

    /// The name becomes part of a parameter name, so that it must not lead elsewhere.
    fn profile(&mut self) -> Option<Sourced<String>> {
        let valid = (1..=200).contains(&self.value.len())
            && self
                .value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let value = valid.then(|| self.value.to_owned());
        self.or_complain(
            value,
            "the name of a profile: letters, digits, `-`, `_` and `.`",
        )
    }

    fn target_tag(&mut self, tag: &str, overrides: &mut Overrides) {
        match tag {
            "min-capacity" => overrides.min_capacity = self.whole_number(),
            "max-capacity" => overrides.max_capacity = self.whole_number(),
            "scale-in-cooldown" => overrides.scale_in_cooldown = self.whole_number(),
            "scale-out-cooldown" => overrides.scale_out_cooldown = self.whole_number(),
            "disable-scale-in" => overrides.disable_scale_in = self.boolean(),
            "adopt" => overrides.adopt = self.boolean(),
            "target-value" => {
                let value = self.value.trim().parse::<f64>().ok();
                let value = value.filter(|number| number.is_finite() && *number > 0.0);
                overrides.target_value = self.or_complain(value, "a number above 0");
            }
            _ => {
                let names = PredefinedMetric::ALL.map(PredefinedMetric::as_str);
                let rule = format!(
                    "one of {}{}",
                    names.join(", "),
                    did_you_mean(self.value, names.iter().copied())
                );
                overrides.metric =
                    self.or_complain(PredefinedMetric::parse(self.value.trim()), &rule);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tags: &[(&str, &str)]) -> Tags {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Tags::parse(&tags.collect(), "autoscaling")
    }

    #[track_caller]
    fn check_problem(key: &str, value: &str, part: &str) {
        let problems = parse(&[(key, value)]).problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].message.contains(part), "{}", problems[0]);
        assert_eq!(problems[0].source, Source::Tag(key.to_owned()));
    }

    #[test]
    fn tags_of_others_are_ignored() {
        assert_eq!(
            parse(&[("team", "ml"), ("autoscalingx:enabled", "no")]),
            Tags::default()
        );
    }

    #[test]
    fn values_are_read_with_their_source() {
        let tags = parse(&[
            ("autoscaling:enabled", "TRUE"),
            ("autoscaling:min-capacity", "2"),
            ("autoscaling:max-capacity:blue", "9"),
            ("autoscaling:target-value", "0.5"),
            ("autoscaling:hold", "config-7"),
        ]);
        assert_eq!(tags.problems, []);
        assert_eq!(tags.enabled.map(|enabled| enabled.value), Some(true));
        assert_eq!(tags.hold, Some(Hold::OnConfiguration("config-7".into())));
        let blue = tags.by_name["blue"].or(&tags.all);
        assert_eq!(blue.min_capacity.map(|min| min.value), Some(2));
        let max = blue.max_capacity.expect("stated for blue");
        assert_eq!(max.source.to_string(), "tag autoscaling:max-capacity:blue");
        assert_eq!(tags.all.max_capacity, None);
    }

    #[test]
    fn each_mistake_is_named() {
        check_problem(
            "autoscaling:max-capcity",
            "8",
            "did you mean `max-capacity`?",
        );
        check_problem("autoscaling:max-capacity", "many", "a whole number");
        check_problem("autoscaling:max-capacity", "-1", "a whole number");
        check_problem("autoscaling:target-value", "inf", "a number above 0");
        check_problem("autoscaling:enabled", "yes", "true or false");
        check_problem(
            "autoscaling:enabled:AllTraffic",
            "true",
            "takes no variant name",
        );
        check_problem("autoscaling:profile", "../limits", "name of a profile");
        check_problem("autoscaling:metric", "InvocationsPerInstance", "one of");
    }

    #[test]
    fn stopping_works_beside_mistakes() {
        let tags = parse(&[
            ("autoscaling:enabled", "false"),
            ("autoscaling:max-capacity", "many"),
        ]);
        assert_eq!(tags.enabled.map(|enabled| enabled.value), Some(false));
        assert_eq!(tags.problems.len(), 1);
        let paused = |value| parse(&[("autoscaling:paused", value)]).paused;
        assert_eq!(paused("scale-inn"), Some(Suspension::NONE));
        assert_eq!(paused("TRUE"), Some(Suspension::ALL));
        assert_eq!(paused("false"), None);
    }
}
