#include "commands/exit_status.h"

#include <exception>
#include <iostream>

#include <sheafline/error.h>

namespace sheafline {

int exitStatus(BatchState state) {
    switch (state) {
        case BatchState::completed:
            return kDone;
        case BatchState::failed:
            return kBatchFailed;
        case BatchState::cancelled:
            return kCancelled;
        default:
            return kInterrupted;
    }
}

int guarded(const std::function<int()>& command) {
    try {
        return command();
    } catch (const ConfigError& error) {
        std::cerr << error.what() << '\n';
        return kBadUsage;
    } catch (const Error& error) {
        std::cerr << "sheafline: " << error.what() << '\n';
        if (error.code() == "DATA_FOLDER_IN_USE") return kFolderInUse;
        if (error.code() == "DATA_FOLDER" || error.code() == "DATABASE_CORRUPT" ||
            error.code() == "HISTORY_TOO_NEW" || error.code() == "SECRET_KEY")
            return kFolderUnusable;
        if (error.code() == "BATCH_EXISTS" || error.code() == "NO_SUCH_BATCH" ||
            error.code() == "NO_HISTORY")
            return kBadUsage;
        if (error.code() == "SERVER_UNREACHABLE") return kInterrupted;
        return kBatchFailed;
    } catch (const std::exception& error) {
        std::cerr << "sheafline: " << error.what() << '\n';
        return kBatchFailed;
    }
}

}  // namespace sheafline
