package keras

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestOldOptimizers reads the configurations that Keras 2 writes: those without use_ema are of the optimizers
// before TensorFlow 2.11.
func TestOldOptimizers(t *testing.T) {
	for _, c := range []struct{ config, want string }{
		{`{"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.01, "decay": 0.01, "amsgrad": false}}`, "adam:decay=0.01"},
		{`{"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.01, "decay": 0.0}}`, "adam"},
		{`{"class_name": "RMSprop", "config": {"name": "RMSprop", "learning_rate": 0.002, "decay": 0.0, "rho": 0.9, "momentum": 0.0}}`, "rmsprop:momentum=0.0,rho=0.9,torch_epsilon=true"},
		{`{"class_name": "RMSprop", "config": {"name": "RMSprop", "learning_rate": 0.002, "decay": 0.0, "momentum": 0.5}}`, "rmsprop:momentum=0.5"},
		{`{"class_name": "Custom>RMSprop", "config": {"name": "RMSprop", "learning_rate": 0.002, "use_ema": false, "is_legacy_optimizer": false, "rho": 0.9}}`, "rmsprop:rho=0.9"},
		{`{"class_name": "Nadam", "config": {"name": "Nadam", "learning_rate": 0.003, "decay": 0.004}}`, "nadam:schedule_decay=0.004"},
		{`{"class_name": "Custom>Nadam", "config": {"name": "Nadam", "learning_rate": 0.003, "use_ema": false}}`, "nadam"},
		{`{"class_name": "Custom>Nadam", "config": {"name": "Nadam", "use_ema": false, "jit_compile": false}}`, "nadam:schedule_per_variable=true"},
		{`{"class_name": "Custom>Adam", "config": {"name": "Adam", "use_ema": true, "ema_momentum": 0.9, "jit_compile": false}}`, "adam:ema_from_start=true,ema_momentum=0.9,use_ema=true"},
		{`{"class_name": "Adam", "config": {"name": "adam", "use_ema": true, "ema_momentum": 0.9}}`, "adam:ema_momentum=0.9,use_ema=true"},
		{`{"class_name": "Muon", "config": {"name": "muon", "rms_rate": null, "weight_decay": null, "nesterov": false, "use_ema": false, "exclude_layers": ["out"]}}`, "muon:exclude_layers=[out],nesterov=false,rms_rate=none,weight_decay=none"},
		{`{"class_name": "ScheduleFreeAdamW", "config": {"name": "schedule_free_adam_w", "use_ema": false, "warmup_steps": 5}}`, "schedule_free_adamw:warmup_steps=5"},
		{`{"class_name": "MultiOptimizer", "config": {"name": "multi_optimizer", "optimizer_map": {}}}`, "multi_optimizer"},
	} {
		var v map[string]any
		if err := decode([]byte(c.config), &v); err != nil {
			t.Fatal(err)
		}
		tr := &training{}
		if err := tr.optimizer(v); err != nil {
			t.Errorf("%s: %v", c.config, err)
		}
		if got := tr.recipe.Optimizer; got != c.want {
			t.Errorf("%s: %s, want %s", c.config, got, c.want)
		}
	}
}

// TestCompiledOutputs reads what Keras 2 and 3 write of models with the outputs a and b.
func TestCompiledOutputs(t *testing.T) {
	for _, c := range []struct {
		name, config string
		keras2       bool
		want, notes  string
	}{
		{"names", `{"loss": {"b": "bce", "a": {"class_name": "Huber", "config": {"delta": 0.7}}}, "loss_weights": {"a": 0.5, "b": 2}, "metrics": {"a": ["mae"]}}`, false,
			`a huber:delta=0.7 0.5 mae, b bce 2`, ""},
		{"lists", `{"loss": ["mse", "mae"], "loss_weights": [0, 1], "metrics": [["mae"], ["acc", {"class_name": "AUC", "config": {"name": "auc", "curve": "PR", "num_thresholds": 200}}]]}`, false,
			`a mse 0 mae, b mae 1 acc auc:curve=PR(auc)`, ""},
		{"one loss", `{"loss": "mse", "metrics": ["mae", "mse"]}`, false, `a mse 1 mae, b mse 1 mse`, ""},
		{"metrics for all", `{"loss": "mse", "metrics": ["mae", "mse"]}`, true, `a mse 1 mae mse, b mse 1 mae mse`, ""},
		{"Keras 2's names", `{"loss": "mse", "metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "a_mae", "fn": "mean_absolute_error"}}], []]}`, true,
			`a mse 1 mean_absolute_error(mae), b mse 1`, ""},
		{"Keras 2's choice of an accuracy", `{"loss": "mse", "metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "a_accuracy", "fn": "categorical_accuracy"}}], []]}`, true,
			`a mse 1 accuracy, b mse 1`, ""},
		{"Keras 2's names of classes", `{"loss": "mse", "metrics": [["KLDivergence", "AUC", "MSE"], []]}`, true,
			`a mse 1 kl_divergence(kullback_leibler_divergence) auc mse(MSE), b mse 1`, ""},
		{"tuple", `{"loss": {"class_name": "__tuple__", "items": ["mse", "mae"]}, "weighted_metrics": {"b": ["mse"]}}`, false, `a mse 1, b mae 1 weighted mse`, ""},
		{"an output without", `{"loss": {"a": "mse", "b": null}, "metrics": {"b": ["mae"]}}`, false, `a mse 1`, "metrics of output b, which has no loss"},
		{"unknown", `{"loss": {"a": "mse", "c": "mse"}}`, false, ``, "loss: there is no output c"},
		{"a sum", `{"loss": {"class_name": "MeanSquaredError", "config": {"name": "mse", "reduction": "sum"}}}`, false,
			`a mean_squared_error:reduction=sum 1, b mean_squared_error:reduction=sum 1`, ""},
		{"too many", `{"loss": ["mse", "mse", "mse"]}`, false, ``, "loss: 3 for 2 outputs"},
	} {
		var v map[string]any
		if err := decode([]byte(c.config), &v); err != nil {
			t.Fatal(err)
		}
		tr := &training{outputs: []string{"a", "b"}, keras2: c.keras2}
		tr.compiled(v)
		var got []string
		for _, o := range tr.recipe.Outputs {
			weight, _ := json.Marshal(o.Weight)
			text := o.Output + " " + o.Loss + " " + string(weight)
			for _, m := range o.Metrics {
				if m.Weighted {
					text += " weighted"
				}
				text += " " + m.Spec
				if m.Name != m.Spec {
					text += "(" + m.Name + ")"
				}
			}
			got = append(got, text)
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: got %s, want %s", c.name, text, c.want)
		}
		if notes := strings.Join(tr.recipe.Notes, "; "); notes != c.notes {
			t.Errorf("%s: noted %q, want %q", c.name, notes, c.notes)
		}
	}
}
