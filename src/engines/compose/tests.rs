//! Services as compose would see them, from small trees.

use crate::engines;
use crate::tree::{Inside, MountSource, Network, RawTree, Service, Settings, Tree};

fn tree(files: &[(&str, &str)]) -> Tree {
    engines::tree(RawTree::from_texts(files.iter().copied()), &Settings::default())
}

fn service<'a>(tree: &'a Tree, name: &str) -> &'a Service {
    let mut found = tree.services.iter().filter(|s| s.name == name);
    let service = found.next().unwrap_or_else(|| panic!("no service `{name}`"));
    assert!(found.next().is_none(), "two services `{name}`");
    service
}

#[test]
fn a_service_is_read_with_places() {
    let text = "\
services:
  prom:
    image: prom/prometheus:v3.14.0
    container_name: prom-1
    command: >-
      --config.file=/etc/p.yml
      --web.listen-address='${ADDR}:9090'
    environment:
      - A=x=${TAG:-y}
      - PASSED
    ports: ['127.0.0.1:9091:9090']
    depends_on: {other: {condition: service_healthy}}
    networks: {back: {aliases: [p]}}
    healthcheck: {test: wget -q localhost}
networks:
  back: {name: real}
";
    let tree = tree(&[("compose.yaml", text), (".env", "PASSED=1\n")]);
    let s = service(&tree, "prom");
    assert_eq!(s.engine, Some("prometheus"));
    assert_eq!(s.version.map(|v| v.to_string()).as_deref(), Some("3.14.0"));
    let (arg, value) = s.flag("config.file").unwrap();
    assert_eq!((value.as_str(), tree.sources.slice(arg.span)), ("/etc/p.yml", "--config.file=/etc/p.yml"));
    let (arg, _) = s.flag("web.listen-address").unwrap();
    assert!(arg.open);
    assert_eq!(tree.sources.slice(arg.span), "--web.listen-address='${ADDR}:9090'");
    let a = s.env("A").unwrap();
    assert_eq!((a.value.as_deref(), a.raw.as_str()), (Some("x=y"), "x=${TAG:-y}"));
    assert_eq!(tree.sources.slice(a.span), "x=${TAG:-y}");
    assert_eq!(s.env("PASSED").unwrap().value.as_deref(), Some("1"));
    assert_eq!(s.names, ["prom-1"]);
    assert_eq!(s.network, Network::Named(vec![("real".into(), vec!["p".into()])]));
    assert_eq!(s.depends_on[0].condition, "service_healthy");
    assert_eq!(s.healthcheck.as_ref().unwrap()[0].text, "CMD-SHELL");
}

#[test]
fn an_override_is_merged_and_a_variant_stands_beside() {
    let tree = tree(&[
        (
            "a/compose.yaml",
            "services:\n  p:\n    image: prom/prometheus:v3.14.0\n    command: [--a]\n    ports: ['1:1']\n",
        ),
        ("a/compose.override.yaml", "services:\n  p:\n    command: [--b]\n    ports: ['2:2']\n"),
        ("a/docker-compose.prod.yml", "services:\n  q:\n    image: q\n"),
        ("b/compose.yaml", "services:\n  r:\n    image: r\n"),
    ]);
    let p = service(&tree, "p");
    assert_eq!(p.args().unwrap().iter().map(|a| a.text.as_str()).collect::<Vec<_>>(), ["--b"]);
    assert_eq!(p.ports.len(), 2);
    assert_eq!(tree.artifact(p.artifact).path, "a/compose.yaml");
    assert_eq!(service(&tree, "q").project, p.project);
    assert_ne!(service(&tree, "r").project, p.project);
}

#[test]
fn a_variant_that_only_adds_is_laid_over_the_default_file() {
    let tree = tree(&[
        ("compose.yaml", "services:\n  p:\n    image: prom/prometheus:v3.14.0\n  other:\n    image: o\n"),
        ("compose.dev.yaml", "services:\n  p:\n    command: [--dev]\n"),
    ]);
    assert_eq!(tree.services.iter().filter(|s| s.name == "other").count(), 1);
    let all: Vec<_> = tree.services.iter().filter(|s| s.name == "p").collect();
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].engine, Some("prometheus"));
    assert_eq!(tree.artifact(all[1].artifact).path, "compose.dev.yaml");
}

#[test]
fn a_variant_that_waits_for_services_of_the_default_file_is_laid_over_it() {
    let tree = tree(&[
        (
            "compose.yaml",
            "services:\n  p:\n    image: prom/prometheus:v3.14.0\n    networks: [n]\n  other: {image: o}\n",
        ),
        ("compose.ci.yaml", "services:\n  p:\n    image: p\n    depends_on: {other: {condition: service_started}}\n"),
        ("compose.alone.yaml", "services:\n  p:\n    image: p\n    depends_on: [q]\n  q: {image: q}\n"),
    ]);
    let networks = |file: &str| {
        let of_file = |s: &&crate::tree::Service| s.name == "p" && tree.artifact(s.artifact).path == file;
        tree.services.iter().find(of_file).unwrap().network.clone()
    };
    assert_eq!(networks("compose.ci.yaml"), networks("compose.yaml"));
    assert_ne!(networks("compose.alone.yaml"), networks("compose.yaml"));
}

