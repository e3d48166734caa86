//! Scratch.
use vispyr::*;
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let mut s = source::Sources::new();
    let id = s.add("vispyr.toml", text.as_str());
    let (spec, diags) = spec::decode(id, &text);
    for d in diags {
        eprintln!("{:?} {}", d.severity, d.message);
    }
    let stack = stack::plan(&spec.unwrap());
    let out = std::path::PathBuf::from(std::env::args().nth(2).unwrap());
    for f in emit::emit(&stack, &engines::emitter, targets::EMITTERS) {
        let p = out.join(&f.path);
        std::fs::create_dir_all(p.parent().unwrap()).unwrap();
        std::fs::write(p, f.content).unwrap();
    }
}
