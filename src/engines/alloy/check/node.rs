//! The blocks of a scope: whether they exist, may stand there, and are labelled as they must be.

use vispyr_alloy::Attribute;

use super::Checker;
use super::report::{Fault, Rests};
use crate::catalogue;
use crate::catalogue::schema::{Root, Stability};
use crate::engines::alloy::program::{Imported, Kind, Node, ScopeKind, beginning};
use crate::engines::alloy::rules::{
    community_flag, duplicate_component, import_missing_file, label_invalid, missing_required, module_argument,
    stability_gate, unknown_attribute, unknown_component,
};

impl<'p, 'a> Checker<'p, 'a> {
    /// An attribute outside of all blocks.
    pub(super) fn stray(&mut self, attribute: &Attribute<'a>) {
        let name = attribute.name();
        let message = format!("`{}` stands outside of all blocks", name.name());
        let found = self.fault(&unknown_attribute::RULE, name.range(), Rests::Language, message);
        self.tell(found.help("put it into the block that it belongs to"));
        self.infer(attribute.value());
    }

    /// A block whose name and label another has.
    pub(super) fn twice(&mut self, again: u32, first: u32) {
        let (again, first) = (self.node_of(again), self.node_of(first));
        self.here.file = again.file;
        let id = self.program.id(again);
        let found = self
            .fault(
                &duplicate_component::RULE,
                again.block.header_range(),
                Rests::Language,
                format!("`{id}` is there twice"),
            )
            .label(self.program.file(first).span(first.block.header_range()), "first here")
            .help("give one of them another label, or remove it");
        self.tell(found);
    }

    fn node_of(&self, node: u32) -> &'p Node<'a> {
        self.program.node(self.here.scope, node)
    }

    /// A block of a file that is imported.
    pub(super) fn library(&mut self, node: &Node<'a>) {
        if !matches!(node.kind, Kind::Declare | Kind::Import) {
            let message = format!("`{}` stands in a file that is imported", self.name(node));
            let found = self
                .fault(&module_argument::RULE, node.block.header_range(), Rests::Language, message)
                .help("move it into a `declare`: nothing else is imported");
            self.tell(found);
        }
    }

    /// One block.
    pub(super) fn node(&mut self, node: &Node<'a>) {
        let name = self.name(node);
        let root = self.root(node.name);
        match node.kind {
            Kind::Component => return self.component(node),
            // Before it came, the name was free for components.
            Kind::Foreach if root.is_none() => return self.unknown(node),
            Kind::Declare => {
                self.wants_label(node);
                if node.label == "declare" {
                    let range = node.block.header_range();
                    let found = self.fault(
                        &label_invalid::RULE,
                        range,
                        Rests::Language,
                        "no custom component is called `declare`",
                    );
                    self.tell(found);
                }
                return;
            }
            Kind::Process | Kind::Service => self.of_the_process(node),
            Kind::Argument | Kind::Export => {
                self.wants_label(node);
                self.of_a_module(node);
            }
            Kind::Foreach | Kind::Import => self.wants_label(node),
        }
        let Some(root) = root else {
            return if node.kind == Kind::Service { self.unknown(node) } else { self.values_only(node.block) };
        };
        self.gate(node, root);
        if node.kind == Kind::Foreach && node.inner.is_none() && node.block.body().block("template").is_none() {
            let found = self
                .fault(
                    &missing_required::RULE,
                    node.block.header_range(),
                    Rests::Language,
                    "`foreach` lacks its `template` block",
                )
                .help("put what is to be repeated into `template { … }`");
            if !self.is_broken(&node.block) {
                self.tell(found);
            }
        }
        if let Imported::Missing { path, sure } = &node.imported {
            self.missing_file(node, path, *sure);
        }
        match root.body() {
            Some(body) => {
                self.body(node.block, body, name);
                self.conditions(node);
            }
            None => self.values_only(node.block),
        }
    }

    fn component(&mut self, node: &Node<'a>) {
        let name = self.name(node);
        let first = beginning(name);
        let scope = self.here.scope;
        if self.program.is_custom(scope, name) {
            return self.custom(node, first);
        }
        let Some(root) = self.root(node.name) else {
            if self.program.aside(scope, first).is_some() {
                return self.values_only(node.block);
            }
            return self.unknown(node);
        };
        if !root.is_component() {
            // Blocks of the process are found by name and label together.
            let found = self
                .fault(
                    &label_invalid::RULE,
                    node.block.header_range(),
                    Rests::Catalogue,
                    format!("`{name}` takes no label"),
                )
                .help("remove the label");
            self.tell(found);
        }
        if root.is_component() && node.label.is_empty() {
            let found = self
                .fault(
                    &label_invalid::RULE,
                    node.block.header_range(),
                    Rests::Language,
                    format!("`{name}` lacks a label"),
                )
                .help(format!("name it: `{name} \"default\" {{ … }}`"));
            self.tell(found);
        }
        self.gate(node, root);
        match root.body() {
            Some(body) => {
                self.body(node.block, body, name);
                self.conditions(node);
                self.ottl(node, name);
            }
            None => self.values_only(node.block),
        }
    }

