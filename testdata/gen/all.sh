#!/bin/sh
# Makes every archive of testdata again: all.sh PYTHON TORCH_PYTHON [TENSORBOARD_PYTHON] (environments of requirements.txt, requirements-torch.txt).
set -e
cd "$(dirname "$0")"
"$1" schemas.py ../onnx/schemas.json.gz
"$1" nodes.py ../onnx
"$1" ops_ort.py ../ort
"$1" ops_control.py ../ort
"$1" datasets.py ../data && cp ../data/breast_cancer.csv ../../models/data/
"$1" stat.py ../stat.json.gz ../data
"$1" tsne.py ../tsne.json.gz
"$1" sklearn_scalers.py ../../convert/edit/testdata/scalers.json
"$1" keras_preprocess.py ../../train/nn/testdata/preprocess.json
"$1" keras_train.py ../keras/train.zip
"$1" keras_layers.py ../keras/layers.zip
"$1" keras_sparse.py ../keras/sparse.zip
"$1" keras_fit.py ../keras/fit.zip
"$1" keras_tables.py ../keras
# In an environment of its own, since TensorFlow may bring another version: pip install tensorboard==2.20.0 setuptools==80.9.0
if [ -n "$3" ]; then "$3" tensorboard_events.py ../tensorboard/events.bin; fi
# In an environment of its own, see its first lines.
if [ -n "$4" ]; then "$4" parquet.py ../../train/data/parquet/testdata ../../train/data/tablefile/testdata; fi
"$1" keras_classes.py ../../convert/keras/testdata/classes.txt ../../convert/keras/testdata/functions.txt
for f in keras_files_*.py; do n=${f#keras_files_}; "$1" "$f" "../kerasfiles/${n%.py}.zip"; done
"$2" torch_ops.py ../torch/ops.zip
"$2" torch_models.py ../torch/models.zip
"$2" torch_optim.py ../torch/optim.json.gz
"$2" torch_vae_steps.py ../torch/vae.json.gz
"$2" torch_finetune.py ../finetune/torch.zip
"$2" torch_control.py ../finetune/control.zip
"$2" torch_forms.py ../finetune/forms.zip
"$1" keras_images.py ../../train/data/images/testdata
"$1" keras_runs.py ../finetune/runs.zip
"$1" keras_optimizers.py ../finetune/optimizers.zip
"$1" keras_finetune.py ../finetune/keras.zip
"$1" sk_finetune.py ../finetune/sklearn.zip
"$1" sk_runs.py ../finetune/sklearn_runs.zip
