//! What earlier looks at an endpoint found, so that the next look can begin all its reads at once.
//!
//! A hint only says where to look: what `DescribeEndpoint` does not confirm is read again, and
//! nothing is ever decided from memory. AWS fires `IN_SERVICE` after every scaling action, so that
//! a warm function sees the same endpoints again and again.

use crate::core::event::Hints;
use crate::core::name::EndpointName;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// More endpoints than one function sees between two cold starts, at some 200 bytes each.
const MOST: usize = 2_000;

/// What reads may begin before `DescribeEndpoint` answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) arn: Option<String>,
    pub(super) config: Option<String>,
    /// The parameter of a profile that a tag names.
    pub(super) profile: Option<String>,
    /// Resource ids of variants and components.
    pub(super) resources: Vec<String>,
    pub(super) hosts_components: bool,
    pub(super) has_alarms: bool,
}

#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<EndpointName, Hint>>);

impl Memory {
    /// What is remembered, with what the event says put over it.
    pub(super) fn recall(&self, endpoint: &EndpointName, said: &Hints) -> Hint {
        let remembered = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(endpoint)
            .cloned();
        let mut hint = remembered.unwrap_or_default();
        hint.arn = said.arn.clone().or(hint.arn);
        hint.config = said.config.clone().or(hint.config);
        if hint.resources.is_empty() {
            let variants = said.variants.iter();
            hint.resources = variants
                .map(|variant| format!("endpoint/{endpoint}/variant/{variant}"))
                .collect();
        }
        hint
    }

    pub(super) fn remember(&self, endpoint: &EndpointName, hint: Hint) {
        let mut hints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hints.len() >= MOST {
            hints.clear();
        }
        hints.insert(endpoint.clone(), hint);
    }

    /// The last look found alarms to be of interest, too.
    pub(super) fn alarms_matter(&self, endpoint: &EndpointName) {
        let mut hints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hint) = hints.get_mut(endpoint) {
            hint.has_alarms = true;
        }
    }
}
