//! What fields of a config must mean together for Loki to start with it
//! (grafana/loki pkg/loki/loki.go `Config.Validate`, pkg/loki/validation.go, pkg/loki/config_wrapper.go@v2.9.0 to v3.7.6).
//! Names and types are the catalogue's.

mod fields;
mod replication;
mod retention;
mod schema;

use super::rules::{env_not_expanded, env_unset, invalid_value, rule_invalid};
use crate::conform::rulegroups::{self, Ruler};
use crate::conform::{Judge, Settings, When, variables};
use crate::dskit::{EXPAND_FLAG, tenants};
use crate::engine::Instance;
use crate::lang::{logql, quantity, re2};
use crate::source::Span;
use crate::tree::Service;

/// Looks at the variables of one config.
pub(super) fn variables(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    variables::unexpanded(judge, &env_not_expanded::RULE, settings, instance, EXPAND_FLAG);
    variables::unbraced(judge, &env_not_expanded::RULE, settings, instance, EXPAND_FLAG);
    variables::unset(judge, &env_unset::RULE, settings, instance, EXPAND_FLAG);
}

/// Looks at one config.
pub(super) fn config(judge: &mut Judge<'_>, settings: &Settings<'_>, instance: &Instance<'_>) {
    let periods = schema::periods(judge, settings);
    fields::bounds(judge, settings);
    fields::others(judge, settings);
    fields::pairs(judge, settings);
    fields::senders(judge, settings);
    fields::storage(judge, settings);
    if let Some(periods) = periods {
        schema::structured_metadata(judge, settings, &periods);
        schema::shards(judge, settings, &periods);
        fields::directories(judge, settings, &periods);
    }
    retention::streams(judge, settings, &["limits_config"]);
    retention::delete_store(judge, settings);
    retention::inert(judge, settings, instance);
    target(judge, settings);
    replication::single(judge, settings, instance);
}

/// Looks at one that holds nothing.
pub(super) fn nothing(judge: &mut Judge<'_>, settings: &Settings<'_>, _: &Instance<'_>) {
    schema::periods(judge, settings);
}

/// Looks at one without a document (pkg/storage/config/schema_config.go@v2.9.17, v3.7.6).
pub(super) fn blank(judge: &mut Judge<'_>, service: &Service, _: &str, start: Span) {
    if service.flag("schema-config-file").is_none() {
        schema::lacks(judge, start);
    }
}

/// Looks at the limits of tenants (grafana/loki pkg/loki/runtime_config.go `validate`@v2.9.2, v3.7.6).
pub(super) fn runtime(judge: &mut Judge<'_>, settings: &Settings<'_>, _: &Instance<'_>) {
    for tenant in tenants(settings.root) {
        let section = ["overrides", tenant.name()];
        fields::limits(judge, settings, &section);
        retention::streams(judge, settings, &section);
    }
}

/// Looks at the rules of a tenant: one that is refused keeps all of all tenants from being read
/// (grafana/loki pkg/ruler/compat.go `ValidateGroups`, pkg/ruler/rulestore/local/local.go `ListAllRuleGroups`@v2.9.2, v3.7.6).
pub(super) fn rules(judge: &mut Judge<'_>, settings: &Settings<'_>, _: &Instance<'_>) {
    let ruler = Ruler {
        invalid: &rule_invalid::RULE,
        utf8: false,
        braced: false,
        of_groups: false,
        waits: &["for"],
        // Which Prometheus its library is of was not read: all functions are taken.
        minor: u16::MAX,
    };
    rulegroups::file(judge, settings.root, &ruler, |judge, rule| {
        let Some((expr, text)) = rule.expr.and_then(|expr| Some((expr, expr.text()?))) else { return };
        let Err(error) = logql::parse(text.value(), re2::Go::NEWEST) else { return };
        if error.kind == logql::Kind::Unread {
            return;
        }
        let place = if error.span.is_empty() { expr.span() } else { text.span(error.span) };
        let message = format!("`expr` is no query of LogQL: {}", error.message);
        let told = judge.tell(&rule_invalid::RULE, place, When::Always, message);
        let told = told.note("the ruler evaluates no rule of any tenant, and logs \"unable to list rules\"");
        if let Some(help) = error.help {
            told.help(help);
        }
    });
}

/// A backend that runs beside readers of the old kind.
fn target(judge: &mut Judge<'_>, settings: &Settings<'_>) {
    // On by default before 3.0.
    let legacy = settings.get(&["legacy_read_target"], "legacy-read-mode").truth(!judge.since(3, 0));
    let target = settings.get(&["target"], "target");
    let (Some(true), Some(text), Some(span)) = (legacy, target.text(), target.span()) else { return };
    if text.split(',').any(|t| t.trim() == "backend") {
        judge
            .tell(&invalid_value::RULE, span, When::Sometimes, "`backend` does not run in legacy read mode")
            .help("write `legacy_read_target: false`")
            .sure(settings.known());
    }
}

/// Milliseconds of a duration; nothing needs no unit (prometheus/common model/time.go `ParseDuration`@v0.65.0).
fn length(text: &str) -> Option<u64> {
    if text == "0" { Some(0) } else { quantity::prometheus_duration(text).ok() }
}
