//! `schemas/` holds what the types say; `UPDATE_SCHEMAS=1 cargo test` writes it anew.

use endpoint_autoscaler_core::document;
use std::path::Path;

#[track_caller]
fn check(file: &str, schema: &serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas")
        .join(file);
    let fresh = format!(
        "{}\n",
        serde_json::to_string_pretty(schema).expect("a schema is JSON")
    );
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &fresh).expect("schemas/ can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        stored, fresh,
        "{file} is stale: run UPDATE_SCHEMAS=1 cargo test"
    );
}

#[test]
fn stored_schemas_are_fresh() {
    check("document.schema.json", &document::schema());
    check("limits.schema.json", &document::limits_schema());
}
