//! `status`: what Application Auto Scaling holds, and what it did last.

use super::args::Choice;
use super::connect::{Session, chosen};
use super::{Failure, Screen, Verdict, text};
use crate::aws::Activity;
use crate::core::name::{EndpointName, ResourceId, TargetId};
use crate::core::observation::{HeldScaling, Observation, Owner};
use crate::core::subject::subjects;
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
    let Some(seen) = session.held_by(&name).await? else {
        return Ok(EndpointStatus {
            endpoint_name: name,
            status: None,
            targets: Vec::new(),
        });
    };
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
    Ok(TargetStatus {
        activities: session.aws.activities(&resource_id, dimension).await?,
        resource_id,
        scalable_dimension: dimension,
        min_capacity: target.range.min(),
        max_capacity: target.range.max(),
        current_capacity: running(session, seen, id).await?,
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

/// What runs now. Of components it is asked for: the observation only does where it decides.
async fn running(
    session: &Session,
    seen: &Observation,
    id: &TargetId,
) -> Result<Option<u32>, Failure> {
    let endpoint = seen.endpoint.as_ref();
    let subjects = endpoint.map(|endpoint| subjects(&seen.name, endpoint));
    let known = subjects
        .into_iter()
        .flatten()
        .find(|subject| subject.id == *id)
        .and_then(|subject| subject.running);
    match (&id.resource, known) {
        (ResourceId::Component(name), None) => Ok(session.aws.running_copies(name).await?),
        _ => Ok(known),
    }
}

fn print(status: &Status) -> Result<(), Failure> {
    let mut table = text::table();
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
            let state = match &endpoint.status {
                Some(status) => format!("not registered; the endpoint is {status}"),
                None => "there is no such endpoint".to_owned(),
            };
            let name = endpoint.endpoint_name.to_string();
            table.add_row([
                name,
                "-".to_owned(),
                "-".to_owned(),
                "-".to_owned(),
                String::new(),
                state,
            ]);
        }
        for target in &endpoint.targets {
            table.add_row(row(target));
        }
    }
    Screen::line(format_args!("{}", text::trimmed(&table)))?;
    let targets = status
        .endpoints
        .iter()
        .flat_map(|endpoint| &endpoint.targets);
    for target in targets.filter(|target| !target.activities.is_empty()) {
        Screen::line(format_args!("\nLast activities of {}:", target.resource_id))?;
        for activity in &target.activities {
            for line in told(activity) {
                Screen::line(format_args!("  {line}"))?;
            }
        }
    }
    let Status {
        scalable_targets,
        default_quota,
        ..
    } = status;
    Screen::line(format_args!(
        "\nScalable targets of SageMaker in this Region: {scalable_targets}; AWS's default quota is {default_quota}."
    ))
}

fn row(target: &TargetStatus) -> [String; 6] {
    let names = target.policies.iter().chain(&target.scheduled_actions);
    let names: Vec<_> = names.map(String::as_str).collect();
    let runs = target.current_capacity.map(|count| count.to_string());
    [
        target.resource_id.clone(),
        format!("{}..{}", target.min_capacity, target.max_capacity),
        runs.unwrap_or_else(|| "?".to_owned()),
        target.owner.to_owned(),
        target.suspended.clone(),
        names.join("\n"),
    ]
}

/// An activity and, below it, why it was not more.
fn told(activity: &Activity) -> Vec<String> {
    let status = text::painted(&activity.status);
    let mut lines = vec![format!(
        "{}  {status}: {} ({})",
        activity.time, activity.description, activity.cause
    )];
    if activity.status == "Failed" && !activity.message.is_empty() {
        lines.push(format!("  {}", activity.message));
    }
    let reasons = activity.not_scaled_reasons.iter();
    lines.extend(reasons.map(|code| format!("  not scaled: {code}: {}", meaning(code))));
    lines
}

/// What `NotScaledReason`s mean (user guide, "Scaling activities for Application Auto Scaling").
fn meaning(code: &str) -> &'static str {
    match code {
        "AlreadyAtMaxCapacity" => "it is at the maximum; raise MaxCapacity if it needs more",
        "AlreadyAtMinCapacity" => "it is at the minimum; lower MinCapacity if it may have less",
        "AlreadyAtDesiredCapacity" => "it has, or is getting, the capacity that the policy wants",
        "AutoScalingAnticipatedFlapping" => {
            "with less capacity the metric would be above the target at once; a higher target or a larger minimum ends this"
        }
        "TargetServicePutResourceAsUnscalable" => {
            "the endpoint is being updated or scaled; it is tried again by itself"
        }
        _ => "see AWS's user guide, \"Scaling activities for Application Auto Scaling\"",
    }
}
