//! As JSON: version 1.

use std::io::{self, Write};

use serde::Serialize;

use super::Picture;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    #[serde(flatten)]
    picture: &'a Picture,
}

pub(super) fn render(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Report { version: 1, picture })?;
    writeln!(out)
}
