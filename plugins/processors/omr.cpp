// Reads the marks of one sheet by a template. A page that cannot be read, or whose page map cannot
// be verified, is quarantined with the reason; answers are never guessed.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <sheafline/plugin.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/score_again.h>

namespace {

using namespace sheafline;

struct Options {
    std::filesystem::path template_file;
    double min_confidence;
    std::uint64_t max_pixels;
    std::filesystem::path key;

    explicit Options(Params& p)
        : template_file(p.path(
              "template", {.help = "template of the sheet, in the form of Sheafline or OMRChecker",
                           .required = true})),
          min_confidence(p.number("min_confidence", {.help = "answers below it are flagged",
                                                     .default_value = "0.9",
                                                     .min = "0",
                                                     .max = "1"})),
          max_pixels(static_cast<std::uint64_t>(p.integer(
              "max_pixels",
              {.help = "most pixels of a page; larger pages are rejected before they are decoded",
               .default_value = "200000000",
               .min = "1"}))),
          key(p.path("key", {.help = "key that replaces that of the template: CSV, YAML or JSON",
                             .default_value = ""})) {}

    sheets::Template load() const { return sheets::loadTemplate(template_file, key); }
};

PluginFiles filesOfTemplate(Params& params) {
    const auto read = Options(params).load();
    return {.result = read.files, .scores = read.key_files};
}

class Omr : public Processor {
 public:
    explicit Omr(Params& params) : options_(params), template_(options_.load()) {}

    std::vector<std::string> columns() const override {
        std::vector<std::string> names;
        for (const auto& column : template_.output) names.push_back(column.name);
        names.insert(names.end(), template_.review_columns.begin(), template_.review_columns.end());
        return names;
    }

    Reading process(const SheetTask& task) override {
        try {
            const auto bytes = sheets::readBytes(task.path);
            const auto page =
                sheets::readImage(bytes, {.page = task.page, .max_pixels = options_.max_pixels});
            return toReading(sheets::readSheet(
                page, template_,
                {.qr = task.qr, .group = task.group, .min_confidence = options_.min_confidence}));
        } catch (const sheets::UnreadableImage& error) {
            return {.reason = std::string("unreadable: ") + error.what()};
        } catch (const sheets::UnreadableSheet& error) {
            return {.reason = error.what()};
        }
    }

    std::optional<Reading> settled(const SheetTask& task) override {
        const Reading& before = *task.before;
        std::vector<sheets::DecidedColumn> columns;
        for (const DecidedField& field : task.decided)
            columns.push_back({field.column, field.value});
        auto settled = sheets::settleColumns(before.evidence, template_,
                                             {.qr = task.qr, .group = task.group}, columns);
        Reading reading = withDecisions(before, this->columns(), task.decided);
        if (!settled) return columns.empty() ? std::nullopt : std::optional(reading);
        reading.flags =
            sheets::flagsWithScore(reading.flags, settled->values, template_, settled->page);
        reading.values = withReview(std::move(settled->values), task.decided);
        reading.evidence = std::move(settled->evidence);
        // The evidence has four decimals; a column that had the lowest confidence still has it.
        const bool same = std::abs(settled->confidence - before.confidence) < kRounding;
        reading.confidence = same ? before.confidence : settled->confidence;
        return reading;
    }

 private:
    static constexpr double kRounding = 0.0001;

    Reading toReading(const sheets::SheetReading& sheet) const {
        Reading reading{.flags = sheets::flagsOf(sheet, template_),
                        .confidence = sheet.confidence,
                        .evidence = sheets::evidenceOf(sheet, template_)};
        for (const auto& column : sheet.columns) reading.values.push_back(column.value);
        reading.values = withReview(std::move(reading.values), {});
        return reading;
    }

    // With the person who decided last, and the time.
    std::vector<std::string> withReview(std::vector<std::string> values,
                                        const std::vector<DecidedField>& fields) const {
        const auto last = std::ranges::max_element(fields, {}, &DecidedField::at);
        for (const std::string& column : template_.review_columns) {
            if (last == fields.end()) {
                values.emplace_back();
            } else {
                values.push_back(column == sheets::kReviewedBy ? last->by : last->at);
            }
        }
        return values;
    }

    const Options options_;
    const sheets::Template template_;
};

}  // namespace

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = PluginKind::processor,
    .name = "omr",
    .version = "1.0.0",
    .summary = "reads the marks of a sheet by a template",
    .confined = true,
    .params = paramsOf<Options>,
    .files = filesOfTemplate,
    .make_processor = makeProcessor<Omr>};
