//! What the function's role must allow: the one list that the template is checked against.

/// Why a permission is needed. What is called may be probed as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The function calls it.
    Called,
    /// Application Auto Scaling checks at call time that its caller holds it.
    Probed,
    /// The first registration in an account creates the service-linked role.
    ServiceLinkedRole,
    /// Parameters may be of type `SecureString`.
    Decryption,
    /// The function's own log.
    Logging,
    /// Lambda takes queued work out of the queue with the function's role.
    Polled,
    /// Where events go that cannot be worked on.
    DeadLetter,
}

/// An IAM action and why it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Such as `sagemaker:DescribeEndpoint`.
    pub action: &'static str,
    /// Why.
    pub reason: Reason,
}

const fn needed(action: &'static str, reason: Reason) -> Permission {
    Permission { action, reason }
}

/// Everything, sorted by action; an action appears once per reason that has a resource of its own.
pub const REQUIRED: &[Permission] = &[
    needed(
        "application-autoscaling:DeleteScalingPolicy",
        Reason::Called,
    ),
    needed(
        "application-autoscaling:DeleteScheduledAction",
        Reason::Called,
    ),
    needed(
        "application-autoscaling:DeregisterScalableTarget",
        Reason::Called,
    ),
    needed(
        "application-autoscaling:DescribeScalableTargets",
        Reason::Called,
    ),
    needed(
        "application-autoscaling:DescribeScalingPolicies",
        Reason::Called,
    ),
    needed(
        "application-autoscaling:DescribeScheduledActions",
        Reason::Called,
    ),
    needed(
        "application-autoscaling:ListTagsForResource",
        Reason::Called,
    ),
    needed("application-autoscaling:PutScalingPolicy", Reason::Called),
    needed("application-autoscaling:PutScheduledAction", Reason::Called),
    needed(
        "application-autoscaling:RegisterScalableTarget",
        Reason::Called,
    ),
    needed("application-autoscaling:TagResource", Reason::Called),
    needed("application-autoscaling:UntagResource", Reason::Called),
    needed("cloudwatch:DeleteAlarms", Reason::Called),
    needed("cloudwatch:DescribeAlarms", Reason::Called),
    needed("cloudwatch:PutMetricAlarm", Reason::Called),
    needed("iam:CreateServiceLinkedRole", Reason::ServiceLinkedRole),
    needed("kms:Decrypt", Reason::Decryption),
    needed("logs:CreateLogStream", Reason::Logging),
    needed("logs:PutLogEvents", Reason::Logging),
    needed("sagemaker:DescribeEndpoint", Reason::Called),
    needed("sagemaker:DescribeEndpointConfig", Reason::Called),
    needed("sagemaker:DescribeInferenceComponent", Reason::Called),
    needed("sagemaker:ListEndpoints", Reason::Called),
    needed("sagemaker:ListInferenceComponents", Reason::Called),
    needed("sagemaker:ListTags", Reason::Called),
    needed(
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        Reason::Probed,
    ),
    needed(
        "sagemaker:UpdateInferenceComponentRuntimeConfig",
        Reason::Probed,
    ),
    needed("sqs:DeleteMessage", Reason::Polled),
    needed("sqs:GetQueueAttributes", Reason::Polled),
    needed("sqs:ReceiveMessage", Reason::Polled),
    needed("sqs:SendMessage", Reason::Called),
    needed("sqs:SendMessage", Reason::DeadLetter),
    needed("ssm:GetParameters", Reason::Called),
    needed("ssm:GetParametersByPath", Reason::Called),
    needed("tag:GetResources", Reason::Called),
];
