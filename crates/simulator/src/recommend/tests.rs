use super::*;
use crate::fleet::Capacity;
use crate::synthetic::{Shape, Synthetic};
use pretty_assertions::assert_eq;
use std::sync::atomic::{AtomicUsize, Ordering as Memory};

fn week(seed: u64) -> Trace {
    let shape = Shape::Weekly {
        low: 100.0,
        high: 3000.0,
        peak_hour: 14,
        weekend: 0.4,
    };
    // From the morning's rise to the peak: short, since tests simulate without optimization.
    let start = "2026-03-02T09:00:00Z".parse().expect("a time");
    Synthetic {
        shape,
        start,
        minutes: 5 * 60,
        noise: 0.05,
        seed,
    }
    .trace()
}

fn search<'a>(
    kind: Kind,
    trace: &'a Trace,
    fleet: &'a Fleet,
    assumptions: &'a Assumptions,
    under_provisioned_share: f64,
) -> Search<'a> {
    Search {
        kind,
        fleet,
        trace,
        assumptions,
        start: 1,
        most: 50,
        objective: Objective {
            under_provisioned_share,
        },
    }
}

#[test]
fn recommends_the_cheapest_that_meets_the_objective() {
    let (trace, assumptions) = (week(1), Assumptions::default());
    let fleet = Fleet::new(Capacity::RequestsPerMinute(300.0));
    let search = search(Kind::RealTime, &trace, &fleet, &assumptions, 0.1);
    let calls = AtomicUsize::new(0);
    let progress = |progress: Progress| {
        calls.fetch_add(1, Memory::Relaxed);
        assert!(progress.done <= progress.total);
    };
    let found = search.run(&progress).expect("can be simulated");
    assert!(
        found.meets_objective && found.evaluated >= 1000,
        "{}",
        found.evaluated
    );
    assert_eq!(calls.into_inner() + 1, found.evaluated);
    assert!(found.best.summary.under_provisioned_share() <= 0.1);
    // The cheapest that meets the objective lies on the curve, and nothing cheaper there meets it.
    let before = found
        .curve
        .iter()
        .take_while(|one| one.summary.instance_hours < found.best.summary.instance_hours);
    for cheaper in before {
        assert!(!search.meets(&cheaper.summary));
    }
    let falling = found.curve.windows(2).all(|pair| {
        let (cheap, dear) = (&pair[0].summary, &pair[1].summary);
        cheap.instance_hours <= dear.instance_hours
            && cheap.under_provisioned_minutes > dear.under_provisioned_minutes
    });
    assert!(falling);
}

#[test]
fn is_never_worse_than_the_built_in_default_and_always_the_same() {
    let assumptions = Assumptions::default();
    let fleet = Fleet::new(Capacity::RequestsPerMinute(150.0));
    for kind in [
        Kind::RealTime,
        Kind::Serverless,
        Kind::Asynchronous,
        Kind::InferenceComponent,
    ] {
        for share in [0.0, 0.1] {
            let trace = week(3);
            let search = search(kind, &trace, &fleet, &assumptions, share);
            let found = search.run(&|_| {}).expect("can be simulated");
            let order = search.order(&found.best.summary, &found.built_in.summary);
            assert_ne!(order, Ordering::Greater, "{kind:?} {share}");
            if kind == Kind::RealTime {
                assert_eq!(search.run(&|_| {}), Ok(found));
            }
        }
    }
}

#[test]
fn what_is_recommended_is_a_document_that_the_function_accepts() {
    let (trace, assumptions) = (week(1), Assumptions::default());
    let fleet = Fleet::new(Capacity::RequestsPerMinute(300.0));
    let search = search(Kind::Asynchronous, &trace, &fleet, &assumptions, 0.05);
    let found = search.run(&|_| {}).expect("can be simulated");
    let document = found.best.configuration.document(Kind::Asynchronous);
    let parameter = endpoint_autoscaler_core::observation::Parameter {
        name: "recommended".to_owned(),
        value: serde_json::to_string(&document).expect("JSON"),
        secure: false,
    };
    let read = endpoint_autoscaler_core::document::parse(&parameter).expect("accepted");
    assert_eq!(read, document);
    let again = search
        .evaluate(found.best.configuration.clone())
        .expect("can be simulated");
    assert_eq!(again, found.best);
}

/// SageMaker developer guide, "Load testing your auto scaling configuration"; the AWS CDK refuses
/// the same factors.
#[test]
fn developer_guide_load_test_formula() {
    assert_eq!(load_test_target(20.0, SAFETY_FACTOR), Ok(600.0));
    for (max_rps, factor) in [(0.0, 0.5), (f64::NAN, 0.5), (20.0, 0.0), (20.0, 1.1)] {
        assert!(load_test_target(max_rps, factor).is_err());
    }
}

#[test]
fn an_objective_that_cannot_be_met_is_said_so() {
    let (trace, assumptions) = (week(1), Assumptions::default());
    let fleet = Fleet::new(Capacity::RequestsPerMinute(10.0));
    let search = search(Kind::RealTime, &trace, &fleet, &assumptions, 0.0);
    let found = search.run(&|_| {}).expect("can be simulated");
    assert!(!found.meets_objective);
}
