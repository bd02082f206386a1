"""The process behind the evaluation: reads a request on standard input, answers in one line."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import load_space
from hpsearch.training.process import clear, prepare_process

BATCH = 256


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    answer = _answer(StudyPlan.from_json(request["plan"]), request["models"])
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _answer(plan: StudyPlan, models: list[str]) -> dict[str, Any]:
    from hpsearch.execution.supervisor import available_cores

    prepare_process(available_cores())
    data = plan.data.load(load_space(plan.reference).space)
    if data is None or data.test is None:
        return {"num_images": 0, "correct": [], "correct_together": 0}
    images = data.preprocessing.apply(np.asarray(data.test.images))
    labels = np.asarray(data.test.labels)
    probabilities = [_predict(path, images) for path in models]
    correct = [int((p.argmax(axis=1) == labels).sum()) for p in probabilities]
    together = np.mean(probabilities, axis=0).argmax(axis=1)
    return {
        "num_images": len(labels),
        "correct": correct,
        "correct_together": int((together == labels).sum()),
    }


def _predict(path: str, images: Any) -> Any:
    """Class probabilities of every image, (n, classes)."""
    import keras

    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    predicted = np.asarray(model.predict(images, batch_size=BATCH, verbose=0), dtype=np.float64)
    clear()
    return predicted


if __name__ == "__main__":
    main()
