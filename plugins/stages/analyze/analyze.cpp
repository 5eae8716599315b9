// Computes the statistics of an exam from the rows of the batch and the key of the template. Reads
// the rows twice and keeps none of them. Only sheets that were read count. The artifacts depend on
// the rows, the template and its key alone, so a second run gives the same bytes.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/collected_row.h>
#include <sheafline/durable_file.h>
#include <sheafline/plugin.h>
#include <sheafline/sheets/answer_points.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/shown_text.h>
#include <sheafline/text_pattern.h>

#include "analysis_json.h"
#include "exam_questions.h"
#include "exam_statistics.h"
#include "remarks.h"
#include "report.h"
#include "shown_number.h"

namespace sheafline::analyze {

namespace {

constexpr int kRowsPerEvent = 1000;
const char* const kFileName = R"(^[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}$)";

struct Options {
    std::filesystem::path template_file;
    std::string questions;
    std::string by;
    std::string title;
    bool blank_sheets;
    Limits limits;
    std::string json;
    std::string html;
    std::filesystem::path key;

    explicit Options(Params& p)
        : template_file(p.path("template", {.help = "template of the sheets, with the key; the "
                                                    "same as that of the stage that read them",
                                            .required = true})),
          questions(p.string("questions", {.help = "pattern of the columns to analyze; default: "
                                                   "all questions of the key",
                                           .default_value = ""})),
          by(p.string("by", {.help = "column of the rows that tells the class, such as group; "
                                     "default: no classes",
                             .default_value = ""})),
          title(p.string("title", {.help = "heading of the report; default: the template's name",
                                   .default_value = ""})),
          blank_sheets(p.boolean("blank_sheets", {.help = "whether sheets without any answer count",
                                                  .default_value = "true"})),
          limits{.min_discrimination =
                     p.number("min_discrimination",
                              {.help = "questions below this discrimination are marked",
                               .default_value = "0.2",
                               .min = "-1",
                               .max = "1"})},
          json(p.string("json", {.help = "name of the file with the figures, without folders",
                                 .default_value = "analysis.json",
                                 .pattern = kFileName})),
          html(p.string("html", {.help = "name of the report, without folders",
                                 .default_value = "analysis.html",
                                 .pattern = kFileName})),
          key(p.path("key", {.help = "key that replaces that of the template: CSV, YAML or JSON",
                             .default_value = ""})) {}

    sheets::Template load() const { return sheets::loadTemplate(template_file, key); }
};

PluginFiles filesOfTemplate(Params& params) {
    auto sheet = Options(params).load();
    PluginFiles files{.result = std::move(sheet.files)};
    files.result.insert(files.result.end(), sheet.key_files.begin(), sheet.key_files.end());
    return files;
}

// The places of what is needed in a row of the batch.
struct Columns {
    std::vector<std::string> names;
    std::vector<Question> questions;
    std::size_t status = 0;
    std::size_t flags = 0;
    std::optional<std::size_t> score{};
    std::optional<std::size_t> by{};
    std::optional<std::size_t> qr{};
    std::optional<std::size_t> group{};
    std::vector<std::pair<std::string, std::size_t>> answers{};  // of the template, all of them
};

Columns columnsOf(const sheets::Template& sheet, const Options& options,
                  const std::vector<std::string>& names) {
    Columns columns{.names = names,
                    .questions = questionsOf(sheet, options.questions, names),
                    .status = columnNamed("status", names),
                    .flags = columnNamed("flags", names)};
    const auto place = [&](const char* name) {
        const auto found = std::ranges::find(names, name);
        return found == names.end()
                   ? std::optional<std::size_t>()
                   : std::optional(static_cast<std::size_t>(found - names.begin()));
    };
    columns.qr = place("qr");
    columns.group = place("group");
    if (!options.by.empty()) columns.by = columnNamed(options.by, names);
    // The score of the row is about all questions.
    if (!sheet.key.empty() && options.questions.empty()) {
        for (const auto& column : sheet.output) {
            if (column.fields.empty() && column.name == sheets::kScore)
                columns.score = columnNamed(column.name, names);
        }
    }
    for (const auto& column : sheet.output) {
        if (!column.fields.empty())
            columns.answers.emplace_back(column.name, columnNamed(column.name, names));
    }
    return columns;
}

// The answers of a sheet, for its version and its score. It borrows from the row.
struct ScoredRow {
    std::vector<sheets::NamedValue> answers{};
    sheets::SheetOrigin origin{};

    ScoredRow(const std::vector<std::string>& row, const Columns& columns) {
        if (columns.qr) origin.qr = row[*columns.qr];
        if (columns.group) origin.group = row[*columns.group];
        for (const auto& [name, column] : columns.answers)
            answers.push_back({.column = name, .value = row[column]});
    }
};

class Analyze : public Stage {
 public:
    explicit Analyze(Params& params) : options_(params), sheet_(options_.load()) {
        if (!options_.questions.empty()) TextPattern(options_.questions);  // throws if it is wrong
    }

    void preflightRows(const std::vector<std::string>& columns, std::stop_token) override {
        columnsOf(sheet_, options_, columns);
    }

