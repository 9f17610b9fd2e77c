package loss

import (
	"strings"
	"testing"
)

// kerasNames are what keras.losses.get of Keras 3.15 takes, and compile(loss=...) beside it; classes that are made
// by a name alone. Keras 2 adds those of the last line.
const kerasNames = `
BCE BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLD KLDivergence LogCosh
MAE MAPE MSE MSLE MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
SparseCategoricalCrossentropy SquaredHinge Tversky bce binary_crossentropy binary_focal_crossentropy
categorical_crossentropy categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge circle
cosine_similarity ctc dice hinge huber kl_divergence kld log_cosh mae mape mean_absolute_error
mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error mse msle poisson
sparse_categorical_crossentropy squared_hinge tversky crossentropy ce
huber_loss kullback_leibler_divergence logcosh`

func TestKerasNames(t *testing.T) {
	for _, n := range strings.Fields(kerasNames) {
		if _, err := Parse(n); err != nil {
			t.Error(err)
		}
	}
}
