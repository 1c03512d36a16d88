//! The journal: every AWS operation that was asked for, and how it ended.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who performed an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// A program, over the wire.
    Client,
    /// A person, by `Act::Call`.
    Person,
}

/// One operation that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Counts from 1, also across `clear_journal`.
    pub seq: u64,
    /// Who asked.
    pub actor: Actor,
    /// The service, or `unknown`.
    pub service: String,
    /// The operation; of an unknown one, what the request said.
    pub operation: String,
    /// The input as decoded, before any check.
    pub input: Value,
    /// The HTTP status, unless there was no answer.
    pub status: Option<u16>,
    /// AWS's error code, or the fault that took the answer away.
    pub error_code: Option<String>,
    /// Whether the operation is one that changes something.
    pub write: bool,
}

/// Whether an operation changes anything, by its name.
pub(crate) fn writes(operation: &str) -> bool {
    !["Describe", "Get", "List"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

/// The entries of one account, and the files that they are appended to.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<JournalEntry>,
    last: u64,
    files: Vec<Sink>,
}

#[derive(Debug)]
struct Sink {
    path: PathBuf,
    file: Option<File>,
}

/// The directory that every stand-in of a test run appends its journal to.
const DIRECTORY: &str = "STANDIN_JOURNAL_DIR";

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Journal {
    /// A journal that is also written to a file of `STANDIN_JOURNAL_DIR`, if
    /// that is set: `<process id>-<number>.jsonl`.
    pub(crate) fn from_environment() -> Self {
        let mut journal = Self::default();
        if let Some(directory) = std::env::var_os(DIRECTORY).filter(|value| !value.is_empty()) {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}-{number}.jsonl", std::process::id());
            journal.append_to(PathBuf::from(directory).join(name));
        }
        journal
    }

    /// Appends every later entry to a file, which is made when it is needed.
    pub(crate) fn append_to(&mut self, path: PathBuf) {
        self.files.push(Sink { path, file: None });
    }

    /// Adds an entry and gives it its number.
    ///
    /// # Errors
    ///
    /// A file that cannot be written: a test run that loses its journal must
    /// not pass for one that was validated.
    pub(crate) fn record(&mut self, mut entry: JournalEntry) -> io::Result<()> {
        self.last += 1;
        entry.seq = self.last;
        for sink in &mut self.files {
            sink.append(&entry)?;
        }
        self.entries.push(entry);
        Ok(())
    }

    pub(crate) fn entries(&self) -> &[JournalEntry] {
        &self.entries
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

impl Sink {
    fn append(&mut self, entry: &JournalEntry) -> io::Result<()> {
        if self.file.is_none() {
            if let Some(directory) = self.path.parent() {
                std::fs::create_dir_all(directory)?;
            }
            let mut options = OpenOptions::new();
            self.file = Some(options.create(true).append(true).open(&self.path)?);
        }
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file
            .as_ref()
            .map_or(Ok(()), |mut file| file.write_all(&line))
    }
}
