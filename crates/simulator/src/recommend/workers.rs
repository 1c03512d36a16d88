//! Simulates configurations on all cores.

use super::{Candidate, Configuration, Progress, Search};
use crate::simulation::Refused;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The candidates in the order of their configurations, however many cores there are.
pub(super) fn evaluate(
    search: &Search<'_>,
    configurations: &[Configuration],
    before: usize,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Candidate>, Refused> {
    let total = before + configurations.len();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(before));
    let work = || {
        let mut own = Vec::new();
        // Each takes the next one that nobody has taken: long simulations hold nobody up.
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(configuration) = configurations.get(place) else {
                return own;
            };
            let candidate = search.evaluate(configuration.clone());
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress(Progress { done, total });
            own.push(candidate.map(|candidate| (place, candidate)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let results = thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    let mut candidates = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    candidates.sort_by_key(|(place, _)| *place);
    Ok(candidates
        .into_iter()
        .map(|(_, candidate)| candidate)
        .collect())
}
