// Reads files with the readers of Alloy and of compose, and says what they say.
//
//	loaders alloy [--fmt] FILE…    parses each; with --fmt, printing it again must change nothing
//	loaders alloy-batch            answers for many texts on standard input
//	loaders alloy-speed FILE R L   says how long parsing and printing it take
//	loaders compose-batch          says of many projects whether they load
//	loaders compose FILE           loads it strictly with the .env beside it; a warning is a fault; prints it as JSON
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/grafana/alloy/syntax/parser"
	"github.com/grafana/alloy/syntax/printer"
	"github.com/sirupsen/logrus"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "alloy-batch" {
		batch()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "compose-batch" {
		composeBatch()
		return
	}
	if len(os.Args) < 3 {
		fail("usage: loaders alloy [--fmt] FILE… | alloy-batch | alloy-speed FILE RUNS LAPS | compose-batch | compose FILE")
	}
	switch os.Args[1] {
	case "alloy":
		files, format := os.Args[2:], false
		if files[0] == "--fmt" {
			files, format = files[1:], true
		}
		for _, file := range files {
			alloy(file, format)
		}
	case "alloy-speed":
		runs, laps := 1, 1
		if len(os.Args) > 4 {
			runs, _ = strconv.Atoi(os.Args[3])
			laps, _ = strconv.Atoi(os.Args[4])
		}
		speed(os.Args[2], max(runs, 1), max(laps, 1))
	case "compose":
		compose(os.Args[2])
	default:
		fail("no loader %q", os.Args[1])
	}
}

func alloy(file string, format bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		fail("%v", err)
	}
	parsed, err := parser.ParseFile(filepath.Base(file), text)
	if err != nil {
		fail("%v", err)
	}
	if !format {
		return
	}
	var out bytes.Buffer
	if err := printer.Fprint(&out, parsed); err != nil {
		fail("%s: %v", file, err)
	}
	// `alloy fmt` ends what it prints with a line end: grafana/alloy internal/alloycli/cmd_fmt.go@v1.18.1.
	out.WriteByte('\n')
	if bytes.Equal(text, out.Bytes()) {
		return
	}
	before, after := bytes.Split(text, []byte{'\n'}), bytes.Split(out.Bytes(), []byte{'\n'})
	for n := 0; n < len(before) && n < len(after); n++ {
		if !bytes.Equal(before[n], after[n]) {
			fail("%s:%d: `alloy fmt` changes %q to %q", file, n+1, before[n], after[n])
		}
	}
	fail("%s: `alloy fmt` changes its end", file)
}

// warnings collects what the loader only says.
type warnings []string

func (w *warnings) Levels() []logrus.Level {
	return []logrus.Level{logrus.WarnLevel, logrus.ErrorLevel}
}

func (w *warnings) Fire(entry *logrus.Entry) error {
	*w = append(*w, entry.Message)
	return nil
}

func compose(file string) {
	said := &warnings{}
	logrus.AddHook(said)
	logrus.SetOutput(new(bytes.Buffer))
	folder := filepath.Dir(file)
	steps := []cli.ProjectOptionsFn{
		cli.WithWorkingDirectory(folder),
		cli.WithInterpolation(true),
		cli.WithNormalization(true),
		cli.WithConsistency(true),
		cli.WithResolvedPaths(false),
	}
	// Nothing of the caller's environment: the folder must be complete by itself.
	if env := filepath.Join(folder, ".env"); exists(env) {
		steps = append(steps, cli.WithEnvFiles(env), cli.WithDotEnv)
	}
	options, err := cli.NewProjectOptions([]string{file}, steps...)
	if err != nil {
		fail("%v", err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		fail("%v", err)
	}
	for _, text := range *said {
		fail("warning: %s", text)
	}
	if err := json.NewEncoder(os.Stdout).Encode(project); err != nil {
		fail("%v", err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
