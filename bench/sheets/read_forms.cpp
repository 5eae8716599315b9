// Reads folders of foreign forms (written by foreign_forms.py) and compares the result with their
// truth: wrong answers without a flag, the share of flags, rejected sheets, and whether the
// confidence is calibrated. CPU time of one core.
//
//     read_forms FOLDER [--show] [--overlays FOLDER]
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>

#include "cpu_seconds.h"

namespace {

namespace fs = std::filesystem;
using namespace sheafline::sheets;
using sheafline::bench::cpuSeconds;

struct FormTally {
    int sheets = 0;
    int rejected = 0;
    int answers = 0;
    int wrong = 0;         // and not flagged
    int doubt_missed = 0;  // right, but a person would be unsure
    int flagged = 0;
    int flagged_plain = 0;  // flagged although a person would be sure
    double seconds = 0;

    void add(const FormTally& other) {
        sheets += other.sheets;
        rejected += other.rejected;
        answers += other.answers;
        wrong += other.wrong;
        doubt_missed += other.doubt_missed;
        flagged += other.flagged;
        flagged_plain += other.flagged_plain;
        seconds += other.seconds;
    }
    void print(const std::string& name) const {
        std::printf("%-34s %6d %7d %6d %7d %7d %7d %7d %7.1f\n", name.c_str(), sheets, answers,
                    wrong, doubt_missed, flagged, flagged_plain, rejected,
                    1e3 * seconds / std::max(1, sheets));
    }
};

struct Calibration {
    static constexpr std::array<double, 4> kBins{0.9, 0.99, 0.999, 0.9999};
    std::array<int, kBins.size()> all{};
    std::array<int, kBins.size()> wrong{};

    void add(double confidence, bool right) {
        for (std::size_t i = 0; i < kBins.size(); ++i) {
            if (confidence <= kBins.at(i)) continue;
            ++all.at(i);
            wrong.at(i) += right ? 0 : 1;
        }
    }
};

class FormReader {
 public:
    FormReader(bool show, fs::path overlays) : show_(show), overlays_(std::move(overlays)) {}

    FormTally read(const fs::path& folder) {
        const auto json = folder / "template.json";
        const Template sheet = loadTemplate(fs::exists(json) ? json : folder / "template.yaml");
        std::ifstream in(folder / "truth.json");
        const auto truth = Poco::JSON::Parser().parse(in).extract<Poco::JSON::Object::Ptr>();
        FormTally tally;
        for (const auto& [file, of_sheet] : *truth) {
            ++tally.sheets;
            const GreyImage page = readImage(readBytes(folder / file));
            const double start = cpuSeconds();
            try {
                const SheetReading reading = readSheet(page, sheet);
                tally.seconds += cpuSeconds() - start;
                compare(folder.filename().string() + "/" + file, sheet, reading,
                        *of_sheet.extract<Poco::JSON::Object::Ptr>(), tally);
                continue;
            } catch (const UnreadableSheet& error) {
                tally.seconds += cpuSeconds() - start;
                ++tally.rejected;
                std::printf("%s/%s: %s\n", folder.filename().c_str(), file.c_str(), error.what());
            }
            if (overlays_.empty()) continue;
            const auto picture = checkSheet(page, sheet).picture;
            std::ofstream(overlays_ / (folder.filename().string() + "-" + file + ".png"))
                .write(reinterpret_cast<const char*>(picture.data()),
                       static_cast<std::streamsize>(picture.size()));
        }
        return tally;
    }

    const Calibration& calibration() const { return calibration_; }

 private:
    void compare(const std::string& name, const Template& sheet, const SheetReading& reading,
                 const Poco::JSON::Object& truth, FormTally& tally) {
        const auto answers = truth.getObject("answers");
        const auto doubts = truth.getArray("doubt");
        for (std::size_t i = 0; i < sheet.output.size(); ++i) {
            const std::string& column = sheet.output[i].name;
            if (!answers->has(column)) continue;
            const auto& [value, flag, confidence] = reading.columns[i];
            const auto expected = answers->getValue<std::string>(column);
            const bool doubt = doubts && std::ranges::any_of(*doubts, [&](const auto& each) {
                                   return each.template convert<std::string>() == column;
                               });
            const bool flagged = flag != FieldFlag::ok;
            ++tally.answers;
            const bool right = value == expected;
            tally.wrong += !right && !flagged ? 1 : 0;
            tally.doubt_missed += right && doubt && !flagged ? 1 : 0;
            tally.flagged += flagged ? 1 : 0;
            tally.flagged_plain += flagged && !doubt ? 1 : 0;
            calibration_.add(confidence, right);
            if (show_ && ((!right && !flagged) || flagged != doubt)) {
                std::printf("%s %s: read '%s' %s, is '%s'%s, confidence %.4f\n", name.c_str(),
                            column.c_str(), value.c_str(), std::string(toString(flag)).c_str(),
                            expected.c_str(), doubt ? " (doubt)" : "", confidence);
            }
        }
    }

    bool show_;
    fs::path overlays_;
    Calibration calibration_{};
};

}  // namespace

int main(int argc, char** argv) {
    fs::path root;
    fs::path overlays;
    bool show = false;
    CLI::App app("Foreign forms against their truth");
    app.add_option("folder", root)->required()->check(CLI::ExistingDirectory);
    app.add_option("--overlays", overlays, "where pictures of rejected sheets are written");
    app.add_flag("--show", show, "list what is wrong, missed or flagged without need");
    CLI11_PARSE(app, argc, argv);

    FormReader reader(show, overlays);
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(root))
        if (fs::exists(entry.path() / "truth.json")) folders.push_back(entry.path());
    std::ranges::sort(folders);
    std::vector<FormTally> tallies;
    for (const auto& folder : folders) {
        try {
            tallies.push_back(reader.read(folder));
        } catch (const sheafline::ConfigError& error) {
            tallies.emplace_back();
            std::printf("%s: %s\n", folder.filename().c_str(),
                        toString(error.findings().front()).c_str());
        }
    }
    std::printf("%-34s %6s %7s %6s %7s %7s %7s %7s %7s\n", "form", "sheets", "answers", "wrong",
                "missed", "flagged", "plain", "rejected", "ms");
    FormTally all;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        tallies[i].print(folders[i].filename().string());
        all.add(tallies[i]);
    }
    all.print("all");
    const Calibration& calibration = reader.calibration();
    for (std::size_t i = 0; i < Calibration::kBins.size(); ++i)
        std::printf("confidence above %-7g %7d answers, %d wrong\n", Calibration::kBins.at(i),
                    calibration.all.at(i), calibration.wrong.at(i));
}
