//! Names of keys in provisioning files, for the name that was meant.
//!
//! Grafana drops what it does not know, so these lists never refuse anything: a key that is near to none of them is left alone.

/// Keys of a file of data sources (`grafana/grafana pkg/services/provisioning/datasources/types.go` at 12.3.3, `configsV1`;
/// `prune` is `configVersion`'s neighbour there since 11.1).
pub(super) const SOURCES: &[&str] = &["apiVersion", "datasources", "deleteDatasources", "prune"];

/// Keys of a data source (there, `upsertDataSourceFromConfigV1`).
pub(super) const SOURCE: &[&str] = &[
    "orgId",
    "version",
    "name",
    "type",
    "access",
    "url",
    "user",
    "database",
    "basicAuth",
    "basicAuthUser",
    "withCredentials",
    "isDefault",
    "correlations",
    "jsonData",
    "secureJsonData",
    "editable",
    "uid",
    // Of other releases and of the API: read by nobody here, meant by nobody else.
    "orgName",
    "readOnly",
    "typeLogoUrl",
    "password",
    "basicAuthPassword",
    "id",
    "prune",
];

/// Keys of a file of providers (`…/dashboards/types.go`, `configV1`).
pub(super) const PROVIDERS: &[&str] = &["apiVersion", "providers"];

/// Keys of a provider (there, `configs`).
pub(super) const PROVIDER: &[&str] = &[
    "name",
    "orgId",
    "type",
    "folder",
    "folderUid",
    "disableDeletion",
    "editable",
    "allowUiUpdates",
    "updateIntervalSeconds",
    "options",
];

/// Keys of `options` (`…/dashboards/file_reader.go`).
pub(super) const OPTIONS: &[&str] = &["path", "folder", "foldersFromFilesStructure"];

/// Keys of a file of alerting (`…/alerting/types.go`, `AlertingFileV1`).
pub(super) const ALERTING: &[&str] = &[
    "apiVersion",
    "groups",
    "deleteRules",
    "contactPoints",
    "deleteContactPoints",
    "policies",
    "resetPolicies",
    "muteTimes",
    "deleteMuteTimes",
    "templates",
    "deleteTemplates",
];

/// Keys of a group of rules (`…/alerting/rules_types.go`, `AlertRuleGroupV1`).
pub(super) const GROUP: &[&str] = &["orgId", "name", "folder", "interval", "rules", "folderUid", "limit"];

/// Keys of a rule (there, `AlertRuleV1`; `dasboardUid` is its own spelling, kept for old files).
pub(super) const RULE: &[&str] = &[
    "uid",
    "title",
    "condition",
    "data",
    "dasboardUid",
    "dashboardUid",
    "panelId",
    "noDataState",
    "execErrState",
    "for",
    "keepFiringFor",
    "annotations",
    "labels",
    "isPaused",
    "notification_settings",
    "record",
    "missing_series_evals_to_resolve",
];

/// Keys of a query of a rule (there, `QueryV1`).
pub(super) const QUERY: &[&str] = &["refId", "queryType", "relativeTimeRange", "datasourceUid", "model"];

/// Keys of a contact point and of its receivers (`…/alerting/contact_point_types.go`).
pub(super) const POINT: &[&str] = &["orgId", "name", "receivers"];
pub(super) const RECEIVER: &[&str] = &["uid", "type", "settings", "disableResolveMessage", "secureSettings"];

/// Keys of a file of plugins and of its apps (`…/plugins/types.go`).
pub(super) const PLUGINS: &[&str] = &["apiVersion", "apps"];
pub(super) const APP: &[&str] =
    &["type", "org_id", "org_name", "disabled", "jsonData", "secureJsonData", "name", "enabled"];

/// Keys of `jsonData` of sources of every type: `DataSourceJsonData`, and those of the HTTP client that the server makes
/// (`grafana/grafana packages/grafana-data/src/types/datasource.ts` at 12.3.3;
/// `grafana/grafana-plugin-sdk-go backend/http_settings.go`).
const COMMON: &[&str] = &[
    "authType",
    "defaultRegion",
    "profile",
    "manageAlerts",
    "allowAsRecordingRulesTarget",
    "alertmanagerUid",
    "disableGrafanaCache",
    "tlsAuth",
    "tlsAuthWithCACert",
    "tlsSkipVerify",
    "serverName",
    "oauthPassThru",
    "keepCookies",
    "timeout",
    "sigV4Auth",
    "enableSecureSocksProxy",
    "azureCredentials",
    "pdcInjected",
];

