//! The answers of the `Describe…` operations, in pages.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;

use serde_json::{Value, json};

use super::address::Filter;
use super::target::ScalableTarget;
use super::{ScalableTargets, TargetKey};
use crate::account::Account;
use crate::error::ServiceError;
use crate::paging::Cursor;

/// What is asked of a `Describe…` operation.
pub(super) struct Question<'a> {
    pub(super) operation: &'static str,
    /// The member of the answer that holds the items.
    pub(super) member: &'static str,
    /// Both the default and the most items on a page.
    pub(super) most: usize,
    pub(super) input: &'a Value,
    pub(super) filter: &'a Filter,
}

impl Question<'_> {
    pub(super) fn cursor(&self, account: &Account) -> Result<Cursor, ServiceError> {
        let asked = self.filter.page_size(self.most)?;
        let token = self.filter.next_token.as_deref();
        account
            .cursor(self.operation, self.input, asked, self.most, token)
            .map_err(|_| invalid_token())
    }
}

fn invalid_token() -> ServiceError {
    ServiceError::new("InvalidNextTokenException", "Invalid next token")
}

/// Where something stands in a listing: a target, and what it is called there.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    key: &'a TargetKey,
    name: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TargetKey {
            resource,
            dimension,
        } = self.key;
        write!(f, "{resource}|{dimension}|{}", self.name)
    }
}

/// Reads what a place was written as.
fn read_place(text: &str) -> Option<(TargetKey, &str)> {
    let (resource, rest) = text.split_once('|')?;
    let (dimension, name) = rest.split_once('|')?;
    Some((TargetKey::parse(resource, dimension).ok()?, name))
}

impl ScalableTargets {
    /// The targets that a filter takes, in order, from one on. Only they are
    /// looked at: an account may have ten thousand.
    fn taken<'a>(
        &'a self,
        filter: &Filter,
        from: Option<&TargetKey>,
    ) -> Box<dyn Iterator<Item = (&'a TargetKey, &'a ScalableTarget)> + 'a> {
        let Some(mut keys) = filter.keys() else {
            let from = from.map_or(Bound::Unbounded, Bound::Included);
            return Box::new(self.targets.range((from, Bound::Unbounded)));
        };
        if let Some(from) = from {
            keys = keys.split_off(from);
        }
        let held = |key: TargetKey| self.targets.get_key_value(&key);
        Box::new(keys.into_iter().filter_map(held))
    }
}

impl Account {
    /// Answers with what every target that the filter takes has, by name.
    pub(super) fn answer_page<'a, T: 'a, I>(
        &'a self,
        question: &Question<'_>,
        items_of: impl Fn(&'a ScalableTarget) -> I,
        describe: impl Fn(&'a TargetKey, T) -> Value,
    ) -> Result<Value, ServiceError>
    where
        I: Iterator<Item = (&'a str, T)>,
    {
        let cursor = question.cursor(self)?;
        let after = match cursor.after() {
            Some(text) => Some(read_place(text).ok_or_else(invalid_token)?),
            None => None,
        };
        let after = after.as_ref().map(|(key, name)| Place { key, name });
        let targets = self
            .targets
            .taken(question.filter, after.as_ref().map(|place| place.key));
        let items = targets
            .flat_map(|(key, target)| {
                items_of(target).map(move |(name, item)| (Place { key, name }, item))
            })
            .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
            .map(|(place, item)| (place.to_string(), (place.key, item)));
        let page = cursor
            .page(items)
            .describe(|(key, item)| describe(key, item));
        Ok(json!({ question.member: page.items, "NextToken": page.next_token }))
    }
}

impl Filter {
    /// The targets that it speaks of, or none where it speaks of all.
    pub(super) fn keys(&self) -> Option<BTreeSet<TargetKey>> {
        let ids: Vec<_> = match (&self.resource_id, &self.resource_ids) {
            (None, None) => return None,
            (Some(id), None) => vec![id],
            (None, Some(ids)) => ids.iter().collect(),
            (Some(id), Some(ids)) => ids.iter().filter(|other| *other == id).collect(),
        };
        let dimensions = TargetKey::dimensions(self.scalable_dimension.as_deref());
        let keys = ids.into_iter().flat_map(|id| {
            let keys = dimensions.iter().map(|name| TargetKey::parse(id, name));
            keys.filter_map(Result::ok).collect::<Vec<_>>()
        });
        Some(keys.collect())
    }
}
