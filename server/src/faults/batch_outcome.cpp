#include "faults/batch_outcome.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/sqlite/statement.h>

#include "base/file_digest.h"
#include "history/history_reader.h"
#include "history/reading/artifact_file.h"
#include "history/text_list.h"

namespace sheafline::faults {

namespace {

constexpr int kAll = 1'000'000'000;

void addTables(std::ostream& out, const std::filesystem::path& file) {
    sqlite::Database database(file, {.mode = sqlite::OpenMode::read_only});
    std::vector<std::string> tables;
    sqlite::Statement list(database,
                           "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    while (list.step()) tables.push_back(list.text(0));
    for (const std::string& table : tables) {
        // The progress of a load differs after every kill; the loaded rows do not.
        if (table.ends_with("_progress") || table.starts_with("sqlite_")) continue;
        std::vector<std::string> columns;
        sqlite::Statement info(database, "SELECT name FROM pragma_table_info(?1)");
        info.bind(1, table);
        while (info.step()) columns.push_back(info.text(0));
        std::multiset<std::string> rows;
        sqlite::Statement select(database, "SELECT * FROM \"" + table + '"');
        while (select.step()) {
            std::string row;
            for (std::size_t i = 0; i < columns.size(); ++i)
                row += '|' + select.optionalText(static_cast<int>(i)).value_or("NULL");
            rows.insert(std::move(row));
        }
        for (const std::string& row : rows) {
            out << "table " << file.filename().string() << ' ' << table << ' ' << row << '\n';
        }
    }
}

std::vector<std::filesystem::path> filesOf(const std::filesystem::path& folder,
                                           std::string_view extension) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().extension() == extension)
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// The values that must never fall from one event to the next within an execution.
struct Counts {
    std::int64_t execution = 0;
    std::int64_t elapsed = 0;
    std::int64_t processed = 0;
    double overall = 0;
};

bool isFinalStage(const std::string& stage) {
    return stage == "completed" || stage == "failed" || stage == "cancelled";
}

}  // namespace

std::string outcomeOf(const DataFolder& folder, std::string_view batch_id) {
    HistoryReader history(folder.history());
    const auto batch = history.batch(batch_id);
    if (!batch) return "no such batch\n";
    std::ostringstream out;
    out << "state " << toString(batch->state) << "\nsheets " << batch->sheets_total << " read "
        << batch->sheets_read << " quarantined " << batch->sheets_quarantined << " discarded "
        << batch->sheets_discarded << '\n';
    if (batch->outcome && batch->outcome->error)
        out << "error " << batch->outcome->error->code << ' ' << batch->outcome->error->stage
            << '\n';
    for (const StageRow& stage : history.stages(batch_id, batch->execution))
        out << "stage " << stage.stage_id << ' ' << toString(stage.state) << '\n';
    for (const Sheet& sheet : history.sheets(batch_id)) {
        out << "sheet " << sheet.number << ' ' << sheet.file << ' ' << sheet.page << ' '
            << toString(sheet.state) << ' ' << sheet.qr << ' ' << sheet.group << ' '
            << sheet.reason;
        if (const auto reading = history.reading(batch_id, sheet.number)) {
            out << " reading " << jsonArray(reading->values) << ' ' << reading->flags << ' '
                << reading->confidence;
        }
        if (const auto row = history.row(batch_id, sheet.number)) out << " row " << jsonArray(*row);
        out << '\n';
    }
    for (const SkippedEntry& entry : history.ignored(batch_id))
        out << "skipped " << entry.file << ' ' << entry.reason << '\n';
    for (const ArtifactRow& artifact : history.artifacts(batch_id)) {
        out << "artifact " << artifact.name << ' ' << artifact.size_bytes << ' ' << artifact.sha256
            << '\n';
        const std::string bytes = fileText(artifactFile(folder, batch_id, artifact));
        for (std::istringstream in(bytes); in.good();) {
            std::string line;
            std::getline(in, line);
            out << "  " << artifact.name << ": " << line << '\n';
        }
    }
    for (const auto& file : filesOf(folder.batch(batch_id), ".db")) addTables(out, file);
    return out.str();
}

std::string eventFaults(const DataFolder& folder, std::string_view batch_id) {
    HistoryReader history(folder.history());
    std::ostringstream faults;
    std::string log;
    std::uint64_t last_seq = 0;
    Counts last;
    std::map<std::int64_t, int> final_events;  // by execution
    bool ended = false;
    for (const CommittedEvent& event : history.eventsOf(batch_id, 0, kAll)) {
        log += event.json + '\n';
        const auto fields =
            Poco::JSON::Parser().parse(event.json).extract<Poco::JSON::Object::Ptr>();
        const Counts counts{.execution = fields->optValue<std::int64_t>("execution", 1),
                            .elapsed = fields->getValue<std::int64_t>("elapsed_seconds"),
                            .processed = fields->getValue<std::int64_t>("sheets_processed"),
                            .overall = fields->optValue<double>("overall_percentage", 0)};
        const std::string at = "event " + std::to_string(event.seq) + ": ";
        if (event.seq != last_seq + 1) faults << at << "follows " << last_seq << '\n';
        if (counts.processed > fields->getValue<std::int64_t>("sheets_total"))
            faults << at << "more sheets processed than there are\n";
        if (counts.elapsed < last.elapsed) faults << at << "elapsed_seconds fell\n";
        if (counts.execution == last.execution) {
            if (ended) faults << at << "follows the final event\n";
            if (counts.processed < last.processed) faults << at << "sheets_processed fell\n";
            if (counts.overall < last.overall) faults << at << "overall_percentage fell\n";
        }
        ended = isFinalStage(fields->getValue<std::string>("stage"));
        if (ended) ++final_events[counts.execution];
        last = counts;
        last_seq = event.seq;
    }
    for (const auto& [execution, count] : final_events) {
        if (count != 1)
            faults << "execution " << execution << " has " << count << " final events\n";
    }
    if (!ended) faults << "the last event is not final\n";
    for (const auto& file : filesOf(folder.batch(batch_id), ".jsonl")) {
        const std::string difference = firstDifference(log, fileText(file));
        if (!difference.empty())
            faults << file.filename().string() << " is not the event log: " << difference << '\n';
    }
    return faults.str();
}

std::string firstDifference(const std::string& expected, const std::string& found) {
    if (expected == found) return {};
    std::istringstream left(expected);
    std::istringstream right(found);
    for (int number = 1;; ++number) {
        std::string wanted;
        std::string there;
        const bool more_left = static_cast<bool>(std::getline(left, wanted));
        const bool more_right = static_cast<bool>(std::getline(right, there));
        if (!more_left && !more_right) return "one of them has no line feed at its end";
        if (wanted == there && more_left == more_right) continue;
        return "line " + std::to_string(number) + ", expected '" + (more_left ? wanted : "(end)") +
               "', found '" + (more_right ? there : "(end)") + "'";
    }
}

}  // namespace sheafline::faults
