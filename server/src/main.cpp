// The program `sheafline`.
#include <cstring>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/batch_child.h"
#include "command_line/command_line.h"
#include "command_parts/exit_status.h"
#include "owner/sink_feed.h"
#include "owner/sink_process.h"
#include "pictures/picture_process.h"
#include "process/process.h"
#include "workers/worker_process.h"

int main(int argc, char** argv) {
    ::umask(::umask(0077) | 0027);  // other users of the machine must not read students' answers
    using namespace sheafline;  // NOLINT(google-build-using-namespace): nothing else is in scope
    disableCoreDumps();
    // The program starts itself with these names and a socket at descriptor 3. They are not
    // for people, so the command line does not list them.
    if (argc > 1 && std::strcmp(argv[1], "worker-process") == 0)
        return guarded([] { return workSheets(); });
    if (argc > 1 && std::strcmp(argv[1], "sink-process") == 0)
        return guarded([] { return hostSink(); });
    if (argc > 1 && std::strcmp(argv[1], "picture-process") == 0)
        return guarded([] { return drawPictures(); });
    if (argc > 1 && std::strcmp(argv[1], "batch-process") == 0)
        return guarded([&] { return runBatchChild(batchChildOptions({argv + 1, argv + argc})); });
    const int status = CommandLine().run(argc, argv);
    if (!sinkWasAbandoned()) return status;
    std::cout.flush();
    ::_exit(status);  // a thread hangs in a sink, and must not see what a normal end destroys
}
