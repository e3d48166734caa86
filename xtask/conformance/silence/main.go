// Runs stacks of Prometheus servers in this process, each with its own database, scrapes, rules, remote write and API, on a
// network of names that ends here, and says what their queries find. Reads a list of stacks as JSON from standard input and
// writes one answer for each to standard output.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/grafana/regexp"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb"
	api "github.com/prometheus/prometheus/web/api/v1"
)

// Longer than this nobody waits for what a right stack delivers.
const patience = 20 * time.Second

// For so long after it runs a broken stack is watched: many times its intervals.
const watch = 3 * time.Second

type server struct {
	// Its name on the network.
	Name string `json:"name"`
	// Its config.
	Config string `json:"config"`
	// Its command line.
	Args []string `json:"args"`
}

type stack struct {
	Servers []server `json:"servers"`
	// What else answers: `host:port` and the page of metrics there.
	Pages map[string]string `json:"pages"`
	// Who is asked, and what.
	Ask   string `json:"ask"`
	Query string `json:"query"`
	// Whether something is expected: then it is waited for.
	Expected bool `json:"expected"`
}

type answer struct {
	// Why a server did not start.
	Error string `json:"error"`
	// How many series the query finds in the end.
	Found int `json:"found"`
	// Requests to servers that were not answered with a 2xx, by method, path and code.
	Refused map[string]int `json:"refused"`
}

func main() {
	var stacks []stack
	if err := json.NewDecoder(os.Stdin).Decode(&stacks); err != nil {
		fmt.Fprintln(os.Stderr, "task:", err)
		os.Exit(1)
	}
	answers := make([]answer, len(stacks))
	var wait sync.WaitGroup
	for i, s := range stacks {
		wait.Go(func() { answers[i] = run(s) })
	}
	wait.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Names and ports, each with the address here that stands for it.
type network struct {
	mutex sync.Mutex
	ends  map[string]string
	codes map[string]int
}

func (n *network) serve(at string, handler http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &recorder{ResponseWriter: w, code: http.StatusOK}
		handler.ServeHTTP(seen, r)
		if seen.code/100 != 2 {
			n.mutex.Lock()
			n.codes[fmt.Sprintf("%s %s %d", r.Method, r.URL.Path, seen.code)]++
			n.mutex.Unlock()
		}
	}))
	// What does not speak HTTP is none of ours to log.
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	n.mutex.Lock()
	n.ends[at] = s.Listener.Addr().String()
	n.mutex.Unlock()
	return s
}

// Where a name and port lead; to a closed port where nobody listens.
func (n *network) end(at string) string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if to, ok := n.ends[at]; ok {
		return to
	}
	return "127.0.0.1:1"
}

func (n *network) dial(ctx context.Context, kind, at string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, kind, n.end(at))
}

type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

func run(s stack) (a answer) {
	folder, err := os.MkdirTemp("", "silence-")
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer os.RemoveAll(folder)
	n := &network{ends: map[string]string{}, codes: map[string]int{}}
	for at, page := range s.Pages {
		defer n.serve(at, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			io.WriteString(w, page)
		})).Close()
	}
	var running []*engine
	for _, one := range s.Servers {
		e, err := open(one, filepath.Join(folder, one.Name))
		if err != nil {
			return answer{Error: one.Name + ": " + err.Error()}
		}
		defer e.close()
		defer n.serve(one.Name+":9090", e.handler).Close()
		running = append(running, e)
	}
	var asked *engine
	for _, e := range running {
		if err := e.start(n); err != nil {
			return answer{Error: e.server.Name + ": " + err.Error()}
		}
		if e.server.Name == s.Ask {
			asked = e
		}
	}
	end := time.Now().Add(watch)
	if s.Expected {
		end = time.Now().Add(patience)
	}
	for time.Now().Before(end) && !(s.Expected && a.Found > 0) {
		time.Sleep(50 * time.Millisecond)
		if a.Found, err = asked.ask(s.Query); err != nil {
			return answer{Error: err.Error()}
		}
		if a.Found > 0 && !s.Expected {
			break
		}
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	a.Refused = n.codes
	return a
}

// One server: the parts of cmd/prometheus/main.go that take part in this.
type engine struct {
	server  server
	config  *config.Config
	db      *tsdb.DB
	remote  *remote.Storage
	queries *promql.Engine
	store   storage.Storage
	handler http.Handler
	scrapes *scrape.Manager
	rules   *rules.Manager
	ctx     context.Context
	cancel  context.CancelFunc
	done    []func()
}

// What remote storage asks of the scrapes.
type ready struct{ e *engine }

func (r ready) Get() (*scrape.Manager, error) { return r.e.scrapes, nil }

func (e *engine) flag(name string) bool {
	for _, arg := range e.server.Args {
		if strings.TrimLeft(arg, "-") == name {
			return true
		}
	}
	return false
}

