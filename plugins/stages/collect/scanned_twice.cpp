// From `organize_qr`, in the newest of the batch's epoch folders that has it:
//
//     scanned-twice = *( sheet SP first-sheet LF )
//
// From a template with `identity`, as the first key of each reading's evidence; empty in doubt:
//
//     evidence = "{" DQUOTE "identity" DQUOTE ":" text …
#include "scanned_twice.h"

#include <algorithm>
#include <fstream>
#include <ranges>
#include <string>
#include <string_view>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

namespace sheafline {

namespace {

constexpr std::string_view kKey = "{\"identity\":";

std::string identityIn(const std::string& evidence) {
    if (!evidence.starts_with(kKey)) return "";
    try {
        return Poco::JSON::Parser()
            .parse(evidence)
            .extract<Poco::JSON::Object::Ptr>()
            ->getValue<std::string>("identity");
    } catch (const Poco::Exception&) {
        return "";  // evidence of another processor
    }
}

}  // namespace

ScannedTwice::ScannedTwice(StageRun& run, const std::vector<std::pair<int, int>>& same_pages) {
    readCodes(run);
    readIdentities(run.sheets());
    for (const auto& [sheet, first] : same_pages) join(sheet, first);
    for (const auto& [sheet, root] : roots_) {
        if (run.sheets().at(sheet).state == SheetState::read)
            groups_[rootOf(sheet)].push_back(sheet);
    }
}

std::vector<int> ScannedTwice::othersOf(int sheet) const {
    if (!roots_.contains(sheet)) return {};
    const auto group = groups_.find(rootOf(sheet));
    if (group == groups_.end()) return {};
    std::vector<int> others = group->second;
    std::erase(others, sheet);
    return others;
}

void ScannedTwice::readCodes(StageRun& run) {
    const int count = static_cast<int>(run.sheets().size());
    std::ifstream in;
    for (const auto& folder : run.epochFolders() | std::views::reverse) {
        in.open(folder / "scanned-twice");
        if (in.is_open()) break;
    }
    int sheet = 0;
    int first = 0;
    while (in >> sheet >> first) {
        if (std::min(sheet, first) >= 1 && std::max(sheet, first) <= count) join(sheet, first);
    }
}

void ScannedTwice::readIdentities(SheetTable& sheets) {
    std::map<std::string, int> first_scan;
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const Sheet sheet = sheets.at(number);
        if (sheet.state != SheetState::read) continue;
        const auto reading = sheets.reading(number);
        if (!reading) continue;
        // Every sheet was read by the same template: one tells whether it names an identity.
        if (!reading->evidence.starts_with(kKey)) return;
        const std::string identity = identityIn(reading->evidence);
        if (identity.empty()) continue;
        // The code, where there is one, names exam and page.
        const auto [first, is_first] = first_scan.emplace(sheet.qr + '\n' + identity, number);
        if (!is_first) join(number, first->second);
    }
}

void ScannedTwice::join(int sheet, int other) {
    roots_.emplace(sheet, sheet);
    roots_.emplace(other, other);
    const int one = rootOf(sheet);
    const int two = rootOf(other);
    roots_[std::max(one, two)] = std::min(one, two);
}

int ScannedTwice::rootOf(int sheet) const {
    int root = sheet;
    while (roots_.at(root) != root) root = roots_.at(root);
    return root;
}

}  // namespace sheafline
