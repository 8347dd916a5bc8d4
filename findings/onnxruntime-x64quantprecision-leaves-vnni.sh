#!/usr/bin/env bash
# Shows: onnxruntime's session.x64quantprecision takes the slow way on processors with VNNI too, where nothing overflows.
#
# Without VNNI, onnxruntime adds two products of an unsigned and a signed byte in 16 bits, so large ones are clipped.
# The option makes the weights unsigned, whose sums are exact. One would expect it to do nothing where VNNI makes the
# sums exact anyway. The optimised graph shows that it converts the weights there as well, and products of the size of
# a small BERT then take about twice as long. askreport widens the scales of its weights instead, so that no pair of
# products overflows: that is exact on both kinds of processor, and as fast.
#
# Version: onnxruntime==1.32.0
# Seen, on a Zen 4 with AVX-512 VNNI:
#   weights with the option off: int8, on: uint8
#   slower by 2.2
# The exit status is 2 on a processor without VNNI, where this cannot be seen.
set -euo pipefail
grep -q -E 'avx512_vnni|avx_vnni' /proc/cpuinfo || { echo "this processor has no VNNI"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import statistics
import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

ROWS, INNER, OUTER = 160, 384, 1536
weights = np.random.default_rng(0).integers(-127, 128, (INNER, OUTER), dtype=np.int8)
scales = np.full(OUTER, 0.01, np.float32)
graph = helper.make_graph(
    [helper.make_node("DynamicQuantizeMatMul", ["a", "w", "s"], ["y"], domain="com.microsoft")],
    "linear",
    [helper.make_tensor_value_info("a", TensorProto.FLOAT, [ROWS, INNER])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [ROWS, OUTER])],
    [
        helper.make_tensor("w", TensorProto.INT8, weights.shape, weights.tobytes(), raw=True),
        helper.make_tensor("s", TensorProto.FLOAT, scales.shape, scales.tobytes(), raw=True),
    ],
)
versions = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
onnx.save(helper.make_model(graph, opset_imports=versions, ir_version=9), "linear.onnx")


def session(option: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.optimized_model_filepath = f"optimised-{option}.onnx"
    options.add_session_config_entry("session.x64quantprecision", option)
    return onnxruntime.InferenceSession("linear.onnx", options, providers=["CPUExecutionProvider"])


sessions = {option: session(option) for option in "01"}
kinds = {}
for option in sessions:
    model = onnx.load(f"optimised-{option}.onnx")
    (matrix,) = (each for each in model.graph.initializer if list(each.dims) == [INNER, OUTER])
    kinds[option] = TensorProto.DataType.Name(matrix.data_type).lower()
print(f"weights with the option off: {kinds['0']}, on: {kinds['1']}")
activations = np.random.default_rng(1).normal(size=(ROWS, INNER)).astype(np.float32)
took = {option: [] for option in sessions}
for _ in range(60):
    for option, each in sessions.items():
        started = time.perf_counter()
        each.run(None, {"a": activations})
        took[option].append(time.perf_counter() - started)
print(f"slower by {statistics.median(took['1']) / statistics.median(took['0']):.1f}")
sys.exit(0 if kinds == {"0": "int8", "1": "uint8"} else 1)
PYTHON
