"""The shapes of the files in a run directory: what their readers rely on, and no more."""

from __future__ import annotations

from typing import Any

NUMBER, COUNT, TEXT = (float, None), (int, None), (str, None)
VALUES = {...: (bool, float, str)}
DIRECTION = {"maximize", "minimize"}
OVERRIDES = {"fixed?": {...: str}, "ranges?": {...: [str, str]}}
TRAINING = {
    "objective": str,
    "direction": DIRECTION,
    "epochs": int,
    "patience?": COUNT,
    "batch_size": int,
    "precision?": str,
    "max_params?": COUNT,
    "max_latency?": NUMBER,
}
REPLICATES = {
    "candidates": [VALUES],
    "num_seeds": int,
    "race?": bool,
    "added_defaults?": COUNT,
    "draws?": [{"share": float, "seed": int, "replacement": bool}],
    "axis?": str,
    "places?": [(bool, float, str)],
}
PLAN = {
    "reference": str,
    "data": {
        "source": TEXT,
        "seed": int,
        "validation_share": NUMBER,
        "folds?": int,
        "weights?": TEXT,
        "skip_bad": bool,
    },
    "training": TRAINING,
    "algorithm": str,
    "reason?": str,
    "seed": int,
    "overrides": OVERRIDES,
    "grid?": ({...: list}, None),
    "tries?": [VALUES],
    "models_kept?": int,
    "replicates?": (REPLICATES, None),
    "pruning?": {"pruner?": str, "rungs?": [int], "reason?": str},
}
STUDY = {
    "stage": {"coarse", "fine", "confirm", "curves"},
    "space": {"name": str, "reference": str},
    "generation?": int,
    "from?": TEXT,
    "identity": {
        "objective": str,
        "direction": DIRECTION,
        "epochs": int,
        "seed": int,
        "overrides?": OVERRIDES,
        "tries?": [{...: str}],
    },
    "plan": PLAN,
    "data": {"source": str, "synthetic?": bool, "num_classes?": COUNT},
    "budget": {"trials": int},
    "provenance": {"created": str, "command?": str},
    "parallelism?": (
        {
            "way": [int, int],
            "rates": [[int, int, float]],
            "reason": str,
            "machine": str,
            "cores": int,
        },
        None,
    ),
    "storage?": ({"url": str, "study": str}, None),
}
"""`study.json`."""

PART = {
    "loss": float,
    "bias": float,
    "variance": float,
    "unbiased": NUMBER,
    "biased": NUMBER,
    "num_images": int,
}
DECOMPOSITION = {
    "models": int,
    "images": int,
    "losses": {...: {"whole": PART, "classes": [(PART, None)]}},
    "class_names": [str],
}
"""`decomposition.json`."""

INTERVAL = {"mean": NUMBER, "low": NUMBER, "high": NUMBER}
MORE_SCORES = ("macro_f1", "balanced_accuracy", "subset_accuracy", "mean_auc", "mae", "r2")
SCORED = {**INTERVAL, **{f"{name}?": INTERVAL for name in MORE_SCORES}}
MODELS_SCORED = {
    "single_models": {"count": int, **INTERVAL},
    "winner_model": SCORED,
    "averaged_prediction": SCORED,
}
WINNER = {
    "objective": str,
    "winner": int,
    "verdict": str,
    "candidates": [
        {
            "params": VALUES,
            "is_default": bool,
            "seeds": int,
            "failed": int,
            "given_up_after": COUNT,
            **INTERVAL,
        }
    ],
    "optimism": NUMBER,
    "gain_over_defaults": (INTERVAL, None),
    "model": ({"file": str, "trained_on": str, "trial": COUNT}, None),
    "retrained": (
        {"used": bool, "epochs": int, "reason": str},
        None,
    ),
    "test": (
        {
            "num_images": int,
            "looks_so_far": int,
            "metric?": str,
            **MODELS_SCORED,
            "multi_crop?": {"crops": int, **MODELS_SCORED},
        },
        None,
    ),
}
"""`winner.json`."""

