// Command onnxtool trains, converts, checks, verifies and runs ONNX models.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxtool/onnxtool/internal/nearest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends what does not look at the context
	code := run(ctx, env{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// env is what a subcommand talks to: data goes to out, words to err.
type env struct {
	in       io.Reader
	out, err io.Writer
}

// The exit codes.
const (
	exitDone  = 0
	exitFail  = 1 // a check failed or the data is wrong
	exitUsage = 2
)

// errUsage marks errors of usage: unknown flags, missing arguments.
var errUsage = errors.New("usage")

// errCheck is returned by a command that has said already which check failed.
var errCheck = errors.New("check failed")

// usagef returns an error of usage.
func usagef(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}

type usageError struct{ msg string }

func (e usageError) Error() string   { return e.msg }
func (e usageError) Is(t error) bool { return t == errUsage }

// run executes the command line and returns the exit code.
func run(ctx context.Context, e env, args []string) int {
	root := newRoot(e)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errCheck):
		return exitFail
	case errors.Is(err, errUsage) || isCobraUsage(err):
		fmt.Fprintf(e.err, "onnxtool: %s\nSee '%s --help'.\n", printable(err), cmd.CommandPath())
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(e.err, "onnxtool: interrupted")
		return exitFail
	}
	fmt.Fprintf(e.err, "onnxtool: %s\n", printable(err))
	return exitFail
}

// printable returns an error's text without what could steer a terminal.
func printable(err error) string { return printableText(err.Error()) }

// printableText is text without what could steer a terminal: names in a model or a table can be anything.
func printableText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// isCobraUsage recognises what cobra itself says of a command line, which has no type.
func isCobraUsage(err error) bool {
	for _, p := range []string{"unknown command", "unknown flag", "unknown shorthand", "flag needs", "invalid argument", "required flag", "accepts ", "requires at least", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), p) {
			return true
		}
	}
	return false
}

// newRoot returns the command tree. Each subcommand is a file of its own.
func newRoot(e env) *cobra.Command {
	root := &cobra.Command{
		Use:           "onnxtool",
		Short:         "Train, convert, check, verify and run ONNX models",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q%s", args[0], nearest.Hint(args[0], commandNames(cmd)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(e.in)
	root.SetOut(e.out)
	root.SetErr(e.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newCheck(e),
		newCompose(e),
		newEvaluate(e),
		newConvert(e),
		newData(e),
		newInspect(e),
		newFinetune(e),
		newQuickstart(e),
		newORT(e),
		newRun(e),
		newTrain(e),
		newVerify(e),
		newVersion(e),
	)
	return root
}

func commandNames(cmd *cobra.Command) []string {
	var list []string
	for _, c := range cmd.Commands() {
		list = append(list, c.Name())
	}
	return list
}

// flagError makes an error of usage of what pflag says, with the flag that was likely meant.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		text += nearest.Hint("--"+name, known)
	}
	return usageError{text}
}
