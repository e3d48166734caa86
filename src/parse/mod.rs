//! Bytes → documents.
/// A parsed file.
#[derive(Debug, Default)]
pub struct Document;
/// YAML dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// yaml.v2.
    V2,
    /// yaml.v3.
    V3,
    /// yaml.v4.
    V4,
}
