#!/bin/sh
# keras_versions.sh VENVS: the archives ../kerasfiles/version_*.zip. VENVS holds, for Python 3.11: tf212 to tf215, with
# tensorflow-cpu 2.12.1, 2.13.1, 2.14.1, 2.15.1 and the Keras 2 of each; tf216, with tensorflow-cpu 2.16.2 and h5py;
# keras, with requirements.txt; and k3/VERSION, Keras alone by `pip install --no-deps --target`.
cd "$(dirname "$0")" || exit 1
for v in 212 213 214 215; do "$1/tf$v/bin/python" keras_versions.py "../kerasfiles/version_tf$v.zip" keras h5; done
for v in 3.0.0 3.6.0; do PYTHONPATH="$1/k3/$v" "$1/tf216/bin/python" keras_versions.py "../kerasfiles/version_$v.zip" keras h5; done
PYTHONPATH="$1/k3/3.13.2" "$1/keras/bin/python" keras_versions.py ../kerasfiles/version_3.13.2.zip keras h5
