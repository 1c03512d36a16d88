//! The simulator's report: one HTML file that needs nothing else.
//!
//! [`html`] joins a template, a style sheet, a script, the plotting library and the data. The page
//! asks no server for anything and its Content-Security-Policy forbids it; it is read from a disk, a
//! mail or an artifact store just as well.
//!
//! | module | holds |
//! |---|---|
//! | [`timeline`] | what was simulated, minute by minute, in columns |
//! | [`time`] | instants as RFC 3339 writes them |
//! | `page` | the template filled in |

pub mod time;
pub mod timeline;

mod page;

pub use page::html;
pub use time::Instant;
pub use timeline::{Sample, Timeline};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One simulation, or several to be compared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Report {
    /// What the page is called.
    pub title: String,
    /// What was simulated; each a column where the page compares.
    pub runs: Vec<Run>,
}

/// One document against one trace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Run {
    /// The document's name.
    pub name: String,
    /// The settings in force. An object of the form `{"value": …, "source": …}`, at any depth, is
    /// shown as the value with its source.
    #[serde(default)]
    pub policy: Value,
    /// Everything the simulation takes for granted.
    #[serde(default)]
    pub assumptions: Vec<Assumption>,
    /// The model of the fleet. The page draws the limit of capacity from `capacityPerInstance`
    /// (requests per minute) and names the unit of cost after `currency` (US dollars without it).
    #[serde(default)]
    pub fleet: Map<String, Value>,
    /// What came out.
    pub simulation: Simulation,
}

/// Something that AWS does not publish, as it was taken here.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Assumption {
    /// What it is called in the documentation.
    pub name: String,
    /// As it was taken.
    pub value: Value,
    /// What `value` counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Why it was taken so: an option, a page, a measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The outcome of one run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Simulation {
    /// The figures, under the names of the command's JSON; the page knows the units of the usual ones
    /// and reads others off the name (`…Minutes`, `…Percent`).
    pub summary: Map<String, Value>,
    /// Every change of the desired capacity, in order.
    #[serde(default)]
    pub activities: Vec<Activity>,
    /// What the policy watches; without it the page looks for a target in [`Run::policy`].
    #[serde(default)]
    pub metric: Option<Metric>,
    /// Step by step.
    pub timeline: Timeline,
}

/// What the policy watches.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Metric {
    /// AWS's name of it.
    pub name: String,
    /// What its values count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What target tracking keeps it at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
}

/// A change of the desired capacity.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// When.
    pub time: Instant,
    /// Before.
    pub from_capacity: u32,
    /// After.
    pub to_capacity: u32,
    /// As Application Auto Scaling would put it.
    pub cause: String,
}
