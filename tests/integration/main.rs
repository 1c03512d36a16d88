//! Everything that needs the SDK or the repository around the code, in one binary: each test
//! binary links the whole SDK.

mod edge;
mod template;
mod tidy;
