#!/bin/sh
# Prints the claims of a story as they are made, over HTTP; the same from the beginning of what is kept with since=0.
curl -sSN "${CLAIMWIRE:-http://127.0.0.1:8700}/v1/stories/$STORY/events?type=claim.new&since=0" |
    while IFS= read -r line; do
        case "$line" in
        data:*) printf '%s\n' "${line#data: }" ;; # a CloudEvent, one line of JSON
        esac
    done
