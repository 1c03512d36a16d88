//! `recommend`: the cheapest configuration that keeps an objective, or AWS's formula where only a
//! load test is known.

use super::args::Recommend;
use super::fleet::{assumptions, fleet};
use super::page;
use super::simulate::{NO_CAPACITY, Run, Stage, comparison, tidy_summary};
use super::traffic;
use super::units::{Share, number, percent};
use super::{Failure, Screen, Verdict, text};
use crate::core::document::Document;
use crate::core::kind::Kind;
use crate::core::metric::PredefinedMetric;
use crate::core::problem::Source;
use crate::core::scaling::{DEFAULT_COOLDOWN, TargetTracking};
use crate::core::settings::Layer;
use endpoint_autoscaler_simulator::{
    Candidate, Configuration, Objective, Recommendation, Scaling, Search, Target, load_test_target,
};
use serde_json::json;
use std::fs;

/// Points of the trade-off that a person wants to see.
const SHOWN: usize = 10;

/// Recommends.
pub(super) async fn recommend(given: Recommend, screen: &Screen) -> Result<Verdict, Failure> {
    if let Some(max_rps) = given.max_rps {
        return load_test(&given, max_rps, screen);
    }
    let model = &given.model;
    let assumptions = assumptions(&model.fleet.assume)?;
    traffic::given(model)?;
    let fleet = fleet(&model.fleet).ok_or_else(|| Failure::usage(NO_CAPACITY))?;
    let scene = traffic::scene(model).await?;
    traffic::write(model, &scene.trace)?;
    let stage = Stage {
        start: model.fleet.start.or(scene.running).unwrap_or(1),
        fleet,
        assumptions,
        scene,
    };
    let Share(share) = given.objective_underprovisioned;
    let found = search(&stage, &given, share, screen)?;
    let document = found.best.configuration.document(stage.scene.kind);
    save(&given, &document)?;
    let runs = compared(&stage, &document)?;
    if let Some(file) = &given.report {
        let title = format!("Recommended for {}", stage.scene.title);
        page::write(file, &stage.shared(title), &runs)?;
    }
    if screen.is_json() {
        Screen::json(&json!({
            "document": document,
            "objective": {"underProvisionedShare": share},
            "meetsObjective": found.meets_objective,
            "best": found.best,
            "builtIn": found.built_in,
            "curve": found.curve,
            "evaluated": found.evaluated,
        }))?;
    } else {
        print(&found, &document, &runs, share, screen)?;
    }
    Ok(if found.meets_objective {
        Verdict::Done
    } else {
        Verdict::Missed
    })
}

fn search(
    stage: &Stage,
    given: &Recommend,
    share: f64,
    screen: &Screen,
) -> Result<Recommendation, Failure> {
    let search = Search {
        kind: stage.scene.kind,
        fleet: &stage.fleet,
        trace: &stage.scene.trace,
        assumptions: &stage.assumptions,
        start: stage.start,
        most: given.max.unwrap_or(u32::MAX),
        objective: Objective {
            under_provisioned_share: share,
        },
    };
    let bar = screen.progress(0);
    let found = search.run(&|progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
    });
    bar.finish_and_clear();
    let mut found = found?;
    let all = [&mut found.best, &mut found.built_in].into_iter();
    for candidate in all.chain(&mut found.curve) {
        tidy_summary(&mut candidate.summary);
    }
    Ok(found)
}

/// The recommendation and the built-in default, with their courses.
fn compared(stage: &Stage, document: &Document) -> Result<Vec<Run>, Failure> {
    let target = Target {
        kind: stage.scene.kind,
        name: &stage.scene.target,
        start: stage.start,
    };
    let layer = Layer {
        source: Source::Parameter {
            name: RECOMMENDED.to_owned(),
            secure: false,
        },
        document: document.clone(),
    };
    let settings = Scaling::settings(&[layer], target, stage.scene.trace.start());
    let settings = settings.map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Failure::new(problems.join("\n"))
    })?;
    let (built_in, default) = stage.built_in()?;
    Ok(vec![
        stage.run(RECOMMENDED.to_owned(), &settings)?,
        stage.run(built_in, &default)?,
    ])
}

/// What the recommendation is called beside the built-in default.
const RECOMMENDED: &str = "recommended";

