//! Makes the SDK's retries follow [`crate::core::fault::judge`].
//!
//! Application Auto Scaling answers `ConcurrentUpdateException` and `InternalServiceException`
//! with HTTP 400, which the SDK takes for final, and `LimitExceededException` is a hard quota
//! there, which the SDK takes for throttling.

use crate::core::fault::{Fault, is_throttling, judge};
use aws_sdk_applicationautoscaling::config::Builder;
use aws_sdk_applicationautoscaling::error::ProvideErrorMetadata;
use aws_sdk_applicationautoscaling::operation as op;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use std::fmt;
use std::marker::PhantomData;

/// Judges the errors of one operation.
struct Judge<E> {
    operation: &'static str,
    error: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for Judge<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Judge({})", self.operation)
    }
}

impl<E> ClassifyRetry for Judge<E>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(error) = error
            .as_operation_error()
            .and_then(|error| error.downcast_ref::<E>())
        else {
            return RetryAction::NoActionIndicated;
        };
        let Some(code) = error.code() else {
            return RetryAction::NoActionIndicated;
        };
        let message = error.message().unwrap_or_default();
        match judge(self.operation, code, message) {
            Fault::Transient if is_throttling(code, message) => RetryAction::throttling_error(),
            Fault::Transient => RetryAction::transient_error(),
            Fault::Outdated | Fault::Busy | Fault::AlreadyGone | Fault::Permanent => {
                RetryAction::RetryForbidden
            }
        }
    }

    fn name(&self) -> &'static str {
        self.operation
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Adds our judgement for every operation that is called.
pub(super) fn judged(builder: Builder) -> Builder {
    fn judge_of<E>(operation: &'static str) -> Judge<E> {
        Judge {
            operation,
            error: PhantomData,
        }
    }
    builder
        .retry_classifier(judge_of::<
            op::register_scalable_target::RegisterScalableTargetError,
        >("RegisterScalableTarget"))
        .retry_classifier(judge_of::<
            op::deregister_scalable_target::DeregisterScalableTargetError,
        >("DeregisterScalableTarget"))
        .retry_classifier(judge_of::<op::put_scaling_policy::PutScalingPolicyError>(
            "PutScalingPolicy",
        ))
        .retry_classifier(judge_of::<
            op::delete_scaling_policy::DeleteScalingPolicyError,
        >("DeleteScalingPolicy"))
        .retry_classifier(
            judge_of::<op::put_scheduled_action::PutScheduledActionError>("PutScheduledAction"),
        )
        .retry_classifier(judge_of::<
            op::delete_scheduled_action::DeleteScheduledActionError,
        >("DeleteScheduledAction"))
        .retry_classifier(judge_of::<op::tag_resource::TagResourceError>(
            "TagResource",
        ))
        .retry_classifier(judge_of::<op::untag_resource::UntagResourceError>(
            "UntagResource",
        ))
        .retry_classifier(judge_of::<
            op::list_tags_for_resource::ListTagsForResourceError,
        >("ListTagsForResource"))
        .retry_classifier(judge_of::<
            op::describe_scalable_targets::DescribeScalableTargetsError,
        >("DescribeScalableTargets"))
        .retry_classifier(judge_of::<
            op::describe_scaling_policies::DescribeScalingPoliciesError,
        >("DescribeScalingPolicies"))
        .retry_classifier(judge_of::<
            op::describe_scheduled_actions::DescribeScheduledActionsError,
        >("DescribeScheduledActions"))
}
