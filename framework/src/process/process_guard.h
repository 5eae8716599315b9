// Splits a started process into a guard and a worker, so that no process outlives it: when the
// worker ends for any reason, when the parent dies or when Process::kill() asks, the guard kills
// everything that the worker started, daemons included, and ends as the worker ended.
//
//     parent ── guard ── worker ── programs, their children, daemons
//
// The guard is the "child subreaper" of all of them: an orphan below it becomes its child. If any
// of them is killed with kill -9, the process above it kills the rest:
//
//     the worker    the guard sees it and kills the rest
//     the guard     the worker dies with it; the next guard above gets the orphans
//     the parent    the guard gets a signal and kills the rest
#pragma once

#include <csignal>

namespace sheafline {

// Asks a guard to kill its worker and the rest. No other program sends this signal.
int guardSignal();

// Call it first in a started process, before it has threads. Returns in the worker. Throws Error if
// no process can be created.
void guardThisProcess();

}  // namespace sheafline
