// How well the marks of a sample batch are read, by kind of mark and by confidence, and the cost of
// a page compared with plain decoding of the same files. CPU time of one core.
//
//     read_marks [--sheets 1000] [--dpi 150] [--profile hard] [--seed 1] [--template FILE] [--show]
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>

#include "cpu_seconds.h"
#include "sample_batch.h"
#include "sample_options.h"

namespace {

using namespace sheafline::sheets;
using sheafline::bench::addSampleOptions;
using sheafline::bench::cpuSeconds;

struct Tally {
    int right = 0;
    int wrong = 0;  // without a flag
    int flagged_right = 0;
    int flagged_wrong = 0;

    int all() const { return right + wrong + flagged_right + flagged_wrong; }
    int flagged() const { return flagged_right + flagged_wrong; }
};

class Report {
 public:
    explicit Report(bool show) : show_(show) {}

    void rejected(const std::string& sheet, const std::string& why) {
        ++rejected_;
        std::printf("%s: %s\n", sheet.c_str(), why.c_str());
    }

    void add(const std::string& sheet, const SampleTruthOfSheet& truth, const std::string& column,
             const ColumnReading& reading) {
        const bool right = reading.value == truth.answers.at(column);
        const auto kind_of = truth.kinds.find(column);
        std::string kind = kind_of == truth.kinds.end() ? "full" : kind_of->second;
        if (column == "student") kind = "student number";
        if (kind == "erased" && truth.doubt.contains(column)) kind = "erased alone";
        const bool ok = reading.flag == FieldFlag::ok;
        for (Tally* tally : {&kinds_[kind], &total_}) {
            ++(right ? (ok ? tally->right : tally->flagged_right)
                     : (ok ? tally->wrong : tally->flagged_wrong));
        }
        ++flags_[kind][std::string(toString(reading.flag))];
        const auto bin = std::ranges::upper_bound(kBins, reading.confidence) - kBins.begin();
        auto& confidence = confidences_.at(static_cast<std::size_t>(bin - 1));
        ++(right ? confidence.right : confidence.wrong);
        if (ok && (!right || (show_ && reading.confidence < 0.99))) {
            std::printf("%s %s (%s): read '%s', is '%s', confidence %.4f\n", sheet.c_str(),
                        column.c_str(), kind.c_str(), reading.value.c_str(),
                        truth.answers.at(column).c_str(), reading.confidence);
        }
    }

    // The darkness of the right bubble, for a field with one mark.
    void addDarkness(const SampleTruthOfSheet& truth, const Template& sheet,
                     const SheetReading& read) {
        for (std::size_t i = 0; i < sheet.fields.size(); ++i) {
            const Field& field = sheet.fields[i];
            const auto answer = truth.answers.find(field.name);
            if (answer == truth.answers.end()) continue;
            const auto kind_of = truth.kinds.find(field.name);
            const std::string kind = kind_of == truth.kinds.end() ? "full" : kind_of->second;
            for (std::size_t b = 0; b < field.bubbles.size(); ++b) {
                const bool marked = field.bubbles[b].value == answer->second;
                if (marked != (kind != "empty" && kind != "erased")) continue;
                darkness_[kind].push_back(read.fields[i].darkness[b]);
            }
        }
    }

    void print() const {
        std::printf("%-16s %8s %8s %8s %8s %9s  flags\n", "mark", "answers", "right", "wrong",
                    "flagged", "share");
        for (const auto& [kind, tally] : kinds_) {
            printTally(kind, tally);
            for (const auto& [flag, count] : flags_.at(kind))
                std::printf(" %s %d", flag.c_str(), count);
            std::printf("\n");
        }
        printTally("all", total_);
        std::printf("\n%d sheets rejected\n\n%-20s %8s %8s\n", rejected_, "confidence", "right",
                    "wrong");
        for (std::size_t i = 0; i < confidences_.size(); ++i) {
            std::printf("from %-15.4f %8d %8d\n", kBins.at(i), confidences_.at(i).right,
                        confidences_.at(i).wrong);
        }
        std::printf("\n%-16s %8s %8s %8s %8s %8s\n", "darkness", "least", "1 %", "median", "99 %",
                    "most");
        for (auto [kind, values] : darkness_) {
            std::ranges::sort(values);
            std::printf("%-16s", kind.c_str());
            for (const double share : {0.0, 0.01, 0.5, 0.99, 1.0}) {
                const double place = share * static_cast<double>(values.size() - 1);
                std::printf(" %8.2f", values[static_cast<std::size_t>(place)]);
            }
            std::printf("\n");
        }
    }

 private:
    static constexpr std::array<double, 7> kBins{0, 0.5, 0.8, 0.9, 0.99, 0.999, 0.9999};

    static void printTally(const std::string& name, const Tally& tally) {
        std::printf("%-16s %8d %8d %8d %8d %8.3f%% ", name.c_str(), tally.all(), tally.right,
                    tally.wrong, tally.flagged(),
                    100.0 * tally.flagged() / std::max(1, tally.all()));
    }

    const bool show_;
    int rejected_ = 0;
    Tally total_{};
    std::map<std::string, Tally> kinds_{};
    std::map<std::string, std::map<std::string, int>> flags_{};
    std::map<std::string, std::vector<double>> darkness_{};
    std::array<Tally, kBins.size()> confidences_{};  // every answer, flagged or not
};

}  // namespace

int main(int argc, char** argv) {
    SampleOptions options{.sheets = 1000, .profile = SampleProfile::hard};
    std::string file = SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml";
    bool show = false;
    CLI::App app("Marks of a sample batch against their truth");
    addSampleOptions(app, options);
    app.add_option("--template", file);
    app.add_flag("--show", show, "list answers of less than 0.99 that are not flagged");
    CLI11_PARSE(app, argc, argv);

    const Template sheet = loadTemplate(file);
    const auto batch = makeSampleBatch(options);
    Report report(show);
    double decoding = 0;
    double reading = 0;
    double aligning = 0;
    for (const auto& [name, sample] : batch) {
        const double start = cpuSeconds();
        const GreyImage page = readImage(sample.bytes);
        const double decoded = cpuSeconds();
        decoding += decoded - start;
        try {
            const SheetReading read = readSheet(page, sheet, {.qr = sample.truth.qr});
            const double done = cpuSeconds();
            reading += done - decoded;
            static_cast<void>(alignSheet(page, sheet));
            aligning += cpuSeconds() - done;
            report.addDarkness(sample.truth, sheet, read);
            for (std::size_t i = 0; i < sheet.output.size(); ++i)
                report.add(name, sample.truth, sheet.output[i].name, read.columns[i]);
        } catch (const UnreadableSheet& error) {
            report.rejected(name, error.what());
        }
    }
    report.print();
    const auto each = 1e3 / static_cast<double>(batch.size());
    std::printf("\nms a page: decoding %.2f, reading %.2f (of it alignment %.2f), ratio %.2f\n",
                decoding * each, reading * each, aligning * each, (decoding + reading) / decoding);
}
