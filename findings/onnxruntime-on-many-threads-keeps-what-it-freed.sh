#!/usr/bin/env bash
# Shows: onnxruntime without its arena, called from a pool of threads, keeps twice the memory that it needs.
#
# glibc gives each thread a heap of its own, and what a run has freed there no other thread takes. A service calls one
# session from many threads, and `enable_cpu_mem_arena = False`, which is meant to give memory back after a run, gives
# it to the heap of the thread that ran. With two heaps for all (MALLOC_ARENA_MAX=2) the same runs take as long and
# keep half. So askreport limits the heaps to the cores when it opens a graph.
#
# Version: onnxruntime==1.32.0, glibc
# Seen, on two cores of a Zen 4, beside other work:
#   by itself: 276 MB kept after 400 runs on 16 threads, two at a time, 13.9 s
#   MALLOC_ARENA_MAX=2: 129 MB, 13.9 s
# The exit status is 0 while the pool keeps at least half as much again by itself as with two heaps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
cat > make.py <<'PYTHON'
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

draw = np.random.default_rng(0)
nodes, weights, name = [], [], "x"
for layer in range(12):
    for part, shape in (("up", (384, 1536)), ("down", (1536, 384))):
        weights.append(numpy_helper.from_array(draw.normal(0, 0.02, shape).astype(np.float32), f"{part}{layer}"))
    nodes += [
        helper.make_node("MatMul", [name, f"up{layer}"], [f"a{layer}"]),
        helper.make_node("Relu", [f"a{layer}"], [f"b{layer}"]),
        helper.make_node("MatMul", [f"b{layer}", f"down{layer}"], [f"c{layer}"]),
    ]
    name = f"c{layer}"
shape = helper.make_tensor_value_info
graph = helper.make_graph(nodes, "g", [shape("x", 1, ["n", 384])], [shape(name, 1, ["n", 384])], weights)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.save(model, "graph.onnx")
PYTHON
cat > run.py <<'PYTHON'
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime


def private() -> float:
    return next(int(l.split()[1]) for l in Path("/proc/self/status").read_text().splitlines() if "RssAnon" in l) / 1024


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.enable_cpu_mem_arena = False
session = onnxruntime.InferenceSession("graph.onnx", options, providers=["CPUExecutionProvider"])
draw = random.Random(1)
lengths = [draw.randint(50, 500) for _ in range(400)]
cores = threading.Semaphore(2)


def once(n: int) -> float:
    with cores:
        return float(session.run(None, {"x": np.ones((n, 384), np.float32)})[0].sum())


session.run(None, {"x": np.ones((500, 384), np.float32)})
before, started = private(), time.perf_counter()
with ThreadPoolExecutor(16) as pool:
    list(pool.map(once, lengths))
    print(f"{private() - before:.0f} {time.perf_counter() - started:.1f}")
PYTHON
"$folder/venv/bin/python" make.py
read -r own own_time < <(env -u MALLOC_ARENA_MAX "$folder/venv/bin/python" run.py)
read -r two two_time < <(MALLOC_ARENA_MAX=2 "$folder/venv/bin/python" run.py)
echo "by itself: $own MB kept after 400 runs on 16 threads, two at a time, $own_time s"
echo "MALLOC_ARENA_MAX=2: $two MB, $two_time s"
test $((2 * own)) -ge $((3 * two))
