package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// pairs is a flag that is given once for each NAME=VALUE.
type pairs struct {
	names  []string
	values map[string]string
}

// String returns the pairs as they were given.
func (p *pairs) String() string {
	var list []string
	for _, n := range p.names {
		list = append(list, n+"="+p.values[n])
	}
	return strings.Join(list, ",")
}

// Set takes a pair. The name ends at the first equals sign that a value follows.
func (p *pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" || value == "" {
		return fmt.Errorf("%q is not NAME=VALUE", s)
	}
	if _, twice := p.values[name]; twice {
		return fmt.Errorf("%s is given twice", name)
	}
	if p.values == nil {
		p.values = map[string]string{}
	}
	p.names = append(p.names, name)
	p.values[name] = value
	return nil
}

// Type names the flag's value in help.
func (p *pairs) Type() string { return "NAME=VALUE" }

// dims is a flag of sizes of dimensions: batch=4.
type dims map[string]int

// String returns the sizes.
func (d dims) String() string {
	var list []string
	for name, n := range d {
		list = append(list, fmt.Sprintf("%s=%d", name, n))
	}
	return strings.Join(list, ",")
}

// Set takes NAME=N, or several separated by commas.
func (d dims) Set(s string) error {
	for _, one := range strings.Split(s, ",") {
		name, value, ok := strings.Cut(one, "=")
		n, err := strconv.Atoi(value)
		if !ok || name == "" || err != nil || n < 0 {
			return fmt.Errorf("%q is not NAME=N with a whole number", one)
		}
		d[name] = n
	}
	return nil
}

// Type names the flag's value in help.
func (d dims) Type() string { return "NAME=N" }

// completeWith makes the shell's completion offer words for a flag, and files beside them where the flag
// takes a file.
func completeWith(cmd *cobra.Command, flag string, words ...string) {
	directive := cobra.ShellCompDirectiveNoFileComp
	if flag == "reference" {
		directive = cobra.ShellCompDirectiveDefault
	}
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, directive
	})
	if err != nil {
		panic(err) // the flag is not the command's, or has a completion: a mistake in the program
	}
}
