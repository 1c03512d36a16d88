//! `status`: what Application Auto Scaling holds, and what it did last.

use super::args::Choice;
use super::connect::{Session, chosen};
use super::{Failure, Screen, Verdict};
use crate::aws::Activity;
use crate::core::name::{EndpointName, TargetId};
use crate::core::observation::{HeldScaling, Observation, Owner};
use crate::core::subject::subjects;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Scalable targets per account and Region, unless raised ("Application Auto Scaling endpoints and
/// quotas").
const DEFAULT_QUOTA: usize = 500;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    endpoints: Vec<EndpointStatus>,
    scalable_targets: usize,
    default_quota: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EndpointStatus {
    endpoint_name: EndpointName,
    status: Option<String>,
    targets: Vec<TargetStatus>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TargetStatus {
    resource_id: String,
    scalable_dimension: &'static str,
    min_capacity: u32,
    max_capacity: u32,
    current_capacity: Option<u32>,
    owner: &'static str,
    suspended: String,
    policies: Vec<String>,
    scheduled_actions: Vec<String>,
    activities: Vec<Activity>,
}

/// Shows what is held.
pub(super) async fn status(choice: Choice, screen: &Screen) -> Result<Verdict, Failure> {
    let session = Session::open(&choice.connection).await?;
    let names = chosen(&session, &choice).await?;
    let bar = screen.progress(names.len());
    let mut endpoints = Vec::new();
    for name in names {
        endpoints.push(endpoint_status(&session, name).await?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let status = Status {
        endpoints,
        scalable_targets: session.aws.count_scalable_targets().await?,
        default_quota: DEFAULT_QUOTA,
    };
    if screen.is_json() {
        Screen::json(&status)?;
    } else {
        print(&status)?;
    }
    let missing = status
        .endpoints
        .iter()
        .any(|endpoint| endpoint.status.is_none());
    Ok(if missing {
        Verdict::Wrong
    } else {
        Verdict::Done
    })
}

async fn endpoint_status(session: &Session, name: EndpointName) -> Result<EndpointStatus, Failure> {
    let seen = session.observe(&name).await?;
    let mut targets = Vec::new();
    for (id, held) in &seen.scaling {
        targets.push(target_status(session, &seen, id, held).await?);
    }
    Ok(EndpointStatus {
        endpoint_name: name,
        status: seen.endpoint.map(|endpoint| endpoint.status),
        targets,
    })
}

async fn target_status(
    session: &Session,
    seen: &Observation,
    id: &TargetId,
    held: &HeldScaling,
) -> Result<TargetStatus, Failure> {
    let mut target = held.target.clone();
    let resource_id = id.resource.to_string();
    let dimension = id.dimension.as_str();
    target.tags = Some(session.aws.target_tags(&target.arn).await?);
    let subjects = seen
        .endpoint
        .as_ref()
        .map(|endpoint| subjects(&seen.name, endpoint))
        .unwrap_or_default();
    Ok(TargetStatus {
        activities: session.aws.activities(&resource_id, dimension).await?,
        resource_id,
        scalable_dimension: dimension,
        min_capacity: target.range.min(),
        max_capacity: target.range.max(),
        current_capacity: subjects
            .iter()
            .find(|subject| subject.id == *id)
            .and_then(|subject| subject.running),
        owner: match target.owner(&session.installation.managed_by) {
            Owner::Us => "ours",
            Owner::OtherInstallation => "another installation",
            Owner::Foreign | Owner::Unknown => "foreign",
        },
        suspended: target.suspended.to_string(),
        policies: held
            .policies
            .iter()
            .map(|held| held.policy.name.clone())
            .collect(),
        scheduled_actions: held
            .scheduled_actions
            .iter()
            .map(|action| action.name.clone())
            .collect(),
    })
}

fn print(status: &Status) -> Result<(), Failure> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "TARGET",
        "BOUNDS",
        "RUNS",
        "OWNER",
        "SUSPENDED",
        "POLICIES AND SCHEDULES",
    ]);
    for endpoint in &status.endpoints {
        if endpoint.targets.is_empty() {
            let state = endpoint
                .status
                .as_deref()
                .unwrap_or("there is no such endpoint");
            table.add_row([
                endpoint.endpoint_name.as_str(),
                "not registered",
                "",
                "",
                "",
                state,
            ]);
        }
        for target in &endpoint.targets {
            let names: Vec<_> = target
                .policies
                .iter()
                .chain(&target.scheduled_actions)
                .map(String::as_str)
                .collect();
            table.add_row([
                target.resource_id.clone(),
                format!("{}..{}", target.min_capacity, target.max_capacity),
                target
                    .current_capacity
                    .map_or_else(|| "?".to_owned(), |count| count.to_string()),
                target.owner.to_owned(),
                target.suspended.clone(),
                names.join("\n"),
            ]);
        }
    }
    Screen::line(format_args!("{table}"))?;
    for target in status
        .endpoints
        .iter()
        .flat_map(|endpoint| &endpoint.targets)
    {
        for activity in &target.activities {
            let reasons = activity.not_scaled_reasons.join(", ");
            let why = if reasons.is_empty() {
                String::new()
            } else {
                format!(" (not scaled: {reasons})")
            };
            Screen::line(format_args!(
                "{}  {}  {}: {}{why} {}",
                activity.time,
                target.resource_id,
                activity.status,
                activity.description,
                activity.message
            ))?;
        }
    }
    let Status {
        scalable_targets,
        default_quota,
        ..
    } = status;
    Screen::line(format_args!(
        "\n{scalable_targets} scalable targets of SageMaker in this Region; AWS's default quota is {default_quota}."
    ))?;
    Ok(())
}
