//! Reports for people.

use crate::core::report::{Outcome, Reason, Report, SweepReport};
use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value};

fn style(outcome: &str) -> Style {
    match outcome {
        "Failed" | "missed" => AnsiColor::Red.on_default().bold(),
        "Configured" | "Released" | "Applied" | "Successful" | "kept" => {
            AnsiColor::Green.on_default()
        }
        "Planned" | "Deferred" | "InProgress" | "Pending" => AnsiColor::Yellow.on_default(),
        _ => Style::new().dimmed(),
    }
}

/// A table without lines, as wide as it needs to be.
pub(super) fn table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// As it is printed: no line ends with the spaces of empty columns.
pub(super) fn trimmed(table: &Table) -> String {
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    let lines: Vec<_> = lines.collect();
    lines.join("\n")
}

/// A word in the colour of what it says.
pub(super) fn painted(word: &str) -> String {
    let style = style(word);
    format!("{style}{word}{style:#}")
}

/// One endpoint, line by line. Settings show where something changes, or everywhere if `verbose`.
pub(super) fn report(report: &Report, verbose: bool, quiet: bool) -> Vec<String> {
    if quiet && report.outcome < Outcome::Deferred && report.problems.is_empty() {
        return Vec::new();
    }
    let printed = serde_json::to_value(report).unwrap_or_default();
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let name = text(&printed, "endpointName");
    let mut lines = vec![format!(
        "{name}: {}{}",
        painted(&text(&printed, "outcome")),
        reason(report.reason.map(Reason::explanation))
    )];
    let printed_targets = printed["targets"].as_array().into_iter().flatten();
    for (target, of_target) in printed_targets.zip(&report.targets) {
        let code = text(target, "reason");
        let why = match of_target.reason {
            Some(reason) if verbose => format!(" ({code}: {})", reason.explanation()),
            Some(_) => format!(" ({code})"),
            None => code,
        };
        lines.push(format!(
            "  {}  {}{why}",
            text(target, "resourceId"),
            painted(&text(target, "outcome"))
        ));
        let actions = target["actions"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        lines.extend(actions.iter().map(action));
        if verbose || !actions.is_empty() {
            lines.extend(
                target["settings"]
                    .as_object()
                    .into_iter()
                    .flat_map(settings),
            );
        }
    }
    lines.extend(report.problems.iter().map(|problem| {
        format!(
            "  {} {problem}",
            painted("Failed").replace("Failed", "problem:")
        )
    }));
    if let Some(error) = &report.error {
        lines.push(format!(
            "  {}: {}: {}",
            error.operation, error.error.code, error.error.message
        ));
    }
    lines
}

fn reason(explanation: Option<&str>) -> String {
    explanation
        .map(|text| format!(": {text}"))
        .unwrap_or_default()
}

fn action(action: &Value) -> String {
    let text = |field: &str| action[field].as_str().unwrap_or_default();
    let because = match (&action["reason"], &action["error"]) {
        (Value::String(reason), _) => format!(" ({reason})"),
        (_, Value::Object(error)) => {
            let said = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or_default();
            format!(" ({}: {})", said("code"), said("message"))
        }
        _ => String::new(),
    };
    let name = text("name");
    let space = if name.is_empty() { "" } else { " " };
    format!(
        "    {}{space}{name}: {}{because}",
        text("action"),
        painted(text("result"))
    )
}

/// The settings of a target, with their sources below each other.
fn settings(settings: &Map<String, Value>) -> Vec<String> {
    let said: Vec<_> = settings
        .iter()
        .map(|(name, setting)| {
            let source = setting["source"].as_str().unwrap_or_default();
            (format!("{name} = {}", brief(&setting["value"])), source)
        })
        .collect();
    let lengths = said.iter().map(|(setting, _)| setting.chars().count());
    let width = lengths.filter(|length| *length <= WIDE).max().unwrap_or(0);
    said.iter()
        .map(|(setting, source)| format!("    {setting:<width$}  from {source}"))
        .collect()
}

/// A setting that is longer does not push the others' sources away.
const WIDE: usize = 60;

/// Policies are long: what they are called and what they keep says which are meant.
fn brief(value: &Value) -> String {
    if let Some(items) = value.as_array() {
        return items.iter().map(brief).collect::<Vec<_>>().join(", ");
    }
    let name = value
        .get("PolicyName")
        .or_else(|| value.get("ScheduledActionName"));
    let Some(name) = name.and_then(Value::as_str) else {
        return value.to_string();
    };
    let policy = &value["Configuration"];
    let metric = &policy["PredefinedMetricSpecification"]["PredefinedMetricType"];
    let metric = metric
        .as_str()
        .or_else(|| policy["CustomizedMetricSpecification"]["MetricName"].as_str());
    match (metric, policy["TargetValue"].as_f64()) {
        (Some(metric), Some(target)) => format!("{name} ({metric} at {target})"),
        (None, Some(target)) => format!("{name} (at {target})"),
        _ => name.to_owned(),
    }
}

/// What a sweep came to.
pub(super) fn sweep(report: &SweepReport) -> Vec<String> {
    let counts = report.outcomes.iter().rev();
    let counts: Vec<_> = counts
        .map(|(outcome, count)| format!("{count} {outcome:?}"))
        .collect();
    let mut lines = vec![format!(
        "{} ({} reads, {} writes)",
        if counts.is_empty() {
            "no endpoints".to_owned()
        } else {
            counts.join(", ")
        },
        report.calls.reads,
        report.calls.writes
    )];
    if report.omitted_reports > 0 {
        lines.push(format!(
            "{} more reports are left out",
            report.omitted_reports
        ));
    }
    if let Some(error) = &report.error {
        lines.push(format!(
            "{}: {}: {}",
            error.operation, error.error.code, error.error.message
        ));
    }
    if report.missed > 0 {
        lines.push(format!(
            "the time was too short for {} endpoints",
            report.missed
        ));
    }
    lines
}
