//! The whole pure middle: observation in, plan out, and the plan carried out as AWS would.

mod fixture;
mod aws;
mod built_in;
mod layers;
mod refusals;
mod secrets;
mod enrolment;
mod bounds;
mod policies;
mod alarms;
mod schedules;
mod pause;
mod components;
mod adoption;
mod release;
mod wants;
mod worlds;
mod properties;
