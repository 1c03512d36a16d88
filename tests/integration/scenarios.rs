//! Every folder of `tests/scenarios` is one case: what the function answers to an event, and which
//! calls it makes, in an account with a history.
//!
//! | file | holds |
//! |---|---|
//! | `README.md` | why the case exists |
//! | `acts.json` | what happened before: acts of the stand-in, and `Settle`, which delivers the events so far |
//! | `event.json` | the payload |
//! | `environment.json` | variables of the function, where they matter |
//! | `report.json` | golden: the answer |
//! | `calls.txt` | golden: the calls that write, in order |
//! | `again.txt` | why the same event again writes, and golden: what; without this file it must not |

use crate::world::World;
use aws_standin::JournalEntry;
use pretty_assertions::StrComparison;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[tokio::test(start_paused = true)]
async fn every_folder_comes_out_as_its_goldens_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let entries = fs::read_dir(folder).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "there are scenarios");
    let mut wrong = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let played = Scenario { folder }.play().await;
        let found = played.unwrap_or_else(|problem| vec![problem]);
        wrong.extend(found.into_iter().map(|problem| format!("{name}/{problem}")));
    }
    assert!(
        wrong.is_empty(),
        "{}\n\nWhere the new outcome is right: UPDATE_GOLDENS=1 cargo test --test integration scenarios; then review the difference.",
        wrong.join("\n\n")
    );
}

struct Scenario {
    folder: PathBuf,
}

impl Scenario {
    /// Everything that is not as the goldens say, or writes them.
    ///
    /// # Errors
    /// What keeps the scenario from being played.
    async fn play(&self) -> Result<Vec<String>, String> {
        if self
            .text("README.md")
            .is_none_or(|reason| reason.len() < 100)
        {
            return Err("README.md does not say why the scenario exists".to_owned());
        }
        let environment: BTreeMap<String, String> = match self.text("environment.json") {
            Some(_) => self.json("environment.json")?,
            None => BTreeMap::new(),
        };
        let variables = environment.iter();
        let variables: Vec<_> = variables
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let world = World::with(&variables);
        // AWS's own page sizes: what is listed here is no matter of pages.
        world.play(json!({"act": "SetPageSize"}));
        for act in self.json::<Vec<Value>>("acts.json")? {
            if act == json!({"act": "Settle"}) {
                world.settle().await;
            } else {
                let played = world.standin.play(act.clone());
                played.map_err(|error| format!("acts.json: {act}: {error}"))?;
            }
        }

        let event: Value = self.json("event.json")?;
        let (answer, calls) = deliver(&world, &event).await?;
        let mut wrong = Vec::new();
        wrong.extend(self.compare("report.json", &format!("{answer:#}\n")));
        wrong.extend(self.compare("calls.txt", &calls));

        // To a function that is warm; then to one that remembers nothing, when all has come to rest.
        let (_, mut again) = deliver(&world, &event).await?;
        world.play(json!({"act": "Advance", "Seconds": 3_600}));
        let cold = World::in_account(world.standin.clone(), &variables);
        again.push_str(&deliver(&cold, &event).await?.1);
        let reason = self.text("again.txt").unwrap_or_default();
        let reason = reason.lines().filter(|line| line.starts_with("# "));
        let reason: String = reason.flat_map(|line| [line, "\n"]).collect();
        if !reason.is_empty() {
            wrong.extend(self.compare("again.txt", &(reason + &again)));
        } else if !again.is_empty() {
            wrong.push(format!(
                "event.json again writes, and no again.txt says why:\n{again}"
            ));
        }
        Ok(wrong)
    }

    fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    fn json<T: DeserializeOwned>(&self, file: &str) -> Result<T, String> {
        let text = self
            .text(file)
            .ok_or_else(|| format!("{file} is missing"))?;
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))
    }

    fn compare(&self, file: &str, is: &str) -> Option<String> {
        let golden = self.text(file);
        if golden.as_deref() == Some(is) {
            return None;
        }
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            fs::write(self.folder.join(file), is).unwrap();
            return None;
        }
        let golden = golden.unwrap_or_default();
        let difference = StrComparison::new(&golden, is);
        Some(format!(
            "{file}, left, is not what came out, right:\n{difference}"
        ))
    }
}

/// The answer of the function and the calls that it made to write.
async fn deliver(world: &World, event: &Value) -> Result<(Value, String), String> {
    world.standin.clear_journal();
    let answer = world.handle(event.clone()).await;
    let answer = answer.map_err(|error| format!("event.json: {}", error.error_message))?;
    let calls = world.calls().into_iter().filter(|call| call.write);
    let calls = calls.map(
        |JournalEntry {
             operation,
             mut input,
             ..
         }| {
            // The SDK keeps these tags in a hash map.
            if let Some(Value::Object(tags)) = input.get_mut("Tags") {
                tags.sort_keys();
            }
            format!("{}\n", json!({operation: input}))
        },
    );
    Ok((redacted(answer), calls.collect()))
}

/// Without the number of reads: other tests count them, and it changes with their order alone.
fn redacted(mut answer: Value) -> Value {
    if let Some(calls) = answer.get_mut("calls").and_then(Value::as_object_mut) {
        calls.remove("reads");
    }
    let reports = answer.get_mut("reports").and_then(Value::as_array_mut);
    for report in reports.into_iter().flatten() {
        *report = redacted(report.take());
    }
    answer
}
