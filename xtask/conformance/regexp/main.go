// Reads regular expressions as the engines do: one JSON string a line on standard input, one verdict a line on standard
// output: the groups with their names, or the kind of the fault.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"regexp/syntax"
	"strings"
)

func main() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	in.Buffer(nil, 1<<26)
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(out, verdict(text))
	}
	if err := errors.Join(in.Err(), out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func verdict(text string) string {
	compiled, err := regexp.Compile(text)
	if err == nil {
		names := compiled.SubexpNames()[1:]
		return fmt.Sprintf("OK %d [%s]", len(names), strings.Join(names, ","))
	}
	var fault *syntax.Error
	if errors.As(err, &fault) {
		return string(fault.Code)
	}
	return err.Error()
}
