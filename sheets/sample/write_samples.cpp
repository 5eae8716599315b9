#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <Poco/DateTime.h>
#include <Poco/Path.h>
#include <Poco/Zip/Compress.h>

#include <sheafline/sheets/write_samples.h>

#include "sample/sample_sheet.h"

namespace sheafline::sheets {

namespace {

struct Planned {
    int index = 0;  // of the student
    SampleCase sample_case = SampleCase::good;
    std::string name{};
};

// Each bad case once, and once more for every 200 sheets, scattered over the batch.
std::vector<Planned> plan(const SampleOptions& options) {
    std::vector<Planned> entries;
    entries.reserve(static_cast<std::size_t>(options.sheets));
    for (int i = 0; i < options.sheets; ++i) entries.push_back({.index = i});
    if (options.bad_cases) {
        Dice dice(options.seed, 0xBAD);
        int next_student = options.sheets;
        constexpr int kLast = static_cast<int>(SampleCase::litter);
        for (int round = 0; round <= options.sheets / 200; ++round) {
            for (int i = 1; i <= kLast; ++i) {
                const auto sample_case = static_cast<SampleCase>(i);
                const bool again = sample_case == SampleCase::duplicate && options.sheets > 0;
                const int index = again ? dice.below(options.sheets) : next_student++;
                const int place = dice.below(static_cast<int>(entries.size()) + 1);
                entries.insert(entries.begin() + place,
                               {.index = index, .sample_case = sample_case});
            }
        }
    }
    int number = 0;
    int litter = 0;
    for (auto& entry : entries) {
        if (entry.sample_case == SampleCase::litter) {
            entry.name = "folder-" + std::to_string(++litter) + "/Thumbs.db";
            continue;
        }
        const std::string digits = std::to_string(++number);
        const std::size_t width = std::max<std::size_t>(5, digits.size());
        entry.name = "scan-" + std::string(width - digits.size(), '0') + digits + ".jpg";
    }
    return entries;
}

std::string_view expectation(SampleCase sample_case) {
    switch (sample_case) {
        case SampleCase::good:
        case SampleCase::upside_down:
        case SampleCase::sideways:
        case SampleCase::duplicate:
            return "read";
        case SampleCase::no_qr:
        case SampleCase::damaged_qr:
        case SampleCase::truncated:
        case SampleCase::not_an_image:
            return "quarantined";
        case SampleCase::blank_page:
            return "discarded";
        case SampleCase::litter:
            break;
    }
    return "ignored";
}

// All texts are of our own making and need no escapes.
void writePairs(std::ostream& out, std::string_view name, const SampleTruth::Pairs& pairs) {
    out << '"' << name << "\": {";
    const char* separator = "";
    for (const auto& [key, value] : pairs) {
        out << separator << '"' << key << "\": \"" << value << '"';
        separator = ", ";
    }
    out << "}, ";
}

void writeTruth(std::ostream& out, const Planned& planned, const SampleTruth& truth) {
    const std::string_view expected = expectation(planned.sample_case);
    out << '"' << planned.name << "\": {";
    if (expected == "read") {
        out << R"("qr": ")" << truth.qr << R"(", )";
        writePairs(out, "answers", truth.answers);
        if (!truth.doubt.empty()) writePairs(out, "doubt", truth.doubt);
        writePairs(out, "kinds", truth.kinds);
    } else {
        out << "\"qr\": null, ";
    }
    if (planned.sample_case != SampleCase::good) {
        out << R"("case": ")" << toString(planned.sample_case) << R"(", )";
    }
    out << R"("expect": ")" << expected << R"("})";
}

// Visible under its name only when it is whole.
class OutputFile {
 public:
    explicit OutputFile(std::filesystem::path path)
        : path_(std::move(path)),
          temporary_(path_.string() + ".tmp"),
          out_(temporary_, std::ios::binary) {
        if (!out_) fail();
    }

    std::ostream& stream() { return out_; }
    void publish() {
        out_.close();
        if (!out_) fail();
        std::filesystem::rename(temporary_, path_);
    }

 private:
    [[noreturn]] void fail() const {
        throw std::system_error(errno, std::generic_category(), "cannot write " + path_.string());
    }

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    std::ofstream out_;
};

void requireUsable(const SampleOptions& options) {
    if (options.sheets < 0 || options.sheets > 1'000'000) {
        throw std::invalid_argument("a sample has from 0 to 1000000 sheets");
    }
    if (options.pages != 1 && options.pages != 2) {
        throw std::invalid_argument("a sample has 1 or 2 pages for each student");
    }
    if (options.dpi < 100 || options.dpi > 300) {
        throw std::invalid_argument("a sample has from 100 to 300 dpi");
    }
    const auto plain = [](const std::string& name) {
        return !name.empty() && name.size() <= 20 && std::ranges::all_of(name, [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        });
    };
    if (!plain(options.exam) || !std::ranges::all_of(options.classes, plain)) {
        throw std::invalid_argument(
            "names of exams and classes are made of capitals and digits, 20 at most");
    }
}

}  // namespace

void writeSamples(const SampleOptions& options) {
    requireUsable(options);
    const SampleMaker maker(options);
    const std::vector<Planned> entries = plan(options);
    OutputFile archive(options.out);
    std::unique_ptr<OutputFile> truth;
    if (!options.truth.empty()) truth = std::make_unique<OutputFile>(options.truth);

    // Without 64-bit fields an archive ends at 4 GiB; a page has at most about 4 bits a pixel.
    const double most_bytes = 0.5 * options.sheets * (8.27 * options.dpi) * (11.69 * options.dpi);
    Poco::Zip::Compress zip(archive.stream(), true, most_bytes > 4e9);
    const Poco::DateTime scanned_at(2025, 1, 1);
    std::deque<std::future<SampleEntry>> pending;
    std::size_t started = 0;
    const std::size_t ahead = std::max(1U, std::thread::hardware_concurrency()) + 1;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (; started < entries.size() && started < i + ahead; ++started) {
            pending.push_back(std::async(std::launch::async, [&maker, &entries, started] {
                const Planned& entry = entries[started];
                return maker.make(entry.index, entry.sample_case, static_cast<int>(started));
            }));
        }
        const SampleEntry made = pending.front().get();
        pending.pop_front();
        std::istringstream bytes(std::string(made.bytes.begin(), made.bytes.end()));
        zip.addFile(bytes, scanned_at, Poco::Path(entries[i].name, Poco::Path::PATH_UNIX),
                    Poco::Zip::ZipCommon::CM_STORE);
        if (truth) {
            truth->stream() << (i == 0 ? "{\n" : ",\n");
            writeTruth(truth->stream(), entries[i], made.truth);
        }
    }
    zip.close();
    archive.publish();
    if (truth) {
        truth->stream() << (entries.empty() ? "{}\n" : "\n}\n");
        truth->publish();
    }
}

}  // namespace sheafline::sheets