#[test]
fn reset_and_override_tags_count() {
    let tree = tree(&[
        ("compose.yaml", "services:\n  p:\n    image: p\n    ports: ['1:1']\n    volumes: ['./a:/a']\n"),
        ("compose.override.yaml", "services:\n  p:\n    ports: !reset []\n    volumes: !override\n      - ./b:/b\n"),
    ]);
    let p = service(&tree, "p");
    assert!(p.ports.is_empty());
    assert_eq!(p.mounts.iter().map(|m| m.target.as_str()).collect::<Vec<_>>(), ["/b"]);
}

#[test]
fn extends_follows_files_and_paths_stay_relative_to_theirs() {
    let tree = tree(&[
        (
            "compose.yaml",
            "services:\n  p:\n    extends: {file: common/base.yaml, service: base}\n  lost:\n    extends: {file: gone.yaml, service: x}\n    image: l\n  self:\n    extends: self\n    image: s\n",
        ),
        (
            "common/base.yaml",
            "services:\n  base:\n    image: prom/prometheus:v3.14.0\n    volumes: ['./p.yml:/etc/prometheus/prometheus.yml']\n",
        ),
        ("common/p.yml", "global: {}\n"),
    ]);
    let p = service(&tree, "p");
    assert_eq!(p.mounts[0].source, MountSource::Bind("common/p.yml".into()));
    assert_eq!(tree.artifact(p.artifact).path, "compose.yaml");
    assert!(service(&tree, "lost").mounts_open);
    assert!(service(&tree, "self").mounts_open);
    let (_, config) = tree.at("common/p.yml").unwrap();
    assert_eq!(config.kind.name, "prometheus-config");
}

#[test]
fn included_files_are_one_project() {
    let tree = tree(&[
        ("compose.yaml", "include: [a/compose.yaml, {path: [b/x.yaml]}]\n"),
        ("a/compose.yaml", "services:\n  a:\n    image: a:${T}\n"),
        ("a/.env", "T=1\n"),
        ("b/x.yaml", "services:\n  b:\n    image: b\n"),
    ]);
    assert_eq!(service(&tree, "a").project, service(&tree, "b").project);
    assert_eq!(service(&tree, "a").image.as_ref().unwrap().tag.as_deref(), Some("1"));
}

#[test]
fn an_include_gives_variables_to_what_it_includes() {
    let text = "services:\n  a:\n    image: a:${T}-${U}\n";
    let tree = tree(&[
        ("compose.yaml", "include: [{path: a/compose.yaml, env_file: [a/own.env]}]\n"),
        (".env", "U=outer\n"),
        ("a/compose.yaml", text),
        ("a/own.env", "T=1\nU=inner\n"),
        ("a/.env", "T=2\n"),
    ]);
    assert_eq!(service(&tree, "a").image.as_ref().unwrap().tag.as_deref(), Some("1-outer"));
}

#[test]
fn what_lies_in_a_container_is_known_where_nothing_hides_it() {
    let tree = tree(&[
        (
            "compose.yaml",
            "services:
  p:
    image: prom/prometheus:v3.14.0
    volumes: ['./conf:/etc/prometheus', './one.yml:/opt/a/one.yml', 'data:/data', '/var/run/x:/var/run/x']
    secrets: [s]
  other: {image: me/other:1, volumes: ['./conf:/conf']}
  script: {image: prom/prometheus:v3.14.0, entrypoint: [sh, -c, 'date > /opt/x; exec prometheus']}
secrets: {s: {environment: S}}
volumes: {data: {}}
",
        ),
        ("conf/a.yml", "a: 1\n"),
        ("conf/rules/b.yml", "b: 1\n"),
        ("one.yml", "c: 1\n"),
    ]);
    let prometheus = service(&tree, "p");
    let at = |path: &str| match tree.inside(prometheus, path) {
        Inside::Lacks(mount) | Inside::NoFolder(mount) => mount.target.clone(),
        found => format!("{found:?}"),
    };
    for (path, is) in [
        ("/etc/prometheus/a.yml", "File"),
        ("/etc/prometheus/*.yml", "File"),
        ("/etc/prometheus/rules", "Folder"),
        ("/etc/prometheus/rules/*.yaml", "/etc/prometheus"),
        ("/etc/prometheus/more/*.yaml", "/etc/prometheus"),
        ("/opt/a/one.yml", "File"),
        ("/opt/a", "Folder"),
        ("/opt/b", "Nothing"),
        ("/data/x", "Unknown"),
        ("/run/x", "File"),
        ("/run/secrets/s", "File"),
        ("/var/run/secrets/t", "Nothing"),
        ("/etc/ssl/certs/ca.pem", "Unknown"),
        ("/etc/hosts", "Unknown"),
        ("/etc/x.yaml", "Nothing"),
        ("/opt/${X}", "Unknown"),
        ("opt/b", "Unknown"),
    ] {
        assert_eq!(at(path), is, "{path}");
    }
    let of = |name: &str, path: &str| tree.inside(service(&tree, name), path);
    assert_eq!([of("other", "/conf/a.yml"), of("other", "/opt/b")], [Inside::File, Inside::Unknown]);
    assert_eq!(of("script", "/opt/b"), Inside::Unknown);
}

