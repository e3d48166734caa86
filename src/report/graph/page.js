"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const graph = document.querySelector(".view .graph");
  const view = document.querySelector(".view");
  const details = document.getElementById("details");
  const boxes = data.nodes.map((_, at) => document.getElementById("n" + at));
  const lines = data.edges.map((_, at) => document.getElementById("e" + at));

  const add = (parent, name, text, className) => {
    const element = document.createElement(name);
    element.textContent = text;
    if (className) element.className = className;
    parent.append(element);
    return element;
  };
  const place = (p) => (p ? p.path + ":" + p.line : "");
  const list = (items) => {
    const dl = add(details, "dl", "");
    for (const item of items) {
      add(dl, "dt", item.text);
      if (item.place) add(dl, "dd", place(item.place));
    }
  };
  const shapes = {
    n: (node) => {
      add(details, "h2", node.title);
      add(details, "p", node.kind + (node.service && node.service !== node.title ? " of " + node.service : ""));
      list(node.details);
      for (const found of node.findings) {
        const p = add(details, "p", found.severity + ": " + found.message + " [" + found.rule + "]", "bad");
        add(p, "code", " " + place(found.place));
      }
    },
    e: (edge) => {
      add(details, "h2", data.nodes[edge.from].title + " → " + data.nodes[edge.to].title);
      add(details, "p", (edge.signals.join(", ") || "whatever comes") + (edge.label ? " · " + edge.label : ""));
      if (edge.state !== "fine") add(details, "p", edge.state + ": " + (edge.why || "") + (edge.rule ? " [" + edge.rule + "]" : ""), "bad");
      list(edge.details);
    },
  };
  const near = (id) => {
    for (const element of graph.querySelectorAll(".near")) element.classList.remove("near");
    const at = Number(id.slice(1));
    data.edges.forEach((edge, line) => {
      if (id[0] === "n" ? edge.from === at || edge.to === at : line === at) {
        lines[line]?.classList.add("near");
        boxes[edge.from]?.classList.add("near");
        boxes[edge.to]?.classList.add("near");
      }
    });
  };
  const show = (id) => {
    const one = (id[0] === "n" ? data.nodes : data.edges)[Number(id.slice(1))];
    if (!one) return;
    details.replaceChildren();
    shapes[id[0]](one);
    near(id);
  };
  for (const element of graph.querySelectorAll(".box, .line")) {
    for (const event of ["focus", "mouseenter", "click"]) element.addEventListener(event, () => show(element.id));
  }
  for (const link of document.querySelectorAll('#ways a[href^="#e"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const line = document.getElementById(link.getAttribute("href").slice(1));
      line.scrollIntoView({ block: "center", inline: "center" });
      line.focus({ preventScroll: true });
    });
  }

  const filter = (signal) => {
    graph.classList.toggle("filtered", signal !== "");
    const on = new Set();
    data.edges.forEach((edge, at) => {
      const carries = edge.signals.length === 0 || edge.signals.includes(signal);
      lines[at]?.classList.toggle("on", carries && edge.signals.length > 0);
      if (carries && edge.signals.length > 0) on.add(edge.from).add(edge.to);
    });
    boxes.forEach((box, at) => box.classList.toggle("on", on.has(at)));
  };
  for (const input of document.querySelectorAll('input[name="signal"]')) {
    input.addEventListener("change", () => filter(input.value));
  }

  const size = { width: graph.width.baseVal.value, height: graph.height.baseVal.value };
  let scale = 1;
  const zoom = (to) => {
    scale = Math.min(3, Math.max(0.15, to));
    graph.setAttribute("width", size.width * scale);
    graph.setAttribute("height", size.height * scale);
  };
  const fit = () => Math.min(view.clientWidth / size.width, view.clientHeight / size.height, 1);
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => zoom({ in: scale * 1.25, out: scale / 1.25, fit: fit() }[button.dataset.zoom]));
  }
  zoom(Math.max(fit(), 0.85));
  view.scrollTop = (view.scrollHeight - view.clientHeight) / 2;
  document.documentElement.dataset.ready = "true";
})();
