//! The template filled in.

use crate::timeline::Timeline;
use crate::{Report, Run};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

const TEMPLATE: &str = include_str!("../page/report.html");
const STYLE: &str = include_str!("../page/report.css");
const SCRIPT: &str = include_str!("../page/report.js");
const PLOT_STYLE: &str = include_str!("../vendor/uPlot.min.css");
const PLOT_LICENCE: &str = include_str!("../vendor/LICENSE");
const PLOT_SCRIPT: &str = include_str!("../vendor/uPlot.iife.min.js");

/// The page: a whole HTML document that asks nobody for anything.
///
/// ```
/// use endpoint_autoscaler_report::{Report, html};
///
/// let report: Report = serde_json::from_str(r#"{"title": "Launch day", "runs": []}"#)?;
/// assert!(html(&report).contains("<title>Launch day</title>"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn html(report: &Report) -> String {
    fill(&[
        ("title", &escaped(&report.title)),
        ("plot-style", PLOT_STYLE),
        ("style", STYLE),
        ("without-script", &summary_table(&report.runs)),
        ("data", &data(report)),
        ("plot-licence", PLOT_LICENCE.trim_end()),
        ("plot-script", PLOT_SCRIPT),
        ("script", SCRIPT),
    ])
}

/// Fills the template in one pass: what is filled in is not looked at again.
fn fill(parts: &[(&str, &str)]) -> String {
    let size = TEMPLATE.len() + parts.iter().map(|(_, text)| text.len()).sum::<usize>();
    let mut page = String::with_capacity(size);
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let part = parts.iter().find(|(known, _)| *known == name);
        page.push_str(before);
        page.push_str(part.map_or("", |(_, text)| text));
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(character),
        }
    }
    safe
}

