//! What the command line takes.

mod model;

pub(super) use model::{
    FleetOptions, Model, Recommend, ShapeName, ShapeOptions, Simulate, Traffic,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Gives SageMaker endpoints automatic scaling, explains it, and tries it before it is trusted.
#[derive(Debug, Parser)]
#[command(
    name = "endpoint-autoscaler",
    version,
    max_term_width = 110,
    after_help = "\
First steps:
  endpoint-autoscaler simulate --synthetic weekly --capacity-per-instance 600 --report report.html
  endpoint-autoscaler recommend --endpoint my-endpoint --last 14d --capacity-per-instance 600
  endpoint-autoscaler validate profile.json
  endpoint-autoscaler plan --all
  endpoint-autoscaler explain my-endpoint

Exit codes: 0 done or in sync, 1 something failed or is wrong, 2 `plan --detailed-exitcode` found changes, \
3 an objective was missed, 64 the command line was wrong."
)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
    /// How to print.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub(super) output: Output,
    /// Say less: only what failed or needs a person.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more: settings with their sources also where nothing changes.
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what would change and why; write nothing.
    #[command(after_help = "Examples:
  endpoint-autoscaler plan my-endpoint
  endpoint-autoscaler plan --all --detailed-exitcode --managed-by my-stack
  endpoint-autoscaler plan my-endpoint --record bug-report/    # what AWS answered, to replay later
  endpoint-autoscaler plan my-endpoint --from bug-report/      # the same plan without AWS")]
    Plan(Plan),
    /// Show what would change, then do it.
    #[command(after_help = "Examples:
  endpoint-autoscaler apply my-endpoint
  endpoint-autoscaler apply --all --yes --managed-by my-stack")]
    Apply(Apply),
    /// Show what Application Auto Scaling holds: bounds, capacity, policies, owner, last activities.
    #[command(after_help = "Examples:
  endpoint-autoscaler status my-endpoint
  endpoint-autoscaler status --all --output json")]
    Status(Choice),
    /// Explain every setting in force and every reason for doing nothing.
    #[command(after_help = "Example:
  endpoint-autoscaler explain my-endpoint")]
    Explain(Explain),
    /// Give endpoints back before an instance-type change or a deletion: sets the tag `hold` to the
    /// current endpoint configuration, and waits until nothing of ours is registered.
    #[command(after_help = "Examples:
  endpoint-autoscaler release my-endpoint --yes && terraform apply
  endpoint-autoscaler release --all --yes    # before a change of all instance types")]
    Release(Release),
    /// Hand scaling over to Terraform or CDK: takes our tags off and leaves the scaling running.
    #[command(after_help = "Example:
  endpoint-autoscaler disown my-endpoint")]
    Disown(Apply),
    /// Check documents, offline.
    #[command(after_help = "Examples:
  endpoint-autoscaler validate profile.json
  endpoint-autoscaler validate --limits limits.json")]
    Validate(Validate),
    /// Try a document against traffic, offline: what it would have cost, and when it would have been
    /// too slow.
    #[command(after_help = "Examples:
  endpoint-autoscaler simulate --document profile.json --trace traffic.csv --capacity-per-instance 600
  endpoint-autoscaler simulate --document now.json --document new.json --synthetic weekly --high 3000 \\
      --capacity-per-instance 600 --start-up 5m --price 0.23 --report report.html
  endpoint-autoscaler simulate --endpoint my-endpoint --last 14d --capacity-per-instance 600
  endpoint-autoscaler simulate --document profile.json --trace traffic.csv --capacity-per-instance 600 \\
      --max-underprovisioned 0.1%    # exit code 3 when missed: a gate for CI
  endpoint-autoscaler simulate --synthetic bursts --noise 10% --seed 7 --trace-out traffic.csv")]
    Simulate(Box<Simulate>),
    /// Search the cheapest target value, bounds and cooldowns that keep an objective on a traffic.
    #[command(after_help = "Examples:
  endpoint-autoscaler recommend --trace traffic.csv --capacity-per-instance 600 --price 0.23
  endpoint-autoscaler recommend --endpoint my-endpoint --last 14d --latency 200ms \\
      --objective-underprovisioned 0.5% --max 20 --save profile.json
  endpoint-autoscaler recommend --max-rps 20    # only a load test is known: AWS's formula")]
    Recommend(Box<Recommend>),
    /// Print the JSON Schema of the documents.
    #[command(after_help = "Example:
  endpoint-autoscaler schema > document.schema.json    # for an editor that checks while you type")]
    Schema {
        /// Which document.
        #[arg(value_enum, default_value_t = Document::Profile)]
        document: Document,
    },
    /// Print a completion script for a shell.
    #[command(after_help = "Examples:
  endpoint-autoscaler completions bash > ~/.local/share/bash-completion/completions/endpoint-autoscaler
  endpoint-autoscaler completions zsh > ~/.zfunc/_endpoint-autoscaler
  endpoint-autoscaler completions fish > ~/.config/fish/completions/endpoint-autoscaler.fish")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Which endpoints.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// Names of endpoints, as SageMaker spells them.
    #[arg(
        required_unless_present = "all",
        conflicts_with = "all",
        value_name = "ENDPOINT"
    )]
    pub(super) endpoints: Vec<String>,
    /// Every endpoint of the account and Region.
    #[arg(long)]
    pub(super) all: bool,
    /// How to reach AWS.
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// How to reach AWS, and which installation to speak for.
#[derive(Debug, Args)]
pub(super) struct Connection {
    /// AWS Region; `AWS_REGION` or the profile's when left out.
    #[arg(long, global = true, help_heading = "AWS")]
    pub(super) region: Option<String>,
    /// Profile of the AWS configuration files.
    #[arg(long, global = true, help_heading = "AWS")]
    pub(super) profile: Option<String>,
    /// URL instead of AWS's own, for tests.
    #[arg(long, global = true, help_heading = "AWS")]
    pub(super) endpoint_url: Option<String>,
    /// The installation whose targets count as ours: the name of the stack. The other settings of an
    /// installation are read from the same variables as the function's.
    #[arg(long, global = true, env = "MANAGED_BY", help_heading = "Installation")]
    pub(super) managed_by: Option<String>,
    /// SSM path of profiles, endpoint documents and limits.
    #[arg(
        long,
        global = true,
        env = "PARAMETER_PREFIX",
        help_heading = "Installation"
    )]
    pub(super) parameter_prefix: Option<String>,
    /// Prefix of the endpoint tags, without the colon.
    #[arg(long, global = true, env = "TAG_PREFIX", help_heading = "Installation")]
    pub(super) tag_prefix: Option<String>,
}

/// `plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Which endpoints.
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Exit with 0 when in sync, 2 when something would change, 1 on an error.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Write what AWS answers to a folder.
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    pub(super) record: Option<PathBuf>,
    /// Read what AWS answered from a folder instead of asking.
    #[arg(long, value_name = "DIR")]
    pub(super) from: Option<PathBuf>,
}

/// `apply` and `disown`.
#[derive(Debug, Args)]
pub(super) struct Apply {
    /// Which endpoints.
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Do not ask.
    #[arg(short, long)]
    pub(super) yes: bool,
}

/// `explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Name of an endpoint.
    pub(super) endpoint: String,
    /// How to reach AWS.
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// `release`.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// Which endpoints, and whether to ask.
    #[command(flatten)]
    pub(super) apply: Apply,
    /// How long to wait until nothing is registered, in seconds.
    #[arg(long, default_value_t = 900, value_name = "SECONDS")]
    pub(super) timeout: u64,
}

/// `validate`.
#[derive(Debug, Args)]
pub(super) struct Validate {
    /// Files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// They are limits documents.
    #[arg(long)]
    pub(super) limits: bool,
}

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Document {
    /// Profile and endpoint documents.
    Profile,
    /// The limits document.
    Limits,
}