/// Keys of `jsonData` by plugin: `PromOptions`, `LokiOptions`, `TempoJsonData` with the settings of
/// `packages/grafana-o11y-ds-frontend`, and so on (`grafana/grafana packages/grafana-prometheus/src/types.ts`,
/// `public/app/plugins/datasource/*/types.ts` at 12.3.3; npm `@grafana/o11y-ds-frontend` 13).
const OWN: [(&[&str], &[&str]); 6] = [
    (
        &["prometheus"],
        &[
            "timeInterval",
            "queryTimeout",
            "httpMethod",
            "customQueryParameters",
            "disableMetricsLookup",
            "exemplarTraceIdDestinations",
            "prometheusType",
            "prometheusVersion",
            "cacheLevel",
            "defaultEditor",
            "incrementalQuerying",
            "incrementalQueryOverlapWindow",
            "disableRecordingRules",
            "seriesEndpoint",
            "seriesLimit",
            "codeModeMetricNamesSuggestionLimit",
            "directUrl",
        ],
    ),
    (&["loki"], &["maxLines", "derivedFields", "alertmanager", "predefinedOperations"]),
    (
        &["tempo", "jaeger", "zipkin"],
        &[
            "tracesToLogs",
            "tracesToLogsV2",
            "tracesToMetrics",
            "tracesToProfiles",
            "serviceMap",
            "search",
            "nodeGraph",
            "spanBar",
            "tagLimit",
            "traceQuery",
            "streamingEnabled",
            "timeRangeForTags",
            "lokiSearch",
            "traceIdTimeParams",
        ],
    ),
    (&["grafana-pyroscope-datasource", "phlare", "parca"], &["minStep"]),
    (&["alertmanager"], &["implementation", "handleGrafanaManagedAlerts"]),
    (
        &["elasticsearch"],
        &["timeField", "timeInterval", "maxConcurrentShardRequests", "logMessageField", "logLevelField"],
    ),
];

/// Keys of objects below `jsonData`, and of the objects of lists there (the same files).
const INNER: [(&str, &[&str]); 13] = [
    (
        "tracesToLogs",
        &[
            "datasourceUid",
            "tags",
            "mappedTags",
            "mapTagNamesEnabled",
            "spanStartTimeShift",
            "spanEndTimeShift",
            "filterByTraceID",
            "filterBySpanID",
            "lokiSearch",
        ],
    ),
    (
        "tracesToLogsV2",
        &[
            "datasourceUid",
            "tags",
            "spanStartTimeShift",
            "spanEndTimeShift",
            "filterByTraceID",
            "filterBySpanID",
            "query",
            "customQuery",
        ],
    ),
    ("tracesToMetrics", &["datasourceUid", "tags", "queries", "spanStartTimeShift", "spanEndTimeShift"]),
    ("tracesToProfiles", &["datasourceUid", "tags", "query", "profileTypeId", "customQuery"]),
    ("serviceMap", &["datasourceUid"]),
    ("lokiSearch", &["datasourceUid"]),
    ("nodeGraph", &["enabled"]),
    ("spanBar", &["type", "tag"]),
    ("search", &["hide", "filters"]),
    ("traceQuery", &["timeShiftEnabled", "spanStartTimeShift", "spanEndTimeShift"]),
    ("streamingEnabled", &["search", "metrics"]),
    ("exemplarTraceIdDestinations", &["name", "url", "urlDisplayLabel", "datasourceUid"]),
    (
        "derivedFields",
        &["name", "matcherRegex", "matcherType", "url", "urlDisplayLabel", "datasourceUid", "targetBlank"],
    ),
];

/// The key of `jsonData` that was meant, of a source of that type.
pub(super) fn json(plugin: &str, key: &str) -> Option<&'static str> {
    let (_, own) = OWN.iter().find(|(plugins, _)| plugins.contains(&plugin))?;
    let elsewhere = OWN.iter().any(|(_, keys)| keys.contains(&key));
    // Headers are numbered.
    if elsewhere || key.starts_with("httpHeaderName") {
        return None;
    }
    slip(key, own.iter().chain(COMMON).copied())
}

/// The key of an object below `jsonData` that was meant.
pub(super) fn inner(parent: &str, key: &str) -> Option<&'static str> {
    let (_, keys) = INNER.iter().find(|(name, _)| *name == parent)?;
    slip(key, keys.iter().copied())
}

/// The name that `key` is but for a slip: the case of letters, `_` and `-`, or one letter of a longer word.
pub(super) fn slip(key: &str, known: impl Iterator<Item = &'static str> + Clone) -> Option<&'static str> {
    if key.len() > 64 || known.clone().any(|k| k == key) {
        return None;
    }
    let fold = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
    let wanted = fold(key);
    let close = known.filter(|k| k.len().abs_diff(key.len()) <= 3);
    let same = close.clone().find(|k| fold(k) == wanted);
    same.or_else(|| close.clone().find(|k| k.len() > 5 && strsim::damerau_levenshtein(&wanted, &fold(k)) == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_names() {
        assert_eq!(json("prometheus", "httpmethod"), Some("httpMethod"));
        assert_eq!(json("tempo", "tracesToLogsv2"), Some("tracesToLogsV2"));
        assert_eq!(json("loki", "maxLine"), Some("maxLines"));
        for known in ["httpMethod", "httpHeaderName1", "maxLines", "somethingElse"] {
            assert_eq!(json("prometheus", known), None, "{known}");
        }
        assert_eq!(json("some-plugin", "httpmethod"), None);
        assert_eq!(inner("tracesToLogsV2", "datasourceUID"), Some("datasourceUid"));
        assert_eq!(slip("is_default", SOURCE.iter().copied()), Some("isDefault"));
        assert_eq!(slip("datasource", SOURCES.iter().copied()), Some("datasources"));
    }
}
