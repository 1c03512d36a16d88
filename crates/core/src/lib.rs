//! What endpoint-autoscaler decides: pure functions from an observation to a plan.
//!
//! Nothing here touches a clock, an environment, a network or a random number; the compiler
//! holds the line, since this crate depends on no runtime and no AWS SDK. Modules in reading order:
//!
//! | module | holds |
//! |---|---|
//! | [`name`] | names of endpoints, variants, components and scalable targets |
//! | [`naming`] | the names of what we create |
//! | [`kind`] | the kinds of targets |
//! | [`event`] | a payload becomes a [`event::Request`]: where to look |
//! | [`installation`] | what the platform team set when it deployed the function |
//! | [`scaling`] | the nouns of Application Auto Scaling: bounds, policies, metrics |
//! | [`metric`] | which predefined metric fits what, and the dimensions AWS publishes metrics under |
//! | [`problem`] | where a value came from, and what is wrong with it |
//! | [`schedule`] | when a scheduled action runs |
//! | [`document`] | profile, endpoint and limits documents |
//! | [`tags`] | `autoscaling:` tags of an endpoint |
//! | [`observation`] | everything that was read, as one value |
//! | [`subject`] | what can be scaled on an endpoint |
//! | [`settings`] | layers resolved into settings, every value with its source |
//! | [`desire`] | what every target of the endpoint should have, or why it is left alone |
//! | [`plan`] | the ordered calls that lead from what is held to what is desired |
//! | [`fault`] | what an AWS error means for us |
//! | [`report`] | what was decided and done, for people and machines |

pub mod name;
pub mod naming;
pub mod kind;
pub mod event;
pub mod installation;
pub mod scaling;
pub mod metric;
pub mod problem;
pub mod schedule;
pub mod document;
pub mod tags;
pub mod observation;
pub mod subject;
pub mod settings;
pub mod desire;
pub mod plan;
pub mod fault;
pub mod report;