/// What a browser shows that runs no script: the figures of every run.
fn summary_table(runs: &[Run]) -> String {
    let mut table = String::from("<table><thead><tr><th scope=\"col\">Figure</th>");
    for run in runs {
        let _ = write!(table, "<th scope=\"col\">{}</th>", escaped(&run.name));
    }
    table.push_str("</tr></thead><tbody>");
    let mut figures: Vec<&String> = Vec::new();
    for figure in runs.iter().flat_map(|run| run.simulation.summary.keys()) {
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    for figure in figures {
        let _ = write!(table, "<tr><th scope=\"row\">{}</th>", escaped(figure));
        for run in runs {
            let value = run.simulation.summary.get(figure);
            let text = value.map_or_else(|| "–".to_owned(), Value::to_string);
            let _ = write!(table, "<td>{}</td>", escaped(&text));
        }
        table.push_str("</tr>");
    }
    table.push_str("</tbody></table>");
    table
}

/// The data as JSON that may stand inside a `<script>` element: no `<`, so that nothing in it ends
/// the element or begins a comment, and none of the two characters that JavaScript takes for the
/// end of a line.
fn data(report: &Report) -> String {
    let mut columns = Columns::default();
    let runs: Vec<_> = report
        .runs
        .iter()
        .map(|run| run_data(run, &mut columns))
        .collect();
    let head = json!({"title": report.title, "runs": runs}).to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    let json = format!("{head},\"columns\":[{}]}}", columns.written.join(",\n"));
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn run_data(run: &Run, columns: &mut Columns) -> Value {
    let simulation = &run.simulation;
    let mut causes: Vec<&str> = Vec::new();
    let activities: Vec<_> = simulation
        .activities
        .iter()
        .map(|activity| {
            let cause = causes.iter().position(|cause| *cause == activity.cause);
            let cause = cause.unwrap_or_else(|| {
                causes.push(&activity.cause);
                causes.len() - 1
            });
            json!([
                activity.time.0,
                activity.from_capacity,
                activity.to_capacity,
                cause
            ])
        })
        .collect();
    json!({
        "name": run.name,
        "policy": run.policy,
        "assumptions": run.assumptions,
        "fleet": run.fleet,
        "metric": simulation.metric,
        "summary": simulation.summary,
        "causes": causes,
        "activities": activities,
        "timeline": timeline_data(&simulation.timeline, columns),
    })
}

fn timeline_data(timeline: &Timeline, columns: &mut Columns) -> Value {
    let gaps: Vec<_> = timeline
        .times
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    let step = gaps.first().copied().unwrap_or(60_000);
    let times = if gaps.iter().all(|gap| *gap == step) {
        Value::Null
    } else {
        columns.add(timeline.times.iter(), ToString::to_string)
    };
    json!({
        "start": timeline.times.first(),
        "step": step,
        "length": timeline.len(),
        "times": times,
        "requests": columns.add(timeline.requests.iter(), |value| number(*value)),
        "metric": columns.add(timeline.metric.iter(), |value| value.map_or_else(|| "null".to_owned(), number)),
        "desired": columns.add(timeline.desired.iter(), ToString::to_string),
        "running": columns.add(timeline.running.iter(), ToString::to_string),
        "alarms": timeline.alarms,
    })
}

/// The shortest text that reads as the same number; JSON knows no infinity.
fn number(value: f64) -> String {
    let whole = value.abs() < 9e15 && value.fract() == 0.0;
    match value {
        _ if !value.is_finite() => "null".to_owned(),
        _ if whole => format!("{value:.0}"),
        _ => Value::from(value).to_string(),
    }
}

/// Columns as JSON, each once however many runs share it: runs that are compared have one trace.
#[derive(Default)]
struct Columns {
    written: Vec<String>,
    known: HashMap<String, usize>,
}

impl Columns {
    /// Where the column stands. It is written as `[values]` or, where that is shorter, as runs
    /// `{"runs":[value,length,…]}`.
    fn add<T: PartialEq>(
        &mut self,
        values: impl Iterator<Item = T>,
        write: impl Fn(T) -> String,
    ) -> Value {
        let (mut plain, mut runs) = (String::new(), String::new());
        let mut last: Option<(String, usize)> = None;
        let mut end = |run: Option<(String, usize)>| {
            if let Some((text, length)) = run {
                let _ = write!(runs, "{text},{length},");
            }
        };
        for value in values {
            let text = write(value);
            plain.push_str(&text);
            plain.push(',');
            last = match last {
                Some((same, length)) if same == text => Some((same, length + 1)),
                other => {
                    end(other);
                    Some((text, 1))
                }
            };
        }
        end(last);
        let column = if runs.len() + 10 < plain.len() {
            format!("{{\"runs\":[{}]}}", runs.trim_end_matches(','))
        } else {
            format!("[{}]", plain.trim_end_matches(','))
        };
        let next = self.written.len();
        let place = *self.known.entry(column.clone()).or_insert(next);
        if place == next {
            self.written.push(column);
        }
        place.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(name: &str) -> Report {
        let samples: Vec<_> = (0..30)
            .map(|minute| {
                json!({"time": format!("2026-03-02T00:{minute:02}:00Z"), "requests": minute,
                       "metric": 0.1, "desiredCapacity": 1, "runningCapacity": 1})
            })
            .collect();
        let run =
            json!({"name": name, "simulation": {"summary": {"cost": 1.5}, "timeline": samples}});
        serde_json::from_value(json!({"title": name, "runs": [run, run]})).unwrap()
    }

    /// The JSON in the page, as a browser reads it.
    fn embedded(page: &str) -> Value {
        let (_, rest) = page.split_once("type=\"application/json\">").unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn hostile_names_stay_data() {
        let name = "</script><script>alert(1)</script><!--\u{2028}{{data}} & \"";
        let page = html(&report(name));
        assert_eq!(page.matches("<script>alert").count(), 0);
        assert_eq!(
            page.matches("<!--").count(),
            TEMPLATE.matches("<!--").count()
        );
        let (_, data) = page.split_once("application/json").unwrap();
        assert!(!data.contains('\u{2028}'));
        assert_eq!(embedded(&page)["runs"][0]["name"], name);
        assert_eq!(embedded(&page)["title"], name);
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        let page = html(&report("policy.json"));
        let policy = "default-src 'none'";
        assert!(page.contains(policy));
        for loads in ["src=\"", "href=\"http", "url(", "@import", "fetch("] {
            assert!(!page.contains(loads), "{loads}");
        }
    }

    #[test]
    fn every_part_of_the_template_is_known() {
        assert!(!html(&report("policy.json")).contains("{{"));
        for asset in [STYLE, SCRIPT, PLOT_STYLE, PLOT_SCRIPT] {
            assert!(!asset.contains("</s"));
        }
    }

    #[test]
    fn runs_share_equal_columns() {
        let data = embedded(&html(&report("policy.json")));
        let [first, second] = [0, 1].map(|run| data["runs"][run]["timeline"].clone());
        assert_eq!(first, second);
        assert_eq!(first["desired"], first["running"]);
        assert_eq!(data["columns"][1], json!({"runs": [0.1, 30]}));
        assert_eq!(data["columns"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn uneven_steps_are_listed() {
        let mut report = report("policy.json");
        report.runs[0].simulation.timeline.times[29] += 60_000;
        let data = embedded(&html(&report));
        assert_eq!(data["columns"][0][29], 1_772_411_400_000_i64);
        assert_eq!(data["runs"][1]["timeline"]["times"], Value::Null);
    }

    #[test]
    fn numbers_are_short_and_exact() {
        assert_eq!(number(1200.0), "1200");
        assert_eq!(number(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(number(-0.5), "-0.5");
        assert_eq!(number(f64::NAN), "null");
    }

    #[test]
    fn figures_are_there_without_a_script() {
        let page = html(&report("a & b"));
        assert!(page.contains("<th scope=\"col\">a &amp; b</th>"));
        assert!(page.contains("<th scope=\"row\">cost</th><td>1.5</td><td>1.5</td>"));
    }
}
