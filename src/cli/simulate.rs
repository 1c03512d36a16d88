//! `simulate`: documents against traffic.

use super::args::Simulate;
use super::fleet::{assumptions, fleet};
use super::page::{self, Shared};
use super::traffic::{self, Scene};
use super::units::{Share, number, percent, rounded};
use super::validate::{located, read};
use super::{Failure, Screen, Verdict, text};
use crate::core::document;
use crate::core::observation::Parameter;
use crate::core::settings::{Layer, Settings};
use endpoint_autoscaler_simulator::{
    Assumptions, Fleet, Scaling, Simulation, Summary, Target, Timeline,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// One document and what it did.
#[derive(Serialize)]
pub(super) struct Run {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) timeline: Timeline,
    /// The settings in force, with their sources.
    #[serde(skip)]
    pub(super) policy: Value,
}

/// Tries documents.
pub(super) async fn simulate(simulate: Simulate, screen: &Screen) -> Result<Verdict, Failure> {
    let model = &simulate.model;
    let assumptions = assumptions(&model.fleet.assume)?;
    traffic::given(model)?;
    let fleet = fleet(&model.fleet);
    if fleet.is_none() && model.trace_out.is_none() {
        return Err(Failure::usage(NO_CAPACITY));
    }
    if simulate.csv.is_some() && simulate.document.len() > 1 {
        return Err(Failure::usage("--csv is the course of one document"));
    }
    let scene = traffic::scene(model).await?;
    traffic::write(model, &scene.trace)?;
    let Some(fleet) = fleet else {
        return Ok(Verdict::Done);
    };
    let stage = Stage {
        start: model.fleet.start.or(scene.running).unwrap_or(1),
        fleet,
        assumptions,
        scene,
    };
    let mut runs = Vec::new();
    for (name, settings) in stage.documents(&simulate.document)? {
        runs.push(stage.run(name, &settings)?);
    }
    if let Some(file) = &simulate.csv {
        fs::write(file, runs[0].timeline.to_csv())
            .map_err(|error| Failure::of_file(file, error))?;
    }
    if let Some(file) = &simulate.report {
        let names: Vec<_> = runs.iter().map(|run| run.name.as_str()).collect();
        let title = format!("{} under {}", names.join(", "), stage.scene.title);
        page::write(file, &stage.shared(title), &runs)?;
    }
    print(&simulate, &runs, screen)?;
    let misses = |run: &Run| {
        let Some(Share(most)) = simulate.max_underprovisioned else {
            return false;
        };
        run.timeline.summary.under_provisioned_share() > most
    };
    Ok(if runs.iter().any(misses) {
        Verdict::Missed
    } else {
        Verdict::Done
    })
}

/// What is said where nothing says what an instance can do.
pub(super) const NO_CAPACITY: &str = "what one instance serves is not known: give --capacity-per-instance \
     in requests a minute, or --latency and --concurrency-per-instance";

/// Everything but the scaling.
pub(super) struct Stage {
    pub(super) scene: Scene,
    pub(super) fleet: Fleet,
    pub(super) assumptions: Assumptions,
    pub(super) start: u32,
}

impl Stage {
    fn target(&self) -> Target<'_> {
        Target {
            kind: self.scene.kind,
            name: &self.scene.target,
            start: self.start,
        }
    }

    /// The settings by each document, or all that the function would refuse of any.
    fn documents(&self, files: &[PathBuf]) -> Result<Vec<(String, Settings)>, Failure> {
        let begin = self.scene.trace.start();
        if files.is_empty() {
            return Ok(vec![match &self.scene.in_force {
                Some(settings) => ("in force".to_owned(), settings.clone()),
                None => self.built_in()?,
            }]);
        }
        let (mut found, mut wrong) = (Vec::new(), Vec::new());
        for file in files {
            let text = read(file)?;
            let parameter = Parameter {
                name: file.display().to_string(),
                value: text.clone(),
                secure: false,
            };
            let settings = document::parse(&parameter).and_then(|document| {
                let source = parameter.source();
                Scaling::settings(&[Layer { source, document }], self.target(), begin)
            });
            match settings {
                Ok(settings) => found.push((parameter.name, settings)),
                Err(problems) => wrong.extend(located(file, &text, &problems)),
            }
        }
        if wrong.is_empty() {
            Ok(found)
        } else {
            Err(Failure::new(wrong.join("\n")))
        }
    }

    /// What the function does without any document.
    pub(super) fn built_in(&self) -> Result<(String, Settings), Failure> {
        let settings = Scaling::settings(&[], self.target(), self.scene.trace.start());
        let settings = settings.map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            Failure::new(problems.join("\n"))
        })?;
        Ok(("built-in default".to_owned(), settings))
    }

    pub(super) fn run(&self, name: String, settings: &Settings) -> Result<Run, Failure> {
        let scaling = Scaling::from(settings);
        let simulation = Simulation {
            kind: self.scene.kind,
            scaling: &scaling,
            fleet: &self.fleet,
            start: self.start,
            trace: &self.scene.trace,
            assumptions: &self.assumptions,
        };
        let timeline = simulation
            .run()
            .map_err(|refused| Failure::new(format!("{name}: {refused}")))?;
        Ok(Run {
            name,
            timeline: tidy(timeline),
            policy: without_parameter(json!(settings.explain())),
        })
    }

    pub(super) fn shared(&self, title: String) -> Shared<'_> {
        Shared {
            title,
            fleet: &self.fleet,
            start: self.start,
            assumptions: &self.assumptions,
        }
    }
}

