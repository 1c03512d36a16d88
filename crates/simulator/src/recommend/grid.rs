//! Which configurations a search looks at.

use super::{Configuration, Search};
use crate::tracking::ceil;
use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::scaling::TargetTracking;
use std::collections::BTreeSet;

/// Target values, as parts of what one instance can do.
const PARTS: [f64; 15] = [
    0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.2,
];
/// Least capacities: as many instances as suffice for so much of the time.
const QUANTILES: [f64; 6] = [0.0, 0.25, 0.5, 0.75, 0.95, 1.0];
/// Most capacities, as multiples of what the peak needs.
const HEADROOM: [f64; 3] = [1.0, 1.5, 2.5];
/// Seconds.
const SCALE_IN_COOLDOWNS: [u32; 3] = [60, 300, 900];
/// Seconds.
const SCALE_OUT_COOLDOWNS: [u32; 2] = [60, 300];

impl Search<'_> {
    /// Every combination of a few values of each setting.
    pub(super) fn grid(&self) -> Vec<Configuration> {
        let mut grid = Vec::new();
        let maxima = self.maxima();
        for part in PARTS {
            for min_capacity in self.minima() {
                for max_capacity in maxima.iter().copied().filter(|max| *max >= min_capacity) {
                    for scale_in in SCALE_IN_COOLDOWNS {
                        for scale_out in SCALE_OUT_COOLDOWNS {
                            let bounds = (min_capacity, max_capacity);
                            let cooldowns = (scale_in, scale_out);
                            grid.extend(self.configuration(part, bounds, cooldowns));
                        }
                    }
                }
            }
        }
        grid
    }

    /// What lies around the best of the grid.
    pub(super) fn closer(&self, best: &Configuration) -> Vec<Configuration> {
        let (_, full) = self.metric();
        let part = best.policy.target_value / full;
        let mut closer = Vec::new();
        for change in [-0.04, -0.03, -0.02, -0.01, 0.0, 0.01, 0.02, 0.03, 0.04] {
            for min_capacity in
                best.min_capacity.saturating_sub(2)..=best.min_capacity.saturating_add(2)
            {
                for max_capacity in [best.max_capacity.saturating_sub(1), best.max_capacity] {
                    for scale_in in [best.policy.scale_in_cooldown, 0] {
                        let bounds = (min_capacity, max_capacity);
                        let cooldowns = (scale_in, best.policy.scale_out_cooldown);
                        closer.extend(self.configuration(part + change, bounds, cooldowns));
                    }
                }
            }
        }
        closer
    }

    fn configuration(
        &self,
        part: f64,
        (min_capacity, max_capacity): (u32, u32),
        (scale_in_cooldown, scale_out_cooldown): (u32, u32),
    ) -> Option<Configuration> {
        let (metric, full) = self.metric();
        let least = u32::from(!self.may_be_zero());
        let possible = part > 0.0
            && (part <= 1.0 || self.kind != Kind::Serverless)
            && (least..=max_capacity).contains(&min_capacity)
            && max_capacity <= self.most;
        possible.then(|| Configuration {
            min_capacity,
            max_capacity,
            policy: TargetTracking {
                target_value: rounded(part * full),
                metric,
                scale_in_cooldown,
                scale_out_cooldown,
                disable_scale_in: false,
            },
        })
    }

    fn may_be_zero(&self) -> bool {
        matches!(self.kind, Kind::Asynchronous | Kind::InferenceComponent)
    }

    /// Instances that the requests of each minute need, in rising order.
    fn needs(&self) -> Vec<u32> {
        let per_minute = self.fleet.capacity.per_minute();
        let requests = self.trace.requests().iter();
        let mut needs: Vec<_> = requests
            .map(|requests| ceil(requests / per_minute))
            .collect();
        needs.sort_unstable();
        needs
    }

    fn minima(&self) -> BTreeSet<u32> {
        let needs = self.needs();
        let least = u32::from(!self.may_be_zero());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into minutes"
        )]
        let at = |quantile: f64| (quantile * needs.len().saturating_sub(1) as f64) as usize;
        let minima = QUANTILES
            .iter()
            .filter_map(|quantile| needs.get(at(*quantile)));
        let minima = minima.map(|need| (*need).clamp(least, self.most.max(least)));
        minima.chain([least]).collect()
    }

    fn maxima(&self) -> BTreeSet<u32> {
        let peak = f64::from(self.needs().last().copied().unwrap_or(1).max(1));
        let maxima = HEADROOM.iter().map(|headroom| ceil(peak * headroom));
        maxima.map(|max| max.min(self.most)).collect()
    }
}

/// Three digits are enough for a target value.
fn rounded(value: f64) -> f64 {
    let mut unit = 1.0;
    while value / unit >= 1000.0 {
        unit *= 10.0;
    }
    while value / unit < 100.0 {
        unit /= 10.0;
    }
    // Dividing by a power of ten gives 0.55 where multiplying by its inverse gives 0.550…01.
    if unit >= 1.0 {
        (value / unit).round() * unit
    } else {
        let inverse = (1.0 / unit).round();
        (value * inverse).round() / inverse
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn target_values_have_three_digits() {
        assert_eq!(rounded(123_456.0).to_string(), "123000");
        assert_eq!(rounded(0.550_000_1).to_string(), "0.55");
        assert_eq!(rounded(66.666).to_string(), "66.7");
        assert_eq!(rounded(420.4).to_string(), "420");
    }
}
