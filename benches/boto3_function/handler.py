"""The same job as the usual samples do it: plain Python and boto3, one call after another."""

import json

import boto3

sagemaker = boto3.client("sagemaker")
ssm = boto3.client("ssm")
scaling = boto3.client("application-autoscaling")


def handler(event, context):
    detail = event["detail"]
    if detail["EndpointStatus"] != "IN_SERVICE":
        return {"outcome": "Ignored"}
    endpoint = sagemaker.describe_endpoint(EndpointName=detail["EndpointName"])
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"]}
    profile = json.loads(ssm.get_parameter(Name="/endpoint-autoscaler/profiles/default")["Parameter"]["Value"])
    for variant in endpoint["ProductionVariants"]:
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{detail['EndpointName']}/variant/{variant['VariantName']}",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }
        scaling.register_scalable_target(
            **target,
            MinCapacity=int(tags.get("autoscaling:min-capacity", profile.get("MinCapacity", 1))),
            MaxCapacity=int(tags.get("autoscaling:max-capacity", profile.get("MaxCapacity", 4))),
        )
        scaling.put_scaling_policy(
            **target,
            PolicyName="invocations",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": float(tags.get("autoscaling:target-value", 70)),
                "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            },
        )
    return {"outcome": "Configured"}
