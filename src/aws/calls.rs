//! Counts API operations at the SDK edge, so that a report tells what its work cost.

use crate::core::report::Calls;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    /// What the work in hand has cost so far; works side by side do not count each other's calls.
    static COUNTED: Cell<Calls>;
}

/// Does `work` and tells how many operations it called. Counted work inside counted work counts
/// for both.
pub fn counted<T>(work: impl Future<Output = T>) -> impl Future<Output = (T, Calls)> {
    // On the heap: whole reconciliations are counted, and their futures are large.
    let counting = Box::pin(async {
        let done = work.await;
        (done, COUNTED.with(Cell::get))
    });
    async {
        let (done, calls) = COUNTED.scope(Cell::default(), counting).await;
        // Outside counted work there is nobody to tell.
        let _ = COUNTED.try_with(|outer| outer.set(outer.get() + calls));
        (done, calls)
    }
}

#[derive(Debug)]
pub(super) struct Count;

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
        let one = if only_reads {
            Calls {
                reads: 1,
                writes: 0,
            }
        } else {
            Calls {
                reads: 0,
                writes: 1,
            }
        };
        // Outside counted work there is nobody to tell.
        let _ = COUNTED.try_with(|counted| counted.set(counted.get() + one));
        Ok(())
    }
}
