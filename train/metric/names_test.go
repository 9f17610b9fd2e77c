package metric

import (
	"strings"
	"testing"
)

// kerasNames are what keras.metrics.get of Keras 3.15 takes and compile(metrics=[...]) beside it, but for the base
// classes and those whose arguments have no default. The last line's are Keras 2's.
const kerasNames = `
AUC Accuracy BCE BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge
KLDivergence LogCoshError MAE MAPE MSE MSLE MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError
MeanSquaredLogarithmicError PearsonCorrelation Poisson Precision R2Score Recall RootMeanSquaredError
SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SquaredHinge
TopKCategoricalAccuracy TrueNegatives TruePositives accuracy auc bce binary_accuracy binary_crossentropy binary_io_u
categorical_accuracy categorical_crossentropy categorical_hinge concordance_correlation cosine_similarity f1_score
f_beta_score false_negatives false_positives hinge kl_divergence log_cosh_error mae mape mean_absolute_error
mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error mse msle pearson_correlation poisson
precision r2_score recall root_mean_squared_error sparse_categorical_accuracy sparse_categorical_crossentropy
sparse_top_k_categorical_accuracy squared_hinge top_k_categorical_accuracy true_negatives true_positives acc
kullback_leibler_divergence KLD kld logcosh log_cosh cosine_proximity`

func TestKerasNames(t *testing.T) {
	for _, n := range strings.Fields(kerasNames) {
		if _, err := Parse(n); err != nil {
			t.Error(err)
		}
	}
}
