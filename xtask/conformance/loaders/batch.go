package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

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

// speed reads a file over and over and prints the fastest parse and the fastest print, each in nanoseconds.
func speed(file string, runs int) {
	text, err := os.ReadFile(file)
	if err != nil {
		fail("%v", err)
	}
	parse, print := time.Duration(1<<62), time.Duration(1<<62)
	for range runs {
		start := time.Now()
		parsed, err := parser.ParseFile("text", text)
		parse = min(parse, time.Since(start))
		if err != nil {
			fail("%v", err)
		}
		start = time.Now()
		if err := printer.Fprint(io.Discard, parsed); err != nil {
			fail("%v", err)
		}
		print = min(print, time.Since(start))
	}
	fmt.Println(parse.Nanoseconds(), print.Nanoseconds())
}
