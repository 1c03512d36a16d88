//! What the function's role must allow: the one list that the template is checked against.

/// Why a permission is needed.
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

/// Everything, sorted by action.
pub const REQUIRED: &[Permission] = &[
    needed(
        "application-autoscaling:DeleteScalingPolicy",
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
    needed(
        "application-autoscaling:RegisterScalableTarget",
        Reason::Called,
    ),
    needed("application-autoscaling:TagResource", Reason::Called),
    needed("application-autoscaling:UntagResource", Reason::Called),
    needed("cloudwatch:DeleteAlarms", Reason::Probed),
    needed("cloudwatch:DescribeAlarms", Reason::Probed),
    needed("cloudwatch:PutMetricAlarm", Reason::Probed),
    needed("iam:CreateServiceLinkedRole", Reason::ServiceLinkedRole),
    needed("kms:Decrypt", Reason::Decryption),
    needed("logs:CreateLogStream", Reason::Logging),
    needed("logs:PutLogEvents", Reason::Logging),
    needed("sagemaker:DescribeEndpoint", Reason::Called),
    needed("sagemaker:DescribeEndpointConfig", Reason::Called),
    needed("sagemaker:DescribeInferenceComponent", Reason::Probed),
    needed("sagemaker:ListTags", Reason::Called),
    needed(
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        Reason::Probed,
    ),
    needed(
        "sagemaker:UpdateInferenceComponentRuntimeConfig",
        Reason::Probed,
    ),
    needed("sqs:SendMessage", Reason::DeadLetter),
    needed("ssm:GetParameters", Reason::Called),
];
