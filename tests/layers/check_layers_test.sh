#!/usr/bin/env bash
# Usage: check_layers_test.sh
# check_layers names the file and line of each offence, and passes a tree without one.
set -uo pipefail
check=$(realpath "$(dirname "$0")/check_layers")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"/sim/{base,engine,flow,fleet,document,design,scenario,report,repeat,explain,decide,calibrate,sweep,draw,replay,page,cli} "$folder"/models
failed=0

judge() { # FILE LINE: planted alone, it is found
	local said
	printf '/* planted */\n%s\n' "$2" >"$folder/$1"
	if said=$("$check" "$folder"); then
		echo "$1: $2: not found"
		failed=1
	elif [[ $said != *"$1:2:"* ]]; then
		printf '%s: %s: not named, but\n%s\n' "$1" "$2" "$said"
		failed=1
	fi
	rm "$folder/$1"
}

judge sim/base/a.c '#include "engine/engine.h"'
judge sim/engine/a.h '#include "flow/step.h"'
judge sim/engine/a.c '#include <jansson.h>'
judge sim/engine/a.c '#include <gsl/gsl_randist.h>'
judge sim/flow/a.c '# include  "scenario/scenario.h"'
judge sim/flow/a.c '	printf("no");'
judge sim/flow/a.c '#include "fleet/fleet.h"'
judge sim/fleet/a.c '#include "scenario/scenario.h"'
judge sim/document/a.c '#include "design/design.h"'
judge sim/design/a.c '#include "scenario/scenario.h"'
judge sim/scenario/a.c '#include "report/format.h"'
judge sim/report/a.c '#include "scenario/scenario.h"'
judge sim/report/a.c '#include "../flow/model.h"'
judge sim/repeat/a.c '#include "explain/variant.h"'
judge sim/repeat/a.c '#include <sqlite3.h>'
judge sim/explain/a.h '#include "decide/plan.h"'
judge sim/explain/a.c '#include <pthread.h>'
judge sim/decide/a.c '#include "sweep/sweep.h"'
judge sim/sweep/a.c '#include "decide/compare.h"'
judge sim/draw/plot_a.c '#include "replay/replay.h"'
judge sim/draw/plot_a.c '#include "flow/simulation.h"'
judge sim/draw/plot_a.c '#include "repeat/experiment.h"'
judge sim/draw/plot_a.c '#include "sweep/sweep.h"'
judge sim/draw/plot_a.c '#include <sqlite3.h>'
judge sim/replay/a.c '#include "draw/plot.h"'
judge sim/replay/a.c '#include <mpi.h>'
judge sim/page/a.c '#include "cli/command.h"'
judge sim/cli/a.c '	system("no");'
judge sim/cli/a.c '#include <sqlite3.h>'
judge models/a.c '#include "engine/cpu.h"'
judge models/a.c '#include <stdio.h>'
judge models/a.c '#include <unistd.h>'
printf '#include "repeat/experiment.h"\n' >"$folder/sim/base/a_test.c" # tests may
printf '#include "sweep/rows.h"\n#include "document/document.h"\n' >"$folder/sim/draw/plot_a.c"
"$check" "$folder" || failed=1
exit $failed