fn print(
    found: &Recommendation,
    document: &Document,
    runs: &[Run],
    share: f64,
    screen: &Screen,
) -> Result<(), Failure> {
    if !screen.quiet {
        Screen::line(format_args!("{}\n", comparison(runs)))?;
        let evaluated = number(
            f64::from(u32::try_from(found.evaluated).unwrap_or(u32::MAX)),
            0,
        );
        Screen::line(format_args!(
            "The trade-off, from {evaluated} configurations; each is the best at its price:\n\n{}\n",
            curve(found)
        ))?;
    }
    let most = percent(share);
    if found.meets_objective {
        Screen::line(format_args!(
            "The cheapest that is under-provisioned at most {most} of the time, ready to store:\n"
        ))?;
    } else {
        let missed = text::painted("missed");
        Screen::line(format_args!(
            "objective {missed}: no configuration is under-provisioned at most {most} of the time; this comes closest:\n"
        ))?;
    }
    Screen::line(format_args!("{}", serde_json::to_string_pretty(document)?))?;
    Ok(())
}

/// The trade-off, thinned; what is recommended stays.
fn curve(found: &Recommendation) -> String {
    let last = found.curve.len().saturating_sub(1);
    let mut places: Vec<_> = (0..SHOWN).map(|point| point * last / (SHOWN - 1)).collect();
    places.extend(found.curve.iter().position(|point| *point == found.best));
    places.sort_unstable();
    places.dedup();
    let mut table = text::table();
    table.set_header([
        "",
        "instance-hours",
        "under-provisioned",
        "target",
        "bounds",
        "cooldown in",
        "out",
    ]);
    let points = places.iter().filter_map(|place| found.curve.get(*place));
    for point in points {
        let mark = if *point == found.best { "▶" } else { "" };
        table.add_row(row(point, mark));
    }
    for column in [1, 2, 3, 5, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    text::trimmed(&table)
}

fn row(point: &Candidate, mark: &str) -> [String; 7] {
    let Configuration {
        min_capacity,
        max_capacity,
        policy,
    } = &point.configuration;
    [
        mark.to_owned(),
        number(point.summary.instance_hours, 1),
        percent(point.summary.under_provisioned_share()),
        policy.target_value.to_string(),
        format!("{min_capacity}..{max_capacity}"),
        format!("{} s", policy.scale_in_cooldown),
        format!("{} s", policy.scale_out_cooldown),
    ]
}

fn save(given: &Recommend, document: &Document) -> Result<(), Failure> {
    let Some(file) = &given.save else {
        return Ok(());
    };
    let text = format!("{}\n", serde_json::to_string_pretty(document)?);
    fs::write(file, text).map_err(|error| Failure::of_file(file, error))
}

/// AWS's formula for a real-time variant.
fn load_test(given: &Recommend, max_rps: f64, screen: &Screen) -> Result<Verdict, Failure> {
    let kind = given.model.kind.map_or(Kind::RealTime, Kind::from);
    if kind != Kind::RealTime {
        return Err(Failure::usage(
            "AWS's formula for --max-rps is for real-time variants",
        ));
    }
    if given.report.is_some() {
        return Err(Failure::usage(
            "--report needs traffic to show, which --max-rps is not",
        ));
    }
    let factor = given.safety_factor;
    let target_value =
        load_test_target(max_rps, factor).map_err(|refusal| Failure::usage(refusal.to_string()))?;
    let policy = TargetTracking {
        target_value,
        metric: PredefinedMetric::SageMakerVariantInvocationsPerInstance.into(),
        scale_in_cooldown: DEFAULT_COOLDOWN,
        scale_out_cooldown: DEFAULT_COOLDOWN,
        disable_scale_in: false,
    };
    let configuration = Configuration {
        min_capacity: 1,
        max_capacity: given.max.unwrap_or(1),
        policy,
    };
    let mut document = configuration.document(kind);
    // A load test of one instance says nothing about the bounds.
    document.real_time.min_capacity = None;
    document.real_time.max_capacity = given.max;
    save(given, &document)?;
    if screen.is_json() {
        Screen::json(&json!({"targetValue": target_value, "document": document}))?;
        return Ok(Verdict::Done);
    }
    Screen::line(format_args!(
        "{max_rps} requests a second × {factor} × 60 = {target_value} requests a minute (AWS, \"Load testing your auto scaling configuration\"), ready to store:\n"
    ))?;
    Screen::line(format_args!("{}", serde_json::to_string_pretty(&document)?))?;
    Ok(Verdict::Done)
}
