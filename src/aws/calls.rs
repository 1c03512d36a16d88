//! Counts API operations at the SDK edge, so that the report tells what an event cost.

use crate::core::report::Calls;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Default)]
pub(super) struct Counter {
    reads: AtomicU32,
    writes: AtomicU32,
}

impl Counter {
    pub(super) fn read(&self) -> Calls {
        Calls {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
        }
    }
}

#[derive(Debug)]
pub(super) struct Count(pub(super) Arc<Counter>);

impl Intercept for Count {
    fn name(&self) -> &'static str {
        "CountCalls"
    }

    /// The first hook that knows the operation: client-level ones run before it is configured.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().map(Metadata::name);
        let only_reads = operation.is_some_and(|name| {
            ["Describe", "List", "Get"]
                .iter()
                .any(|verb| name.starts_with(verb))
        });
        let count = if only_reads {
            &self.0.reads
        } else {
            &self.0.writes
        };
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
