# Shared by the fault scripts: where the compiled tests are, and how to run a program of theirs.
# CLASSPATH of the libraries: ./mvnw dependency:build-classpath -Dmdep.outputFile=target/classpath.txt
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
project="$(cd "$here/../../../../../.." && pwd)"
java="${JAVA_HOME:?set it to a JDK 25}/bin/java"
classpath="$project/target/test-classes:$project/target/classes:$(cat "$project/target/classpath.txt")"
work="$(mktemp -d)"
failures=0

become() { # class arguments...; for the background, whose process then is the program itself
    local class="$1"; shift
    exec "$java" --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp "$classpath" "batchnorm.storage.$class" "$@"
}

run() { # class arguments...
    (become "$@")
}

check() { # label data logs...
    local label="$1"; shift
    if run WriterLog "$@" 2>>"$work/errors" | grep -v ' DEBUG \| INFO ' >"$work/verdict"; then
        echo "$label: $(head -1 "$work/verdict")"
    else
        failures=$((failures + 1))
        echo "$label: VIOLATED: $(head -3 "$work/verdict" | tr '\n' ';')"
    fi
}
