// A folder with sample sheets, and batches of them that are backed up while they run.
#pragma once

#include <string>
#include <vector>

#include "program.h"
#include "temporary_folder.h"

namespace sheafline::test {

struct BackupSite {
    TemporaryFolder folder{};
    std::string expected{};  // math.csv of a batch that nobody disturbed

    explicit BackupSite(int sheets);

    // A batch of the sheets in the default data folder, with the id `b`.
    std::vector<std::string> runArguments() const;
    ProgramResult backup(const std::string& target, const std::string& fault = "") const;
    ProgramResult restore(const std::string& backup, const std::string& data,
                          const std::string& fault = "") const;
    // Whether the batch in this data folder ends, after a resume, with the expected math.csv.
    bool continues(const std::string& data) const;
};

// Kills `backup` and `restore` at `kills` of their steps while a batch runs. After each kill
// nothing looks complete, and a new attempt works: the restored batch ends as if nobody had
// disturbed it.
void killEverywhere(int kills);

}  // namespace sheafline::test
