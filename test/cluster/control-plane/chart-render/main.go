// Renders the templates of a chart with Go's own template engine, the one Helm uses, and the few functions that the chart calls.
// Usage: render CHART_FOLDER < input.json, where the input is what Helm hands to templates (Values, Release, Chart).
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
)

func main() {
	if err := render(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(chart string) error {
	var input map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		return err
	}
	root := template.New("chart").Option("missingkey=error")
	// JSON is YAML, so it stands in for toYaml.
	toJSON := func(value any) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	}
	root.Funcs(template.FuncMap{
		"toJson": toJSON,
		"toYaml": toJSON,
		"quote":  func(text string) string { return fmt.Sprintf("%q", text) },
		"nindent": func(width int, text string) string {
			pad := "\n" + strings.Repeat(" ", width)
			return pad + strings.ReplaceAll(text, "\n", pad)
		},
		"default": func(fallback, value string) string {
			if value == "" {
				return fallback
			}
			return value
		},
		"trunc": func(length int, text string) string { return text[:length] },
		"sha256sum": func(text string) string {
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:])
		},
		"include": func(name string, data any) (string, error) {
			var out bytes.Buffer
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
	})
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	if _, err := root.ParseFiles(files...); err != nil {
		return err
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") {
			continue
		}
		fmt.Printf("---\n# Source: %s\n", name)
		if name == "NOTES.txt" {
			var notes bytes.Buffer
			if err := root.ExecuteTemplate(&notes, name, input); err != nil {
				return err
			}
			continue
		}
		if err := root.ExecuteTemplate(os.Stdout, name, input); err != nil {
			return err
		}
		fmt.Println()
	}
	return nil
}
