package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/infer/ort"
)

func newORT(e env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ort",
		Short: "Find and install onnxruntime",
		Long: `onnxruntime is the reference that models are verified against. It is a shared library, looked for in
this order: the flag --library, ` + ort.EnvLibrary + `, the cache that 'ort install' fills, Python's
package onnxruntime, the system. Needed is version ` + ort.MinVersion + ` or newer.`,
		Example: "  onnxtool ort install\n  onnxtool ort where",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q for ort: there are where and install", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newORTWhere(e), newORTInstall(e))
	return cmd
}

func newORTWhere(e env) *cobra.Command {
	library, asJSON := "", false
	cmd := &cobra.Command{
		Use:     "where",
		Short:   "Say which onnxruntime is used",
		Example: "  onnxtool ort where\n  ONNXRUNTIME_SHARED_LIBRARY_PATH=/opt/onnxruntime/lib onnxtool ort where --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			lib, err := ort.Load(ort.Options{Library: library})
			loadErr := err
			if err != nil {
				// Built without cgo, or not loadable: where it is can be said nevertheless.
				if lib, err = ort.Find(ort.Options{Library: library}); err != nil {
					return err
				}
			}
			if err := writeLibrary(e.out, lib, asJSON); err != nil {
				return err
			}
			if loadErr != nil {
				return fmt.Errorf("it cannot be used: %w", loadErr)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&library, "library", "", "the library's `file`, or the folder that holds it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func writeLibrary(w io.Writer, lib ort.Library, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(lib)
	}
	version := lib.Version
	if version == "" {
		version = "unknown"
	}
	_, err := fmt.Fprintf(w, "path     %s\nversion  %s\nsource   %s\n", lib.Path, version, lib.Source)
	return err
}

func newORTInstall(e env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Get onnxruntime",
		Long: `Get onnxruntime into the user's cache, out of a package that carries it: a Go module by 'go mod download'
on Linux, an npm package by 'npm pack' on macOS (arm64) and Windows. Its checksum has to be the pinned one.
Where no package serves this platform the message says how else to get it.`,
		Example: "  onnxtool ort install",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lib, err := ort.Install(cmd.Context(), func(text string) { fmt.Fprintln(e.err, text) })
			if err != nil {
				return err
			}
			if err := writeLibrary(e.out, lib, asJSON); err != nil {
				return err
			}
			used, err := ort.Load(ort.Options{})
			switch {
			case err != nil && !errors.Is(err, ort.ErrNotFound):
				fmt.Fprintf(e.err, "onnxtool: warning: it cannot be used yet: %v\n", err)
			case err == nil && used.Path != lib.Path:
				fmt.Fprintf(e.err, "onnxtool: warning: %s is used instead (%s)\n", used.Path, used.Source)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
