#!/usr/bin/env bash
# Measures how well and how fast sheets are read, compared with ZXingReader, zbarimg, OMRChecker and plain decoding of the
# same files, in one run; about a quarter of an hour on a quiet core:
#   bench/sheets/run.sh [BUILD_FOLDER]     default build/release, with tests configured
#   SHEETS=1000  SEED=7001                 of the answers' tables; the seeds were never tuned on
#   SHARED=folder                          with `cases` and `data`; BEFORE=program of an older release, read with the same sheets
#   OMRCHECKER=folder                      a clone of OMRChecker whose requirements PYTHON (python3) has; else left out
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
bin="${1:-$here/../../build/release}/bin"
sheets="${SHEETS:-1000}"
seed="${SEED:-7001}"
source "$here/../scratch.sh"

title() { printf '\n== %s\n' "$*"; }

title "all kinds of sheets: wrong is in silence, missed is right but a person would ask"
/usr/bin/python3 "$here/table.py" "$bin/sheafline" ${BEFORE:+"$BEFORE"} --sheets "$((sheets / 5))" --seed "$seed" ${SHARED:+--shared "$SHARED"}
for profile in typical hard; do
    title "answers: $sheets $profile sheets at 150 dpi, seed $seed"
    "$bin/read_marks" --profile "$profile" --sheets "$sheets" --seed "$seed"
    seed=$((seed + 1))
    if [[ -n ${OMRCHECKER:-} ]]; then
        title "OMRChecker: 100 $profile sheets at 150 dpi, seed $seed"
        "$bin/sheafline" sample --profile "$profile" --sheets 100 --seed "$seed" --out "$work/s.zip" --truth "$work/s.json" 2> /dev/null
        "${PYTHON:-python3}" "$here/omrchecker.py" "$OMRCHECKER" "$work/s.zip" "$work/s.json"
        title "Sheafline: the same sheets"
        "$bin/read_marks" --profile "$profile" --sheets 100 --seed "$seed" | grep -E '^(mark|all|ms) '
    fi
    seed=$((seed + 1))
done
title "20 random forms, 4 sheets each, seed 1 (needs python3-pil and python3-numpy)"
/usr/bin/python3 "$here/foreign_forms.py" "$work/forms" --forms 20 --sheets 4 --seed 1
"$bin/read_forms" "$work/forms"
title "19 forms with a small grid of digits in poor print, 3 sheets each, seed 11"
/usr/bin/python3 "$here/poor_print.py" "$work/poor" --forms 19 --sheets 3 --seed 11
"$bin/read_forms" "$work/poor"
for dpi in 100 150; do
    title "codes: 150 hard pages at $dpi dpi, seed $seed"
    "$bin/read_codes" --profile hard --sheets 150 --dpi "$dpi" --seed "$seed"
done
for profile in typical clean; do
    title "codes: 150 $profile pages at 150 dpi, seed $seed"
    "$bin/read_codes" --profile "$profile" --sheets 150 --dpi 150 --seed "$seed"
done
title "from ZIP to CSV"
"$bin/run_batch" --sheets "$sheets" --dpi 150
"$bin/run_batch" --sheets "$((sheets * 3 / 10))" --dpi 300
