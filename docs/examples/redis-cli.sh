#!/bin/sh
# Prints the new claims of a story with redis-cli alone, and acknowledges each.
stream="claimwire:{$STORY}:new-claims"
cli() { redis-cli -u "$REDIS_URL" --raw "$@"; }

cli XGROUP CREATE "$stream" shell 0 MKSTREAM # says BUSYGROUP when the group is there: fine
after=0                                      # first what was handed out and never acknowledged, then (>) what is new
while entry=$(cli XREADGROUP GROUP shell one COUNT 1 BLOCK 2000 STREAMS "$stream" "$after"); do
    id=$(printf '%s\n' "$entry" | sed -n 2p)
    if [ -z "$id" ]; then
        after='>'
        continue
    fi
    printf '%s\n' "$entry" | sed -n '/^data$/{n;p;}' # one line of JSON
    cli XACK "$stream" shell "$id" >/dev/null
done
