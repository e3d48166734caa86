// Loads configs as Alertmanager and `amtool check-config` do: paths come by line on standard input, and for each one line
// goes out, which is empty where the config loads.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/common/promslog"
)

func main() {
	compat.InitFromFlags(promslog.NewNopLogger(), featurecontrol.NoopFlags{})
	paths := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for paths.Scan() {
		_, err := config.LoadFile(paths.Text())
		if err != nil {
			fmt.Fprint(out, strings.ReplaceAll(err.Error(), "\n", " "))
		}
		fmt.Fprintln(out)
	}
}
