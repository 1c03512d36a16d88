//! What a scaling configuration would have done under a given traffic.
//!
//! A deterministic model of one scalable target: no clock, no network, and no randomness but that
//! of a seed. Policies, alarms and scheduled actions are those of `endpoint_autoscaler_core`, as
//! the function registers them; `docs/simulator.md` says what is modelled, what is assumed, and
//! how well it fits what was observed. Begin with [`Simulation`]. Modules in reading order:
//!
//! | module | holds |
//! |---|---|
//! | `assumptions` | what AWS does not publish, as named parameters |
//! | `refusal` | what cannot be simulated |
//! | `trace` | requests minute by minute, from CSV or CloudWatch |
//! | `random`, `synthetic` | made-up traffic |
//! | `fleet` | what instances serve, and when they do |
//! | `signal`, `math` | metrics and expressions over them |
//! | `gauge` | data points, and when alarms see them |
//! | `alarm` | CloudWatch's rules from data points to a state |
//! | `tracking`, `step` | the capacity that a policy proposes |
//! | `cooldown` | what it may not do again yet |
//! | `calendar` | scheduled actions |
//! | `scaling` | what a target is registered with |
//! | `controller` | all policies together: at most one change |
//! | `timeline`, `recorder`, `tally` | what is shown of a simulation |
//! | `simulation` | tick by tick, all of the above |
//! | `recommend` | the cheapest configuration that meets an objective |

mod assumptions;
mod refusal;
mod trace;
mod random;
mod synthetic;
mod fleet;
mod signal;
mod math;
mod gauge;
mod alarm;
mod tracking;
mod step;
mod cooldown;
mod calendar;
mod scaling;
mod controller;
mod timeline;
mod recorder;
mod tally;
mod simulation;
mod recommend;

pub use alarm::AlarmState;
pub use assumptions::Assumptions;
pub use fleet::{Capacity, Cpu, Fleet, OBSERVED_START_UP};
pub use recommend::{
    Candidate, Configuration, Objective, Progress, Recommendation, SAFETY_FACTOR, Search,
    load_test_target,
};
pub use refusal::Refusal;
pub use scaling::{Scaling, Target};
pub use simulation::{Refused, Simulation};
pub use synthetic::{Shape, Synthetic};
pub use timeline::{
    Activity, AlarmChange, NotScaled, NotScaledSpan, Row, Spike, Summary, Timeline,
};
pub use trace::{Trace, TraceError, TraceProblem};
