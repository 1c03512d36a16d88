//! `template.yaml` grants what the code needs and nothing more, and sets what the code reads.
//!
//! The reasons behind each statement are in `docs/permissions.md`.

use endpoint_autoscaler::aws::permissions::REQUIRED;
use endpoint_autoscaler::core::installation::VARIABLES;
use serde_yaml_ng::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Actions for which the Service Authorization Reference names no resource type, so that only
/// `"*"` authorises them (pages "Actions, resources, and condition keys for" AWS Application Auto
/// Scaling, Amazon SageMaker and Amazon Resource Group Tagging API). All of them only read.
const WITHOUT_RESOURCE_TYPE: &[&str] = &[
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "sagemaker:ListEndpoints",
    "sagemaker:ListInferenceComponents",
    "tag:GetResources",
];

/// Writes of Application Auto Scaling that its own condition keys can limit (same page). They
/// must carry them: their resource, a scalable target, has an id that AWS gives, so the ARN
/// alone lets the targets of every other service in.
const LIMITED_TO_SAGEMAKER: &[&str] = &[
    "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeleteScheduledAction",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:PutScheduledAction",
    "application-autoscaling:RegisterScalableTarget",
];

const DIMENSIONS: &[&str] = &[
    "sagemaker:inference-component:DesiredCopyCount",
    "sagemaker:variant:DesiredInstanceCount",
    "sagemaker:variant:DesiredProvisionedConcurrency",
];

