// A worker process: it loads one processor and reads one sheet at a time, as its pool asks.
#pragma once

namespace sheafline {

// The whole life of a worker process; its socket is kPeerSocket. Returns the exit status.
int workSheets();

}  // namespace sheafline
