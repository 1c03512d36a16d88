//! Reads JSON field by field and collects every complaint, instead of stopping at the first.

use crate::problem::{Problem, Source, did_you_mean};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// Where complaints about one document are collected.
pub(crate) struct Complaints {
    source: Source,
    found: RefCell<Vec<Problem>>,
}

impl Complaints {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            found: RefCell::default(),
        }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.found.into_inner()
    }
}

/// A JSON value, where it stands, and where to complain about it.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    path: String,
    complaints: &'a Complaints,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value, complaints: &'a Complaints) -> Self {
        Self {
            value,
            path: String::new(),
            complaints,
        }
    }

    pub(crate) fn complain(&self, message: impl Into<String>) {
        let problem = Problem::new(
            self.complaints.source.clone(),
            self.path.as_str(),
            self.value,
            message,
        );
        self.complaints.found.borrow_mut().push(problem);
    }

    /// A value of the document for a message, unless that is a secret.
    pub(crate) fn shown(&self, value: impl std::fmt::Display) -> String {
        self.complaints.source.shown(value)
    }

    fn or_complain<T>(&self, value: Option<T>, message: impl FnOnce() -> String) -> Option<T> {
        if value.is_none() {
            self.complain(message());
        }
        value
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        self.or_complain(self.value.as_bool(), || "must be true or false".into())
    }

    /// A whole number; `2.0` is one.
    pub(crate) fn whole_number<T>(&self, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<i64> + PartialOrd + std::fmt::Display + Copy,
    {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and small"
        )]
        let whole = self.value.as_i64().or_else(|| {
            self.value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
                .map(|number| number as i64)
        });
        let value = whole.and_then(|number| T::try_from(number).ok());
        self.or_complain(value.filter(|number| range.contains(number)), || {
            format!(
                "must be a whole number from {} to {}",
                range.start(),
                range.end()
            )
        })
    }

    pub(crate) fn number(&self, rule: &str, valid: impl Fn(f64) -> bool) -> Option<f64> {
        let value = self
            .value
            .as_f64()
            .filter(|number| number.is_finite() && valid(*number));
        self.or_complain(value, || format!("must be {rule}"))
    }

    pub(crate) fn text(&self, rule: &str, valid: impl Fn(&str) -> bool) -> Option<String> {
        let value = self
            .value
            .as_str()
            .filter(|text| valid(text))
            .map(str::to_owned);
        self.or_complain(value, || format!("must be {rule}"))
    }

    pub(crate) fn one_of(&self, allowed: &[&str]) -> Option<String> {
        let value = self
            .value
            .as_str()
            .filter(|text| allowed.contains(text))
            .map(str::to_owned);
        self.or_complain(value, || {
            let meant = self
                .value
                .as_str()
                .map(|text| did_you_mean(text, allowed.iter().copied()));
            format!(
                "must be one of {}{}",
                allowed.join(", "),
                meant.unwrap_or_default()
            )
        })
    }

    pub(crate) fn list(&self) -> Option<Vec<Node<'a>>> {
        let items = self.or_complain(self.value.as_array(), || "must be a list".into())?;
        let node = |(index, value)| Node {
            value,
            path: format!("{}[{index}]", self.path),
            complaints: self.complaints,
        };
        Some(items.iter().enumerate().map(node).collect())
    }

    pub(crate) fn fields(&self) -> Option<Fields<'a>> {
        let map = self.or_complain(self.value.as_object(), || "must be an object".into())?;
        Some(Fields {
            node: self.clone(),
            map,
            known: RefCell::default(),
        })
    }

    /// The fields of an object whose keys the author chooses.
    pub(crate) fn entries(&self) -> Option<Vec<(&'a str, Node<'a>)>> {
        let fields = self.fields()?;
        let keys = fields.map.keys();
        Some(
            keys.filter_map(|key| Some((key.as_str(), fields.node_of(key)?)))
                .collect(),
        )
    }
}

/// An object whose fields are asked for one by one; the rest are unknown.
pub(crate) struct Fields<'a> {
    pub(crate) node: Node<'a>,
    map: &'a Map<String, Value>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    fn node_of(&self, name: &str) -> Option<Node<'a>> {
        let value = self.map.get(name)?;
        let separator = if self.node.path.is_empty() { "" } else { "." };
        let path = format!("{}{separator}{name}", self.node.path);
        Some(Node {
            value,
            path,
            complaints: self.node.complaints,
        })
    }

    pub(crate) fn get(&self, name: &'static str) -> Option<Node<'a>> {
        self.known.borrow_mut().push(name);
        self.node_of(name)
    }

    pub(crate) fn required(&self, name: &'static str) -> Option<Node<'a>> {
        let node = self.get(name);
        if node.is_none() {
            self.node.complain(format!("must have a field `{name}`"));
        }
        node
    }

    /// Fields that the AWS CLI prints and that say nothing about what is wanted.
    pub(crate) fn ignore(&self, names: &[&'static str]) {
        self.known.borrow_mut().extend_from_slice(names);
    }

    /// Complains about every field that was not asked for.
    pub(crate) fn finish(self) {
        let known = self.known.borrow();
        for name in self
            .map
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            let meant = did_you_mean(name, known.iter().copied());
            if let Some(node) = self.node_of(name) {
                node.complain(format!("unknown field `{name}`{meant}"));
            }
        }
    }
}
