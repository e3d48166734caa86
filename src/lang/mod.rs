//! The query and expression languages inside files: text in, typed tree with byte offsets out.

pub mod encoding;
pub mod entry;
pub mod expr;
pub mod glob;
pub mod grok;
pub mod jmespath;
pub mod json;
pub mod logql;
pub mod ottl;
pub mod promql;
pub mod quantity;
pub mod re2;
pub mod strptime;
pub mod template;
pub mod traceql;
pub mod url;
pub mod xpath;
pub mod zone;