const PREFIX: &str =
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${ParameterPrefix}";
const BELOW_THE_PREFIX: &str =
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${ParameterPrefix}/*";

/// One statement of the role's policy; a single value counts as a list of one.
struct Statement {
    sid: String,
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    /// Operator, then key, then values.
    conditions: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Statement {
    fn read(statement: &Value) -> Self {
        let sid = text(&statement["Sid"]);
        assert_eq!(text(&statement["Effect"]), "Allow", "{sid}");
        // `NotAction` and `NotResource` would grant whatever they do not name.
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        for (key, _) in entries(statement) {
            assert!(known.contains(&key.as_str()), "{sid} has {key}");
        }
        let mut conditions = BTreeMap::new();
        for (operator, keys) in entries(&statement["Condition"]) {
            for (key, values) in entries(keys) {
                conditions.insert((operator.clone(), key), texts(values));
            }
        }
        Self {
            sid,
            actions: texts(&statement["Action"]),
            resources: texts(&statement["Resource"]),
            conditions,
        }
    }

    #[track_caller]
    fn assert_condition(&self, operator: &str, key: &str, values: &[&str]) {
        let held = self.conditions.get(&(operator.to_owned(), key.to_owned()));
        assert_eq!(held, Some(&set(values)), "{operator} {key} of {}", self.sid);
    }
}

#[test]
fn the_role_grants_exactly_what_the_code_needs() {
    let granted: BTreeSet<String> = statements()
        .into_iter()
        .flat_map(|statement| statement.actions)
        .collect();
    let needed = REQUIRED
        .iter()
        .map(|permission| permission.action.to_owned())
        .collect();
    let missing: Vec<_> = BTreeSet::difference(&needed, &granted).collect();
    let superfluous: Vec<_> = BTreeSet::difference(&granted, &needed).collect();
    assert!(
        missing.is_empty(),
        "the code needs, the template does not grant: {missing:?}"
    );
    assert!(
        superfluous.is_empty(),
        "the template grants, nothing needs: {superfluous:?}"
    );
}

#[test]
fn the_role_has_no_other_policies() {
    let template = template();
    let role = properties(&template, "Role");
    assert!(role["ManagedPolicyArns"].is_null());
    let function = properties(&template, "AutoscalerFunction");
    // The translator of SAM ignores `Policies` beside `Role`; there, they would only mislead.
    assert!(function["Policies"].is_null());
    assert_eq!(text(&function["Role"]), "!GetAtt Role.Arn");
}

#[test]
fn only_actions_without_a_resource_type_are_granted_on_everything() {
    let mut anywhere = BTreeSet::new();
    for statement in statements() {
        if statement.resources.contains("*") {
            anywhere.extend(statement.actions);
            continue;
        }
        for resource in &statement.resources {
            let of_the_account = resource.starts_with("arn:${AWS::Partition}:")
                && resource.contains(":${AWS::AccountId}:");
            let of_the_stack = resource.starts_with("!GetAtt ");
            assert!(
                of_the_account || of_the_stack,
                "{} on {resource}",
                statement.sid
            );
        }
    }
    assert_eq!(anywhere, set(WITHOUT_RESOURCE_TYPE));
}

#[test]
fn application_auto_scaling_is_written_to_for_sagemaker_only() {
    let mut writing = 0;
    for statement in statements() {
        if statement.actions.is_disjoint(&set(LIMITED_TO_SAGEMAKER)) {
            continue;
        }
        writing += 1;
        statement.assert_condition(
            "StringEquals",
            "application-autoscaling:service-namespace",
            &["sagemaker"],
        );
        statement.assert_condition(
            "StringEquals",
            "application-autoscaling:scalable-dimension",
            DIMENSIONS,
        );
    }
    assert!(writing > 0);
}

#[test]
fn only_tags_of_our_own_are_written_to_scalable_targets() {
    for action in ["TagResource", "UntagResource"] {
        let statement = granting(&format!("application-autoscaling:{action}"));
        statement.assert_condition(
            "ForAllValues:StringLike",
            "aws:TagKeys",
            &["endpoint-autoscaler:*"],
        );
    }
}

#[test]
fn only_the_service_linked_role_of_sagemaker_scaling_can_be_created() {
    let statement = granting("iam:CreateServiceLinkedRole");
    let service = "sagemaker.application-autoscaling.amazonaws.com";
    statement.assert_condition("StringLike", "iam:AWSServiceName", &[service]);
    let role = format!(
        "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/aws-service-role/{service}/\
         AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    );
    assert_eq!(statement.resources, set(&[&role]));
}

#[test]
fn parameters_are_read_and_decrypted_below_the_prefix_only() {
    let reading = granting("ssm:GetParameters");
    assert_eq!(reading.resources, set(&[BELOW_THE_PREFIX]));
    // It is the path in the request that is authorised, so the prefix itself as well
    // (Systems Manager User Guide, "How Parameter Store authorizes parameter retrieval").
    let listing = granting("ssm:GetParametersByPath");
    assert_eq!(listing.resources, set(&[PREFIX, BELOW_THE_PREFIX]));
    let decrypting = granting("kms:Decrypt");
    decrypting.assert_condition(
        "StringEquals",
        "kms:ViaService",
        &["ssm.${AWS::Region}.${AWS::URLSuffix}"],
    );
    decrypting.assert_condition(
        "StringLike",
        "kms:EncryptionContext:PARAMETER_ARN",
        &[BELOW_THE_PREFIX],
    );
}

#[test]
fn only_alarms_of_scaling_are_written() {
    let alarm = |name| {
        format!(
            "arn:${{AWS::Partition}}:cloudwatch:${{AWS::Region}}:${{AWS::AccountId}}:alarm:{name}"
        )
    };
    let writable = [
        alarm("TargetTracking-endpoint/*"),
        alarm("TargetTracking-inference-component/*"),
        alarm("endpoint-autoscaler-*"),
    ];
    for action in ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"] {
        assert_eq!(
            granting(action).resources,
            writable.clone().into(),
            "{action}"
        );
    }
}

#[test]
fn endpoints_and_components_are_read_in_this_account_and_region_only() {
    for (action, kind) in [
        ("sagemaker:DescribeEndpoint", "endpoint"),
        ("sagemaker:ListTags", "endpoint"),
        ("sagemaker:UpdateEndpointWeightsAndCapacities", "endpoint"),
        ("sagemaker:DescribeEndpointConfig", "endpoint-config"),
        (
            "sagemaker:DescribeInferenceComponent",
            "inference-component",
        ),
        (
            "sagemaker:UpdateInferenceComponentRuntimeConfig",
            "inference-component",
        ),
    ] {
        let resource = format!(
            "arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*"
        );
        assert_eq!(granting(action).resources, set(&[&resource]), "{action}");
    }
}

#[test]
fn the_log_and_the_queues_are_those_of_the_stack() {
    for (action, resources) in [
        ("logs:CreateLogStream", ["LogGroup"].as_slice()),
        ("logs:PutLogEvents", &["LogGroup"]),
        ("sqs:SendMessage", &["DeadLetterQueue", "WorkQueue"]),
        ("sqs:ReceiveMessage", &["WorkQueue"]),
        ("sqs:DeleteMessage", &["WorkQueue"]),
        ("sqs:GetQueueAttributes", &["WorkQueue"]),
    ] {
        let mut held = BTreeSet::new();
        for statement in statements() {
            if statement.actions.contains(action) {
                held.extend(statement.resources);
            }
        }
        let expected = resources.iter().map(|name| format!("!GetAtt {name}.Arn"));
        assert_eq!(held, expected.collect(), "{action}");
    }
}

#[test]
fn the_list_of_permissions_is_sorted_and_without_repetition() {
    let listed: Vec<_> = REQUIRED
        .iter()
        .map(|permission| (permission.action, format!("{:?}", permission.reason)))
        .collect();
    let sorted: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed, sorted.into_iter().collect::<Vec<_>>());
}

#[test]
fn a_message_may_be_worked_on_as_long_as_the_function_runs_and_tried_again() {
    let template = template();
    let timeout = properties(&template, "AutoscalerFunction")["Timeout"].as_u64();
    let queue = properties(&template, "WorkQueue");
    let hidden = queue["VisibilityTimeout"].as_u64();
    // Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping".
    assert!(hidden.expect("a number") >= 6 * timeout.expect("a number"));
    assert!(queue["RedrivePolicy"]["maxReceiveCount"].as_u64() >= Some(5));
}

#[test]
fn the_template_sets_exactly_the_variables_that_the_function_reads() {
    let template = template();
    let variables = &properties(&template, "AutoscalerFunction")["Environment"]["Variables"];
    let names: BTreeSet<String> = entries(variables)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, set(VARIABLES));
}

fn template() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/template.yaml");
    let yaml = std::fs::read_to_string(path).expect("template.yaml can be read");
    serde_yaml_ng::from_str(&yaml).expect("template.yaml is YAML")
}

fn properties<'a>(template: &'a Value, resource: &str) -> &'a Value {
    &template["Resources"][resource]["Properties"]
}

fn statements() -> Vec<Statement> {
    let template = template();
    let policies = properties(&template, "Role")["Policies"].as_sequence();
    let policies = policies.expect("the role has inline policies");
    let listed = policies.iter().flat_map(|policy| {
        let statements = policy["PolicyDocument"]["Statement"].as_sequence();
        statements.expect("a policy has a list of statements")
    });
    listed.map(Statement::read).collect()
}

/// The statement that grants `action`; a second one could undo the first one's conditions.
#[track_caller]
fn granting(action: &str) -> Statement {
    let mut granting = statements();
    granting.retain(|statement| statement.actions.contains(action));
    assert_eq!(granting.len(), 1, "{action} is granted once");
    granting.remove(0)
}

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

/// A scalar, or the text of a short-form intrinsic: `!Sub` bare, any other with its name.
fn text(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) if tagged.tag == "Sub" => text(&tagged.value),
        Value::Tagged(tagged) => format!("{} {}", tagged.tag, text(&tagged.value)),
        _ => value.as_str().expect("a string").to_owned(),
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    match value.as_sequence() {
        Some(values) => values.iter().map(text).collect(),
        None => BTreeSet::from([text(value)]),
    }
}

/// The pairs of a mapping, none for what is absent.
fn entries(value: &Value) -> Vec<(String, &Value)> {
    let mapping = value.as_mapping().into_iter().flatten();
    mapping.map(|(key, value)| (text(key), value)).collect()
}
