package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/alloy/syntax/ast"
	"github.com/grafana/alloy/syntax/parser"
	"github.com/grafana/alloy/syntax/printer"
)

// batch answers for many texts in one process. Each comes on standard input as its length in bytes on a line, then the
// text. Each answer is a line: `ok` and the digest of the formatted text, `unprinted` and why it cannot be printed, or `no`
// and the first fault.
func batch() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return
		}
		size, bad := strconv.Atoi(strings.TrimSpace(line))
		if err != nil || bad != nil {
			fail("no length: %q", line)
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(in, text); err != nil {
			fail("%v", err)
		}
		fmt.Fprintln(out, answer(text))
	}
}

func answer(text []byte) (said string) {
	oneLine := func(v any) string { return strings.Join(strings.Fields(fmt.Sprint(v)), " ") }
	// The printer is known to panic on a few texts that the parser takes; `alloy fmt` dies of them.
	defer func() {
		if why := recover(); why != nil {
			said = "unprinted panic: " + oneLine(why)
		}
	}()
	parsed, err := parser.ParseFile("text", text)
	if err != nil {
		return "no " + oneLine(err)
	}
	var formatted bytes.Buffer
	if err := printer.Fprint(&formatted, parsed); err != nil {
		return "unprinted " + oneLine(err)
	}
	formatted.WriteByte('\n')
	return fmt.Sprintf("ok %x", sha256.Sum256(formatted.Bytes()))
}

// speed reads a file over and over and prints the fastest parse and the fastest print, each in nanoseconds. Like the bench
// beside it, it counts what the thread computed where the system tells; the collector of garbage has threads of its own.
func speed(file string, runs, laps int) {
	text, err := os.ReadFile(file)
	if err != nil {
		fail("%v", err)
	}
	runtime.LockOSThread()
	var parsed *ast.File
	parse := fastest(runs, laps, func() {
		if parsed, err = parser.ParseFile("text", text); err != nil {
			fail("%v", err)
		}
	})
	print := fastest(runs, laps, func() {
		if err := printer.Fprint(io.Discard, parsed); err != nil {
			fail("%v", err)
		}
	})
	fmt.Println(parse.Nanoseconds(), print.Nanoseconds())
}

func fastest(runs, laps int, run func()) time.Duration {
	best := time.Duration(1 << 62)
	for range runs {
		start, wall := onCPU(), time.Now()
		for range laps {
			run()
		}
		took := time.Since(wall)
		if end := onCPU(); start > 0 && end > 0 {
			took = end - start
		}
		best = min(best, took/time.Duration(laps))
	}
	return best
}

// onCPU is how long this thread has computed so far; 0 where the system does not tell.
func onCPU() time.Duration {
	text, err := os.ReadFile("/proc/thread-self/schedstat")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	took, _ := strconv.ParseInt(first, 10, 64)
	return time.Duration(took)
}
