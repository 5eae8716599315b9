// A data folder for `serve --replay`: a temporary one with a copy of one finished batch, of the
// accounts and of the keys. Nothing is written into the real data folder, which another process
// may own at the same time. The files of the batch are not copied: a link leads to them.
#pragma once

#include <string>

#include "base/data_folder.h"
#include "command_parts/scratch_folder.h"
#include "history/history_reader.h"
#include "settings/settings.h"

namespace sheafline {

class ReplayFolder {
 public:
    // Throws ConfigError if the batch does not exist or has not ended, Error if it cannot be
    // copied.
    ReplayFolder(const Settings& settings, const std::string& batch_id);

    // Those that were given, for this folder: without Redis and without the removal of old batches.
    Settings settings() const;

 private:
    void copyHistory(HistoryReader& from, const std::string& batch_id) const;
    void copyAccounts(const DataFolder& from) const;

    const Settings given_;
    const ScratchFolder scratch_;
};

}  // namespace sheafline
