package keras

import "testing"

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
