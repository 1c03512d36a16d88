//! The function's process: checks its environment, builds the clients once, then serves events.

use endpoint_autoscaler::aws::Aws;
use endpoint_autoscaler::core::installation::Installation;
use endpoint_autoscaler::lambda::handle;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let installation = Installation::from_variables(|name| std::env::var(name).ok())
        .map_err(|problems| format!("the environment is wrong: {}", problems.join("; ")))?;
    let aws = Aws::from_lambda(|name| std::env::var(name).ok())?;
    run(service_fn(|event| handle(&aws, &installation, event))).await
}
