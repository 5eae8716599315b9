#include "command_parts/exit_status.h"

#include <exception>
#include <iostream>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "base/url_password.h"

namespace sheafline {

namespace {

// A message may repeat a name from an archive, or a database URL.
void print(const char* prefix, const std::string& message) {
    std::cerr << prefix << shownText(withoutPasswords(message), LineBreaks::keep) << '\n';
}

}  // namespace

int exitStatus(BatchState state) {
    switch (state) {
        case BatchState::completed:
            return kDone;
        case BatchState::failed:
            return kBatchFailed;
        case BatchState::cancelled:
            return kCancelled;
        case BatchState::reviewing:
            return kInReview;
        default:
            return kInterrupted;
    }
}

int guarded(const std::function<int()>& command) {
    try {
        return command();
    } catch (const ConfigError& error) {
        print("", error.what());
        return kBadUsage;
    } catch (const Error& error) {
        print("sheafline: ", error.what());
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
        print("sheafline: ", error.what());
        return kBatchFailed;
    }
}

}  // namespace sheafline
