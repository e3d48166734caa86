//! Plugins: those that Grafana brings, and those that a service is told to install.

use crate::catalogue::Version;
use crate::tree::{MountSource, Service, path};

/// Panels of the image (`grafana/grafana public/app/plugins/panel/*/plugin.json` at 9.4.3, 12.1, 12.3.3 and 12.4.0).
const PANELS: [&str; 43] = [
    "row",
    "alertlist",
    "annolist",
    "barchart",
    "bargauge",
    "candlestick",
    "canvas",
    "dashlist",
    "datagrid",
    "debug",
    "flamegraph",
    "gauge",
    "geomap",
    "gettingstarted",
    "heatmap",
    "histogram",
    "live",
    "logs",
    "logstable",
    "news",
    "nodeGraph",
    "piechart",
    "radialbar",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "text",
    "timeseries",
    "traces",
    "trend",
    "welcome",
    "xychart",
    // Earlier ones, and those that are replaced when they are loaded (`autoMigrateAngular` and `autoMigrateRemovedPanelPlugins` of
    // `public/app/features/dashboard/state/PanelModel.ts` at 12.3.3).
    "graph",
    "table-old",
    "singlestat",
    "grafana-singlestat-panel",
    "grafana-piechart-panel",
    "grafana-worldmap-panel",
    "natel-discrete-panel",
    "heatmap-new",
    "alertGroups",
    "pluginlist",
];

/// A plugin that releases from some version on do not have.
#[derive(Debug)]
pub(super) struct Gone {
    /// Its id.
    pub(super) id: &'static str,
    /// Whether it is a data source.
    pub(super) source: bool,
    /// The first release without it.
    pub(super) since: (u16, u16),
    /// What to use instead.
    pub(super) instead: &'static str,
}

/// Those that are sure: npm `@grafana/schema` 12.3.1 has the options of `datagrid`, 13.0.2 has not; `parca` has left the image
/// with 13.2 (grafana/grafana#127322). Which other plugins were written for AngularJS, which has left with 12.0, no file tells.
static GONE: &[Gone] = &[
    Gone { id: "datagrid", source: false, since: (13, 0), instead: "use `table`" },
    Gone {
        id: "parca",
        source: true,
        since: (13, 2),
        instead: "build the plugin, mount it, and name it in `allow_loading_unsigned_plugins`",
    },
];

/// Why a plugin is not there at a version.
pub(super) fn gone(id: &str, source: bool, version: Version) -> Option<&'static Gone> {
    GONE.iter().find(|g| g.id == id && g.source == source && (version.major, version.minor) >= g.since)
}

/// Data sources of the image whose ids end as those of plugins from elsewhere do
/// (grafana/grafana public/app/plugins/datasource/azuremonitor/plugin.json@076549019a9b,
/// grafana-postgresql-datasource/plugin.json@305fcff42ff2, grafana-pyroscope-datasource/plugin.json@0b596ec909ba,
/// grafana-testdata-datasource/plugin.json@1f59d015fa8f).
const SOURCES: [&str; 4] = [
    "grafana-azure-monitor-datasource",
    "grafana-postgresql-datasource",
    "grafana-pyroscope-datasource",
    "grafana-testdata-datasource",
];

/// Whether the image brings a panel or a data source.
pub(super) fn is_core(id: &str) -> bool {
    PANELS.contains(&id) || SOURCES.contains(&id)
}

/// Variables that name plugins to install (`packaging/docker/run.sh`, `conf/defaults.ini` `[plugins]`).
const INSTALL: [&str; 4] =
    ["GF_INSTALL_PLUGINS", "GF_PLUGINS_PREINSTALL", "GF_PLUGINS_PREINSTALL_SYNC", "GF_PLUGINS_PREINSTALL_ASYNC"];

/// Where plugins lie.
const FOLDER: &str = "/var/lib/grafana/plugins";

/// Whether a service certainly lacks a plugin that its image does not bring. A folder of plugins that is not known, an image of
/// one's own, and settings elsewhere may bring it.
pub(super) fn lacks(service: &Service, ini: Option<&str>, id: &str) -> bool {
    let open = service.environment_open || service.build || service.mounts_open || service.args().is_none();
    let own = service.image.as_ref().is_none_or(|i| i.open || !i.repository.starts_with("grafana/grafana"));
    if open || own || service.env("GF_PATHS_PLUGINS").is_some() || service.env("GF_PATHS_DATA").is_some() {
        return false;
    }
    let around = |target: &str| path::below(FOLDER, target).is_some() || path::below(target, FOLDER).is_some();
    let brought = service.mounts.iter().filter(|m| around(&m.target)).any(|m| {
        // A volume begins empty.
        !matches!(m.source, MountSource::Volume(_) | MountSource::Scratch)
    });
    let named = INSTALL
        .iter()
        .filter_map(|name| service.env(name))
        .any(|v| v.value.as_deref().is_none_or(|text| text.contains(id)));
    !brought && !named && !ini.is_some_and(|text| text.contains(id))
}
