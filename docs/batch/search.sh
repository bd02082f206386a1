#!/bin/bash
# A whole search; whatever stops it, the same command goes on. Exit status 3: there is more to do.
#   bash search.sh SPACE [FOLDER]
set -euo pipefail
space=${1:?which search space? see: hpsearch spaces}
folder=${2:-results}

hpsearch coarse --space "$space" --out "$folder/coarse"
hpsearch fine --from "$folder/coarse" --out "$folder/fine" --json >"$folder/fine.json"
hpsearch confirm --from "$folder/fine" --out "$folder/confirm"
hpsearch report "$folder"

python3 - "$folder/fine.json" <<'END_OF_PROGRAM'
import json, sys
best = json.load(open(sys.argv[1]))["best"]
print(f"The best trial of fine reached {best['value']:.4f} with {best['params']}")
END_OF_PROGRAM