    void run(StageRun& run) override {
        run.sheets().flush();  // stores pending rows
        const Columns columns = columnsOf(sheet_, options_, run.sheets().rowColumns());
        ExamStatistics statistics(columns.questions, sheet_);
        SheetCounts counts{.by_student = rowKeyOf(columns.names) == RowKey::student,
                           .blank_included = options_.blank_sheets};
        const auto sheets = static_cast<std::int64_t>(run.sheets().size());
        forEachRow(run, columns, 0, [&](const std::vector<std::string>& row) {
            const auto version = isCounted(row, columns, counts);
            if (!version) return;
            statistics.add(row, *version, columns.by ? row[*columns.by] : std::string());
            const ScoredRow scored(row, columns);
            if (columns.score &&
                row[*columns.score] != sheets::scoreOf(scored.answers, scored.origin, sheet_).score)
                ++counts.other_score;
        });
        statistics.finishScores();
        SheetCounts again{};
        forEachRow(run, columns, sheets, [&](const std::vector<std::string>& row) {
            if (const auto version = isCounted(row, columns, again))
                statistics.addToGroups(row, *version);
        });
        Analysis analysis = statistics.result();
        analysis.batch_id = run.batchId();
        analysis.title = options_.title.empty() ? sheet_.name : options_.title;
        if (analysis.title.empty()) analysis.title = "Analysis";
        analysis.class_column = options_.by;
        analysis.sheets = counts;
        if (!columns.by) {
            analysis.classes.clear();
            for (QuestionFigures& question : analysis.questions)
                question.difficulty_by_class.clear();
        }
        addRemarks(analysis, options_.limits);
        write(run, options_.json, analysisJson(analysis));
        write(run, options_.html, reportPage(analysis));
        run.progress().publish({.message = summary(analysis), .done = 1, .total = 1});
    }

 private:
    template <typename Use>
    static void forEachRow(StageRun& run, const Columns& columns, std::int64_t done, Use use) {
        const auto total = static_cast<int>(run.sheets().size());
        for (int number = 1; number <= total; ++number) {
            if (number % kRowsPerEvent == 1) {
                throwIfStopped(run.stop());
                run.progress().publish({.message = "Analyzing",
                                        .done = static_cast<double>(done + number - 1),
                                        .total = 2.0 * total + 1});
            }
            const auto row = collectedRow(run.sheets(), number, columns.names.size(), "analyze");
            if (row) use(*row);
        }
    }

    // The version of a sheet that counts, into ScoringKey::versions; 0 without a key.
    std::optional<std::size_t> isCounted(const std::vector<std::string>& row,
                                         const Columns& columns, SheetCounts& counts) const {
        ++counts.total;
        const std::string& status = row[columns.status];
        if (status != toString(SheetState::read)) {
            ++(status == toString(SheetState::discarded)     ? counts.discarded
               : status == toString(SheetState::quarantined) ? counts.quarantined
                                                             : counts.incomplete);
            return std::nullopt;
        }
        const bool blank = std::ranges::all_of(columns.questions, [&](const Question& question) {
            return sheets::isBlank(row[question.column], sheet_);
        });
        if (blank) ++counts.blank;
        if (blank && !options_.blank_sheets) return std::nullopt;
        const auto version = versionOf(row, columns);
        if (!version) ++counts.without_version;
        if (!version) return std::nullopt;
        if (row[columns.flags].find("sheet:duplicate") != std::string::npos) ++counts.duplicates;
        ++counts.analyzed;
        return version;
    }

    std::optional<std::size_t> versionOf(const std::vector<std::string>& row,
                                         const Columns& columns) const {
        const auto& versions = sheet_.key.versions;
        if (versions.size() < 2) return 0;
        const ScoredRow scored(row, columns);
        const auto* version = sheets::versionOf(scored.answers, scored.origin, sheet_);
        if (version == nullptr) return std::nullopt;
        return static_cast<std::size_t>(version - versions.data());
    }

    static void write(StageRun& run, const std::string& name, const std::string& content) {
        const std::filesystem::path path = run.folder() / name;
        DurableFile file(path);
        file.write(content);
        file.publish();
        run.artifact({.name = name, .path = path});
    }

    static std::string summary(const Analysis& analysis) {
        std::string text =
            "Analyzed " + counted(static_cast<std::uint64_t>(analysis.sheets.analyzed),
                                  analysis.sheets.by_student ? "student" : "sheet");
        if (!analysis.has_key) return text + ", without a key";
        const auto doubtful = std::ranges::count_if(
            analysis.questions, [](const auto& question) { return !question.remarks.empty(); });
        return text + ": mean " + shownNumber(analysis.exam.mean, 2) + " of " +
               shownNumber(analysis.most_points, 2) + ", " +
               counted(static_cast<std::uint64_t>(doubtful), "question") + " to check";
    }

    const Options options_;
    const sheets::Template sheet_;
};

}  // namespace

}  // namespace sheafline::analyze

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "analyze",
    .version = "1.0.0",
    .summary = "computes the statistics of an exam and its questions",
    .stage = "analyzing",
    .weight = 1,
    .restart = sheafline::Restart::from_scratch,
    .rows_only = true,
    .params = sheafline::paramsOf<sheafline::analyze::Options>,
    .files = sheafline::analyze::filesOfTemplate,
    .make_stage = sheafline::makeStage<sheafline::analyze::Analyze>};
