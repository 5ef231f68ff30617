// The five-step story with the Go client that OpenAPI Generator makes from docs/openapi.json.
package main

import (
	"context"
	"fmt"
	"os"

	client "batchnormclient"
)

func show(step, name string, values ...float64) {
	fmt.Printf("%s: %s", step, name)
	for _, value := range values {
		fmt.Printf(" %.9f", value)
	}
	fmt.Println()
}

// The numbers of a tensor that came as nested arrays.
func flat(tensor interface{}) []float64 {
	var values []float64
	switch node := tensor.(type) {
	case float64:
		values = append(values, node)
	case []interface{}:
		for _, item := range node {
			values = append(values, flat(item)...)
		}
	}
	return values
}

func down(values, gradient []float64) []float64 {
	next := make([]float64, len(values))
	for c := range values {
		next[c] = values[c] - 0.1*gradient[c]
	}
	return next
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Args[1]}}
	api := client.NewAPIClient(configuration)
	ctx := context.Background()
	name := "story-generated"

	create := client.NewCreateLayerRequest(name)
	create.SetConvention("pytorch")
	create.SetFeatures(2)
	layer, _, err := api.LayersAPI.CreateLayer(ctx).CreateLayerRequest(*create).Execute()
	check(err)
	fmt.Println("1 create: features", layer.GetFeatures())

	x := [][]float64{{1, 2}, {3, 4}, {5, 6}}
	step, _, err := api.ForwardAndBackwardAPI.ForwardTrain(ctx, name).ForwardTrainRequest(*client.NewForwardTrainRequest(x)).Execute()
	check(err)
	show("2 forward-train", "output", flat(step.GetOutput())...)
	show("2 forward-train", "running_mean", step.GetRunningMean()...)
	show("2 forward-train", "running_var", step.GetRunningVar()...)

	back := client.NewBackwardRequest([][]float64{{0.1, 0.2}, {0.3, 0.4}, {0.5, 0.6}})
	back.SetContextId(step.GetContextId())
	grads, _, err := api.ForwardAndBackwardAPI.Backward(ctx, name).BackwardRequest(*back).Execute()
	check(err)
	show("3 backward", "grad_gamma", grads.GetGradGamma()...)
	show("3 backward", "grad_beta", grads.GetGradBeta()...)

	patch := client.NewLayerPatch()
	patch.SetGamma(down(layer.GetGamma(), grads.GetGradGamma()))
	patch.SetBeta(down(layer.GetBeta(), grads.GetGradBeta()))
	layer, _, err = api.LayersAPI.PatchLayer(ctx, name).LayerPatch(*patch).Execute()
	check(err)
	show("4 update", "gamma", layer.GetGamma()...)
	show("4 update", "beta", layer.GetBeta()...)

	inferred, _, err := api.ForwardAndBackwardAPI.ForwardInfer(ctx, name).ForwardInferRequest(*client.NewForwardInferRequest(x)).Execute()
	check(err)
	show("5 forward-infer", "output", flat(inferred.GetOutput())...)
	_, err = api.LayersAPI.DeleteLayer(ctx, name).Execute()
	check(err)
}
