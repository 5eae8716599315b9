#!/bin/sh
# Makes a thumbnail of each picture, and one page with all of them.
#   thumbnails.sh SHEETS SIZE
# Prints lines of JSON for the stage `exec`. A picture that cannot be read is quarantined.
set -eu
sheets="$1" size="$2"
for program in convert montage; do
    command -v "$program" > /dev/null || {
        echo "the program $program is missing; install ImageMagick" >&2
        exit 1
    }
done

total=$(wc -l < "$sheets")
done=0
rm -rf thumbnails
mkdir thumbnails
# Fields of a line: "number":7 comes first, "path":"/…/000007.jpg" has a name that Sheafline chose.
while IFS= read -r line; do
    number=$(printf '%s' "$line" | sed 's/^{"number":\([0-9]*\),.*/\1/')
    path=$(printf '%s' "$line" | sed -n 's/.*,"path":"\([^"]*\)","state":"waiting",.*/\1/p')
    if [ -n "$path" ]; then
        # [0]: the first picture of a file with several. The limits hold for one picture.
        if ! convert -limit memory 512MiB -limit map 512MiB "$path[0]" -auto-orient -thumbnail "${size}x${size}" \
            "$(printf 'thumbnails/%06d.jpg' "$number")" 2> error.txt; then
            printf '{"sheet": %d, "reason": "the picture cannot be read"}\n' "$number"
            tail -n 1 error.txt
        fi
    fi
    done=$((done + 1))
    printf '{"done": %d, "total": %d, "message": "Thumbnails: %d/%d"}\n' "$done" "$total" "$done" "$total"
done < "$sheets"

set -- thumbnails/*.jpg
[ -e "$1" ] || {
    echo "none of the $total pictures can be read" >&2
    exit 1
}
# The same names, order and dates: the same input gives the same bytes.
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf thumbnails.tar thumbnails
# At most 200 thumbnails on the page, so that it stays a picture that a browser can show.
printf '%s\n' "$@" | head -n 200 | tr '\n' '\0' |
    xargs -0 sh -c 'montage "$@" -geometry +4+4 -tile 10x -background white contact-sheet.jpg' montage
rm -rf thumbnails error.txt