    fn unknown(&mut self, node: &Node<'a>) {
        let name = self.name(node);
        let ever = self.at.schema().root_ever(name);
        let message = match self.history(ever) {
            Some(history) => format!("`{name}` {history}"),
            None => format!("`{name}` is no component {}", self.in_version()),
        };
        let mut found = self.fault(&unknown_component::RULE, node.block.name_range(), Rests::absent(ever), message);
        if let Some(successor) = catalogue::successor("alloy", name, &[], self.version) {
            found = found.help(successor.help());
        } else if ever.is_none() {
            let at = self.at;
            let near = self.nearest_component(name, at);
            found = found.meant(near);
        }
        self.tell(found);
        self.values_only(node.block);
    }

    /// The component or custom component that was meant.
    fn nearest_component(&mut self, name: &str, at: crate::catalogue::schema::At) -> Option<String> {
        if self.suggestions == 0 {
            return None;
        }
        let program = self.program;
        let mut declares: Vec<&str> = Vec::new();
        let mut scope = Some(self.here.scope);
        while let Some(here) = scope {
            declares.extend(program.scope(here).declares.keys().copied());
            scope = program.scope(here).parent;
        }
        declares.sort_unstable();
        let names = at.roots().map(|r| -> &'p str { r.name() }).filter(|n| !matches!(*n, "argument" | "export"));
        self.nearest(name, names.chain(declares)).map(str::to_owned)
    }

    /// Blocks that configure the process may stand in what it runs only.
    fn of_the_process(&mut self, node: &Node<'a>) {
        // What stands in a file that is imported was told of.
        if matches!(self.program.scope(self.here.scope).kind, ScopeKind::Root | ScopeKind::Library) {
            return;
        }
        let message = format!("`{}` stands in a module", self.name(node));
        let found = self
            .fault(&module_argument::RULE, node.block.header_range(), Rests::Language, message)
            .help("move it to the top of the config that runs");
        self.tell(found);
    }

    /// `argument` and `export` may not stand in what the process runs. A file of which nobody knows whether it runs may
    /// have been meant as a module.
    fn of_a_module(&mut self, node: &Node<'a>) {
        if self.program.scope(self.here.scope).kind != ScopeKind::Root {
            return;
        }
        let message = format!("`{}` stands outside of a `declare`", self.name(node));
        let mut found = self.fault(&module_argument::RULE, node.block.header_range(), Rests::Language, message);
        if !self.program.run {
            found = found.warning();
        }
        self.tell(found.help("put what belongs together into a `declare` block"));
    }

    /// Blocks of the language that need a label for `alloy validate`; `alloy run` takes them without.
    fn wants_label(&mut self, node: &Node<'a>) {
        if node.label.is_empty() {
            let name = self.name(node);
            let mut found = self.fault(
                &label_invalid::RULE,
                node.block.header_range(),
                Rests::Language,
                format!("`{name}` lacks a label"),
            );
            found = found.warning();
            self.tell(found.help(format!("name it: `{name} \"default\" {{ … }}`")));
        }
    }

    fn gate(&mut self, node: &Node<'a>, root: Root) {
        let name = root.name();
        if root.community() {
            if self.flags.community == Some(false) {
                let message = format!("`{name}` is a community component, which this process does not admit");
                let found =
                    self.fault(&community_flag::RULE, node.block.header_range(), Rests::on(root.held()), message);
                let found =
                    self.with_service(found).help("add `--feature.community-components.enabled` to its command");
                self.tell(found);
            }
        } else {
            self.level(node.block.header_range(), name, root.stability(), Rests::on(root.held()));
        }
    }

    /// Something of a stability; told when the process asks for more.
    pub(super) fn level(&mut self, range: std::ops::Range<u32>, name: &str, is: Stability, rests: Rests) {
        let Some(asked) = self.flags.stability.filter(|asked| is < *asked) else { return };
        let message = format!(
            "`{name}` is {} {}, and this process admits only what is {}",
            is.name(),
            self.in_version(),
            asked.name()
        );
        let found = self.fault(&stability_gate::RULE, range, rests, message);
        let found = self.with_service(found).help(format!("add `--stability.level={}` to its command", is.name()));
        self.tell(found);
    }

    fn with_service(&self, found: Fault) -> Fault {
        match self.flags.service {
            Some(span) => found.label(span, "runs it"),
            None => found,
        }
    }

    fn missing_file(&mut self, node: &Node<'a>, path: &str, sure: bool) {
        let range = node.block.body().attr("filename").map_or(node.block.header_range(), |a| a.value().range());
        let message = format!("there is nothing at `{path}`");
        let mut found = self.fault(&import_missing_file::RULE, range, Rests::Language, message);
        if !sure {
            found = found.warning();
        }
        let help = if self.program.run {
            "mount the file there, or name the path that it has in the container"
        } else {
            "add the file, or mend the path"
        };
        self.tell(found.help(help));
    }
}
