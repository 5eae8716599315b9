// Sheets that are scans of the same page. Two sources name them: the codes, whose pattern has a
// group `student` (`organize_qr` compares exam, student and page), and the fields that a template
// names in `identity`; rows of students add sheets of one page of a student. Only sheets that were
// read count; a sheet whose identity is in doubt is never compared. One thread.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include <sheafline/plugin.h>

namespace sheafline {

class ScannedTwice {
 public:
    // `same_pages`: pairs of sheets that are scans of the same page besides.
    explicit ScannedTwice(StageRun& run, const std::vector<std::pair<int, int>>& same_pages = {});

    bool empty() const { return groups_.empty(); }  // no page was scanned twice

    // The other scans of this sheet's page, in their order; none where it has been scanned once.
    std::vector<int> othersOf(int sheet) const;

 private:
    void readCodes(StageRun& run);
    void readIdentities(SheetTable& sheets);
    void join(int sheet, int other);
    int rootOf(int sheet) const;

    std::map<int, int>
        roots_{};  // of each sheet that was joined, one with a lower number or itself
    std::map<int, std::vector<int>> groups_{};  // by root, in order
};

}  // namespace sheafline
