// Drives a running Prometheus: waits until it is ready, sends one remote write on the path that must be taken and one on
// a path that must be refused, reads the sample back, and asks every query. Reads its task as JSON from standard input.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
)

type task struct {
	// Base URL of the server.
	Base string `json:"base"`
	// Path of remote write as the collector's configuration has it.
	Write string `json:"write"`
	// Path that must be refused.
	Wrong string `json:"wrong"`
	// Queries, variables replaced.
	Queries []string `json:"queries"`
	// Rules that must be loaded.
	Rules int `json:"rules"`
}

type reply struct {
	Status string `json:"status"`
	Error  string `json:"error"`
	Data   struct {
		Result json.RawMessage `json:"result"`
		Groups []struct {
			Rules []json.RawMessage `json:"rules"`
		} `json:"groups"`
	} `json:"data"`
}

const metric = "vispyr_conformance"

func main() {
	var t task
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		fail("task: %v", err)
	}
	ready(t.Base)
	if code, body := push(t.Base + t.Write); code/100 != 2 {
		fail("remote write on %s: %d %s", t.Write, code, body)
	}
	if code, _ := push(t.Base + t.Wrong); code/100 == 2 {
		fail("remote write on %s was accepted", t.Wrong)
	}
	if r := get(t.Base + "/api/v1/query?query=" + metric); !bytes.Contains(r.Data.Result, []byte(`"42"`)) {
		fail("the written sample is not found again: %s %s", r.Error, r.Data.Result)
	}
	for _, q := range t.Queries {
		if r := get(t.Base + "/api/v1/query?query=" + url.QueryEscape(q)); r.Status != "success" {
			fail("%s\n  %s", q, r.Error)
		}
	}
	loaded := 0
	for _, g := range get(t.Base + "/api/v1/rules").Data.Groups {
		loaded += len(g.Rules)
	}
	if loaded != t.Rules {
		fail("%d rules are loaded, %d are written", loaded, t.Rules)
	}
	fmt.Printf("remote write taken on %s and refused on %s, %d queries answered, %d rules loaded\n", t.Write, t.Wrong, len(t.Queries), loaded)
}

func ready(base string) {
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		response, err := http.Get(base + "/-/ready")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return
		}
	}
	fail("not ready after a minute")
}

func push(to string) (int, string) {
	request := prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{
		Labels:  []prompb.Label{{Name: "__name__", Value: metric}, {Name: "job", Value: "conformance"}},
		Samples: []prompb.Sample{{Value: 42, Timestamp: time.Now().UnixMilli()}},
	}}}
	raw, err := request.Marshal()
	if err != nil {
		fail("encoding: %v", err)
	}
	post, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(snappy.Encode(nil, raw)))
	if err != nil {
		fail("%v", err)
	}
	post.Header.Set("Content-Encoding", "snappy")
	post.Header.Set("Content-Type", "application/x-protobuf")
	post.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	response, err := http.DefaultClient.Do(post)
	if err != nil {
		fail("%v", err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	return response.StatusCode, string(body)
}

func get(from string) (r reply) {
	response, err := http.Get(from)
	if err != nil {
		fail("%v", err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&r); err != nil {
		fail("%s: %s, %v", from, response.Status, err)
	}
	return r
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
