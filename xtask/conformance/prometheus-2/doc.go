// Package conformance holds nothing: its go.mod pins the `promtool` of Prometheus 2 that is built from here.
package conformance
