//! The architecture's invariants, as far as a text search can hold them.

use endpoint_autoscaler::aws::permissions::{REQUIRED, Reason};
use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        &mut found,
    );
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

#[track_caller]
fn only_in(word: &str, allowed: &[&str]) {
    for (path, text) in sources("src").into_iter().chain(sources("crates/core/src")) {
        let shown = path.display().to_string().replace('\\', "/");
        let named = text
            .lines()
            .any(|line| !line.trim_start().starts_with("//") && line.contains(word));
        assert!(
            !named || allowed.iter().any(|part| shown.contains(part)),
            "{shown} names {word}"
        );
    }
}

#[test]
fn only_the_aws_module_names_an_sdk_crate() {
    only_in("aws_sdk_", &["src/aws/"]);
}

#[test]
fn only_the_lambda_shell_names_its_runtime() {
    only_in("lambda_runtime", &["src/lambda.rs", "src/bin/lambda.rs"]);
}

#[test]
fn only_the_shell_prints() {
    only_in("println!", &["src/lambda.rs"]);
}

#[test]
fn the_pure_middle_reaches_for_nothing() {
    for word in [
        "async ",
        "SystemTime",
        "Instant",
        "std::env",
        "std::fs",
        "rand::",
    ] {
        for (path, text) in sources("crates/core/src") {
            let shown = path.display();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            assert_eq!(
                code.filter(|line| line.contains(word)).count(),
                0,
                "{shown} names {word:?}"
            );
        }
    }
}

#[test]
fn the_function_makes_no_call_of_the_command_line() {
    let (_, owner) = sources("src/aws")
        .into_iter()
        .find(|(path, _)| path.ends_with("owner.rs"))
        .unwrap();
    let calls = owner
        .split("pub async fn ")
        .skip(1)
        .map(|rest| rest.split_once('(').unwrap().0);
    for call in calls.collect::<BTreeSet<_>>() {
        only_in(&format!(".{call}("), &["src/cli/"]);
    }
}

/// `describe_endpoint` to `DescribeEndpoint`.
fn pascal_case(snake: &str) -> String {
    let capitalised = snake.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    capitalised.collect()
}

#[test]
fn the_permissions_listed_are_exactly_the_calls_made() {
    let clients = [
        ("sagemaker", "sagemaker"),
        ("scaling", "application-autoscaling"),
        ("cloudwatch", "cloudwatch"),
        ("ssm", "ssm"),
        ("sqs", "sqs"),
        ("tagging", "tag"),
    ];
    let mut called = BTreeSet::new();
    // What only the command line calls is for its user's own credentials, not for the role.
    let by_the_function = |path: &Path| !path.ends_with("owner.rs");
    for (_, text) in sources("src/aws")
        .into_iter()
        .filter(|(path, _)| by_the_function(path))
    {
        let packed: String = text.split_whitespace().collect();
        for (field, service) in clients {
            for rest in packed.split(&format!("self.{field}.")).skip(1) {
                let method = rest.split_once('(').expect("a call").0;
                // A batch is authorised as its single messages (SQS developer guide, "API permissions").
                let action = pascal_case(method).replace("SendMessageBatch", "SendMessage");
                called.insert(format!("{service}:{action}"));
            }
        }
    }
    let listed = REQUIRED
        .iter()
        .filter(|permission| permission.reason == Reason::Called);
    let listed: BTreeSet<_> = listed
        .map(|permission| permission.action.to_owned())
        .collect();
    assert_eq!(called, listed);
}