/// Sources are files here, not parameters.
fn without_parameter(mut settings: Value) -> Value {
    for setting in settings.as_object_mut().into_iter().flatten() {
        if let Some(source) = setting.1["source"].as_str() {
            setting.1["source"] = source.strip_prefix("parameter ").unwrap_or(source).into();
        }
    }
    settings
}

/// Figures with four digits after the point.
fn tidy(mut timeline: Timeline) -> Timeline {
    tidy_summary(&mut timeline.summary);
    for row in &mut timeline.timeline {
        row.requests = rounded(row.requests);
        row.metric = row.metric.map(rounded);
        row.backlog = row.backlog.map(rounded);
    }
    timeline
}

/// The same for totals alone.
pub(super) fn tidy_summary(summary: &mut Summary) {
    for figure in [
        &mut summary.instance_hours,
        &mut summary.cost,
        &mut summary.requests_over_capacity,
        &mut summary.wasted_instance_minutes,
        &mut summary.requests,
        &mut summary.peak_requests,
    ] {
        *figure = rounded(*figure);
    }
    if let Some(spike) = &mut summary.worst_spike {
        spike.requests_over_capacity = rounded(spike.requests_over_capacity);
    }
}

fn print(simulate: &Simulate, runs: &[Run], screen: &Screen) -> Result<(), Failure> {
    match runs {
        [run] if screen.is_json() => return Screen::json(&run.timeline),
        runs if screen.is_json() => return Screen::json(&json!({ "runs": runs })),
        [run] if !screen.quiet => {
            Screen::line(format_args!("{:<26}{}", "document", run.name))?;
            Screen::line(format_args!("{}", run.timeline.to_text().trim_end()))?;
        }
        runs if !screen.quiet => Screen::line(format_args!("{}", comparison(runs)))?,
        _ => {}
    }
    if let Some(Share(most)) = simulate.max_underprovisioned {
        for run in runs {
            let share = run.timeline.summary.under_provisioned_share();
            let verdict = if share > most { "missed" } else { "kept" };
            if screen.quiet && verdict == "kept" {
                continue;
            }
            let verdict = text::painted(verdict);
            let (most, share) = (percent(most), percent(share));
            Screen::line(format_args!(
                "objective {verdict}: {} is under-provisioned {share} of the time, at most {most} is allowed",
                run.name
            ))?;
        }
    }
    if let Some(file) = simulate.report.as_ref().filter(|_| !screen.quiet) {
        Screen::line(format_args!("report: {}", file.display()))?;
    }
    Ok(())
}

/// Figures of several runs, side by side.
pub(super) fn comparison(runs: &[Run]) -> String {
    let mut table = text::table();
    let names = runs.iter().map(|run| run.name.clone());
    table.set_header([String::new()].into_iter().chain(names));
    let mut row = |figure: &str, value: &dyn Fn(&Summary) -> String| {
        let values = runs.iter().map(|run| value(&run.timeline.summary));
        table.add_row([figure.to_owned()].into_iter().chain(values));
    };
    row("instance-hours", &|summary| {
        number(summary.instance_hours, 1)
    });
    if runs.iter().any(|run| run.timeline.summary.cost > 0.0) {
        row("cost", &|summary| number(summary.cost, 2));
    }
    row("under-provisioned", &|summary| {
        let share = percent(summary.under_provisioned_share());
        let minutes = f64::from(summary.under_provisioned_minutes);
        format!("{} minutes ({share})", number(minutes, 0))
    });
    row("requests over capacity", &|summary| {
        number(summary.requests_over_capacity, 0)
    });
    row("wasted instance-minutes", &|summary| {
        number(summary.wasted_instance_minutes, 0)
    });
    row("scaling actions", &|summary| {
        format!("{} out, {} in", summary.scale_outs, summary.scale_ins)
    });
    row("flapping", &|summary| summary.flaps.to_string());
    row("peak capacity", &|summary| {
        summary.peak_capacity.to_string()
    });
    row("time to scale out", &|summary| match &summary.worst_spike {
        None => "always enough".to_owned(),
        Some(spike) if spike.recovered => format!("{} minutes at the worst", spike.minutes),
        Some(spike) => format!("never within {} minutes", spike.minutes),
    });
    text::trimmed(&table)
}