IMPORTANCE = {
    "name": str,
    **dict.fromkeys(("share", "low", "high", "chance", "p_value"), float),
    "interacts": {...: float},
    "num_trials": int,
    "more_trials": COUNT,
}
NARROWING = {
    "note": str,
    "settings": {"risk": float, "keep": [str], "fix": {...: str}},
    "fit_quality": NUMBER,
    "hyperparameters": [
        {
            "name": str,
            "decision": str,
            "importance": (IMPORTANCE, None),
            "before": str,
            "after": str,
            "reason": str,
        }
    ],
}
"""`narrowing.json`."""

PRIOR = {"trials": [{"params": VALUES, "value": NUMBER, "outcome": str}]}
"""`prior.json`."""

SHARE = {
    "trials": int,
    "epochs": int,
    "seconds?": NUMBER,
    "top?": COUNT,
    "seeds?": COUNT,
}
RUN = {
    "identity": {"overrides?": OVERRIDES, "tries?": [{...: str}]},
    "division": {
        "coarse": SHARE,
        "fine": SHARE,
        "rounds": int,
        "confirm": (SHARE, None),
        "notes": [str],
    },
}
"""`run.json` of a whole run."""

SESSION = {
    "seconds?": NUMBER,
    "trials?": COUNT,
    "trial_time_limit?": NUMBER,
    "ended?": {"done", "stopped", "failed"},
}
"""`sessions/N.json`."""

LIVE = {
    "number": int,
    "epoch": int,
    "epochs": int,
    "value?": NUMBER,
    "metrics?": {...: NUMBER},
}
"""`logs/WORKER.live.json`."""

CARD = {
    "schema_version": int,
    "hpsearch": str,
    "data": {
        "name": str,
        "source": str,
        "synthetic": bool,
        "problem": str,
        "class_names": [str],
        "image_shape": [int],
        "is_bytes": bool,
        "form": (
            {"size": int, "color_space": str, "crop": bool, "fit": str, "width": int},
            None,
        ),
        "is_assumed": bool,
        "preprocessing": {"kind": str, "offset": [float], "divisor": [float]},
        "mirror_safe": bool,
    },
    "training": {
        "space": str,
        "stage": str,
        "trial": COUNT,
        "objective": str,
        "value": NUMBER,
        "trained_on": str,
    },
}
"""`hpsearch.json` inside a `.keras` file."""

TRIAL: dict[str, Any] = {
    "params?": VALUES,
    "discovered?": VALUES,
    "seed?": int,
    "index?": int,
    "retry_of?": COUNT,
    "replicate_of?": COUNT,
    "worker?": str,
    "candidate?": COUNT,
    "result?": {
        "failure?": TEXT,
        "message?": str,
        "history?": {...: [NUMBER]},
        "best_epoch?": COUNT,
        "fold_values?": [float],
        "seam?": int,
        "seconds?": NUMBER,
        "num_parameters?": COUNT,
        "model_file?": TEXT,
        "timings?": {...: NUMBER},
        "reused?": bool,
        "in_float32?": bool,
        "unshared?": TEXT,
        "unused?": [str],
        "judged_from?": COUNT,
    },
}
"""What hpsearch adds to a trial in `study.journal`."""
REGIONS = {
    "low": [float, float],
    "high": [float, float],
    "points": [[float, float]],
    "labels": [int],
    "class_names": [str],
    "objective": str,
    "pictures": [{"title": str, "value": NUMBER, "classes": [[int]]}],
}
"""`regions.json`."""
WINNER_VIEW = {
    "schema_version": int,
    "model": str,
    "trial": COUNT,
    "failure": str,
    "predictions": (
        {
            "part": {"validation", "test"},
            "problem": str,
            "class_names": [str],
            "num_images": int,
            "num_predicted": int,
            "scores": {...: NUMBER},
        },
        None,
    ),
    "network": (
        {"filters": ({"layer": str, "count": int, "is_rgb": bool}, None), "maps": [str]},
        None,
    ),
    "without": {...: str},
}
"""The facts in `winner_view.npz`."""
