// The five-step story in Go, standard library only: go run story.go [http://127.0.0.1:8080]
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

var layers = "http://127.0.0.1:8080/api/v1/layers"

// The fields of any answer in this story.
type answer struct {
	Features    int         `json:"features"`
	Output      [][]float64 `json:"output"`
	ContextID   string      `json:"context_id"`
	RunningMean []float64   `json:"running_mean"`
	RunningVar  []float64   `json:"running_var"`
	GradGamma   []float64   `json:"grad_gamma"`
	GradBeta    []float64   `json:"grad_beta"`
	Gamma       []float64   `json:"gamma"`
	Beta        []float64   `json:"beta"`
}

func call(method, path string, body map[string]any) (result answer) {
	content, _ := json.Marshal(body)
	request, err := http.NewRequest(method, layers+path, bytes.NewReader(content))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if key := os.Getenv("BATCHNORM_KEY"); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		log.Fatal(response.Status, " ", string(text), err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &result); err != nil {
			log.Fatal(err)
		}
	}
	return result
}

func show(step, name string, rows ...[]float64) {
	fmt.Printf("%s: %s", step, name)
	for _, row := range rows {
		for _, value := range row {
			fmt.Printf(" %.9f", value)
		}
	}
	fmt.Println()
}

func descend(values, gradient []float64) []float64 {
	next := make([]float64, len(values))
	for c := range values {
		next[c] = values[c] - 0.1*gradient[c]
	}
	return next
}

func main() {
	if len(os.Args) > 1 {
		layers = os.Args[1] + "/api/v1/layers"
	}
	x := [][]float64{{1, 2}, {3, 4}, {5, 6}}
	layer := call("POST", "", map[string]any{"name": "story-go", "convention": "pytorch", "features": 2})
	fmt.Println("1 create: features", layer.Features)

	step := call("POST", "/story-go/forward-train", map[string]any{"input": x})
	show("2 forward-train", "output", step.Output...)
	show("2 forward-train", "running_mean", step.RunningMean)
	show("2 forward-train", "running_var", step.RunningVar)

	dy := [][]float64{{0.1, 0.2}, {0.3, 0.4}, {0.5, 0.6}}
	grads := call("POST", "/story-go/backward", map[string]any{"context_id": step.ContextID, "grad_output": dy})
	show("3 backward", "grad_gamma", grads.GradGamma)
	show("3 backward", "grad_beta", grads.GradBeta)

	layer = call("PATCH", "/story-go", map[string]any{
		"gamma": descend(layer.Gamma, grads.GradGamma),
		"beta":  descend(layer.Beta, grads.GradBeta),
	})
	show("4 update", "gamma", layer.Gamma)
	show("4 update", "beta", layer.Beta)

	show("5 forward-infer", "output", call("POST", "/story-go/forward-infer", map[string]any{"input": x}).Output...)
	call("DELETE", "/story-go", nil)
}