#[test]
fn the_example_of_an_env_file_names_the_images_where_there_is_no_env_file() {
    let text = "services:\n  a: {image: 'a:${T:-1}'}\n  b: {image: 'b:${U:-1}'}\n  c: {image: 'c:${V:-1}'}\n";
    let example = (".env.example", "T=2\nU=1\n");
    let tag = |tree: &Tree, name: &str| service(tree, name).image.as_ref().unwrap().tag.clone().unwrap();
    let copied_by_hand = tree(&[("compose.yaml", text), example]);
    assert_eq!(["a", "b", "c"].map(|name| tag(&copied_by_hand, name)), ["2", "1", "1"]);
    let there = tree(&[("compose.yaml", text), example, (".env", "X=1\n")]);
    assert_eq!(tag(&there, "a"), "1");
}

#[test]
fn another_process_in_an_engines_image_is_not_the_engine() {
    let tree = tree(&[(
        "compose.yaml",
        "services:
  chown: {image: prom/prometheus, entrypoint: [chown, -R, '65534', /prometheus]}
  script: {image: prom/prometheus, entrypoint: [sh, -c, 'chown -R 65534 /prometheus']}
  exec: {image: prom/prometheus, entrypoint: [sh, -c], command: ['sleep 1 && exec /bin/prometheus --a']}
  more: {image: prom/prometheus, entrypoint: sh -c, command: ['sed s/a/b/ x > /y && exec /bin/prometheus --a']}
  same: {image: prom/prometheus, entrypoint: /bin/prometheus --a, command: [--b]}
  built: {build: ., image: prom/prometheus}
",
    )]);
    assert_eq!(service(&tree, "chown").engine, None);
    assert_eq!(service(&tree, "script").engine, None);
    assert_eq!(service(&tree, "exec").engine, Some("prometheus"));
    let exec = service(&tree, "exec").args().unwrap();
    assert_eq!(exec.iter().map(|a| tree.sources.slice(a.span)).collect::<Vec<_>>(), ["--a"]);
    assert_eq!(service(&tree, "more").engine, Some("prometheus"));
    assert!(service(&tree, "more").args().is_none());
    let same = service(&tree, "same");
    assert_eq!(same.args().unwrap().iter().map(|a| a.text.as_str()).collect::<Vec<_>>(), ["--a", "--b"]);
    assert_eq!((service(&tree, "built").engine, service(&tree, "built").build), (None, true));
}

#[test]
fn env_files_are_read_or_leave_the_environment_open() {
    let tree = tree(&[
        (
            "compose.yaml",
            "services:
  a: {image: a, env_file: [env/a.env], environment: {B: own}}
  b: {image: b, env_file: [{path: gone.env, required: false}]}
",
        ),
        ("env/a.env", "A=1\nB=2\n"),
    ]);
    let a = service(&tree, "a");
    assert_eq!(a.env("A").unwrap().value.as_deref(), Some("1"));
    assert_eq!(a.env("B").unwrap().value.as_deref(), Some("own"));
    assert!(!a.environment_open);
    assert!(service(&tree, "b").environment_open);
}

#[test]
fn configs_and_secrets_are_mounts() {
    let tree = tree(&[(
        "compose.yaml",
        "services:
  a:
    image: a
    configs: [inline, {source: file, target: /etc/x.yml}]
    secrets: [s]
configs:
  inline: {content: hello}
  file: {file: ./x.yml}
secrets:
  s: {environment: S}
",
    )]);
    let mounts: Vec<_> = service(&tree, "a").mounts.iter().map(|m| (m.source.clone(), m.target.as_str())).collect();
    assert_eq!(
        mounts,
        [
            (MountSource::Inline("inline".into()), "/inline"),
            (MountSource::Bind("x.yml".into()), "/etc/x.yml"),
            (MountSource::Inline("s".into()), "/run/secrets/s"),
        ]
    );
}

#[test]
fn merge_keys_and_extension_fields_are_applied() {
    let tree = tree(&[(
        "compose.yaml",
        "x-base: &base
  image: prom/prometheus:v3.14.0
  restart: always
services:
  p:
    <<: *base
    ports: ['1:1']
",
    )]);
    assert_eq!(service(&tree, "p").engine, Some("prometheus"));
}

#[test]
fn a_file_that_describes_a_giant_one_is_cut() {
    let mut text = String::from("x0: &x0 {a: b, c: d}\n");
    for i in 1..40 {
        text.push_str(&format!("x-{i}: &x{i} {{a: *x{0}, b: *x{0}, c: *x{0}}}\n", i - 1));
    }
    text.push_str("services:\n  p:\n    image: p\n    labels: *x39\n");
    let text = text.replace("x0: &x0", "x-0: &x0");
    let tree = tree(&[("compose.yaml", &text)]);
    assert!(tree.services.len() <= 1);
}