func open(s server, folder string) (*engine, error) {
	logger := slog.New(slog.DiscardHandler)
	loaded, err := config.LoadFile(s.Config, false, logger)
	if err != nil {
		return nil, err
	}
	e := &engine{server: s, config: loaded}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	if e.db, err = tsdb.Open(folder, logger, nil, tsdb.DefaultOptions(), nil); err != nil {
		return nil, err
	}
	e.remote = remote.NewStorage(logger, prometheus.NewRegistry(), e.db.StartTime, folder, 100*time.Millisecond, ready{e}, false)
	e.db.SetWriteNotified(e.remote)
	e.store = storage.NewFanout(logger, e.db, e.remote)
	reader := parser.NewParser(parser.Options{})
	e.queries = promql.NewEngine(promql.EngineOpts{
		Logger: logger, MaxSamples: 1 << 20, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
		NoStepSubqueryIntervalFn: func(int64) int64 { return 1000 }, EnableAtModifier: true, EnableNegativeOffset: true,
		Parser: reader,
	})
	e.rules = rules.NewManager(&rules.ManagerOptions{
		Appendable: e.store, Queryable: e.db, QueryFunc: rules.EngineQueryFunc(e.queries, e.store),
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Context: e.ctx, ExternalURL: &url.URL{}, Logger: logger,
		DefaultRuleQueryOffset: func() time.Duration { return 0 }, Parser: reader,
	})
	e.handler = e.web(logger, reader)
	return e, nil
}

// Its API, as web/web.go mounts it.
func (e *engine) web(logger *slog.Logger, reader parser.Parser) http.Handler {
	nothing := func(f http.HandlerFunc) http.HandlerFunc { return f }
	registry := prometheus.NewRegistry()
	served := api.NewAPI(e.queries, e.store, e.store, e.db, e.db,
		func(context.Context) api.ScrapePoolsRetriever { return e.scrapes },
		func(context.Context) api.TargetRetriever { return e.scrapes },
		func(context.Context) api.AlertmanagerRetriever { return (*notifier.Manager)(nil) },
		func() config.Config { return *e.config }, nil, api.GlobalURLOptions{}, nothing, nil, "", false, false, 0, logger,
		func(context.Context) api.RulesRetriever { return e.rules }, 0, 0, 0, false, regexp.MustCompile(".*"), nil, nil, nil,
		nil, registry, registry, nil, e.flag("web.enable-remote-write-receiver"),
		remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType},
		e.flag("web.enable-otlp-receiver"), false, false, false, 5*time.Minute, false, false, nil, nil, api.OpenAPIOptions{},
		reader)
	router := route.New()
	served.Register(router)
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", http.StripPrefix("/api/v1", router))
	return mux
}

func (e *engine) start(n *network) error {
	logger := slog.New(slog.DiscardHandler)
	// Names are resolved here: remote write takes no dialler.
	for _, w := range e.config.RemoteWriteConfigs {
		w.URL.Host = n.end(w.URL.Host)
	}
	if err := e.remote.ApplyConfig(e.config); err != nil {
		return err
	}
	metrics, err := discovery.CreateAndRegisterSDMetrics(prometheus.NewRegistry())
	if err != nil {
		return err
	}
	found := discovery.NewManager(e.ctx, logger, prometheus.NewRegistry(), metrics, discovery.Updatert(50*time.Millisecond))
	options := &scrape.Options{
		DiscoveryReloadInterval: model.Duration(50 * time.Millisecond),
		HTTPClientOptions:       []commoncfg.HTTPClientOption{commoncfg.WithDialContextFunc(n.dial)},
	}
	if e.scrapes, err = scrape.NewManager(options, logger, nil, nil, e.store, prometheus.NewRegistry()); err != nil {
		return err
	}
	if err := e.scrapes.ApplyConfig(e.config); err != nil {
		return err
	}
	jobs, err := e.config.GetScrapeConfigs()
	if err != nil {
		return err
	}
	sources := map[string]discovery.Configs{}
	for _, job := range jobs {
		sources[job.JobName] = job.ServiceDiscoveryConfigs
	}
	if err := found.ApplyConfig(sources); err != nil {
		return err
	}
	var files []string
	for _, pattern := range e.config.RuleFiles {
		some, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		files = append(files, some...)
	}
	global := e.config.GlobalConfig
	if err := e.rules.Update(time.Duration(global.EvaluationInterval), files, global.ExternalLabels, "", nil); err != nil {
		return err
	}
	var wait sync.WaitGroup
	wait.Go(func() { found.Run() })
	wait.Go(func() { e.scrapes.Run(found.SyncCh()) })
	go e.rules.Run()
	e.done = append(e.done, func() {
		e.rules.Stop()
		e.scrapes.Stop()
		e.cancel()
		wait.Wait()
	})
	return nil
}

func (e *engine) close() {
	for _, end := range e.done {
		end()
	}
	e.cancel()
	e.remote.Close()
	e.db.Close()
}

// How many series a query finds now, over the API.
func (e *engine) ask(query string) (int, error) {
	r := httptest.NewRequest(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(query), nil)
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, r)
	var said struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Data   struct {
			Result []json.RawMessage `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		return 0, fmt.Errorf("%s: %w", query, err)
	}
	if said.Status != "success" {
		return 0, fmt.Errorf("%s: %s", query, said.Error)
	}
	return len(said.Data.Result), nil
}
