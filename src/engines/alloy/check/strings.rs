//! Modules in strings whose syntax is broken.

use super::Checker;
use super::report::Rests;
use crate::engines::alloy::program::{ScopeId, beginning};
use crate::engines::alloy::rules::syntax;

impl Checker<'_, '_> {
    /// Tells of each mistake. The engine logs it and goes on without what the module declares, which it then does not find
    /// where something names it (grafana/alloy internal/runtime/internal/controller/node_config_import.go
    /// `onContentUpdate`@v1.11.3).
    pub(super) fn strings(&mut self) {
        let program = self.program;
        for (file, at) in program.files.iter().zip(0..) {
            let Some((scope, import)) = file.inside else { continue };
            self.here.file = at;
            self.here.scope = scope;
            self.here.live = program.scope(scope).live;
            let names = !file.errors.is_empty() && self.is_named(scope, program.node(scope, import).label);
            for error in &file.parse.errors {
                let mut found = self.fault(&syntax::RULE, error.range.clone(), Rests::Language, &*error.message);
                if let Some((range, what)) = &error.related {
                    found = found.label(self.span(range.clone()), &**what);
                }
                if let Some(help) = &error.help {
                    found = found.help(&**help);
                }
                if !names {
                    found = found.warning().note("nothing here names what this module declares");
                }
                self.tell(found);
            }
        }
    }

    /// Whether a component of what a scope holds is of an import.
    fn is_named(&self, scope: ScopeId, import: &str) -> bool {
        let within = |mut at: ScopeId| {
            while at != scope {
                let Some(up) = self.program.scope(at).parent else { return false };
                at = up;
            }
            true
        };
        let names = |at: &ScopeId| self.program.scope(*at).nodes.iter().any(|n| beginning(self.name(n)) == import);
        (0..self.program.scopes.len() as ScopeId).filter(|at| within(*at)).any(|at| names(&at))
    }
}
