//! `disown`: hands scaling over to Terraform or CDK. Our memory goes, the scaling stays.

use super::args::Apply;
use super::connect::{Session, chosen};
use super::{Failure, Screen, Verdict};
use crate::core::name::EndpointName;
use crate::core::observation::{Owner, memory};
use serde::Serialize;

/// What somebody else may now import.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Disowned {
    endpoint_name: EndpointName,
    resource_id: String,
    scalable_dimension: &'static str,
    /// As `terraform import aws_appautoscaling_target` takes it.
    terraform_target: String,
    /// As `terraform import aws_appautoscaling_policy` takes them.
    terraform_policies: Vec<String>,
    alarms: Vec<String>,
    scheduled_actions: Vec<String>,
}

/// Takes our tags off.
pub(super) async fn disown(disown: Apply, screen: &Screen) -> Result<Verdict, Failure> {
    let session = Session::open(&disown.choice.connection).await?;
    session.may_write()?;
    let endpoints = chosen(&session, &disown.choice).await?;
    let question = format!(
        "Disown {} endpoint(s)? Exclude them first (ENDPOINT_EXCLUDE), or tag them `{}=false` afterwards: before, the tag gives them back instead.",
        endpoints.len(),
        session.installation.tag("enabled")
    );
    if !Screen::agrees(&question, disown.yes)? {
        return Ok(Verdict::Wrong);
    }
    let mut disowned = Vec::new();
    for endpoint in endpoints {
        disowned.extend(disown_one(&session, &endpoint).await?);
    }
    if screen.is_json() {
        Screen::json(&disowned)?;
        return Ok(Verdict::Done);
    }
    for target in &disowned {
        Screen::line(format_args!(
            "{}: {} is nobody's now",
            target.endpoint_name, target.resource_id
        ))?;
        Screen::line(format_args!(
            "  terraform import aws_appautoscaling_target.NAME '{}'",
            target.terraform_target
        ))?;
        for policy in &target.terraform_policies {
            Screen::line(format_args!(
                "  terraform import aws_appautoscaling_policy.NAME '{policy}'"
            ))?;
        }
        for action in &target.scheduled_actions {
            Screen::line(format_args!("  scheduled action {action}: declare it anew"))?;
        }
        for alarm in &target.alarms {
            Screen::line(format_args!(
                "  terraform import aws_cloudwatch_metric_alarm.NAME '{alarm}'"
            ))?;
        }
    }
    if disowned.is_empty() {
        let managed_by = &session.installation.managed_by;
        Screen::line(format_args!(
            "nothing here belongs to the installation {managed_by} (--managed-by names another)"
        ))?;
    }
    Ok(Verdict::Done)
}

async fn disown_one(session: &Session, endpoint: &EndpointName) -> Result<Vec<Disowned>, Failure> {
    let seen = session.held_by(endpoint).await?;
    let seen = seen.ok_or_else(|| Failure::new(format!("there is no endpoint {endpoint}")))?;
    let mut disowned = Vec::new();
    for (id, mut held) in seen.scaling {
        let target = &mut held.target;
        target.tags = Some(session.aws.target_tags(&target.arn).await?);
        if target.owner(&session.installation.managed_by) != Owner::Us {
            continue;
        }
        session.aws.untag(&target.arn, &memory::ALL).await?;
        let (resource, dimension) = (id.resource.to_string(), id.dimension.as_str());
        let path = format!("sagemaker/{resource}/{dimension}");
        disowned.push(Disowned {
            endpoint_name: endpoint.clone(),
            resource_id: resource,
            scalable_dimension: dimension,
            terraform_policies: held
                .policies
                .iter()
                .map(|held| format!("{path}/{}", held.policy.name))
                .collect(),
            terraform_target: path,
            alarms: held
                .policies
                .iter()
                .flat_map(|held| held.alarms.clone())
                .filter(|name| !name.starts_with("TargetTracking-"))
                .collect(),
            scheduled_actions: held
                .scheduled_actions
                .iter()
                .map(|action| action.name.clone())
                .collect(),
        });
    }
    Ok(disowned)
}
