"""What the demo promises: who is in the account, and what shall be held for each."""

from __future__ import annotations

from view import Held, Target

ENDPOINTS = {
    "plain": "nothing special about it",
    "ranking": "tags: min 2, max 6, target 600",
    "batch": "tag autoscaling:enabled=false",
    "fraud": "registered by Terraform",
    "vision": "a misspelt tag: autoscaling:max-capcity=8",
    "papers": "asynchronous; the default profile lets such go to zero",
    "chatbot": "serverless, with provisioned concurrency",
    "assistant": "hosts inference components llama, which may go to zero, and embedder",
    "shop": "a document of its own: step scaling with an alarm, day and night",
    "forecast": "tag autoscaling:paused=true",
}
INVOCATIONS = "target-tracking: SageMakerVariantInvocationsPerInstance at "
COPIES = "target-tracking: SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution at 5"
PROMISED: Held = {
    "plain/AllTraffic": Target("1..4", [INVOCATIONS + "70"]),
    "ranking/AllTraffic": Target("2..6", [INVOCATIONS + "600"]),
    "fraud/AllTraffic": Target("2..3", ["fraud-tracking: SageMakerVariantInvocationsPerInstance at 900"]),
    "papers/AllTraffic": Target(
        "0..2",
        [
            "target-tracking: ApproximateBacklogSizePerInstance at 5",
            "wake-up: +1 on HasBacklogWithoutCapacity >= 1 (alarm endpoint-autoscaler-papers/AllTraffic/wake-up)",
        ],
    ),
    "chatbot/AllTraffic": Target("2..4", ["target-tracking: SageMakerVariantProvisionedConcurrencyUtilization at 0.5"]),
    "llama": Target(
        "0..3",
        [
            COPIES,
            "wake-up: +1 on NoCapacityInvocationFailures >= 1 (alarm endpoint-autoscaler-assistant/llama/wake-up)",
        ],
    ),
    "embedder": Target("2..4", [COPIES]),
    "shop/AllTraffic": Target(
        "4..8",
        [
            "invocations: SageMakerVariantInvocationsPerInstance at 600",
            "surge: +2 on ModelLatency >= 500000 (alarm endpoint-autoscaler-shop/AllTraffic/latency-high)",
        ],
        [
            "day: 4..8 at cron(0 8 ? * MON-FRI *) Europe/Berlin",
            "night: 1..2 at cron(0 20 ? * MON-FRI *) Europe/Berlin",
        ],
    ),
    "forecast/AllTraffic": Target("2..4", [INVOCATIONS + "70"], suspended="scale-in, scale-out, scheduled"),
}
NEW_PROFILE = {
    "MaxCapacity": 5,
    "Asynchronous": {"MinCapacity": 0, "MaxCapacity": 2},
    "ScalingPolicies": [
        {
            "PolicyName": "target-tracking",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 90,
                "ScaleInCooldown": 600,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            },
        }
    ],
}
SLOWER = ", scale-in cooldown 600 s"
AFTER_EDIT: Held = {
    "plain/AllTraffic": Target("1..5", [INVOCATIONS + "90" + SLOWER]),
    "ranking/AllTraffic": Target("2..6", [INVOCATIONS + "600" + SLOWER]),
}
