"""What a pupil would write by hand: classifies the pictures of a folder, two seconds each. Imports no XMaker.

`python bench/bare_pictures.py SECONDS FOLDER NETWORK` prints what `xmaker run cat_dog --json` prints.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = ort.InferenceSession(sys.argv[3], options, providers=["CPUExecutionProvider"])
tensor = np.empty((1, 224, 224, 3), np.uint8)
end = time.monotonic() + float(sys.argv[1])

for path in sorted(Path(sys.argv[2]).glob("*.jpg")):
    image = cv2.imread(str(path))
    assert image is not None
    height, width = image.shape[:2]
    side = round(min(height, width) * 0.875)
    top, left = (height - side) // 2, (width - side) // 2
    cv2.resize(image[top : top + side, left : left + side], (224, 224), tensor[0])
    scores = session.run(["cat_dog"], {"image": tensor})[0][0]
    print(json.dumps({"label": ("cat", "dog", "other")[scores.argmax()], "score": float(scores.max())}), flush=True)
    time.sleep(max(0.0, min(2.0, end - time.monotonic())))
    if time.monotonic() >= end:
        break
