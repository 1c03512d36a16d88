//! `validate`: documents, offline, with the line of every problem.

use super::args::Validate;
use super::{Failure, Screen, Verdict};
use crate::core::document;
use crate::core::observation::Parameter;
use crate::core::problem::Problem;
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;
use serde_json::json;
use std::io::Read;
use std::path::Path;

/// Checks files.
pub(super) fn validate(validate: &Validate, screen: &Screen) -> Result<Verdict, Failure> {
    let mut found = Vec::new();
    for file in &validate.files {
        let text = read(file)?;
        let name = file.display().to_string();
        let parameter = Parameter {
            name: name.clone(),
            value: text.clone(),
            secure: false,
        };
        let problems = if validate.limits {
            document::parse_limits(&parameter).err()
        } else {
            document::parse(&parameter).err()
        };
        let problems = problems.unwrap_or_default();
        found.extend(
            problems
                .into_iter()
                .map(|problem| (name.clone(), line_of(&text, &problem.path), problem)),
        );
    }
    if screen.is_json() {
        let printed = found.iter().map(|(file, line, problem)| {
            json!({"file": file, "line": line, "path": problem.path, "value": problem.value, "message": problem.message})
        });
        Screen::json(&json!({"valid": found.is_empty(), "problems": printed.collect::<Vec<_>>()}))?;
    } else {
        for (file, line, problem) in &found {
            Screen::line(format_args!("{file}:{line}: {}", shown(problem)))?;
        }
        if found.is_empty() && !screen.quiet {
            match validate.files.len() {
                1 => Screen::line(format_args!("the document is valid"))?,
                count => Screen::line(format_args!("all {count} documents are valid"))?,
            }
        }
    }
    Ok(if found.is_empty() {
        Verdict::Done
    } else {
        Verdict::Wrong
    })
}

/// What is wrong with a document, each with its line.
pub(super) fn located<'a>(
    file: &'a Path,
    text: &'a str,
    problems: &'a [Problem],
) -> impl Iterator<Item = String> + 'a {
    problems.iter().map(move |problem| {
        let line = line_of(text, &problem.path);
        format!("{}:{line}: {}", file.display(), shown(problem))
    })
}

fn shown(problem: &Problem) -> String {
    // What has no path is the whole document, which nobody needs to see again.
    if problem.path.is_empty() {
        return problem.message.clone();
    }
    let Problem {
        path,
        message,
        value,
        ..
    } = problem;
    format!("{path}: {message} (got {value})")
}

/// A file, or standard input.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let done = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|read| text = read)
    };
    done.map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    Ok(text)
}

/// The line on which the value at `path` begins, counted from one. The last part of a path that is
/// not there (a field that is missing) stands for the object around it.
fn line_of(text: &str, path: &str) -> usize {
    // What is no JSON has no tree, but a place.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return error.line().max(1);
    }
    let tree = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default());
    let start = tree
        .ok()
        .and_then(|tree| Some(start_of(tree.value.as_ref()?, path)));
    text[..start.unwrap_or(0)].matches('\n').count() + 1
}

fn start_of(root: &Value<'_>, path: &str) -> usize {
    let mut node = root;
    for part in path.split(['.', '[', ']']).filter(|part| !part.is_empty()) {
        let next = match node {
            Value::Object(object) => object
                .properties
                .iter()
                .find(|property| property.name.as_str() == part)
                .map(|property| &property.value),
            Value::Array(array) => part
                .parse()
                .ok()
                .and_then(|index: usize| array.elements.get(index)),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.range().start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_line() {
        let text = "{\n  \"MinCapacity\": 1,\n  \"ScalingPolicies\": [\n    {},\n    { \"PolicyName\":\n      3 }\n  ]\n}";
        assert_eq!(line_of(text, "MinCapacity"), 2);
        assert_eq!(line_of(text, "ScalingPolicies[0]"), 4);
        assert_eq!(line_of(text, "ScalingPolicies[1].PolicyName"), 6);
        assert_eq!(line_of(text, "ScalingPolicies[1].Missing"), 5);
        assert_eq!(line_of("not json", ""), 1);
        assert_eq!(line_of("{\n  \"MaxCapacity\": 3,\n}", ""), 3);
    }
}
