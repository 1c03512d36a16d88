//! Sweeps over whole accounts, and events that reach many endpoints.

mod blast_radius;
mod gone;
mod many;
mod queue;
mod reach;
