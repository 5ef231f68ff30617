#!/bin/sh
# The five-step story with curl, sed and awk: ./story.sh [http://127.0.0.1:8080]
set -eu
layers="${1:-http://127.0.0.1:8080}/api/v1/layers"

call() { # method path [body]
    curl --silent --show-error --fail-with-body --request "$1" "$layers$2" \
        --header 'Content-Type: application/json' \
        ${BATCHNORM_KEY:+--header "Authorization: Bearer $BATCHNORM_KEY"} ${3:+--data "$3"}
}
field() { sed "s/.*\"$1\":\(\[[^a-z]*\]\|[^,}]*\).*/\1/"; } # name < JSON; a real script takes jq
numbers() { field "$1" | tr -d '[]' | tr ',' ' '; }
show() { # step name numbers...
    printf '%s: %s' "$1" "$2"
    shift 2
    printf ' %.9f' "$@"
    echo
}
descend() { # values, gradient -> [values - 0.1 gradient]
    echo "$1 $2" | awk '{ n = NF / 2; for (c = 1; c <= n; c++) printf "%s%.17g", c == 1 ? "[" : ",", $c - 0.1 * $(n + c); print "]" }'
}

x='[[1, 2], [3, 4], [5, 6]]'
layer=$(call POST '' '{"name": "story-curl", "convention": "pytorch", "features": 2}')
echo "1 create: features $(echo "$layer" | field features)"

step=$(call POST /story-curl/forward-train "{\"input\": $x}")
# Numbers are split into words on purpose from here on.
# shellcheck disable=SC2046
for name in output running_mean running_var; do
    show '2 forward-train' $name $(echo "$step" | numbers $name)
done

dy='[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]'
grads=$(call POST /story-curl/backward "{\"context_id\": $(echo "$step" | field context_id), \"grad_output\": $dy}")
for name in grad_gamma grad_beta; do
    show '3 backward' $name $(echo "$grads" | numbers $name)
done

gamma=$(descend "$(echo "$layer" | numbers gamma)" "$(echo "$grads" | numbers grad_gamma)")
beta=$(descend "$(echo "$layer" | numbers beta)" "$(echo "$grads" | numbers grad_beta)")
layer=$(call PATCH /story-curl "{\"gamma\": $gamma, \"beta\": $beta}")
for name in gamma beta; do
    show '4 update' $name $(echo "$layer" | numbers $name)
done

show '5 forward-infer' output $(call POST /story-curl/forward-infer "{\"input\": $x}" | numbers output)
call DELETE /story-curl
