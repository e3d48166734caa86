package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/sirupsen/logrus"
)

// composeBatch answers for many projects in one process: each line of standard input is a JSON object with the folder of a
// project and its files, none of which stands for those that compose looks for itself. Each answer is a line: `ok`, or `no`
// and why. Projects are loaded as `docker compose config` loads them (docker/compose cmd/compose/compose.go@v5.5.0), with
// nothing in the environment but what `.env` says.
func composeBatch() {
	logrus.SetOutput(io.Discard)
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return
		}
		var asked struct {
			Folder string   `json:"folder"`
			Files  []string `json:"files"`
		}
		if err := json.Unmarshal([]byte(line), &asked); err != nil {
			fail("%v", err)
		}
		fmt.Fprintln(out, loads(asked.Folder, asked.Files))
		out.Flush()
	}
}

func loads(folder string, files []string) (said string) {
	oneLine := func(v any) string { return strings.Join(strings.Fields(fmt.Sprint(v)), " ") }
	defer func() {
		if why := recover(); why != nil {
			said = "no panic: " + oneLine(why)
		}
	}()
	options, err := cli.NewProjectOptions(files,
		cli.WithWorkingDirectory(folder),
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(),
		cli.WithInterpolation(true),
		cli.WithNormalization(true),
		cli.WithConsistency(true),
		cli.WithResolvedPaths(true),
	)
	if err != nil {
		return "no " + oneLine(err)
	}
	if _, err := options.LoadProject(context.Background()); err != nil {
		return "no " + oneLine(err)
	}
	return "ok"
}
